/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "gadget/turn.h"

static struct {
	GMutex lock;
	GCond changed;
	GPollFunc poll; /* of the context before; NULL: turn_begin was not called yet */
	bool held;
	unsigned int waiting; /* other threads */
	bool main_waits;
	unsigned int ahead; /* of those, while the main thread waits: they came before it */
} turn;

/* --- The main thread --- */

static void turn_main_leave(void)
{
	g_mutex_lock(&turn.lock);
	turn.held = false;
	if (turn.waiting > 0)
		g_cond_broadcast(&turn.changed);
	g_mutex_unlock(&turn.lock);
}

static void turn_main_take(void)
{
	g_mutex_lock(&turn.lock);
	turn.ahead = turn.waiting;
	turn.main_waits = true;
	while (turn.held || turn.ahead > 0)
		g_cond_wait(&turn.changed, &turn.lock);
	turn.main_waits = false;
	turn.held = true;
	g_mutex_unlock(&turn.lock);
}

static gint turn_poll(GPollFD *fds, guint count, gint timeout)
{
	gint ready;

	turn_main_leave();
	ready = turn.poll(fds, count, timeout);
	turn_main_take();
	return ready;
}

void turn_begin(void)
{
	if (turn.poll)
		return;
	turn.held = true;
	turn.poll = g_main_context_get_poll_func(NULL);
	g_main_context_set_poll_func(NULL, turn_poll);
}

/* --- The others --- */

/* Of those who wait. */
static bool turn_is_mine(void)
{
	return !turn.held && (!turn.main_waits || turn.ahead > 0);
}

bool turn_take(const bool *denied)
{
	bool taken;

	g_mutex_lock(&turn.lock);
	turn.waiting++;
	while (!*denied && !turn_is_mine())
		g_cond_wait(&turn.changed, &turn.lock);
	turn.waiting--;
	if (turn.ahead > 0)
		turn.ahead--;
	taken = !*denied;
	if (taken)
		turn.held = true;
	else
		g_cond_broadcast(&turn.changed);
	g_mutex_unlock(&turn.lock);
	return taken;
}

void turn_leave(void)
{
	g_mutex_lock(&turn.lock);
	turn.held = false;
	if (turn.main_waits || turn.waiting > 0)
		g_cond_broadcast(&turn.changed);
	g_mutex_unlock(&turn.lock);
}

void turn_deny(bool *denied)
{
	g_mutex_lock(&turn.lock);
	*denied = true;
	g_cond_broadcast(&turn.changed);
	g_mutex_unlock(&turn.lock);
}
