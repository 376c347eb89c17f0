/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A rack's configuration of any bytes: rack.conf, and behind the first form feed conf.d/more.conf.
 * What is taken must be what the daemon's parts rely on.
 */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "sim/rack.h"
#include "src/rack_config.h"
#include "tests/fuzz/targets.h"

struct place {
	char *folder, *parts, *main, *more, *password;
};

static bool place_open(struct place *place)
{
	place->folder = g_dir_make_tmp("fuzz-XXXXXX", NULL);
	if (!place->folder)
		return false;
	place->parts = g_build_filename(place->folder, "conf.d", NULL);
	place->main = g_build_filename(place->folder, "rack.conf", NULL);
	place->more = g_build_filename(place->parts, "more.conf", NULL);
	place->password = g_build_filename(place->folder, "password", NULL);
	return g_mkdir(place->parts, 0700) == 0;
}

static void place_close(struct place *place)
{
	g_remove(place->main);
	g_remove(place->password);
	g_remove(place->more);
	g_rmdir(place->parts);
	g_rmdir(place->folder);
	g_free(place->folder);
	g_free(place->parts);
	g_free(place->main);
	g_free(place->more);
	g_free(place->password);
}

static void write_file(const char *path, const void *data, size_t size)
{
	FILE *file = fopen(path, "we");

	if (!file)
		return;
	(void)fchmod(fileno(file), 0600);
	fwrite(data, 1, size, file);
	fclose(file);
}

static void check_nodes(const struct rack_config *config)
{
	gint64 watts = config->capping.unmanaged;

	for (size_t i = 0; i < config->node_count; i++) {
		const struct rack_config_node *node = &config->nodes[i];

		g_assert(node->name && strcmp(node->name, RACK_SELF) != 0);
		g_assert(node->plan < config->plan_count);
		g_assert(!node->address || !node->device);
		g_assert(!node->capped || node->capping.floor <= node->capping.ceiling);
		watts += node->capping.floor;
	}
	g_assert(config->capping.mode == CAPPING_OFF || watts <= config->capping.budget);
}

static void check_wall(const struct rack_config *config)
{
	for (size_t i = 0; i < config->fan_count; i++)
		g_assert(config->fans[i].zone < config->zone_count && config->fans[i].pwm);
	for (size_t i = 0; i < config->input_count; i++) {
		const struct fan_input_settings *settings = &config->inputs[i].settings;

		g_assert(config->inputs[i].zone < config->zone_count);
		g_assert(settings->points >= 0 && settings->points <= FAN_CURVE_POINTS);
		for (int point = 1; point < settings->points; point++)
			g_assert(settings->curve[point - 1].temperature <
					settings->curve[point].temperature);
	}
}

static void check_faults(const struct rack_config *config)
{
	for (size_t i = 0; i < config->fault_count; i++) {
		const struct rack_fault *fault = &config->faults[i];

		g_assert(fault->what && fault->at >= 0 && fault->keeps >= 0);
		g_assert(fault->kind < RACK_FAULTS && fault->fan < SIM_RACK_FANS);
	}
}

int target_rack_config(const uint8_t *data, size_t size)
{
	const uint8_t *feed = size ? memchr(data, '\f', size) : NULL;
	size_t first = feed ? (size_t)(feed - data) : size;
	struct rack_config config = {0};
	g_autoptr(GError) error = NULL;
	struct place place = {0};

	if (place_open(&place)) {
		write_file(place.password, "secret\n", 7);
		write_file(place.main, data, first);
		if (feed)
			write_file(place.more, feed + 1, size - first - 1);
		if (rack_config_load(&config, place.main, &error)) {
			check_nodes(&config);
			check_wall(&config);
			check_faults(&config);
		} else {
			g_assert(error != NULL);
		}
		rack_config_clear(&config);
		place_close(&place);
	}
	return 0;
}
