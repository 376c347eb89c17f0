/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Entries of a BMC's event log, one behind the other. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "src/rack_log.h"
#include "tests/fuzz/targets.h"

static void fuzz_require(int condition)
{
	if (!condition)
		abort();
}

int target_sel(const uint8_t *data, size_t size)
{
	for (; size >= RACK_LOG_RECORD; data += RACK_LOG_RECORD, size -= RACK_LOG_RECORD) {
		int sensor = rack_log_sensor(data);
		json_t *entry = rack_log_entry(data, sensor > 127 ? "NAME" : NULL);
		const char *raw = json_string_value(json_object_get(entry, "raw"));

		fuzz_require(sensor >= -1 && sensor <= 255);
		fuzz_require(raw && strlen(raw) == (size_t)2 * RACK_LOG_RECORD);
		fuzz_require(json_string_length(json_object_get(entry, "text")) > 0);
		fuzz_require(json_object_get(entry, "time") != NULL);
		json_decref(entry);
	}
	return 0;
}
