/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/bridge_part.h"

#define ROUNDS 16 /* of one bridge before the others have their turn */

/* For DISPLAY_INIT after the ticket: clients send it with that, and to come too late does no harm.
 * Meanwhile spice-server's main thread may have to wait for it. */
#define INIT_MS   250
#define SETTLE_MS 1000 /* for spice-server to take it, when it has nothing to show */
#define DRAIN_MS  2000 /* for the client to close as well */

#define ENDS ((GIOCondition)0x2000) /* POLLRDHUP, which GLib hands to poll: it writes no more */

gint64 bridge_in(unsigned int ms)
{
	return g_get_monotonic_time() + (gint64)ms * 1000;
}

/* --- The ends ---------------------------------------------------------------------------- */

static void linger_close(gpointer data)
{
	close(GPOINTER_TO_INT(data));
}

static gboolean linger_over(gpointer data)
{
	return G_SOURCE_REMOVE;
}

/* Closes the inner end, but not while spice-server may be waiting for DISPLAY_INIT: that is
 * supplied, and the end follows when it must have been taken. */
static void bridge_drop_inner(struct bridge *bridge)
{
	GSource *linger;

	if (bridge->inner < 0)
		return;
	if (bridge->passed)
		send(bridge->inner, bridge->in + bridge->in_start, bridge->passed,
				MSG_DONTWAIT | MSG_NOSIGNAL);
	if (framing_wants_init(&bridge->framing))
		bridge_supply_init(bridge);
	if (bridge->make_start < bridge->make_end)
		send(bridge->inner, bridge->make + bridge->make_start,
				bridge->make_end - bridge->make_start, MSG_DONTWAIT | MSG_NOSIGNAL);
	bridge->passed = 0;
	bridge->make_start = bridge->make_end;
	if (framing_settling(&bridge->framing) && !bridge->inner_over) {
		linger = g_timeout_source_new(SETTLE_MS);
		g_source_set_callback(
				linger, linger_over, GINT_TO_POINTER(bridge->inner), linger_close);
		g_source_attach(linger, bridge->settings->context);
		g_source_unref(linger);
	} else {
		close(bridge->inner);
	}
	bridge->inner = -1;
}

/* An end that nothing is wanted of is not polled: its hang-up would wake us again and again. */
static void bridge_watch(
		struct bridge *bridge, struct bridge_watch *watch, int fd, GIOCondition wanted)
{
	if (wanted == watch->wanted)
		return;
	if (!wanted)
		g_source_remove_unix_fd(&bridge->source, watch->tag);
	else if (watch->tag)
		g_source_modify_unix_fd(&bridge->source, watch->tag, wanted);
	else
		watch->tag = g_source_add_unix_fd(&bridge->source, fd, wanted);
	if (!wanted)
		watch->tag = NULL;
	watch->wanted = wanted;
}

static void bridge_release(struct bridge *bridge)
{
	bridge_watch(bridge, &bridge->outer_watch, -1, 0);
	bridge_watch(bridge, &bridge->inner_watch, -1, 0);
	bridge_drop_inner(bridge);
	outer_close(&bridge->outer);
}

void bridge_end(struct bridge *bridge)
{
	if (bridge->stage == BRIDGE_ENDED)
		return;
	bridge->stage = BRIDGE_ENDED;
	if (!bridge->reason[0])
		g_strlcpy(bridge->reason, bridge->outer.fault, sizeof(bridge->reason));
	bridge_release(bridge);
	bridge->events.ended(
			bridge, bridge->reason[0] ? bridge->reason : NULL, bridge->events.data);
}

void bridge_client_over(struct bridge *bridge)
{
	bridge->silenced = true;
	if (!bridge->end_due)
		bridge->end_due = bridge_in(BRIDGE_END_MS);
}

void bridge_refuse(struct bridge *bridge, const char *reason)
{
	g_strlcpy(bridge->reason, reason, sizeof(bridge->reason));
	bridge->silenced = true;
	bridge_watch(bridge, &bridge->inner_watch, -1, 0);
	bridge_drop_inner(bridge);
	bridge->in_start = bridge->in_end;
	bridge->out_start = bridge->out_end;
	bridge->end_due = bridge_in(DRAIN_MS);
}

/* When nothing is left to tell the client, it is told that. */
static bool bridge_finish(struct bridge *bridge)
{
	if (bridge->stage == BRIDGE_DRAINING) {
		if (!outer_drain(&bridge->outer))
			return false;
		bridge_end(bridge);
		return true;
	}
	if (bridge->stage == BRIDGE_ENDED || bridge_has_for_client(bridge) ||
			!(bridge->inner_over || (bridge->silenced && bridge->inner < 0)))
		return false;
	bridge->stage = BRIDGE_DRAINING;
	bridge->end_due = bridge_in(DRAIN_MS);
	outer_shut(&bridge->outer);
	bridge_watch(bridge, &bridge->inner_watch, -1, 0);
	bridge_drop_inner(bridge);
	return true;
}

/* --- Time -------------------------------------------------------------------------------- */

static bool bridge_due(gint64 due, gint64 now)
{
	return due && due <= now;
}

static void bridge_look_at_time(struct bridge *bridge)
{
	gint64 now = g_source_get_time(&bridge->source);

	if (bridge_due(bridge->end_due, now)) {
		bridge_end(bridge);
		return;
	}
	if (bridge_due(bridge->link_due, now)) {
		bridge->link_due = 0;
		bridge_refuse(bridge, "it did not say its password in time");
	}
	if (bridge_due(bridge->init_due, now) && framing_wants_init(&bridge->framing) &&
			!bridge->passed)
		bridge_supply_init(bridge);
	if (bridge_due(bridge->settle_due, now))
		framing_settle(&bridge->framing);
}

