/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices of a real node: what its hub has to say goes to the log, the input and the drives. */
#include "gadget/drive_bus.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/log.h"
#include "src/node_part.h"
#include "src/survival.h"

G_STATIC_ASSERT((int)NODE_KEYBOARD == (int)HUB_KEYBOARD);
G_STATIC_ASSERT((int)NODE_ABSOLUTE == (int)HUB_ABSOLUTE);
G_STATIC_ASSERT((int)NODE_RELATIVE == (int)HUB_RELATIVE);

static void node_hub_channel(enum hub_function function, int fd, bool used, void *data)
{
	node_set_channel(data, (enum node_device)function, fd, used);
}

static void node_hub_anew(enum hub_function function, void *data)
{
	struct node_whole *whole = data;

	if (whole->events.anew)
		whole->events.anew((enum node_device)function, whole->events.data);
}

static void node_hub_drive(size_t drive, struct drive_bus *bus, void *data)
{
	struct node_whole *whole = data;

	if (bus)
		drive_attach(drives_drive(whole->node.drives, drive), bus);
	else
		drive_detach(drives_drive(whole->node.drives, drive));
}

static void node_hub_kernel_drive(
		size_t drive, const char *configfs, const char *gadget, void *data)
{
	struct node_whole *whole = data;

	drives_set_gadget(whole->node.drives, drive, configfs, gadget);
}

static enum hub_drive_kind node_hub_kind(struct drives *drives, size_t drive)
{
	if (drives_backend(drives, drive) == DRIVES_BACKEND_OWN)
		return HUB_DRIVE_OWN;
	return drives_kind(drives, drive) == DRIVES_AS_CD ? HUB_DRIVE_KERNEL_CD
							  : HUB_DRIVE_KERNEL_DISK;
}

/* --- What is said in the log --- */

/* A reset has the node pass through states that nobody needs to hear of. */
static bool node_worth_saying(enum udc_state before, enum udc_state now)
{
	bool was_there = before == UDC_CONFIGURED || before == UDC_SUSPENDED;

	switch (now) {
	case UDC_CONFIGURED:
	case UDC_SUSPENDED:
		return now != before;
	case UDC_GONE:
	case UDC_NOT_BOUND:
	case UDC_UNPLUGGED:
		return was_there;
	case UDC_POWERED:
	case UDC_DEFAULT:
	case UDC_ADDRESSED:
		break;
	}
	return false;
}

/* What is wrong with several ports at once is said once. */
static bool node_said_elsewhere(const struct node_whole *whole, const char *reason)
{
	for (int i = 0; i < HUB_PORTS; i++)
		if (g_strcmp0(whole->said[i].reason, reason) == 0)
			return true;
	return false;
}

static void node_say_port(struct node_whole *whole, struct node_said *said,
		const struct hub_port_status *port)
{
	const char *reason = *port->reason ? port->reason : NULL;
	bool over = said->reason && !reason;
	g_autofree char *words = hub_port_words(port);

	if (reason && g_strcmp0(reason, said->reason) != 0) {
		if (!node_said_elsewhere(whole, reason))
			log_line(LOG_LINE_WARNING, "hub: %s", reason);
	} else if (over || node_worth_saying(said->node, port->node)) {
		log_line(LOG_LINE_NOTICE, "hub: %s", words);
		said->node = port->node;
	}
	g_free(said->reason);
	said->reason = g_strdup(reason);
}

static void node_hub_state(const struct hub_status *status, void *data)
{
	struct node_whole *whole = data;
	size_t drive = 0;

	for (size_t i = 0; i < status->count; i++) {
		const struct hub_port_status *port = &status->ports[i];

		node_say_port(whole, &whole->said[i], port);
		if (port->drive)
			drives_set_port(whole->node.drives, drive++, port->port,
					port->node == UDC_CONFIGURED,
					*port->reason ? port->reason : NULL);
	}
}

/* --- Coming and going --- */

void node_hub_open(struct node_whole *whole, const struct console_config *config)
{
	struct hub_drive drives[HUB_DRIVES];
	struct kept kept = {0};
	const struct hub_settings settings = {
			.name = config->hub_name,
			.ports = (const char *const *)config->ports,
			.layout = config->layout,
			.functions = 1u << HUB_KEYBOARD |
				     (config->absolute ? 1u << HUB_ABSOLUTE : 0) |
				     (config->relative ? 1u << HUB_RELATIVE : 0),
			.identity =
					{
							.vendor = config->vendor,
							.product = config->product,
							.manufacturer = config->manufacturer,
							.product_name = config->product_name,
							.serial = config->serial,
					},
			.drives = drives,
			.drive_count = MIN(drives_count(whole->node.drives), HUB_DRIVES),
			.kept = whole->keep ? &kept : NULL,
	};
	const struct hub_events events = {
			.channel = node_hub_channel,
			.anew = node_hub_anew,
			.drive = node_hub_drive,
			.kernel_drive = node_hub_kernel_drive,
			.state = node_hub_state,
			.data = whole,
	};

	if (whole->keep)
		survival_kept(&kept, whole->keep);
	for (size_t i = 0; i < settings.drive_count; i++)
		drives[i] = (struct hub_drive){
				.name = drives_name(whole->node.drives, i),
				.kind = node_hub_kind(whole->node.drives, i),
		};
	whole->node.hub = hub_new(&settings, &events);
}

void node_hub_close(struct node_whole *whole)
{
	hub_close(whole->node.hub);
	for (int i = 0; i < HUB_PORTS; i++)
		g_free(whole->said[i].reason);
}
