/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices of a simulated node, each on a cable of its own. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "sim/node.h"
#include "src/drives.h"
#include "src/node_part.h"
#include "src/wire_bus.h"

/* A pair of sockets that keeps messages apart stands for a port and its cable. */
static bool node_sim_cable(struct node_cable *cable, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
		int saved = errno;

		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
				"no channel to the simulated node: %s", g_strerror(saved));
		return false;
	}
	*cable = (struct node_cable){.device = ends[0], .host = ends[1]};
	return true;
}

static bool node_sim_plug_hid(struct node_whole *whole, enum node_device device,
		const uint8_t *descriptor, size_t size, GError **error)
{
	struct node_cable *cable = &whole->cables[device];

	if (!node_sim_cable(cable, error))
		return false;
	/* A controller holds one report, not hundreds that a node which does not read would find
	 * later. */
	setsockopt(cable->device, SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
	sim_node_plug(whole->node.sim, cable->host, descriptor, size);
	node_set_channel(whole, device, cable->device, false);
	return true;
}

/* The node has the drive configured, or not any more. */
static void node_sim_connected(bool connected, void *data)
{
	const struct node_cable *cable = data;

	drives_set_port(cable->drives, cable->drive, "simulated", connected, NULL);
}

static bool node_sim_plug_drive(struct node_whole *whole, size_t drive, GError **error)
{
	struct node_cable *cable = &whole->cables[NODE_DEVICES + drive];

	if (!node_sim_cable(cable, error))
		return false;
	cable->drives = whole->node.drives;
	cable->drive = drive;
	drives_set_port(cable->drives, drive, "simulated", false, NULL);
	sim_node_plug_drive(whole->node.sim, cable->host);
	cable->wire = wire_bus_open(drives_drive(cable->drives, drive), cable->device,
			node_sim_connected, cable);
	return true;
}

bool node_sim_plug(struct node_whole *whole, GError **error)
{
	if (!node_sim_plug_hid(whole, NODE_KEYBOARD, keyboard_descriptor, keyboard_descriptor_size,
			    error) ||
			!node_sim_plug_hid(whole, NODE_ABSOLUTE, pointer_absolute_descriptor,
					pointer_absolute_descriptor_size, error) ||
			!node_sim_plug_hid(whole, NODE_RELATIVE, pointer_relative_descriptor,
					pointer_relative_descriptor_size, error))
		return false;
	for (size_t i = 0; i < drives_count(whole->node.drives); i++)
		if (!node_sim_plug_drive(whole, i, error))
			return false;
	return true;
}

void node_sim_unplug(struct node_whole *whole)
{
	for (size_t i = 0; i < G_N_ELEMENTS(whole->cables); i++) {
		struct node_cable *cable = &whole->cables[i];

		wire_bus_close(cable->wire);
		if (cable->host >= 0)
			close(cable->host);
		if (cable->device >= 0)
			close(cable->device);
	}
}
