/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <unistd.h>
#include "gadget/channel.h"
#include "gadget/hub_part.h"

#define HUB_LOOK_MIN_MS  20   /* between looks, while something is missing: it doubles ... */
#define HUB_LOOK_MAX_MS  500  /* ... up to this */
#define HUB_CALM_MS      1000 /* between looks when all is well */
#define HUB_RETRY_MIN_MS 250  /* between passes when nothing to be seen has changed */
#define HUB_WAKE_MS      2000 /* a node that was to wake has done so by then */

/* --- report channels */

static void hub_channel(struct hub *hub, enum hub_function kind, int fd, bool used)
{
	int former = hub->channels[kind].fd;

	if (former < 0 && fd < 0)
		return;
	hub->channels[kind].fd = fd;
	hub->channels[kind].deaf = false;
	hub->events.channel(kind, fd, used, hub->events.data);
	if (former >= 0)
		close(former);
}

void hub_blame(struct hub_gadget *gadget, enum gadget_fault fault, const char *reason)
{
	if (reason != gadget->reason)
		g_free(gadget->reason);
	gadget->fault = fault;
	gadget->reason = g_strdup(reason);
}

/* Opens what is not open yet. */
static void hub_open(struct hub_gadget *gadget)
{
	struct hub *hub = gadget->hub;

	if (gadget->fault && gadget->fault != GADGET_FAULT_DEVICE)
		return;
	hub_blame(gadget, GADGET_FAULT_NONE, NULL);
	if (gadget->device->drive) {
		hub_drive_open(gadget);
		return;
	}
	for (size_t f = 0; f < gadget->device->gadget.count; f++) {
		GError *error = NULL;
		int fd;

		if (hub->channels[gadget->device->kinds[f]].fd >= 0)
			continue;
		fd = channel_open(hub->sysfs, hub->dev, gadget->devices[f], &error);
		if (fd >= 0) {
			channel_answer(fd, gadget->device->functions[f].report_length);
			hub_channel(hub, gadget->device->kinds[f], fd, !gadget->fresh);
		} else {
			hub_blame(gadget, GADGET_FAULT_DEVICE, error->message);
			g_error_free(error);
		}
	}
}

/* --- the port's state */

static void hub_look(struct hub *hub);

static void hub_state_close(struct hub_gadget *gadget)
{
	if (gadget->state_watch)
		g_source_remove(gadget->state_watch);
	gadget->state_watch = 0;
	if (gadget->state_fd >= 0)
		close(gadget->state_fd);
	gadget->state_fd = -1;
}

static void hub_anew(struct hub_gadget *gadget)
{
	struct hub *hub = gadget->hub;

	for (size_t f = 0; f < gadget->device->gadget.count; f++)
		if (hub->events.anew && hub->channels[gadget->device->kinds[f]].fd >= 0)
			hub->events.anew(gadget->device->kinds[f], hub->events.data);
}

