/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The flat storage: any number of sensors' values by their keys, in one answer. */
#include <string.h>
#include "rack/pattern.h"
#include "rack/sdr.h"
#include "src/rack_routes_part.h"
#include "src/routes_part.h"

#define STORAGE_KEYS 1024 /* in one request; the address has room for about as many */

static const char *const reading_states[] = {
		[READINGS_NONE] = "none",
		[READINGS_OK] = "ok",
		[READINGS_STALE] = "stale",
		[READINGS_BROKEN] = "broken",
};

static json_t *reading_crossed(uint8_t bits)
{
	static const char *const words[SDR_THRESHOLDS] = {"lower-warning", "lower-critical",
			"lower-fatal", "upper-warning", "upper-critical", "upper-fatal"};
	json_t *list = json_array();

	for (size_t i = 0; i < SDR_THRESHOLDS; i++)
		if (bits & (1 << i))
			json_array_append_new(list, json_string(words[i]));
	return list;
}

static char *reading_unit(const struct readings_value *value)
{
	const char *unit = sdr_unit_text(value->unit);

	if (!value->percent)
		return g_strdup(unit);
	return g_strdup_printf("%%%s%s", *unit ? " of " : "", unit);
}

json_t *rack_part_reading(const struct readings_record *record)
{
	bool known = record->age >= 0;
	g_autofree char *unit = known ? reading_unit(&record->value) : NULL;

	return json_pack("{s:o, s:s?, s:s, s:o, s:o}", "value",
			known ? json_real(record->value.value) : json_null(), "unit", unit, "state",
			reading_states[record->state], "age_ms",
			rack_part_number(record->age, known), "crossed",
			reading_crossed(known ? record->value.crossed : 0));
}

static json_t *storage_value(const struct readings_record *record, bool flat)
{
	if (!flat)
		return rack_part_reading(record);
	return record->state == READINGS_OK ? json_real(record->value.value) : json_null();
}

static char *storage_key(const struct readings_record *record)
{
	g_autofree char *key = g_strdup_printf("%s/%s", record->node, record->sensor);

	return g_utf8_make_valid(key, -1);
}

static void storage_add_key(struct rack *rack, const char *key, bool flat, json_t *data)
{
	struct readings_record record;
	bool found = readings_get(rack_readings(rack), key, rack_now(rack), &record);

	json_object_set_new(data, key, found ? storage_value(&record, flat) : json_null());
}

static void storage_add_matches(struct rack *rack, GSList *patterns, bool flat, json_t *data)
{
	struct readings_cursor cursor = {0};
	struct readings_record record;
	int64_t now = rack_now(rack);

	while (patterns && readings_next(rack_readings(rack), &cursor, now, &record)) {
		g_autofree char *key = storage_key(&record);

		for (GSList *each = patterns; each; each = each->next) {
			if (!pattern_match(each->data, key))
				continue;
			json_object_set_new(data, key, storage_value(&record, flat));
			break;
		}
	}
}

bool rack_routes_get_storage(const struct http_request *request, struct http_answer *answer,
		void *rack, GError **error)
{
	g_auto(GStrv) keys = g_strsplit(rack_part_text(request, "keys"), ",", -1);
	bool flat = json_is_true(json_object_get(request->values, "flat"));
	GSList *patterns = NULL;
	json_t *data;

	if (g_strv_length(keys) > STORAGE_KEYS) {
		g_set_error(error, HTTP_ERROR, BAD_REQUEST, "%d keys at most", STORAGE_KEYS);
		return false;
	}
	data = json_object();
	for (char **key = keys; *key; key++) {
		if (strpbrk(*key, "*?"))
			patterns = g_slist_prepend(patterns, *key);
		else if (**key)
			storage_add_key(rack, *key, flat, data);
	}
	storage_add_matches(rack, patterns, flat, data);
	g_slist_free(patterns);
	answer->json = json_pack(
			"{s:o, s:s, s:s}", "data", data, "status", "ok", "message", "200 OK");
	return true;
}
