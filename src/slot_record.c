/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/slot_record.h"
#include <jansson.h>
#include <stddef.h>
#include <string.h>
#include "src/memory.h"

struct slot_record {
	json_t *json;
};

/* --- Texts of a request --- */

static const struct {
	const char *name;
	size_t offset;
} record_texts[] = {
		{"source", offsetof(struct drives_request, source)},
		{"user", offsetof(struct drives_request, user)},
		{"password", offsetof(struct drives_request, password)},
		{"token", offsetof(struct drives_request, token)},
		{"ca_file", offsetof(struct drives_request, ca_file)},
};

static const char **record_text(struct drives_request *request, size_t i)
{
	return (const char **)((char *)request + record_texts[i].offset);
}

/* A path need not be UTF-8, which a JSON text has to be. */
static json_t *record_pack(const char *text)
{
	g_autofree char *escaped = text ? g_uri_escape_bytes((const uint8_t *)text, strlen(text),
							  " !\"#$&'()*+,/:;<=>?@[]\\^`{|}~")
					: NULL;

	return escaped ? json_string(escaped) : json_null();
}

/* In place: it becomes shorter. */
static void record_unpack(json_t *json, const char *name)
{
	json_t *value = json_object_get(json, name);
	g_autofree char *text = NULL;

	if (!json_is_string(value))
		return;
	text = g_uri_unescape_string(json_string_value(value), NULL);
	if (text)
		json_string_setn_nocheck(value, text, strlen(text));
}

/* --- Keeping it --- */

static bool record_keep(struct memory *memory, const char *drive, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	size_t size = text ? strlen(text) : 0;
	bool kept = text && memory_write(memory, drive, text, size);

	if (text)
		explicit_bzero(text, size);
	free(text);
	return kept;
}

bool slot_record_write(
		struct memory *memory, const char *drive, const struct drives_request *request)
{
	struct drives_request copy = *request;
	json_t *json = json_object();
	bool kept;

	for (size_t i = 0; i < G_N_ELEMENTS(record_texts); i++)
		json_object_set_new(
				json, record_texts[i].name, record_pack(*record_text(&copy, i)));
	json_object_set_new(json, "as", json_integer(request->as));
	json_object_set_new(json, "write", json_integer(request->write));
	json_object_set_new(json, "insecure", json_boolean(request->insecure));
	json_object_set_new(json, "persistent", json_boolean(request->persistent));
	kept = record_keep(memory, drive, json);
	json_decref(json);
	return kept;
}

static json_t *record_load(const struct memory *memory, const char *drive)
{
	size_t size = 0;
	char *text = memory_read(memory, drive, &size);
	json_t *json = text ? json_loadb(text, size, 0, NULL) : NULL;

	if (text)
		explicit_bzero(text, size);
	g_free(text);
	return json;
}

void slot_record_identify(struct memory *memory, const char *drive, const char *identity)
{
	json_t *json = record_load(memory, drive);
	/* It may be long, and hold an address with a secret. */
	g_autofree char *sum = identity ? g_compute_checksum_for_string(
							  G_CHECKSUM_SHA256, identity, -1)
					: NULL;

	if (!json)
		return;
	json_object_set_new(json, "identity", sum ? json_string(sum) : json_null());
	record_keep(memory, drive, json);
	json_decref(json);
}

/* --- Reading it --- */

struct slot_record *slot_record_read(const struct memory *memory, const char *drive)
{
	json_t *json = record_load(memory, drive);
	struct slot_record *record;

	if (!json_is_object(json) || !json_is_string(json_object_get(json, "source"))) {
		json_decref(json);
		return NULL;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(record_texts); i++)
		record_unpack(json, record_texts[i].name);
	record = g_new(struct slot_record, 1);
	record->json = json;
	return record;
}

static int record_number(const struct slot_record *record, const char *name, int most)
{
	json_int_t value = json_integer_value(json_object_get(record->json, name));

	return value >= 0 && value <= most ? (int)value : 0;
}

void slot_record_request(const struct slot_record *record, struct drives_request *request)
{
	*request = (struct drives_request){
			.as = (enum drives_as)record_number(record, "as", DRIVES_AS_DISK),
			.write = (enum drives_write)record_number(
					record, "write", DRIVES_READ_WRITE),
			.insecure = json_is_true(json_object_get(record->json, "insecure")),
			.persistent = json_is_true(json_object_get(record->json, "persistent")),
	};
	for (size_t i = 0; i < G_N_ELEMENTS(record_texts); i++)
		*record_text(request, i) = json_string_value(
				json_object_get(record->json, record_texts[i].name));
}

bool slot_record_is(const struct slot_record *record, const char *identity)
{
	const char *known = json_string_value(json_object_get(record->json, "identity"));
	g_autofree char *sum = identity ? g_compute_checksum_for_string(
							  G_CHECKSUM_SHA256, identity, -1)
					: NULL;

	return !known || !sum || strcmp(known, sum) == 0;
}

void slot_record_free(struct slot_record *record)
{
	if (!record)
		return;
	for (size_t i = 0; i < G_N_ELEMENTS(record_texts); i++) {
		const char *text = json_string_value(
				json_object_get(record->json, record_texts[i].name));

		if (text)
			explicit_bzero((char *)text, strlen(text));
	}
	json_decref(record->json);
	g_free(record);
}
