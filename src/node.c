/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "capture/replay.h"
#include "capture/v4l2.h"
#include "gadget/hub.h"
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "sim/node.h"
#include "src/console_config.h"
#include "src/log.h"
#include "src/node.h"

G_STATIC_ASSERT((int)NODE_KEYBOARD == (int)HUB_KEYBOARD);
G_STATIC_ASSERT((int)NODE_ABSOLUTE == (int)HUB_ABSOLUTE);
G_STATIC_ASSERT((int)NODE_RELATIVE == (int)HUB_RELATIVE);

struct node_channel {
	int fd;   /* -1: there is none now */
	int host; /* the simulated host's end; -1: not simulated */
	bool used;
};

struct node_whole {
	struct node node;
	struct node_channel channels[NODE_DEVICES];
	struct node_events events; /* channel NULL: nobody listens */
	struct node_said {
		enum udc_state node;
		char *reason;  /* NULL: none */
	} said[HUB_PORTS]; /* last about each port of the hub */
};

static void node_tell(struct node_whole *whole, enum node_device device)
{
	const struct node_channel *channel = &whole->channels[device];

	if (whole->events.channel)
		whole->events.channel(device, channel->fd, channel->used, whole->events.data);
}

/* --- The hub --- */

static void node_hub_channel(enum hub_function function, int fd, bool used, void *data)
{
	struct node_whole *whole = data;
	struct node_channel *channel = &whole->channels[(int)function];

	channel->fd = fd;
	channel->used = used;
	node_tell(whole, (enum node_device)function);
}

static void node_hub_anew(enum hub_function function, void *data)
{
	struct node_whole *whole = data;

	if (whole->events.anew)
		whole->events.anew((enum node_device)function, whole->events.data);
}

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

	for (size_t i = 0; i < status->count; i++)
		node_say_port(whole, &whole->said[i], &status->ports[i]);
}

static void node_open_hub(struct node_whole *whole, const struct console_config *config)
{
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
	};
	const struct hub_events events = {
			.channel = node_hub_channel,
			.anew = node_hub_anew,
			.state = node_hub_state,
			.data = whole,
	};

	whole->node.hub = hub_new(&settings, &events);
}

/* --- The simulated node --- */

/* A pair of sockets that keeps reports apart stands for the hub's port and the cable. */
static bool node_plug(struct node_whole *whole, enum node_device device, const uint8_t *descriptor,
		size_t size, GError **error)
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
	whole->channels[device] = (struct node_channel){.fd = ends[0], .host = ends[1]};
	sim_node_plug(whole->node.sim, ends[1], descriptor, size);
	return true;
}

static bool node_plug_all(struct node_whole *whole, GError **error)
{
	return node_plug(whole, NODE_KEYBOARD, keyboard_descriptor, keyboard_descriptor_size,
			       error) &&
	       node_plug(whole, NODE_ABSOLUTE, pointer_absolute_descriptor,
			       pointer_absolute_descriptor_size, error) &&
	       node_plug(whole, NODE_RELATIVE, pointer_relative_descriptor,
			       pointer_relative_descriptor_size, error);
}

/* --- What the configuration asks for --- */

static bool node_open_picture(
		struct node *node, const struct console_config *config, GError **error)
{
	switch (config->source) {
	case CONSOLE_SOURCE_SIMULATE:
		node->sim = sim_node_new(&config->simulate);
		node->capture = sim_node_capture(node->sim);
		break;
	case CONSOLE_SOURCE_REPLAY:
		node->capture = replay_open(config->replay_list, config->replay_rate,
				config->replay_loop, error);
		break;
	case CONSOLE_SOURCE_V4L2:
		node->capture = v4l2_open(&config->video);
		break;
	}
	return node->capture != NULL;
}

static bool node_open_devices(
		struct node_whole *whole, const struct console_config *config, GError **error)
{
	switch (console_config_devices(config)) {
	case CONSOLE_DEVICES_HUB:
		node_open_hub(whole, config);
		return true;
	case CONSOLE_DEVICES_SIMULATE:
		return node_plug_all(whole, error);
	case CONSOLE_DEVICES_AUTO:
	case CONSOLE_DEVICES_NONE:
		break;
	}
	return true;
}

struct node *node_new(struct capture *capture)
{
	struct node_whole *whole = g_new0(struct node_whole, 1);

	whole->node.capture = capture;
	for (int i = 0; i < NODE_DEVICES; i++)
		whole->channels[i] = (struct node_channel){.fd = -1, .host = -1};
	return &whole->node;
}

struct node *node_open(const struct console_config *config, GError **error)
{
	struct node_whole *whole = (struct node_whole *)node_new(NULL);

	if (!node_open_picture(&whole->node, config, error) ||
			!node_open_devices(whole, config, error)) {
		node_close(&whole->node);
		return NULL;
	}
	if (whole->node.sim)
		sim_node_power(whole->node.sim, true);
	return &whole->node;
}

void node_listen(struct node *node, const struct node_events *events)
{
	struct node_whole *whole = (struct node_whole *)node;

	whole->events = events ? *events : (struct node_events){0};
	for (int i = 0; i < NODE_DEVICES; i++) {
		if (whole->channels[i].fd >= 0)
			node_tell(whole, (enum node_device)i);
	}
}

void node_listening(struct node *node, enum node_device device, bool listening)
{
	if (node->hub)
		hub_listening(node->hub, (enum hub_function)device, listening);
}

/* The ends of a simulated node's channel; what the hub opened is the hub's. */
static void node_unplug(const struct node_channel *channel)
{
	if (channel->host < 0)
		return;
	close(channel->host);
	close(channel->fd);
}

void node_close(struct node *node)
{
	struct node_whole *whole = (struct node_whole *)node;

	if (!node)
		return;
	hub_close(node->hub);
	capture_close(node->capture);
	sim_node_free(node->sim);
	for (int i = 0; i < NODE_DEVICES; i++)
		node_unplug(&whole->channels[i]);
	for (int i = 0; i < HUB_PORTS; i++)
		g_free(whole->said[i].reason);
	g_free(whole);
}
