/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_world.h"

static struct link *world_link(void *data, const struct rack_config_node *config, link_fn told,
		void *tag, GError **error)
{
	if (config->device)
		return link_device_new(config->device, told, tag);
	if (config->address)
		return link_udp_new(config->address, (uint16_t)config->port, &config->session, told,
				tag, error);
	return NULL;
}

static struct board *world_board(void *data, const struct hwmon_settings *settings,
		const struct hwmon_events *events, void *tag, GError **error)
{
	return board_hwmon_new(settings, events, tag, error);
}

const struct rack_world rack_world_real = {
		.clock = {.speed = 1},
		.link = world_link,
		.board = world_board,
};
