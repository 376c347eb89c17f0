/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who types and who holds keys meanwhile, down to the reports that a node reads, or does not. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gadget/keyboard.h"
#include "gadget/usage.h"
#include "src/events.h"
#include "src/input.h"
#include "src/keys.h"
#include "src/layout.h"
#include "src/node_part.h"
#include "src/status.h"
#include "src/typing.h"

#define LONG (30 * G_USEC_PER_SEC)

struct fixture {
	int ends[2];
	struct node *node;
	struct input *input;
	struct events *events;
	GString *published; /* types and what is with them */
	struct keys *keys;
	uint8_t report[KEYBOARD_REPORT_SIZE]; /* the last one that was read */
	GString *pressed;                     /* usages, as hex, as they go down */
	int ended;
	struct keys_status status;
	char *error; /* NULL: none */
	unsigned int lights_told;
};

static void fixture_leds(unsigned int leds, void *data)
{
	((struct fixture *)data)->lights_told++;
}

static void fixture_ended(const struct keys_status *status, const GError *error, void *data)
{
	struct fixture *f = data;

	f->ended++;
	f->status = *status;
	g_free(f->error);
	f->error = error ? g_strdup(error->message) : NULL;
}

static void fixture_event(const struct event *event, void *data)
{
	struct fixture *f = data;
	const char *kind = json_string_value(json_object_get(event->data, "kind"));
	const char *state = json_string_value(json_object_get(event->data, "state"));

	g_string_append_printf(f->published, "%s %s %s\n", event->type, kind, state ? state : "-");
	/* The time, and these. */
	g_assert_cmpuint(json_object_size(event->data), <=, 4);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->pressed = g_string_new(NULL);
	g_assert_no_errno(socketpair(
			AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, f->ends));
	setsockopt(f->ends[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
	f->node = node_new(NULL);
	f->input = input_new(f->node, fixture_leds, f);
	node_set_channel((struct node_whole *)f->node, NODE_KEYBOARD, f->ends[0], false);
	f->published = g_string_new(NULL);
	f->events = events_new(8);
	events_listen(f->events, UINT64_MAX, fixture_event, f);
	f->keys = keys_new(f->input, f->events);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	keys_free(f->keys);
	events_free(f->events);
	g_string_free(f->published, TRUE);
	input_free(f->input);
	node_close(f->node);
	close(f->ends[0]);
	close(f->ends[1]);
	g_free(f->error);
	g_string_free(f->pressed, TRUE);
}

/* What the node reads. */
static void fixture_read(struct fixture *f)
{
	uint8_t report[KEYBOARD_REPORT_SIZE];

	while (recv(f->ends[1], report, sizeof(report), 0) == sizeof(report)) {
		for (int bit = 0; bit < 8; bit++)
			if ((report[0] & ~f->report[0]) >> bit & 1)
				g_string_append_printf(f->pressed, "%02x ", 0xe0 + bit);
		for (int i = 2; i < KEYBOARD_REPORT_SIZE; i++)
			if (report[i] && !memchr(f->report + 2, report[i], 6))
				g_string_append_printf(f->pressed, "%02x ", report[i]);
		memcpy(f->report, report, sizeof(report));
	}
}

/* Until so many have ended; the node reads meanwhile, or not. */
static void run(struct fixture *f, bool reads, int ended)
{
	gint64 end = g_get_monotonic_time() + LONG;

	while (f->ended < ended && g_get_monotonic_time() < end) {
		if (reads)
			fixture_read(f);
		if (!g_main_context_iteration(NULL, FALSE))
			g_usleep(500);
	}
	g_assert_cmpint(f->ended, ==, ended);
}

static bool holds(struct fixture *f, uint8_t modifiers, uint8_t key)
{
	gint64 end = g_get_monotonic_time() + LONG;

	do {
		fixture_read(f);
		g_main_context_iteration(NULL, FALSE);
	} while ((f->report[0] != modifiers || f->report[2] != key || f->report[3]) &&
			g_get_monotonic_time() < end);
	return f->report[0] == modifiers && f->report[2] == key && !f->report[3];
}

static bool begin(struct fixture *f, const char *text, GError **error)
{
	GArray *lacks = NULL;
	struct typing *typing = typing_text(layout_find("us"), text, &lacks, NULL);

	return keys_begin(f->keys, typing, TYPIST_RATE_MAX, fixture_ended, f, error);
}

static void all_of_a_text_is_taken(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	keys_status(f->keys, &f->status);
	g_assert_cmpint(f->status.state, ==, KEYS_IDLE);
	g_assert_true(begin(f, "aB", &error));
	g_assert_no_error(error);
	keys_status(f->keys, &f->status);
	g_assert_cmpint(f->status.state, ==, KEYS_TYPING);
	run(f, true, 1);
	g_assert_null(f->error);
	g_assert_cmpint(f->status.state, ==, KEYS_DONE);
	g_assert_cmpuint(f->status.typed, ==, 2);
	g_assert_true(holds(f, 0, 0));
	g_assert_cmpstr(f->pressed->str, ==, "04 e1 05 ");
	g_assert_cmpuint(f->lights_told, ==, 1);
	g_assert_cmpstr(f->published->str, ==, "typing.begun text -\ntyping.ended text done\n");
}

static void one_types_at_a_time(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(begin(f, "abc", NULL));
	g_assert_false(begin(f, "x", &error));
	g_assert_error(error, KEYS_ERROR, KEYS_ERROR_STATE);
	run(f, true, 1);
	g_assert_cmpstr(f->pressed->str, ==, "04 05 06 ");
}

static void held_keys_are_set_aside(struct fixture *f, gconstpointer unused)
{
	input_key(f->input, USAGE_LEFT_CONTROL, true);
	input_key(f->input, USAGE_A + 1, true);
	g_assert_true(holds(f, 1, USAGE_A + 1));
	g_string_truncate(f->pressed, 0);
	g_assert_true(begin(f, "a", NULL));
	input_key(f->input, USAGE_A + 2, true); /* one that comes now */
	input_key(f->input, USAGE_LEFT_SHIFT, true);
	run(f, true, 1);
	g_assert_true(holds(f, 3, 0));
	g_assert_cmpstr(f->pressed->str, ==, "04 e0 e1 ");
	input_key(f->input, USAGE_A + 1, false);
	input_key(f->input, USAGE_A + 2, false);
	input_key(f->input, USAGE_LEFT_SHIFT, false);
	input_key(f->input, USAGE_LEFT_CONTROL, false);
	g_assert_true(holds(f, 0, 0));
	g_assert_cmpstr(f->pressed->str, ==, "04 e0 e1 ");
	/* From then on they are the viewers' again. */
	input_key(f->input, USAGE_A + 1, true);
	g_assert_true(holds(f, 0, USAGE_A + 1));
}

static void viewers_that_leave_release_nothing_of_his(struct fixture *f, gconstpointer unused)
{
	struct typing *typing = typing_chords(layout_find("us"), "ctrl+alt+a:400", NULL);

	g_assert_true(keys_begin(f->keys, typing, 30, fixture_ended, f, NULL));
	g_assert_true(holds(f, 5, USAGE_A));
	input_release_all(f->input);
	input_key(f->input, USAGE_A, true);
	input_key(f->input, USAGE_A, false);
	fixture_read(f);
	g_assert_cmphex(f->report[0], ==, 5);
	g_assert_cmphex(f->report[2], ==, USAGE_A);
	run(f, true, 1);
	g_assert_true(holds(f, 0, 0));
	g_assert_cmpstr(f->pressed->str, ==, "e0 e2 04 ");
}

static void node_that_reads_no_more_ends_it(struct fixture *f, gconstpointer unused)
{
	g_autofree char *text = g_strnfill(2000, 'x');
	g_autoptr(GError) error = NULL;
	struct console_input input = {0};

	g_assert_true(begin(f, text, NULL));
	g_assert_true(holds(f, 0, USAGE_A + 'x' - 'a'));
	run(f, false, 1);
	g_assert_cmpint(f->status.state, ==, KEYS_FAILED);
	g_assert_cmpuint(f->status.typed, <, 2000);
	g_assert_nonnull(strstr(f->error, "does not take keys"));
	/* That it is deaf is in the status too, and nobody may begin now. */
	input_read(f->input, &input);
	g_assert_cmpint(input.keyboard, ==, CONSOLE_DEVICE_DEAF);
	g_assert_false(begin(f, "y", &error));
	g_assert_error(error, KEYS_ERROR, KEYS_ERROR_STATE);
	/* When it reads again it finds all keys up, and nothing of what was not typed. */
	g_assert_true(holds(f, 0, 0));
}

static void node_without_a_keyboard_is_told(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	node_set_channel((struct node_whole *)f->node, NODE_KEYBOARD, -1, false);
	g_assert_false(begin(f, "y", &error));
	g_assert_error(error, KEYS_ERROR, KEYS_ERROR_STATE);
	g_assert_cmpint(f->ended, ==, 0);
}

static void keyboard_that_goes_ends_it(struct fixture *f, gconstpointer unused)
{
	g_autofree char *text = g_strnfill(2000, 'x');

	g_assert_true(begin(f, text, NULL));
	g_assert_true(holds(f, 0, USAGE_A + 'x' - 'a'));
	node_set_channel((struct node_whole *)f->node, NODE_KEYBOARD, -1, false);
	run(f, true, 1);
	g_assert_cmpint(f->status.state, ==, KEYS_FAILED);
}

static void stop_and_end_are_told(struct fixture *f, gconstpointer unused)
{
	g_autofree char *text = g_strnfill(2000, 'X');

	keys_stop(f->keys);
	g_assert_cmpint(f->ended, ==, 0);
	g_assert_true(begin(f, text, NULL));
	g_assert_true(holds(f, 2, USAGE_A + 'x' - 'a'));
	keys_stop(f->keys);
	g_assert_cmpint(f->ended, ==, 1);
	g_assert_cmpint(f->status.state, ==, KEYS_STOPPED);
	g_assert_nonnull(strstr(f->error, "of 2000 characters"));
	g_assert_true(holds(f, 0, 0));
	g_assert_true(begin(f, text, NULL));
	keys_free(g_steal_pointer(&f->keys));
	g_assert_cmpint(f->ended, ==, 2);
	g_assert_nonnull(strstr(f->error, "the console ends"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) \
	g_test_add("/keys/" #name, struct fixture, NULL, fixture_open, name, fixture_close)
	TEST(all_of_a_text_is_taken);
	TEST(one_types_at_a_time);
	TEST(held_keys_are_set_aside);
	TEST(viewers_that_leave_release_nothing_of_his);
	TEST(node_that_reads_no_more_ends_it);
	TEST(node_without_a_keyboard_is_told);
	TEST(keyboard_that_goes_ends_it);
	TEST(stop_and_end_are_told);
	return g_test_run();
}
