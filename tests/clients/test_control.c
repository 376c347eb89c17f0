/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several real clients at one console, and whose hands reach the node: with both ways of showing.
 */
#include <string.h>
#include "tests/clients/desk.h"

#define PICTURE_MS 20000
#define SOON_MS    20000 /* what happens does within a few ms, but on a busy machine */
#define LATER_MS   200   /* for what should not happen */
#define TURN_MS    10
#define VIEWERS    3

/* Scan codes, and what the node has of them: usages 224..231 as bits. */
#define LEFT_CTRL  0x1d
#define LEFT_SHIFT 0x2a
#define LEFT_ALT   0x38
#define CAPS_LOCK  0x3a
#define CTRL       0x01
#define SHIFT      0x02
#define ALT        0x04

#define LEFT 1 /* SPICE_MOUSE_BUTTON_MASK_LEFT, and as the node has it */

struct fixture {
	struct desk *desk;
	struct client *clients[VIEWERS]; /* viewers 1, 2, 3 */
};

struct scene {
	const char *name;
	void (*test)(struct fixture *f, gconstpointer data);
	const char *input;
	bool library;  /* with the library's way of showing too */
	bool in_haste; /* nobody waits until he has a picture */
};

struct setting {
	const struct scene *scene;
	const char *display;
};

static void fixture_open(struct fixture *f, gconstpointer data)
{
	const struct setting *setting = data;
	g_autofree char *text = g_strdup_printf(
			"[spice]\ndisplay = %s\n%s\n[capture]\nsource = simulate\n",
			setting->display, setting->scene->input);

	f->desk = desk_open(text);
	for (size_t i = 0; i < VIEWERS; i++) {
		f->clients[i] = client_open(
				&(struct client_settings){.address = desk_address(f->desk)});
		if (setting->scene->in_haste)
			continue;
		g_assert_true(client_wait(f->clients[i], client_has_picture, NULL, PICTURE_MS));
		g_assert_true(client_wait(f->clients[i], client_has_pointer, NULL, PICTURE_MS));
	}
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
	for (size_t i = 0; i < VIEWERS; i++)
		client_close(f->clients[i]);
	desk_close(f->desk);
}

/* --- What is seen of it --- */

struct wish {
	struct desk *desk;
	unsigned int modifiers, buttons;
	const char *control;
};

static bool is_so(struct client *client, void *data)
{
	const struct wish *wish = data;
	const struct sim_input *input = &desk_state(wish->desk)->input;

	return input->keys[28] == wish->modifiers && input->buttons == wish->buttons &&
	       strcmp(desk_do(wish->desk, "control"), wish->control) == 0;
}

/* The node has these keys and buttons down, and the input this holder and these askers. */
static void assert_comes(struct fixture *f, unsigned int modifiers, unsigned int buttons,
		const char *control)
{
	struct wish wish = {f->desk, modifiers, buttons, control};
	struct client *any = f->clients[0]   ? f->clients[0]
			     : f->clients[1] ? f->clients[1]
					     : f->clients[2];

	if (!client_wait(any, is_so, &wish, SOON_MS))
		g_test_message("keys %#x, buttons %u, control %s, not %s",
				desk_state(f->desk)->input.keys[28],
				desk_state(f->desk)->input.buttons, desk_do(f->desk, "control"),
				control);
	g_assert_true(is_so(any, &wish));
}

/* ... and stays so. */
static void assert_stays(struct fixture *f, unsigned int modifiers, unsigned int buttons,
		const char *control)
{
	struct client *any = f->clients[0] ? f->clients[0] : f->clients[1];

	assert_comes(f, modifiers, buttons, control);
	client_run(any, LATER_MS);
	assert_comes(f, modifiers, buttons, control);
}

static void leave(struct fixture *f, int viewer)
{
	client_close(f->clients[viewer - 1]);
	f->clients[viewer - 1] = NULL;
}

/* Nobody is left who could have it. */
static void assert_is_free(struct fixture *f)
{
	for (int left = SOON_MS; left > 0 && strcmp(desk_do(f->desk, "control"), "0") != 0;
			left -= TURN_MS)
		g_usleep(TURN_MS * 1000);
	g_assert_cmpstr(desk_do(f->desk, "control"), ==, "0");
}

