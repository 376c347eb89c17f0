/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any descriptor, then any reports. The input: two bytes, the descriptor's length (little-endian),
 * the descriptor, then reports, each after a byte with its length.
 */
#include <stdint.h>
#include <stdlib.h>
#include "sim/hid.h"
#include "tests/fuzz/targets.h"

static void fuzz_event(const struct hid_event *event, void *data)
{
	if (event->type == HID_ABSOLUTE && (event->value < 0 || event->value > HID_AXIS_MAX))
		abort();
	if (event->type == HID_KEY && (event->code < 4 || event->code > 0xe7))
		abort();
}

int target_hid(const uint8_t *data, size_t size)
{
	uint8_t lights[HID_REPORT_MAX];
	struct hid *hid;
	size_t length;

	if (size < 2)
		return 0;
	length = data[0] | data[1] << 8;
	data += 2;
	size -= 2;
	if (length > size)
		length = size;
	hid = hid_new(data, length);
	if (!hid)
		return 0;
	data += length;
	size -= length;
	while (size > 0) {
		length = data[0];
		data++;
		size--;
		if (length > size)
			length = size;
		hid_report(hid, data, length, fuzz_event, NULL);
		data += length;
		size -= length;
	}
	if (hid_lights(hid, HID_CAPS_LOCK, lights) > sizeof(lights))
		abort();
	hid_release(hid, fuzz_event, NULL);
	hid_free(hid);
	return 0;
}
