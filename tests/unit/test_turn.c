/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A thread that acts for the main loop: never beside it, and neither keeps the other waiting. */
#include <glib.h>
#include "gadget/turn.h"

struct fixture {
	GMainLoop *loop;
	bool denied;
	gint inside;   /* of the main loop's part and the thread's: at most one */
	gint together; /* times that it was more */
	gint turns, iterations;
	unsigned int wanted; /* turns of a thread */
	gint left;           /* threads */
};

static void enter(struct fixture *f)
{
	if (g_atomic_int_add(&f->inside, 1) != 0)
		g_atomic_int_inc(&f->together);
	g_thread_yield();
	g_atomic_int_add(&f->inside, -1);
}

static gboolean quit(gpointer data)
{
	g_main_loop_quit(((struct fixture *)data)->loop);
	return G_SOURCE_REMOVE;
}

static gpointer act(gpointer data)
{
	struct fixture *f = data;

	for (unsigned int i = 0; i < f->wanted; i++) {
		if (!turn_take(&f->denied))
			break;
		enter(f);
		g_atomic_int_inc(&f->turns);
		turn_leave();
	}
	if (g_atomic_int_dec_and_test(&f->left))
		g_idle_add(quit, f);
	return NULL;
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	turn_begin();
	f->loop = g_main_loop_new(NULL, FALSE);
	f->wanted = 2000;
	f->left = 1;
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	g_main_loop_unref(f->loop);
	g_assert_cmpint(f->together, ==, 0);
}

static gboolean iterate(gpointer data)
{
	struct fixture *f = data;

	g_atomic_int_inc(&f->iterations);
	enter(f);
	return G_SOURCE_CONTINUE;
}

static void acts_while_the_loop_waits(struct fixture *f, gconstpointer unused)
{
	GThread *thread = g_thread_new("actor", act, f);

	g_main_loop_run(f->loop);
	g_thread_join(thread);
	g_assert_cmpint(f->turns, ==, f->wanted);
}

static void a_busy_loop_lets_it_in_each_time(struct fixture *f, gconstpointer unused)
{
	guint busy = g_idle_add(iterate, f);
	GThread *thread = g_thread_new("actor", act, f);

	g_main_loop_run(f->loop);
	g_thread_join(thread);
	g_source_remove(busy);
	g_assert_cmpint(f->turns, ==, f->wanted);
}

static gboolean stop(gpointer data)
{
	struct fixture *f = data;

	if (g_atomic_int_get(&f->iterations) < 100)
		return G_SOURCE_CONTINUE;
	turn_deny(&f->denied);
	return G_SOURCE_REMOVE;
}

static void busy_threads_let_the_loop_in(struct fixture *f, gconstpointer unused)
{
	guint busy = g_idle_add(iterate, f), stopping = g_timeout_add(1, stop, f);
	GThread *threads[3];

	f->wanted = G_MAXUINT; /* until it is denied, which the loop must come to */
	f->left = G_N_ELEMENTS(threads);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		threads[i] = g_thread_new("actor", act, f);
	g_main_loop_run(f->loop);
	for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
		g_thread_join(threads[i]);
	g_source_remove(busy);
	g_assert_null(g_main_context_find_source_by_id(NULL, stopping));
	g_assert_cmpint(f->iterations, >=, 100);
}

static void one_that_is_denied_can_be_waited_for(struct fixture *f, gconstpointer unused)
{
	GThread *thread = g_thread_new("actor", act, f);

	/* The main thread has the turn all the time. */
	g_usleep(20000);
	turn_deny(&f->denied);
	g_thread_join(thread);
	g_assert_cmpint(f->turns, ==, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

static gboolean called(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_REMOVE;
}

static gpointer call(gpointer data)
{
	struct fixture *f = data;

	g_usleep(20000);
	if (turn_take(&f->denied)) {
		g_timeout_add(0, called, f->loop);
		turn_leave();
	}
	return NULL;
}

static void what_it_begins_the_loop_goes_on_with(struct fixture *f, gconstpointer unused)
{
	GThread *thread = g_thread_new("actor", call, f);

	g_main_loop_run(f->loop); /* has nothing to wait for until then */
	g_thread_join(thread);
}

#define ADD(test) \
	g_test_add("/turn/" #test, struct fixture, NULL, fixture_open, test, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(acts_while_the_loop_waits);
	ADD(a_busy_loop_lets_it_in_each_time);
	ADD(busy_threads_let_the_loop_in);
	ADD(one_that_is_denied_can_be_waited_for);
	ADD(what_it_begins_the_loop_goes_on_with);
	return g_test_run();
}
