/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <glib-unix.h>
#include "spice/core.h"

struct core {
	SpiceCoreInterface interface;
	GSource *registry; /* shared by all cores */
	core_channel_fn channel;
	void *data;
	bool muted;
};

/*
 * channel_event() names neither server nor core. The library announces CONNECTED inside
 * spice_server_add_client() and keeps the same info until DISCONNECTED, so a table info -> core
 * answers it. The table belongs to the main context that all cores share: a source that never
 * fires, found by its functions and gone with the last core.
 */
struct core_registry {
	GSource source;
	GHashTable *channels; /* SpiceChannelEventInfo -> struct core */
	struct core *joining; /* whose spice_server_add_client is on the stack */
	unsigned int users;
};

/* Both are sources: GLib keeps them alive through a callback that removes its own timer or watch.
 */
struct SpiceTimer {
	GSource source;
	SpiceTimerFunc func;
	void *opaque;
};

struct SpiceWatch {
	GSource source;
	int fd;
	gpointer tag; /* NULL while nothing is watched */
	int mask;     /* SPICE_WATCH_EVENT_* */
	SpiceWatchFunc func;
	void *opaque;
};

static gboolean core_timer_fire(GSource *source, GSourceFunc callback, gpointer data)
{
	SpiceTimer *timer = (SpiceTimer *)source;

	g_source_set_ready_time(source, -1);
	timer->func(timer->opaque);
	return G_SOURCE_CONTINUE;
}

static SpiceTimer *core_timer_add(SpiceTimerFunc func, void *opaque)
{
	static GSourceFuncs funcs = {.dispatch = core_timer_fire};
	SpiceTimer *timer = (SpiceTimer *)g_source_new(&funcs, sizeof(*timer));

	timer->func = func;
	timer->opaque = opaque;
	g_source_attach(&timer->source, NULL);
	return timer;
}

static void core_timer_start(SpiceTimer *timer, uint32_t ms)
{
	g_source_set_ready_time(&timer->source, g_get_monotonic_time() + (gint64)ms * 1000);
}

static void core_timer_cancel(SpiceTimer *timer)
{
	g_source_set_ready_time(&timer->source, -1);
}

static void core_timer_remove(SpiceTimer *timer)
{
	if (!timer)
		return;
	g_source_destroy(&timer->source);
	g_source_unref(&timer->source);
}

static gboolean core_watch_fire(GSource *source, GSourceFunc callback, gpointer data)
{
	SpiceWatch *watch = (SpiceWatch *)source;
	GIOCondition condition = g_source_query_unix_fd(source, watch->tag);
	int events = 0;

	if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
		events |= SPICE_WATCH_EVENT_READ;
	if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR))
		events |= SPICE_WATCH_EVENT_WRITE;
	events &= watch->mask;
	if (events)
		watch->func(watch->fd, events, watch->opaque);
	return G_SOURCE_CONTINUE;
}

static void core_watch_update_mask(SpiceWatch *watch, int mask)
{
	GIOCondition condition = 0;

	if (mask == watch->mask)
		return;
	watch->mask = mask;
	if (mask & SPICE_WATCH_EVENT_READ)
		condition |= G_IO_IN;
	if (mask & SPICE_WATCH_EVENT_WRITE)
		condition |= G_IO_OUT;
	/* poll() reports a hang-up whatever it was asked for: an unwanted watch has to leave the
	 * set. */
	if (mask == 0) {
		g_source_remove_unix_fd(&watch->source, watch->tag);
		watch->tag = NULL;
	} else if (watch->tag) {
		g_source_modify_unix_fd(&watch->source, watch->tag, condition);
	} else {
		watch->tag = g_source_add_unix_fd(&watch->source, watch->fd, condition);
	}
}

