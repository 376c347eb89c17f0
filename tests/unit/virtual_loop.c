/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/virtual_loop.h"
#include <stdbool.h>

struct virtual_timer {
	guint id;
	gint priority;
	int64_t due, every; /* us */
	GSourceFunc fn;
	gpointer data;
	GDestroyNotify gone;
};

static int64_t virtual_now = 1000 * G_USEC_PER_SEC; /* us; clocks do not begin at 0 */
static guint virtual_last;
static GArray *virtual_timers;

gint64 __wrap_g_get_monotonic_time(void);
guint __wrap_g_timeout_add(guint interval, GSourceFunc fn, gpointer data);
guint __wrap_g_timeout_add_full(
		gint priority, guint interval, GSourceFunc fn, gpointer data, GDestroyNotify gone);
guint __wrap_g_timeout_add_seconds(guint interval, GSourceFunc fn, gpointer data);
guint __wrap_g_idle_add(GSourceFunc fn, gpointer data);
gboolean __wrap_g_source_remove(guint id);

gint64 __wrap_g_get_monotonic_time(void)
{
	return virtual_now;
}

guint __wrap_g_timeout_add_full(
		gint priority, guint interval, GSourceFunc fn, gpointer data, GDestroyNotify gone)
{
	const struct virtual_timer timer = {++virtual_last, priority,
			virtual_now + (int64_t)interval * 1000, (int64_t)interval * 1000, fn, data,
			gone};

	if (!virtual_timers)
		virtual_timers = g_array_new(FALSE, FALSE, sizeof(timer));
	g_array_append_val(virtual_timers, timer);
	return timer.id;
}

guint __wrap_g_timeout_add(guint interval, GSourceFunc fn, gpointer data)
{
	return __wrap_g_timeout_add_full(G_PRIORITY_DEFAULT, interval, fn, data, NULL);
}

guint __wrap_g_timeout_add_seconds(guint interval, GSourceFunc fn, gpointer data)
{
	return __wrap_g_timeout_add(interval * 1000, fn, data);
}

guint __wrap_g_idle_add(GSourceFunc fn, gpointer data)
{
	return __wrap_g_timeout_add_full(G_PRIORITY_DEFAULT_IDLE, 0, fn, data, NULL);
}

static struct virtual_timer *virtual_find(guint id)
{
	for (guint i = 0; virtual_timers && i < virtual_timers->len; i++) {
		struct virtual_timer *timer = &g_array_index(
				virtual_timers, struct virtual_timer, i);

		if (timer->id == id)
			return timer;
	}
	return NULL;
}

/* One that is not there is a fault of who removes it. */
gboolean __wrap_g_source_remove(guint id)
{
	struct virtual_timer *timer = virtual_find(id), gone;

	g_assert_nonnull(timer);
	gone = *timer;
	g_array_remove_index(virtual_timers,
			(guint)(timer - &g_array_index(virtual_timers, struct virtual_timer, 0)));
	if (gone.gone)
		gone.gone(gone.data);
	return TRUE;
}

/* What is due first; of what is due together, what is most urgent, and then what waits longest. */
static struct virtual_timer *virtual_next(void)
{
	struct virtual_timer *next = NULL;

	for (guint i = 0; virtual_timers && i < virtual_timers->len; i++) {
		struct virtual_timer *timer = &g_array_index(
				virtual_timers, struct virtual_timer, i);
		int64_t due = MAX(timer->due, virtual_now),
			first = next ? MAX(next->due, virtual_now) : 0;

		if (!next || due < first || (due == first && timer->priority < next->priority) ||
				(due == first && timer->priority == next->priority &&
						timer->due < next->due))
			next = timer;
	}
	return next;
}

static void virtual_serve(const struct virtual_timer *timer)
{
	guint id = timer->id;
	struct virtual_timer *again;

	if (timer->fn(timer->data)) {
		again = virtual_find(id);
		if (again)
			again->due = virtual_now + again->every;
	} else if (virtual_find(id)) {
		__wrap_g_source_remove(id);
	}
}

void virtual_loop_turn(int64_t ms)
{
	int64_t end = virtual_now + ms * 1000;

	for (;;) {
		struct virtual_timer *next = virtual_next(), timer;

		if (!next || next->due > end)
			break;
		timer = *next; /* the list may grow */
		virtual_now = MAX(virtual_now, timer.due);
		/* Nothing takes no time at all, and who never waits must not stop it. */
		virtual_now += 5;
		virtual_serve(&timer);
	}
	virtual_now = MAX(virtual_now, end);
}

int64_t virtual_loop_now(void)
{
	return virtual_now / 1000;
}

void virtual_loop_stop(int64_t ms)
{
	virtual_now += ms * 1000;
}

size_t virtual_loop_timers(void)
{
	return virtual_timers ? virtual_timers->len : 0;
}
