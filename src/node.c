/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture/replay.h"
#include "capture/v4l2.h"
#include "gadget/hub.h"
#include "sim/node.h"
#include "src/console_config.h"
#include "src/drives.h"
#include "src/drives_config.h"
#include "src/node_part.h"

static void node_tell(struct node_whole *whole, enum node_device device)
{
	const struct node_channel *channel = &whole->channels[device];

	if (whole->events.channel)
		whole->events.channel(device, channel->fd, channel->used, whole->events.data);
}

void node_set_channel(struct node_whole *whole, enum node_device device, int fd, bool used)
{
	whole->channels[device] = (struct node_channel){fd, used};
	node_tell(whole, device);
}

/* --- What the configuration asks for --- */

static bool node_open_picture(
		struct node *node, const struct console_config *config, GError **error)
{
	switch (config->source) {
	case CONSOLE_SOURCE_SIMULATE:
		node->sim = sim_node_new(&config->simulate);
		sim_node_set_layout(node->sim, config->simulate_layout);
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
		node_hub_open(whole, config);
		return true;
	case CONSOLE_DEVICES_SIMULATE:
		return node_sim_plug(whole, error);
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
	for (int i = 0; i < NODE_DEVICES; i++) {
		whole->channels[i] = (struct node_channel){.fd = -1};
		whole->hosts[i] = -1;
	}
	return &whole->node;
}

struct node *node_open(const struct console_config *config, struct keep *keep, GError **error)
{
	struct node_whole *whole = (struct node_whole *)node_new(NULL);
	enum console_devices devices = console_config_devices(config);

	whole->keep = keep;
	whole->node.drives = drives_from_config(
			config, devices == CONSOLE_DEVICES_HUB ? keep : NULL);
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

void node_close(struct node *node)
{
	struct node_whole *whole = (struct node_whole *)node;

	if (!node)
		return;
	node_hub_close(whole);
	capture_close(node->capture);
	node_sim_unplug(whole);
	sim_node_free(node->sim);
	drives_close(node->drives);
	g_free(whole);
}
