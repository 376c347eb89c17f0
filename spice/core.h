/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What spice-server needs from its host: timers, watches and somebody to tell about channels, over
 * GLib's default main context. One core for one SpiceServer. Main thread only.
 */
#include <stdbool.h>
#include <glib.h>
#include <spice.h>

/*
 * A channel of this server came or went: SPICE_CHANNEL_EVENT_*. info is the library's; it is the
 * same pointer from CONNECTED to DISCONNECTED, and its type is 0 until INITIALIZED.
 */
typedef void (*core_channel_fn)(int event, const SpiceChannelEventInfo *info, void *data);

struct core;

struct core *core_new(core_channel_fn channel, void *data);

/* For spice_server_init; lives as long as the core, which must outlive the server. */
SpiceCoreInterface *core_interface(struct core *core);

/*
 * Hands a connected socket to the server so that events of its channel find this core. Returns
 * false when the server did not take it; the descriptor is then still the caller's.
 */
bool core_add_client(struct core *core, SpiceServer *server, int fd);

/* No event is passed on from now; for use before spice_server_destroy. */
void core_mute(struct core *core);

void core_free(struct core *core); /* NULL is fine; after spice_server_destroy */
