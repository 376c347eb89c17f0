/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <spice/macros.h>
#include <string.h>
#include "spice/redirect.h"

struct redirect {
	SpiceCharDeviceInstance device;
	const struct viewer_events *events; /* not ours */
	GByteArray *queue;                  /* for the viewer */
	bool open;
	bool deaf;  /* the viewer takes nothing: it is not listened to, until its channel ends */
	guint wake; /* idle source: the library is to be told of the queue */
};

/* The library's words for a device of a virtual machine: it "writes" what came from the client. */
static int redirect_came(SpiceCharDeviceInstance *device, const uint8_t *bytes, int size)
{
	struct redirect *redirect = SPICE_CONTAINEROF(device, struct redirect, device);

	if (redirect->open && !redirect->deaf && size > 0)
		redirect->events->redirect_bytes(bytes, (size_t)size, redirect->events->data);
	return size;
}

static int redirect_fetch(SpiceCharDeviceInstance *device, uint8_t *bytes, int room)
{
	struct redirect *redirect = SPICE_CONTAINEROF(device, struct redirect, device);
	guint size = MIN((guint)MAX(room, 0), redirect->queue->len);

	if (size > 0) {
		memcpy(bytes, redirect->queue->data, size);
		g_byte_array_remove_range(redirect->queue, 0, size);
	}
	return (int)size;
}

static void redirect_state(SpiceCharDeviceInstance *device, int connected)
{
	struct redirect *redirect = SPICE_CONTAINEROF(device, struct redirect, device);
	bool open = connected != 0;

	if (open == redirect->open)
		return;
	redirect->open = open;
	redirect->deaf = false;
	g_byte_array_set_size(redirect->queue, 0);
	if (open)
		redirect->events->redirect_opened(redirect->events->data);
	else
		redirect->events->redirect_closed(redirect->events->data);
}

static const SpiceCharDeviceInterface redirect_interface = {
		.base = {.type = SPICE_INTERFACE_CHAR_DEVICE,
				.description = "USB redirection",
				.major_version = SPICE_INTERFACE_CHAR_DEVICE_MAJOR,
				.minor_version = SPICE_INTERFACE_CHAR_DEVICE_MINOR},
		.state = redirect_state,
		.write = redirect_came,
		.read = redirect_fetch,
};

struct redirect *redirect_new(const struct viewer_events *events)
{
	struct redirect *redirect = g_new0(struct redirect, 1);

	redirect->events = events;
	redirect->queue = g_byte_array_new();
	redirect->device.base.sif = &redirect_interface.base;
	redirect->device.subtype = "usbredir";
	return redirect;
}

bool redirect_attach(struct redirect *redirect, SpiceServer *server)
{
	return spice_server_add_interface(server, &redirect->device.base) == 0;
}

/* The library wants to be called on the thread that its channels are on. */
static gboolean redirect_wake(gpointer data)
{
	struct redirect *redirect = data;

	redirect->wake = 0;
	spice_server_char_device_wakeup(&redirect->device);
	return G_SOURCE_REMOVE;
}

void redirect_send(struct redirect *redirect, const void *bytes, size_t size)
{
	if (!redirect->open || redirect->deaf)
		return;
	if (size > REDIRECT_QUEUE_MAX - redirect->queue->len) {
		redirect->deaf = true;
		return;
	}
	g_byte_array_append(redirect->queue, bytes, (guint)size);
	if (g_main_context_is_owner(NULL))
		spice_server_char_device_wakeup(&redirect->device);
	else if (!redirect->wake)
		redirect->wake = g_idle_add_full(G_PRIORITY_HIGH, redirect_wake, redirect, NULL);
}

void redirect_free(struct redirect *redirect)
{
	if (!redirect)
		return;
	if (redirect->wake)
		g_source_remove(redirect->wake);
	g_byte_array_unref(redirect->queue);
	g_free(redirect);
}
