/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Several real clients at one console. */
#include <stdio.h>
#include <string.h>
#include "tests/clients/desk.h"

#define PICTURE_MS 10000

static const char impatient[] = "[spice]\nviewers = 2\n[capture]\nsource = simulate\n"
				"[input]\nkey-limit-s = 1\n";
static const char few[] = "[spice]\nviewers = 2\n[capture]\nsource = simulate\n";

struct fixture {
	struct desk *desk;
	struct client *a, *b;
};

static struct client *join(struct desk *desk)
{
	return client_open(&(struct client_settings){.address = desk_address(desk)});
}

static void fixture_open(struct fixture *f, gconstpointer configuration)
{
	f->desk = desk_open(configuration);
	f->a = join(f->desk);
	g_assert_true(client_wait(f->a, client_has_picture, NULL, PICTURE_MS));
	g_assert_true(client_wait(f->a, client_has_pointer, NULL, PICTURE_MS));
	f->b = join(f->desk);
	g_assert_true(client_wait(f->b, client_has_picture, NULL, PICTURE_MS));
	g_assert_true(client_wait(f->b, client_has_pointer, NULL, PICTURE_MS));
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
	client_close(f->a);
	client_close(f->b);
	desk_close(f->desk);
}

static bool shows_node(struct client *client, void *data)
{
	return desk_psnr(((struct fixture *)data)->desk, client) >= 30;
}

static void test_both_see_the_node(struct fixture *f, gconstpointer data)
{
	g_assert_true(client_wait(f->a, shows_node, f, PICTURE_MS));
	g_assert_true(client_wait(f->b, shows_node, f, PICTURE_MS));
	g_assert_false(client_is_gone(f->a, NULL));
}

static void test_one_more_is_refused_and_disturbs_nobody(struct fixture *f, gconstpointer data)
{
	struct client *third = join(f->desk);

	g_assert_true(client_wait(third, client_is_gone, NULL, 5000));
	g_test_message("it says: %s", client_error(third) ? client_error(third) : "nothing");
	g_assert_nonnull(client_error(third));
	client_close(third);
	g_assert_true(client_wait(f->a, shows_node, f, PICTURE_MS));
	g_assert_true(client_wait(f->b, shows_node, f, PICTURE_MS));
	client_close(f->a);
	client_run(f->b, 300);
	f->a = join(f->desk); /* there is room again */
	g_assert_true(client_wait(f->a, client_has_picture, NULL, PICTURE_MS));
}

struct held {
	struct desk *desk;
	uint8_t modifiers; /* usages 224..231 as bits */
};

static bool node_holds(struct client *client, void *data)
{
	const struct held *held = data;

	return desk_state(held->desk)->input.keys[28] == held->modifiers;
}

static void test_a_key_is_up_when_the_last_viewer_lets_go(struct fixture *f, gconstpointer data)
{
	struct held shift = {f->desk, 0x02}, none = {f->desk, 0};

	client_key(f->a, 0x2a, true);
	client_key(f->b, 0x2a, true);
	g_assert_true(client_wait(f->a, node_holds, &shift, 2000));
	client_run(f->b, 100);
	client_close(f->a);
	f->a = NULL;
	client_run(f->b, 300);
	g_assert_true(node_holds(f->b, &shift));
	client_key(f->b, 0x2a, false);
	g_assert_true(client_wait(f->b, node_holds, &none, 2000));
}

static void test_who_leaves_lets_go(struct fixture *f, gconstpointer data)
{
	struct held both = {f->desk, 0x03}, shift = {f->desk, 0x02};

	client_key(f->a, 0x1d, true);
	client_key(f->b, 0x2a, true);
	g_assert_true(client_wait(f->a, node_holds, &both, 2000));
	client_close(f->a);
	f->a = NULL;
	g_assert_true(client_wait(f->b, node_holds, &shift, 2000));
}

/* Its line may be down: the node must not repeat a key for ever. */
static void test_silent_viewers_key_goes_up(struct fixture *f, gconstpointer data)
{
	struct held shift = {f->desk, 0x02}, none = {f->desk, 0};

	client_key(f->a, 0x2a, true);
	g_assert_true(client_wait(f->a, node_holds, &shift, PICTURE_MS));
	g_assert_true(client_wait(f->a, node_holds, &none, PICTURE_MS));
	/* It is still there, and its word counts again. */
	client_key(f->a, 0x2a, false);
	client_key(f->a, 0x2a, true);
	g_assert_true(client_wait(f->a, node_holds, &shift, PICTURE_MS));
}

#define SETTLE_TRIES 30 /* half a second each; a busy machine takes its time to hear of an end */

static void test_threads_and_descriptors_come_back(struct fixture *f, gconstpointer data)
{
	int files, threads, files_after, threads_after;
	long cpu;

	client_close(f->b);
	f->b = NULL;
	client_run(f->a, 500);
	sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files, &threads, &cpu);
	for (int i = 0; i < 30; i++) {
		struct client *other = join(f->desk);

		if (i % 3)
			g_assert_true(client_wait(other, client_has_picture, NULL, PICTURE_MS));
		else
			client_run(other, i);
		client_close(other);
		client_run(f->a, 50);
	}
	for (int i = 0; i < SETTLE_TRIES; i++) {
		client_run(f->a, 500);
		sscanf(desk_do(f->desk, "usage"), "%d %d %ld", &files_after, &threads_after, &cpu);
		if (files_after <= files && threads_after <= threads)
			break;
	}
	g_assert_cmpint(files_after, <=, files);
	g_assert_cmpint(threads_after, <=, threads);
	g_assert_true(client_wait(f->a, shows_node, f, PICTURE_MS));
}

#define ADD(configuration, test)                                                        \
	g_test_add("/viewers/" #configuration "/" #test, struct fixture, configuration, \
			fixture_open, test_##test, fixture_close)

int main(int argc, char **argv)
{
	desk_begin(argc, argv);
	g_test_init(&argc, &argv, NULL);
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	ADD(few, both_see_the_node);
	ADD(few, one_more_is_refused_and_disturbs_nobody);
	ADD(few, a_key_is_up_when_the_last_viewer_lets_go);
	ADD(few, who_leaves_lets_go);
	ADD(impatient, silent_viewers_key_goes_up);
	ADD(few, threads_and_descriptors_come_back);
	return g_test_run();
}
