/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "capture/replay.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "sim/node.h"
#include "src/console_config.h"
#include "src/node.h"

enum { NODE_KEYBOARD, NODE_ABSOLUTE, NODE_RELATIVE, NODE_CHANNELS };

struct node_simulated {
	struct node node;
	int host[NODE_CHANNELS]; /* the simulated host's ends of the channels */
};

/* A pair of sockets that keeps reports apart stands for the hub's port and the cable. */
static int node_plug(struct node_simulated *node, int channel, const uint8_t *descriptor,
		size_t size, GError **error)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) < 0) {
		int saved = errno;

		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved),
				"no channel to the simulated node: %s", g_strerror(saved));
		return -1;
	}
	/* A controller holds one report, not hundreds that a node which does not read would find
	 * later. */
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &(int){1}, sizeof(int));
	node->host[channel] = ends[1];
	sim_node_plug(node->node.sim, ends[1], descriptor, size);
	return ends[0];
}

static bool node_simulate(
		struct node_simulated *node, const struct console_config *config, GError **error)
{
	node->node.sim = sim_node_new(&config->simulate);
	node->node.capture = sim_node_capture(node->node.sim);
	node->node.keyboard = node_plug(
			node, NODE_KEYBOARD, keyboard_descriptor, keyboard_descriptor_size, error);
	if (node->node.keyboard < 0)
		return false;
	node->node.absolute = node_plug(node, NODE_ABSOLUTE, pointer_absolute_descriptor,
			pointer_absolute_descriptor_size, error);
	if (node->node.absolute < 0)
		return false;
	node->node.relative = node_plug(node, NODE_RELATIVE, pointer_relative_descriptor,
			pointer_relative_descriptor_size, error);
	if (node->node.relative < 0)
		return false;
	sim_node_power(node->node.sim, true);
	return true;
}

static bool node_replay(
		struct node_simulated *node, const struct console_config *config, GError **error)
{
	node->node.capture = replay_open(
			config->replay_list, config->replay_rate, config->replay_loop, error);
	return node->node.capture != NULL;
}

struct node *node_open(const struct console_config *config, GError **error)
{
	struct node_simulated *node = g_new0(struct node_simulated, 1);
	bool good = false;

	node->node.keyboard = node->node.absolute = node->node.relative = -1;
	for (int i = 0; i < NODE_CHANNELS; i++)
		node->host[i] = -1;
	switch (config->source) {
	case CONSOLE_SOURCE_SIMULATE:
		good = node_simulate(node, config, error);
		break;
	case CONSOLE_SOURCE_REPLAY:
		good = node_replay(node, config, error);
		break;
	case CONSOLE_SOURCE_V4L2:
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_NOSYS,
				"video devices are not known yet; see --simulate and --replay");
		break;
	}
	if (!good) {
		node_close(&node->node);
		return NULL;
	}
	return &node->node;
}

static void node_hang_up(int fd)
{
	if (fd >= 0)
		close(fd);
}

void node_close(struct node *node)
{
	struct node_simulated *simulated = (struct node_simulated *)node;

	if (!node)
		return;
	capture_close(node->capture);
	sim_node_free(node->sim);
	for (int i = 0; i < NODE_CHANNELS; i++)
		node_hang_up(simulated->host[i]);
	node_hang_up(node->keyboard);
	node_hang_up(node->absolute);
	node_hang_up(node->relative);
	g_free(simulated);
}
