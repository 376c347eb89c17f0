/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/ffs_bus.h"
#include "gadget/hub_part.h"

static void hub_drive_replug(void *data)
{
	struct hub_gadget *gadget = data;

	binder_replug(gadget->hub->binder, gadget - gadget->hub->gadgets);
}

static void hub_drive_show(struct hub_gadget *gadget, bool shown)
{
	const struct hub *hub = gadget->hub;

	if (gadget->shown == shown)
		return;
	gadget->shown = shown;
	if (hub->events.kernel_drive)
		hub->events.kernel_drive(gadget->device->number, hub->configfs,
				shown ? gadget->device->gadget.name : NULL, hub->events.data);
}

void hub_drive_open(struct hub_gadget *gadget)
{
	const struct hub_events *events = &gadget->hub->events;
	GError *error = NULL;

	hub_drive_show(gadget, gadget->device->gadget.lun != GADGET_NO_LUN);
	if (gadget->bus || gadget->ffs.ep0 < 0)
		return;
	gadget->bus = ffs_bus_new(&gadget->ffs, hub_drive_replug, gadget, &error);
	if (!gadget->bus) {
		hub_blame(gadget, GADGET_FAULT_DEVICE, error->message);
		g_error_free(error);
		return;
	}
	if (events->drive)
		events->drive(gadget->device->number, ffs_bus_drive(gadget->bus), events->data);
	ffs_bus_start(gadget->bus);
}

void hub_drive_lose(struct hub_gadget *gadget)
{
	const struct hub_events *events = &gadget->hub->events;

	hub_drive_show(gadget, false);
	if (!gadget->bus)
		return;
	if (events->drive)
		events->drive(gadget->device->number, NULL, events->data);
	ffs_bus_close(gadget->bus);
	gadget->bus = NULL;
}
