/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/log.h"
#include "src/rack.h"
#include "src/rack_export.h"

#define RACK_EVENTS  1000 /* that are kept for who comes back */
#define RACK_SENSORS 512  /* of a node */

struct rack {
	const struct rack_config *config;
	const struct rack_world *world;
	void (*petted)(void *data);
	void *data;
	struct events *events;
	struct readings *readings;
	struct rack_fans *fans;
	struct rack_power *power;
	struct rack_nodes *nodes;
	struct rack_export *export; /* NULL: nothing is shared */
	guint expire;
};

/* --- Readings get old by themselves --- */

static gboolean rack_expire(gpointer data)
{
	struct rack *rack = data;

	readings_expire(rack->readings, rack_now(rack));
	return G_SOURCE_CONTINUE;
}

/* --- What is shared --- */

/* That there is nobody to share with is no reason to do without fans. */
static struct rack_export *rack_share(struct rack *rack, const struct rack_config *config)
{
	g_autoptr(GError) error = NULL;
	struct rack_export *export;

	if (!config->memcached)
		return NULL;
	export = rack_export_new(config->memcached, config->memcached_prefix, rack->readings,
			&rack->world->clock, &error);
	if (!export)
		log_line(LOG_LINE_ERROR, "memcached: %s; readings are not shared", error->message);
	return export;
}

static void rack_share_anew(struct rack *rack, const struct rack_config *config)
{
	if (g_strcmp0(config->memcached, rack->config->memcached) == 0 &&
			g_strcmp0(config->memcached_prefix, rack->config->memcached_prefix) == 0)
		return;
	rack_export_free(rack->export);
	rack->export = rack_share(rack, config);
}

/* --- Which nodes the fans have to hear --- */

static enum rack_fans_node rack_node_for_fans(size_t node, void *data)
{
	struct rack *rack = data;
	enum rack_fans_node is = RACK_FANS_NODE_WARM;
	struct rack_node_status status;

	rack_nodes_status(rack->nodes, node, &status);
	if (status.state == RACK_NODE_ABSENT ||
			(status.state == RACK_NODE_UP && status.power == POWER_IS_OFF))
		is = RACK_FANS_NODE_COLD;
	else if (status.state == RACK_NODE_COMMANDS)
		is = RACK_FANS_NODE_MUTE;
	rack_node_status_clear(&status);
	return is;
}

/* --- Its life --- */

struct rack *rack_open(const struct rack_config *config, const struct rack_world *world,
		void (*petted)(void *data), void *data, GError **error)
{
	struct rack *rack = g_new0(struct rack, 1);
	struct rack_nodes_watcher watcher;

	rack->config = config;
	rack->world = world;
	rack->petted = petted;
	rack->data = data;
	rack->events = events_new(RACK_EVENTS);
	rack->readings = readings_new(RACK_SENSORS);
	/* Fans first: nothing else is as urgent. */
	rack->fans = rack_fans_new(
			config, world, rack->readings, rack->events, petted, data, error);
	if (!rack->fans) {
		rack_close(rack);
		return NULL;
	}
	rack->power = rack_power_new(config, world, rack->events);
	watcher = rack_power_watcher(rack->power);
	rack->nodes = rack_nodes_new(config, world, rack->readings, rack->events, &watcher);
	rack_power_attach(rack->power, rack->nodes);
	rack_fans_ask_nodes(rack->fans, rack_node_for_fans, rack);
	rack->export = rack_share(rack, config);
	rack->expire = g_timeout_add(rack_clock_real(&world->clock, 1000), rack_expire, rack);
	return rack;
}

bool rack_reload(struct rack *rack, const struct rack_config *config, GError **error)
{
	/* The only part that can refuse. */
	struct rack_fans *fans = rack_fans_new(config, rack->world, rack->readings, rack->events,
			rack->petted, rack->data, error);

	if (!fans)
		return false;
	/* Those that the new ones do not have are left at the safe duty. */
	rack_fans_resume(fans, rack->fans);
	rack_fans_free(rack->fans);
	rack->fans = fans;
	rack_nodes_reload(rack->nodes, config);
	rack_fans_ask_nodes(rack->fans, rack_node_for_fans, rack);
	rack_power_reload(rack->power, config);
	rack_share_anew(rack, config);
	rack->config = config;
	return true;
}

void rack_close(struct rack *rack)
{
	if (!rack)
		return;
	if (rack->expire)
		g_source_remove(rack->expire);
	rack_export_free(rack->export);
	if (rack->power)
		rack_power_attach(rack->power, NULL);
	rack_nodes_free(rack->nodes);
	rack_power_free(rack->power);
	rack_fans_free(rack->fans);
	readings_free(rack->readings);
	events_free(rack->events);
	g_free(rack);
}

struct rack_nodes *rack_nodes(struct rack *rack)
{
	return rack->nodes;
}

struct rack_power *rack_power(struct rack *rack)
{
	return rack->power;
}

struct rack_fans *rack_fans(struct rack *rack)
{
	return rack->fans;
}

const struct readings *rack_readings(struct rack *rack)
{
	return rack->readings;
}

struct events *rack_events(struct rack *rack)
{
	return rack->events;
}

const struct rack_config *rack_config(struct rack *rack)
{
	return rack->config;
}

int64_t rack_now(struct rack *rack)
{
	return rack_clock_now(&rack->world->clock);
}