/* A deadline runs from when its condition began to hold. */
static void bridge_await(gint64 *due, bool holds, unsigned int ms)
{
	if (!holds)
		*due = 0;
	else if (!*due)
		*due = bridge_in(ms);
}

static void bridge_set_time(struct bridge *bridge, bool again)
{
	bool inner = bridge->stage == BRIDGE_JOINED && bridge->inner >= 0 && !bridge->inner_over;
	const gint64 *dues[] = {&bridge->link_due, &bridge->init_due, &bridge->settle_due,
			&bridge->end_due};
	gint64 next = -1;

	if (framing_linked(&bridge->framing) || !inner)
		bridge->link_due = 0;
	bridge_await(&bridge->init_due, inner && framing_wants_init(&bridge->framing), INIT_MS);
	bridge_await(&bridge->settle_due, inner && framing_settling(&bridge->framing), SETTLE_MS);
	for (size_t i = 0; i < G_N_ELEMENTS(dues); i++)
		if (*dues[i] && (next < 0 || *dues[i] < next))
			next = *dues[i];
	g_source_set_ready_time(&bridge->source, again ? 0 : next);
}

/* --- What moves it ----------------------------------------------------------------------- */

static void bridge_set_watches(struct bridge *bridge)
{
	GIOCondition outer = 0, inner = 0;

	if (bridge->stage == BRIDGE_DRAINING) {
		outer = G_IO_IN;
	} else if (!bridge->outer.broken) {
		if (bridge->stage == BRIDGE_HANDSHAKE || bridge_may_read_client(bridge))
			outer |= bridge->outer.read_wants;
		if (bridge->stage > BRIDGE_HANDSHAKE && bridge_has_for_client(bridge))
			outer |= bridge->outer.write_wants;
	}
	if (bridge->inner >= 0) {
		if (bridge_may_read_inner(bridge))
			inner |= G_IO_IN;
		if (bridge_has_for_inner(bridge))
			inner |= G_IO_OUT;
		if (!inner && !bridge->inner_ends && !bridge->inner_over)
			inner = ENDS;
	}
	bridge_watch(bridge, &bridge->outer_watch, bridge->outer.fd, outer);
	bridge_watch(bridge, &bridge->inner_watch, bridge->inner, inner);
}

/* While the client takes nothing, nothing is read of the inner end, nor its end. */
static void bridge_look_at_inner(struct bridge *bridge)
{
	if (bridge->inner_watch.wanted != ENDS ||
			!g_source_query_unix_fd(&bridge->source, bridge->inner_watch.tag))
		return;
	bridge->inner_ends = true;
	if (!bridge->end_due)
		bridge->end_due = bridge_in(BRIDGE_END_MS);
}

static bool bridge_round(struct bridge *bridge)
{
	static bool (*const steps[])(struct bridge *) = {bridge_read_client, bridge_before,
			bridge_write_inner, bridge_read_inner, bridge_write_client, bridge_finish};
	bool moved = false;

	for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
		if (bridge->stage == BRIDGE_ENDED)
			return false;
		moved |= steps[i](bridge);
	}
	return moved && bridge->stage != BRIDGE_ENDED;
}

static gboolean bridge_dispatch(GSource *source, GSourceFunc unused, gpointer data)
{
	struct bridge *bridge = (struct bridge *)source;
	bool again;

	bridge_look_at_inner(bridge);
	bridge_look_at_time(bridge);
	again = bridge->stage != BRIDGE_ENDED;
	for (int i = 0; again && i < ROUNDS; i++)
		again = bridge_round(bridge);
	if (bridge->stage == BRIDGE_ENDED) {
		g_source_set_ready_time(source, -1);
	} else {
		bridge_set_watches(bridge);
		bridge_set_time(bridge, again);
	}
	return G_SOURCE_CONTINUE;
}

static GSourceFuncs bridge_funcs = {.dispatch = bridge_dispatch};

struct bridge *bridge_open(int fd, enum greeting_kind kind, const struct bridge_settings *settings,
		const struct bridge_events *events)
{
	struct bridge *bridge = (struct bridge *)g_source_new(&bridge_funcs, sizeof(*bridge));

	bridge->settings = settings;
	bridge->events = *events;
	bridge->inner = -1;
	outer_open(&bridge->outer, fd);
	framing_init(&bridge->framing, false);
	bridge->stage = kind == GREETING_TLS    ? BRIDGE_HANDSHAKE
			: kind == GREETING_HTTP ? BRIDGE_REQUEST
						: BRIDGE_GREETING;
	if (kind == GREETING_TLS && !settings->tls)
		bridge_refuse(bridge, "it wants TLS, which is not set up");
	else if (kind == GREETING_TLS && !outer_start_tls(&bridge->outer, settings->tls))
		bridge_refuse(bridge, "out of memory for TLS");
	bridge->encrypted = bridge->outer.ssl;
	g_source_set_static_name(&bridge->source, "bridge");
	g_source_set_ready_time(&bridge->source, 0);
	g_source_attach(&bridge->source, settings->context);
	return bridge;
}

bool bridge_websocket(const struct bridge *bridge)
{
	return bridge->websocket;
}

bool bridge_encrypted(const struct bridge *bridge)
{
	return bridge->encrypted;
}

void bridge_close(struct bridge *bridge)
{
	if (!bridge)
		return;
	if (bridge->stage != BRIDGE_ENDED) {
		bridge->stage = BRIDGE_ENDED;
		bridge_release(bridge);
	}
	g_source_destroy(&bridge->source);
	g_source_unref(&bridge->source);
}
