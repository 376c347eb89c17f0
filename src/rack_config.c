/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>
#include "rack/readings.h"
#include "src/rack_config_part.h"

#define RACK_CONFIG_FILE SYSCONFDIR "/spicerack/rack.conf"

#define PREFIX_MAX 60 /* bytes, for keys of memcached to have room for the rest */

/* --- For all kinds --- */

bool rack_config_wrong(const struct rack_config_reader *reader, const struct config_group *group,
		const char *key, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	config_group_complain(reader->file, group, key, reader->error, "%s", text);
	return false;
}

bool rack_config_needs(const struct rack_config_reader *reader, const struct config_group *group,
		const char *const *keys)
{
	for (; *keys; keys++)
		if (!config_group_has(reader->file, group, *keys))
			return rack_config_wrong(reader, group, NULL, "\"%s\" needs the key \"%s\"",
					config_group_name(group), *keys);
	return true;
}

bool rack_config_is_name(const char *name)
{
	char clean[READINGS_SENSOR_MAX];

	/* Nor what makes a pattern of it. */
	return readings_clean(name, clean) && strcmp(name, clean) == 0 && !strchr(name, '*');
}

bool rack_config_is_address(const char *text)
{
	g_autofree char *number = g_strndup(text, strcspn(text, "%"));
	struct in6_addr address;

	if (inet_pton(AF_INET, text, &address) == 1)
		return true;
	/* The interface need not be there yet. */
	return inet_pton(AF_INET6, number, &address) == 1 && !g_str_has_suffix(text, "%");
}

/* --- Groups that are one --- */

static bool rack_config_complain(const struct rack_config_reader *reader, const char *group,
		const char *key, const char *text)
{
	config_complain(reader->file, group, key, reader->error, "%s", text);
	return false;
}

/* As memcache.h takes it. */
static bool rack_config_is_server(const char *text)
{
	const char *colon = strrchr(text, ':');
	g_autofree char *host = NULL;
	double port;

	if (*text == '/')
		return strlen(text) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
	if (!colon || colon == text || strspn(colon + 1, G_CSET_DIGITS) != strlen(colon + 1) ||
			!config_number(colon + 1, 1, G_MAXUINT16, &port))
		return false;
	if (*text == '[' && colon[-1] == ']')
		host = g_strndup(text + 1, (gsize)(colon - text) - 2);
	else
		host = g_strndup(text, (gsize)(colon - text));
	return rack_config_is_address(host);
}

static bool rack_config_memcached(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	const char *prefix = config->memcached_prefix;

	if (!rack_config_is_name(config->name))
		return rack_config_complain(reader, "rack", "name",
				"name has what has no place in keys and addresses: letters, digits, "
				"_, - and . are fine, up to 39 of them");
	if (config->memcached && !rack_config_is_server(config->memcached))
		return rack_config_complain(reader, "rack", "memcached",
				"memcached is a number and a port, 127.0.0.1:11211 or [::1]:11211, or "
				"the path of a socket");
	if (prefix && (strlen(prefix) > PREFIX_MAX || strpbrk(prefix, " \t\\%@")))
		return rack_config_complain(reader, "rack", "memcached-prefix",
				"memcached-prefix has more than 60 bytes, or a blank, \\, % or @");
	if (!prefix)
		config->memcached_prefix = g_strdup_printf("spicerack/%s", config->name);
	return true;
}

static bool rack_config_mode(const struct rack_config_reader *reader)
{
	struct rack_config *config = reader->config;
	struct capping_settings *capping = &config->capping;

	if (capping->release_at >= capping->cut_to || capping->cut_to > capping->act_at)
		return rack_config_complain(reader, "rack",
				config_has(reader->file, "rack", "release-at") ? "release-at"
				: config_has(reader->file, "rack", "cut-to")   ? "cut-to"
									       : "act-at",
				"release-at has to be below cut-to, and cut-to not above act-at");
	if (capping->budget || capping->mode == CAPPING_OFF)
		return true;
	if (config_has(reader->file, "rack", "mode"))
		return rack_config_complain(reader, "rack", "mode",
				"mode = guaranteed and mode = reactive need a budget");
	capping->mode = CAPPING_OFF; /* nobody asks for limits: see rack_config_budget */
	return true;
}

/* --- The whole --- */