static void press(struct fixture *f, int viewer, unsigned int code)
{
	client_key(f->clients[viewer - 1], code, true);
}

static void release(struct fixture *f, int viewer, unsigned int code)
{
	client_key(f->clients[viewer - 1], code, false);
}

static void point(struct fixture *f, int viewer, int x, int buttons)
{
	client_point(f->clients[viewer - 1], x, 10, buttons);
}

/* --- All together --- */

static void shared_is_merged(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	press(f, 2, LEFT_CTRL);
	press(f, 3, LEFT_ALT);
	assert_stays(f, SHIFT | CTRL | ALT, 0, "0");
	g_assert_cmpstr(desk_do(f->desk, "give 1"), ==, "no");
	leave(f, 2);
	assert_stays(f, SHIFT | ALT, 0, "0");
}

/* --- The latest --- */

static void the_latest_press_takes_over(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, CTRL, 0, "2");
	press(f, 1, LEFT_SHIFT); /* it repeats, which is no press */
	assert_stays(f, CTRL, 0, "2");
	release(f, 1, LEFT_SHIFT);
	press(f, 1, LEFT_ALT);
	assert_comes(f, ALT, 0, "1");
	press(f, 3, LEFT_CTRL);
	release(f, 1, LEFT_ALT);
	release(f, 2, LEFT_CTRL);
	assert_stays(f, CTRL, 0, "3");
	release(f, 3, LEFT_CTRL);
	assert_comes(f, 0, 0, "3");
}

static void a_button_takes_over_and_a_pointer_does_not(struct fixture *f, gconstpointer data)
{
	client_button(f->clients[0], 1, true, 0);
	point(f, 1, 10, LEFT);
	assert_comes(f, 0, LEFT, "1");
	point(f, 2, 50, 0);
	assert_stays(f, 0, LEFT, "1");
	client_button(f->clients[1], 3, true, 0);
	assert_comes(f, 0, 2, "2"); /* the right one, and 1's is up */
	point(f, 1, 20, LEFT);      /* it still drags */
	assert_stays(f, 0, 2, "2");
}

static void locks_of_clients_do_not_fight(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, CAPS_LOCK);
	release(f, 2, CAPS_LOCK);
	assert_stays(f, SHIFT, 0, "1");
}

static void the_holder_that_leaves_lets_go(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	leave(f, 1);
	assert_comes(f, 0, 0, "0");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, CTRL, 0, "2");
}

/* --- By asking --- */

static void who_asks_is_granted_it(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	assert_stays(f, SHIFT, 0, "1 2?");
	g_assert_cmpstr(desk_do(f->desk, "grant 3"), ==, "no");
	g_assert_cmpstr(desk_do(f->desk, "grant 2"), ==, "ok");
	assert_stays(f, 0, 0, "2"); /* what it held before is not done */
	press(f, 2, LEFT_CTRL);
	press(f, 2, LEFT_ALT);
	assert_comes(f, ALT, 0, "2");
}

static void who_is_denied_it_is_not_heard(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, SHIFT, 0, "1 2?");
	g_assert_cmpstr(desk_do(f->desk, "deny 2"), ==, "ok");
	release(f, 2, LEFT_CTRL);
	press(f, 2, LEFT_CTRL);
	assert_stays(f, SHIFT, 0, "1");
	press(f, 3, LEFT_CTRL);
	assert_comes(f, SHIFT, 0, "1 3?");
}

static void who_leaves_asks_no_more(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, SHIFT, 0, "1 2?");
	press(f, 3, LEFT_CTRL);
	assert_comes(f, SHIFT, 0, "1 2? 3?");
	leave(f, 2);
	assert_comes(f, SHIFT, 0, "1 3?");
	leave(f, 1);
	assert_comes(f, 0, 0, "3");
	leave(f, 3);
	assert_is_free(f);
	g_assert_cmpstr(desk_do(f->desk, "give 3"), ==, "no");
}

