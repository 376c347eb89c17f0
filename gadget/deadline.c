/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdbool.h>
#include "gadget/deadline.h"

struct deadline {
	GSource source;
	int64_t when; /* -1: never */
	deadline_over_fn over;
	void *data;
};

static gboolean deadline_prepare(GSource *source, gint *timeout)
{
	const struct deadline *deadline = (struct deadline *)source;
	int64_t left;

	*timeout = -1;
	if (deadline->when < 0)
		return FALSE;
	left = deadline->when - g_source_get_time(source);
	*timeout = left <= 0 ? 0 : (gint)MIN(left / 1000 + 1, G_MAXINT);
	return left <= 0;
}

static gboolean deadline_check(GSource *source)
{
	const struct deadline *deadline = (struct deadline *)source;

	return deadline->when >= 0 && deadline->when <= g_source_get_time(source);
}

static gboolean deadline_dispatch(GSource *source, GSourceFunc unused, gpointer data)
{
	struct deadline *deadline = (struct deadline *)source;

	/* What was dispatched before it may have put it off. */
	if (!deadline_check(source))
		return G_SOURCE_CONTINUE;
	deadline->when = -1;
	deadline->over(deadline->data);
	return G_SOURCE_CONTINUE;
}

struct deadline *deadline_new(deadline_over_fn over, void *data)
{
	static GSourceFuncs functions = {
			.prepare = deadline_prepare,
			.check = deadline_check,
			.dispatch = deadline_dispatch,
	};
	struct deadline *deadline = (struct deadline *)g_source_new(
			&functions, sizeof(struct deadline));

	deadline->when = -1;
	deadline->over = over;
	deadline->data = data;
	g_source_attach(&deadline->source, NULL);
	return deadline;
}

void deadline_set(struct deadline *deadline, int64_t when)
{
	bool sooner = when >= 0 && (deadline->when < 0 || when < deadline->when);

	deadline->when = when;
	if (sooner && !g_main_context_is_owner(NULL)) /* the loop may be waiting for longer */
		g_main_context_wakeup(NULL);
}

void deadline_free(struct deadline *deadline)
{
	if (!deadline)
		return;
	g_source_destroy(&deadline->source);
	g_source_unref(&deadline->source);
}
