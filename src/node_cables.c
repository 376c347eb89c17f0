/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sim/node.h"
#include "src/node_cables.h"
#include "src/wire_bus.h"

struct node_cable {
	struct node_cables *cables;
	struct drive *drive;
	struct wire_bus *bus;
	int fd, host; /* the drive's end, the node's */
};

struct node_cables {
	struct sim_node *node;
	node_cables_fn connected;
	void *data;
	GPtrArray *cables; /* of struct node_cable * */
};

static void node_cable_connected(bool connected, void *data)
{
	const struct node_cable *cable = data;

	if (cable->cables->connected)
		cable->cables->connected(cable->drive, connected, cable->cables->data);
}

static void node_cable_free(gpointer data)
{
	struct node_cable *cable = data;

	wire_bus_close(cable->bus);
	sim_node_unplug_drive(cable->cables->node, cable->host);
	close(cable->fd);
	close(cable->host);
	g_free(cable);
}

struct node_cables *node_cables_new(struct sim_node *node, node_cables_fn connected, void *data)
{
	struct node_cables *cables = g_new0(struct node_cables, 1);

	cables->node = node;
	cables->connected = connected;
	cables->data = data;
	cables->cables = g_ptr_array_new_with_free_func(node_cable_free);
	return cables;
}

bool node_cables_plug(struct node_cables *cables, struct drive *drive, GError **error)
{
	struct node_cable *cable;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
		int saved = errno;

		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
				"no cable to the simulated node: %s", g_strerror(saved));
		return false;
	}
	if (!sim_node_plug_drive(cables->node, ends[1])) {
		close(ends[0]);
		close(ends[1]);
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC,
				"the simulated node has no port left for a drive");
		return false;
	}
	cable = g_new0(struct node_cable, 1);
	cable->cables = cables;
	cable->drive = drive;
	cable->fd = ends[0];
	cable->host = ends[1];
	cable->bus = wire_bus_open(drive, ends[0], node_cable_connected, cable);
	g_ptr_array_add(cables->cables, cable);
	return true;
}

void node_cables_free(struct node_cables *cables)
{
	if (!cables)
		return;
	cables->connected = NULL;
	g_ptr_array_unref(cables->cables);
	g_free(cables);
}
