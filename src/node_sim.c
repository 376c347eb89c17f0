/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices of a simulated node, each on a cable of its own. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "sim/node.h"
#include "src/drives.h"
#include "src/node_cables.h"
#include "src/node_part.h"

/* A pair of sockets that keeps reports apart stands for the hub's port and the cable. */
static bool node_sim_plug_hid(struct node_whole *whole, enum node_device device,
		const uint8_t *descriptor, size_t size, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
		int saved = errno;

		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
				"no channel to the simulated node: %s", g_strerror(saved));
		return false;
	}
	/* A controller holds one report, not hundreds that a node which does not read would find
	 * later. */
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
	whole->hosts[device] = ends[1];
	sim_node_plug(whole->node.sim, ends[1], descriptor, size);
	node_set_channel(whole, device, ends[0], false);
	return true;
}

/* The node has the drive configured, or not any more. */
static void node_sim_connected(struct drive *drive, bool connected, void *data)
{
	const struct node_whole *whole = data;
	struct drives *drives = whole->node.drives;

	for (size_t i = 0; i < drives_count(drives); i++)
		if (drives_drive(drives, i) == drive)
			drives_set_port(drives, i, "simulated", connected, NULL);
}

static bool node_sim_plug_drives(struct node_whole *whole, GError **error)
{
	struct drives *drives = whole->node.drives;

	whole->cables = node_cables_new(whole->node.sim, node_sim_connected, whole);
	for (size_t i = 0; i < drives_count(drives); i++) {
		drives_set_port(drives, i, "simulated", false, NULL);
		if (!node_cables_plug(whole->cables, drives_drive(drives, i), error))
			return false;
	}
	return true;
}

bool node_sim_plug(struct node_whole *whole, GError **error)
{
	return node_sim_plug_hid(whole, NODE_KEYBOARD, keyboard_descriptor,
			       keyboard_descriptor_size, error) &&
	       node_sim_plug_hid(whole, NODE_ABSOLUTE, pointer_absolute_descriptor,
			       pointer_absolute_descriptor_size, error) &&
	       node_sim_plug_hid(whole, NODE_RELATIVE, pointer_relative_descriptor,
			       pointer_relative_descriptor_size, error) &&
	       node_sim_plug_drives(whole, error);
}

void node_sim_unplug(struct node_whole *whole)
{
	node_cables_free(whole->cables);
	whole->cables = NULL;
	for (int i = 0; i < NODE_DEVICES; i++) {
		if (whole->hosts[i] < 0)
			continue;
		sim_node_unplug(whole->node.sim, whole->hosts[i]);
		close(whole->hosts[i]);
		close(whole->channels[i].fd);
	}
}