static SpiceWatch *core_watch_add(int fd, int mask, SpiceWatchFunc func, void *opaque)
{
	static GSourceFuncs funcs = {.dispatch = core_watch_fire};
	SpiceWatch *watch = (SpiceWatch *)g_source_new(&funcs, sizeof(*watch));

	watch->fd = fd;
	watch->func = func;
	watch->opaque = opaque;
	core_watch_update_mask(watch, mask);
	g_source_attach(&watch->source, NULL);
	return watch;
}

static void core_watch_remove(SpiceWatch *watch)
{
	if (!watch)
		return;
	g_source_destroy(&watch->source);
	g_source_unref(&watch->source);
}

static gboolean core_registry_fire(GSource *source, GSourceFunc callback, gpointer data)
{
	return G_SOURCE_CONTINUE;
}

static void core_registry_end(GSource *source)
{
	g_hash_table_destroy(((struct core_registry *)source)->channels);
}

static GSourceFuncs core_registry_funcs = {
		.dispatch = core_registry_fire,
		.finalize = core_registry_end,
};

static struct core_registry *core_registry_find(void)
{
	return (struct core_registry *)g_main_context_find_source_by_funcs_user_data(
			NULL, &core_registry_funcs, NULL);
}

static GSource *core_registry_join(void)
{
	struct core_registry *registry = core_registry_find();

	if (!registry) {
		registry = (struct core_registry *)g_source_new(
				&core_registry_funcs, sizeof(*registry));
		registry->channels = g_hash_table_new(NULL, NULL);
		g_source_set_callback(&registry->source, NULL, NULL, NULL);
		g_source_attach(&registry->source, NULL);
	}
	registry->users++;
	return &registry->source;
}

static void core_registry_leave(GSource *source)
{
	struct core_registry *registry = (struct core_registry *)source;

	if (--registry->users > 0)
		return;
	g_source_destroy(source);
	g_source_unref(source);
}

static void core_channel_event(int event, SpiceChannelEventInfo *info)
{
	struct core_registry *registry = core_registry_find();
	struct core *core;

	if (!registry)
		return;
	if (event == SPICE_CHANNEL_EVENT_CONNECTED && registry->joining)
		g_hash_table_insert(registry->channels, info, registry->joining);
	core = g_hash_table_lookup(registry->channels, info);
	if (event == SPICE_CHANNEL_EVENT_DISCONNECTED)
		g_hash_table_remove(registry->channels, info);
	if (core && !core->muted)
		core->channel(event, info, core->data);
}

struct core *core_new(core_channel_fn channel, void *data)
{
	struct core *core = g_new0(struct core, 1);

	core->interface = (SpiceCoreInterface){
			.base = {.type = SPICE_INTERFACE_CORE,
					.description = "main context",
					.major_version = SPICE_INTERFACE_CORE_MAJOR,
					.minor_version = SPICE_INTERFACE_CORE_MINOR},
			.timer_add = core_timer_add,
			.timer_start = core_timer_start,
			.timer_cancel = core_timer_cancel,
			.timer_remove = core_timer_remove,
			.watch_add = core_watch_add,
			.watch_update_mask = core_watch_update_mask,
			.watch_remove = core_watch_remove,
			.channel_event = core_channel_event,
	};
	core->channel = channel;
	core->data = data;
	core->registry = core_registry_join();
	return core;
}

SpiceCoreInterface *core_interface(struct core *core)
{
	return &core->interface;
}

bool core_add_client(struct core *core, SpiceServer *server, int fd)
{
	struct core_registry *registry = (struct core_registry *)core->registry;
	struct core *outer = registry->joining;
	int result;

	registry->joining = core;
	result = spice_server_add_client(server, fd, 0);
	registry->joining = outer;
	return result == 0;
}

void core_mute(struct core *core)
{
	core->muted = true;
}

static gboolean core_is_value(gpointer key, gpointer value, gpointer data)
{
	return value == data;
}

void core_free(struct core *core)
{
	if (!core)
		return;
	g_hash_table_foreach_remove(
			((struct core_registry *)core->registry)->channels, core_is_value, core);
	core_registry_leave(core->registry);
	g_free(core);
}
