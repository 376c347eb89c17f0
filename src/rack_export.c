/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_export.h"
#include <math.h>
#include <string.h>
#include "rack/memcache.h"
#include "rack/memcache_text.h"
#include "src/log.h"

struct rack_export {
	struct memcache *memcache;
	struct readings *readings;
	const struct rack_clock *clock;
};

/* What is left of its time, in the server's seconds, which are real ones; 0: nothing. */
static unsigned int rack_export_ttl(
		const struct rack_export *export, const struct readings_record *record)
{
	double left = (double)(record->value.ttl - record->age) / 1000 / export->clock->speed;

	if (left <= 0)
		return 0;
	return left >= MEMCACHE_TTL_MAX ? MEMCACHE_TTL_MAX : (unsigned int)ceil(left);
}

/* A value alone, as a plain number: whoever wants more asks the daemon. */
static void rack_export_value(
		struct rack_export *export, const struct readings_record *record, unsigned int ttl)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_ascii_formatd(text, sizeof(text), "%.10g", record->value.value);
	memcache_set(export->memcache, record->node, record->sensor, text, strlen(text), ttl);
}

static void rack_export_set(struct rack_export *export, const struct readings_record *record)
{
	unsigned int ttl;

	/* One that cannot be read any more goes by its time to live. */
	if (record->state != READINGS_OK || record->age < 0)
		return;
	ttl = rack_export_ttl(export, record);
	if (ttl)
		rack_export_value(export, record, ttl);
}

/* It ends as soon as a value can. */
static void rack_export_drop(struct rack_export *export, const struct readings_record *record)
{
	if (record->state == READINGS_OK)
		rack_export_value(export, record, 1);
}

static void rack_export_told(enum readings_event event, const char *node,
		const struct readings_record *record, void *data)
{
	struct rack_export *export = data;

	switch (event) {
	case READINGS_CHANGED:
	case READINGS_AGAIN:
		rack_export_set(export, record);
		break;
	case READINGS_DROPPED:
		rack_export_drop(export, record);
		break;
	case READINGS_ADDED:
		memcache_node(export->memcache, node);
		break;
	case READINGS_FLUSHED:
		memcache_flush(export->memcache, node);
		break;
	case READINGS_REMOVED:
		memcache_forget(export->memcache, node);
		break;
	}
}

/* The server has room for the node's values from here on, and has none of them. */
static void rack_export_generation(const char *node, uint64_t generation, void *data)
{
	struct rack_export *export = data;
	struct readings_cursor cursor = {0};
	struct readings_record record;

	(void)generation;
	while (readings_next(export->readings, &cursor, rack_clock_now(export->clock), &record))
		if (strcmp(record.node, node) == 0)
			rack_export_set(export, &record);
}

static void rack_export_state(bool connected, const char *why, void *data)
{
	(void)data;
	if (connected)
		log_line(LOG_LINE_NOTICE, "readings are shared through memcached");
	else
		log_line(LOG_LINE_WARNING, "%s", why);
}

struct rack_export *rack_export_new(const char *address, const char *prefix,
		struct readings *readings, const struct rack_clock *clock, GError **error)
{
	static const struct memcache_events events = {rack_export_generation, rack_export_state};
	const struct memcache_settings settings = {.address = address, .prefix = prefix};
	struct rack_export *export = g_new0(struct rack_export, 1);
	const char *node;

	export->readings = readings;
	export->clock = clock;
	export->memcache = memcache_new(&settings, &events, export, error);
	if (!export->memcache) {
		g_free(export);
		return NULL;
	}
	for (size_t i = 0; (node = readings_node(readings, i)); i++)
		memcache_node(export->memcache, node);
	if (!readings_listen(readings, rack_export_told, export))
		g_error("memory is short");
	return export;
}

void rack_export_free(struct rack_export *export)
{
	if (!export)
		return;
	readings_unlisten(export->readings, rack_export_told, export);
	memcache_free(export->memcache);
	g_free(export);
}