static bool rack_config_floors(const struct rack_config_reader *reader)
{
	const struct rack_config *config = reader->config;
	const struct capping_settings *capping = &config->capping;
	int64_t watts = capping->unmanaged;
	g_autofree char *text = NULL;

	for (size_t i = 0; i < config->node_count; i++)
		watts += config->nodes[i].capping.floor;
	if (capping->mode == CAPPING_OFF || watts <= capping->budget)
		return true;
	text = g_strdup_printf("%s alone need %" G_GINT64_FORMAT " W of a budget of %d W",
			capping->unmanaged ? "floors and the unmanaged load" : "floors", watts,
			capping->budget);
	return rack_config_complain(reader, "rack", "budget", text);
}

/* Limits that nobody would keep to are not what who writes a floor and a ceiling wants. */
static bool rack_config_budget(const struct rack_config_reader *reader)
{
	const struct rack_config *config = reader->config;

	if (config->capping.budget || config_has(reader->file, "rack", "mode"))
		return true;
	for (size_t i = 0; i < config->node_count; i++)
		if (config->nodes[i].capped)
			return rack_config_wrong(reader, config_group(reader->file, "node", i),
					"floor",
					"floor and ceiling need a budget in [rack], or mode = off there");
	return true;
}

static bool rack_config_fill(const struct rack_config_reader *reader)
{
	return config_apply(reader->file, reader->config, reader->error) &&
	       rack_config_mode(reader) && rack_config_memcached(reader) &&
	       api_config_agrees(&reader->config->api, reader->file, reader->error) &&
	       rack_config_read_plans(reader) && rack_config_read_nodes(reader) &&
	       rack_config_budget(reader) && rack_config_floors(reader) &&
	       rack_config_read_sensors(reader) && rack_config_read_zones(reader) &&
	       rack_config_read_inputs(reader) && rack_config_read_fans(reader) &&
	       rack_config_read_faults(reader);
}

bool rack_config_load(struct rack_config *config, const char *path, GError **error)
{
	struct config_file *file = config_read_folder(
			path ? path : RACK_CONFIG_FILE, path != NULL, rack_config_table, error);
	struct rack_config loaded = {0};
	const struct rack_config_reader reader = {file, &loaded, error};
	bool fine;

	config_defaults(rack_config_table, &loaded);
	fine = file && rack_config_fill(&reader);
	if (fine) {
		rack_config_clear(config);
		*config = loaded;
	} else {
		rack_config_clear(&loaded);
	}
	config_file_free(file);
	return fine;
}

/* --- Its end --- */

static void rack_config_clear_nodes(struct rack_config *config)
{
	for (size_t i = 0; i < config->node_count; i++) {
		struct rack_node_keys keys = {.node = config->nodes[i]};

		explicit_bzero(&config->nodes[i].session, sizeof(config->nodes[i].session));
		explicit_bzero(&keys.node.session, sizeof(keys.node.session));
		g_free(keys.node.name);
		config_group_clear(rack_config_table, "node", &keys);
	}
	g_free(config->nodes);
	config->nodes = NULL;
	config->node_count = 0;
}

static void rack_config_clear_fans(struct rack_config *config)
{
	for (size_t i = 0; i < config->sensor_count; i++) {
		struct rack_sensor_keys keys = {.sensor = config->sensors[i]};

		g_free(keys.sensor.name);
		config_group_clear(rack_config_table, "sensor", &keys);
	}
	for (size_t i = 0; i < config->zone_count; i++)
		g_free(config->zones[i].name);
	for (size_t i = 0; i < config->input_count; i++) {
		g_free(config->inputs[i].name);
		g_free(config->inputs[i].sensor);
	}
	for (size_t i = 0; i < config->fan_count; i++) {
		struct rack_fan_keys keys = {.fan = config->fans[i]};

		g_free(keys.fan.name);
		config_group_clear(rack_config_table, "fan", &keys);
	}
	g_free(config->sensors);
	config->sensors = NULL;
	g_free(config->zones);
	config->zones = NULL;
	g_free(config->inputs);
	config->inputs = NULL;
	g_free(config->fans);
	config->fans = NULL;
	config->sensor_count = 0;
	config->zone_count = 0;
	config->input_count = 0;
	config->fan_count = 0;
}

void rack_config_clear_parts(struct rack_config *config)
{
	for (size_t i = 0; i < config->plan_count; i++)
		rack_config_plan_clear(&config->plans[i]);
	g_free(config->plans);
	config->plans = NULL;
	config->plan_count = 0;
	rack_config_clear_nodes(config);
	rack_config_clear_fans(config);
}

void rack_config_clear(struct rack_config *config)
{
	rack_config_clear_parts(config);
	rack_config_clear_faults(config);
	config_clear(rack_config_table, config);
	*config = (struct rack_config){0};
}