static gboolean hub_state_changed(gint fd, GIOCondition condition, gpointer data)
{
	struct hub_gadget *gadget = data;
	bool seen = udc_state_seen(fd);

	gadget->stale = false;
	if (!seen)
		gadget->state_watch = 0; /* it would tell for ever */
	hub_look(gadget->hub);
	if (seen && gadget->node == UDC_CONFIGURED)
		hub_anew(gadget);
	return seen ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void hub_state_watch(struct hub_gadget *gadget, int fd)
{
	gadget->state_fd = fd;
	if (fd >= 0)
		gadget->state_watch = g_unix_fd_add(
				fd, G_IO_PRI | G_IO_ERR, hub_state_changed, gadget);
}

static void hub_state_read(struct hub_gadget *gadget)
{
	gadget->node = udc_state(gadget->hub->sysfs, gadget->port);
	if (gadget->stale && gadget->node > UDC_UNPLUGGED)
		gadget->node = UDC_UNPLUGGED;
}

/* The gadget is not bound, or not any more. */
static void hub_lose(struct hub_gadget *gadget)
{
	for (size_t f = 0; f < gadget->device->gadget.count; f++)
		hub_channel(gadget->hub, gadget->device->kinds[f], -1, false);
	hub_drive_lose(gadget);
	hub_state_close(gadget);
	g_clear_pointer(&gadget->port, g_free);
	g_clear_pointer(&gadget->sleeps, g_free);
	gadget->woken = 0;
	gadget->node = UDC_NOT_BOUND;
}

static void hub_wakes(struct hub_gadget *gadget)
{
	if (gadget->node != UDC_SUSPENDED) {
		gadget->woken = 0;
		g_clear_pointer(&gadget->sleeps, g_free);
	} else if (gadget->woken && !gadget->sleeps &&
			g_get_monotonic_time() - gadget->woken > HUB_WAKE_MS * 1000) {
		gadget->sleeps = g_strdup(
				"the node was asked to wake and sleeps on; its system must "
				"allow this device to wake it");
	}
}

/* --- passes */

/* What a pass would find, as far as it is cheap to see. */
static char *hub_signature(struct hub *hub)
{
	GString *signature = g_string_new(NULL);
	char **there = udc_list(hub->sysfs);

	g_string_append_c(signature, gadget_possible(hub->configfs, NULL) ? 'y' : 'n');
	for (char **udc = there; *udc; udc++) {
		char *holder = udc_holder(hub->sysfs, *udc);

		g_string_append_printf(signature, " %s=%s", *udc, holder ? holder : "");
		g_free(holder);
	}
	g_strfreev(there);
	return g_string_free(signature, FALSE);
}

static void hub_pass(struct hub *hub)
{
	if (hub->passing)
		return;
	hub->passing = true;
	g_free(hub->seen);
	hub->seen = hub_signature(hub);
	binder_pass(hub->binder);
}

static bool hub_settled(const struct hub *hub)
{
	for (size_t i = 0; i < hub->count; i++)
		if (!hub->gadgets[i].port || hub->gadgets[i].fault)
			return false;
	return true;
}

static gboolean hub_timer(gpointer data)
{
	struct hub *hub = data;

	hub->timer = 0;
	hub_look(hub);
	return G_SOURCE_REMOVE;
}

/* Looks at all that is cheap to look at, and does what follows from it. */
static void hub_look(struct hub *hub)
{
	bool lost = false, woken = false;
	guint delay;

	hub->looking = true;
	for (size_t i = 0; i < hub->count; i++) {
		struct hub_gadget *gadget = &hub->gadgets[i];

		if (!gadget->port)
			continue;
		hub_state_read(gadget);
		if (gadget->node == UDC_GONE || gadget->node == UDC_NOT_BOUND) {
			lost = true;
			hub_lose(gadget);
			continue;
		}
		hub_wakes(gadget);
		woken |= gadget->woken != 0;
		hub_open(gadget);
	}
	if (lost) {
		hub->delay = HUB_LOOK_MIN_MS;
		hub->retry = HUB_RETRY_MIN_MS;
		hub_pass(hub);
	} else if (!hub->passing && !hub_settled(hub)) {
		int64_t since = g_get_monotonic_time() - hub->passed;
		char *now = hub_signature(hub);
		bool changed = g_strcmp0(now, hub->seen) != 0;

		g_free(now);
		if (changed)
			hub->retry = HUB_RETRY_MIN_MS;
		if (changed || since >= hub->retry * (int64_t)1000) {
			hub->retry = MIN(hub->retry * 2, HUB_RETRY_MAX_MS);
			hub_pass(hub);
		}
	}
	delay = HUB_CALM_MS;
	if (!hub_settled(hub)) {
		delay = hub->delay;
		hub->delay = MIN(hub->delay * 2, HUB_LOOK_MAX_MS);
	} else {
		hub->delay = HUB_LOOK_MIN_MS;
		hub->retry = HUB_RETRY_MIN_MS;
	}
	if (woken)
		delay = MIN(delay, HUB_LOOK_MAX_MS);
	if (hub->timer)
		g_source_remove(hub->timer);
	hub->timer = g_timeout_add(delay, hub_timer, hub);
	hub->looking = false;
	hub_tell(hub);
}

static bool hub_unchanged(const struct hub_gadget *gadget, const struct binder_state *state)
{
	return !state->fresh && gadget->ffs.ep0 == state->ffs.ep0 &&
	       g_strcmp0(gadget->port, state->port) == 0 &&
	       !memcmp(gadget->devices, state->devices, sizeof(gadget->devices));
}

static void hub_passed(struct binder_state *states, void *data)
{
	struct hub *hub = data;

	hub->passing = false;
	hub->looking = true;
	hub->passed = g_get_monotonic_time();
	for (size_t i = 0; i < hub->count; i++) {
		struct hub_gadget *gadget = &hub->gadgets[i];
		struct binder_state *state = &states[i];

		hub_blame(gadget, state->fault, state->reason);
		if (gadget->port && hub_unchanged(gadget, state))
			continue;
		hub_lose(gadget);
		if (!state->port)
			continue;
		gadget->port = g_strdup(state->port);
		gadget->fresh = state->fresh;
		gadget->ffs = state->ffs;
		memcpy(gadget->devices, state->devices, sizeof(gadget->devices));
		gadget->stale = state->fresh && state->watch >= 0;
		hub_state_watch(gadget, state->watch >= 0
							? state->watch
							: udc_state_open(hub->sysfs, gadget->port));
		state->watch = -1;
	}
	hub_look(hub);
}

/* --- making it */

static gboolean hub_first(gpointer data)
{
	struct hub *hub = data;

	hub->timer = 0;
	hub_pass(hub);
	hub_look(hub);
	return G_SOURCE_REMOVE;
}

struct hub *hub_new(const struct hub_settings *settings, const struct hub_events *events)
{
	struct hub *hub = g_new0(struct hub, 1);

	hub->events = *events;
	hub->configfs = g_strdup(settings->configfs ? settings->configfs : "/sys/kernel/config");
	hub->sysfs = g_strdup(settings->sysfs ? settings->sysfs : "/sys");
	hub->dev = g_strdup(settings->dev ? settings->dev : "/dev");
	hub->ports = g_strdupv((char **)settings->ports);
	for (int kind = 0; kind < HUB_FUNCTIONS; kind++)
		hub->channels[kind].fd = -1;
	devices_describe(&hub->devices, settings);
	hub->plan.configfs = hub->configfs;
	hub->plan.sysfs = hub->sysfs;
	hub->plan.ports = hub->ports;
	hub->plan.unwanted = hub->devices.unwanted;
	hub->plan.drives = hub->devices.drives;
	if (settings->kept) {
		hub->kept = *settings->kept;
		hub->plan.kept = &hub->kept;
	}
	hub->plan.count = hub->count = hub->devices.count;
	for (size_t i = 0; i < hub->count; i++) {
		hub->gadgets[i].hub = hub;
		hub->gadgets[i].device = &hub->devices.devices[i];
		hub->gadgets[i].node = UDC_NOT_BOUND;
		hub->gadgets[i].state_fd = -1;
		hub->gadgets[i].ffs = FFS_NONE;
		hub->plan.gadgets[i] = &hub->devices.devices[i].gadget;
	}
	hub->delay = HUB_LOOK_MIN_MS;
	hub->retry = HUB_RETRY_MIN_MS;
	hub->binder = binder_new(&hub->plan, hub_passed, hub);
	hub->timer = g_timeout_add(0, hub_first, hub);
	return hub;
}

/* The nodes' states as they are now; what follows from them is left to the next look. */
static void hub_refresh(struct hub *hub)
{
	for (size_t i = 0; i < hub->count; i++)
		if (hub->gadgets[i].port)
			hub_state_read(&hub->gadgets[i]);
}

void hub_status(struct hub *hub, struct hub_status *status)
{
	hub_refresh(hub);
	hub_read(hub, status);
}

void hub_listening(struct hub *hub, enum hub_function function, bool listening)
{
	hub->channels[function].deaf = !listening;
	if (!hub->looking)
		hub_tell(hub);
}

bool hub_wake(struct hub *hub, GError **error)
{
	bool asked = false;

	hub_refresh(hub);
	for (size_t i = 0; i < hub->count && !asked; i++) {
		struct hub_gadget *gadget = &hub->gadgets[i];

		if (gadget->device->drive || !gadget->port || gadget->node != UDC_SUSPENDED)
			continue;
		if (!udc_wake(hub->sysfs, gadget->port, error))
			return false;
		gadget->woken = g_get_monotonic_time();
		g_clear_pointer(&gadget->sleeps, g_free);
		asked = true;
	}
	if (!asked) {
		struct hub_status status;
		char *words;

		hub_read(hub, &status);
		words = hub_port_words(&status.ports[0]);
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_ASLEEP,
				"the node does not sleep, as far as its USB shows (%s); use its power button "
				"if it is off",
				words);
		g_free(words);
	}
	return asked;
}

void hub_close(struct hub *hub)
{
	if (!hub)
		return;
	if (hub->timer)
		g_source_remove(hub->timer);
	for (size_t i = 0; i < hub->count; i++)
		hub_lose(&hub->gadgets[i]);
	if (!binder_close(hub->binder))
		return; /* the kernel holds its thread, which uses the plan */
	for (size_t i = 0; i < hub->count; i++)
		g_free(hub->gadgets[i].reason);
	g_strfreev(hub->ports);
	g_free(hub->configfs);
	g_free(hub->sysfs);
	g_free(hub->dev);
	g_free(hub->seen);
	g_free(hub->told);
	devices_clear(&hub->devices);
	g_free(hub);
}
