/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "sim/alarm.h"

/* Lives in GLib's memory for the source. */
struct alarm {
	GSource source; /* first: GLib's part */
	alarm_fn ring;
	void *data;
};

static gboolean alarm_dispatch(GSource *source, GSourceFunc callback, gpointer user_data)
{
	struct alarm *alarm = (struct alarm *)source;

	g_source_set_ready_time(source, -1);
	alarm->ring(alarm->data);
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs alarm_functions = {.dispatch = alarm_dispatch};

struct alarm *alarm_new(alarm_fn ring, void *data)
{
	GSource *source = g_source_new(&alarm_functions, sizeof(struct alarm));
	struct alarm *alarm = (struct alarm *)source;

	alarm->ring = ring;
	alarm->data = data;
	g_source_attach(source, NULL);
	return alarm;
}

void alarm_set(struct alarm *alarm, int64_t time)
{
	g_source_set_ready_time(&alarm->source, time);
}

void alarm_clear(struct alarm *alarm)
{
	g_source_set_ready_time(&alarm->source, -1);
}

void alarm_free(struct alarm *alarm)
{
	if (!alarm)
		return;
	g_source_destroy(&alarm->source);
	g_source_unref(&alarm->source);
}