static void silence_grants(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, 0, 0, "2");
	press(f, 3, LEFT_CTRL);
	assert_comes(f, 0, 0, "3");
	press(f, 3, LEFT_ALT);
	assert_comes(f, ALT, 0, "3");
}

/* --- Never --- */

static void nobody_takes_it(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	press(f, 2, LEFT_CTRL);
	press(f, 3, LEFT_CTRL);
	assert_stays(f, SHIFT, 0, "1");
	g_assert_cmpstr(desk_do(f->desk, "give 2"), ==, "ok");
	assert_stays(f, 0, 0, "2");
	press(f, 1, LEFT_ALT);
	press(f, 2, LEFT_ALT);
	assert_stays(f, ALT, 0, "2");
	leave(f, 2);
	assert_comes(f, 0, 0, "0");
	press(f, 3, LEFT_ALT);
	assert_comes(f, ALT, 0, "3");
}

static void a_holder_that_stalls_gives_way(struct fixture *f, gconstpointer data)
{
	press(f, 1, LEFT_SHIFT);
	assert_comes(f, SHIFT, 0, "1");
	assert_comes(f, 0, 0, "0");
	press(f, 2, LEFT_CTRL);
	assert_comes(f, CTRL, 0, "2");
}

/* --- Idle --- */

static void who_touches_nothing_is_sent_away(struct fixture *f, gconstpointer data)
{
	for (size_t i = 0; i < VIEWERS; i++)
		g_assert_true(client_wait(f->clients[i], client_is_gone, NULL, SOON_MS));
	g_assert_true(client_wait(
			f->clients[0], is_so, &(struct wish){f->desk, 0, 0, "0"}, SOON_MS));
}

#define SHARED "[input]\ncontrol = shared"
#define LATEST "[input]\ncontrol = latest"
#define ASK    "[input]\ncontrol = ask"
#define NEVER  "[input]\ncontrol = never"

static const struct scene scenes[] = {
		{"shared_is_merged", shared_is_merged, SHARED, true, false},
		{"the_latest_press_takes_over", the_latest_press_takes_over, LATEST, true, false},
		{"a_button_takes_over_and_a_pointer_does_not",
				a_button_takes_over_and_a_pointer_does_not, LATEST, false, false},
		{"locks_of_clients_do_not_fight", locks_of_clients_do_not_fight, LATEST, false,
				false},
		{"the_holder_that_leaves_lets_go", the_holder_that_leaves_lets_go, LATEST, false,
				false},
		{"who_asks_is_granted_it", who_asks_is_granted_it, ASK, true, false},
		{"who_is_denied_it_is_not_heard", who_is_denied_it_is_not_heard, ASK, false, false},
		{"who_leaves_asks_no_more", who_leaves_asks_no_more, ASK, false, false},
		{"silence_grants", silence_grants, ASK "\nanswer-s = 1", false, false},
		{"nobody_takes_it", nobody_takes_it, NEVER, true, false},
		{"a_holder_that_stalls_gives_way", a_holder_that_stalls_gives_way,
				NEVER "\nrelease-s = 2", false, false},
		{"who_touches_nothing_is_sent_away", who_touches_nothing_is_sent_away, "idle-s = 1",
				false, true},
};

static void add(const struct setting *setting)
{
	g_autofree char *path = g_strdup_printf(
			"/control/%s/%s", setting->display, setting->scene->name);

	g_test_add_vtable(path, sizeof(struct fixture), setting, (GTestFixtureFunc)fixture_open,
			(GTestFixtureFunc)setting->scene->test, (GTestFixtureFunc)fixture_close);
}

int main(int argc, char **argv)
{
	struct setting settings[G_N_ELEMENTS(scenes)][2];

	desk_begin(argc, argv);
	g_test_init(&argc, &argv, NULL);
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	for (size_t i = 0; i < G_N_ELEMENTS(scenes); i++) {
		settings[i][0] = (struct setting){&scenes[i], "direct"};
		settings[i][1] = (struct setting){&scenes[i], "library"};
		add(&settings[i][0]);
		if (scenes[i].library)
			add(&settings[i][1]);
	}
	return g_test_run();
}
