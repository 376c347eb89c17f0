/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "sim/hid.h"
#include "sim/hid_parser.h"

/* Usages of the desktop page. */
#define HID_USAGE_X     0x30
#define HID_USAGE_Y     0x31
#define HID_USAGE_WHEEL 0x38

/* Entries of a keyboard's array that are states rather than keys: roll-over, POST failed,
 * undefined. */
#define HID_ROLL_OVER  1
#define HID_FIRST_KEY  4
#define HID_LAST_KEY   0xe7
#define HID_BUTTON_MAX 31

struct hid {
	struct hid_layout layout;
	uint8_t keys[32];     /* a bit for each usage that is down */
	unsigned int buttons; /* bit n: usage n of the button page */
};

/* A report on its way through the fields. */
struct hid_reading {
	struct hid *hid;
	const uint8_t *data; /* after the id */
	hid_event_fn event;
	void *event_data;
	uint8_t keys[32]; /* of this report's fields: what it says is down, and what it speaks of at
			     all */
	uint8_t spoken[32];
	unsigned int buttons, buttons_spoken;
};

static void hid_bit_set(uint8_t bits[32], uint32_t bit)
{
	bits[bit >> 3] |= 1u << (bit & 7);
}

static bool hid_bit(const uint8_t bits[32], uint32_t bit)
{
	return bits[bit >> 3] >> (bit & 7) & 1;
}

struct hid *hid_new(const uint8_t *descriptor, size_t size)
{
	struct hid *hid = calloc(1, sizeof(*hid));

	if (!hid)
		return NULL;
	if (!hid_parse(&hid->layout, descriptor, size) ||
			(!hid_is_keyboard(hid) && !hid_is_pointer(hid))) {
		free(hid);
		return NULL;
	}
	return hid;
}

void hid_free(struct hid *hid)
{
	free(hid);
}

static bool hid_has(const struct hid *hid, enum hid_page page)
{
	for (int i = 0; i < hid->layout.count; i++) {
		const struct hid_field *field = &hid->layout.fields[i];
		uint32_t usage = field->usages > 0 ? field->usage[0] : field->first;

		if (!field->output && usage >> 16 == page)
			return true;
	}
	return false;
}

bool hid_is_keyboard(const struct hid *hid)
{
	return hid_has(hid, HID_PAGE_KEYBOARD);
}

bool hid_is_pointer(const struct hid *hid)
{
	return hid_has(hid, HID_PAGE_BUTTON) || hid_has(hid, HID_PAGE_DESKTOP);
}

/* The field's value number index, sign extended when its range goes below 0. The report is known to
 * hold it. */
static int64_t hid_value(const struct hid_field *field, const uint8_t *data, int index)
{
	int offset = field->offset + index * field->size;
	uint64_t value = 0;

	for (int bit = 0; bit < field->size; bit++, offset++)
		value |= (uint64_t)(data[offset >> 3] >> (offset & 7) & 1) << bit;
	if (field->minimum < 0 && value >> (field->size - 1) & 1)
		return (int64_t)value - ((int64_t)1 << field->size);
	return (int64_t)value;
}

static void hid_emit(
		const struct hid_reading *reading, enum hid_event_type type, int code, int value)
{
	struct hid_event event = {type, code, value};

	reading->event(&event, reading->event_data);
}

static void hid_axis(const struct hid_reading *reading, const struct hid_field *field,
		enum hid_axis axis, int64_t value)
{
	int64_t range = (int64_t)field->maximum - field->minimum;

	/* Out of range is a null value: the device has nothing to say (HID 1.11 6.2.2.5). */
	if (value < field->minimum || value > field->maximum)
		return;
	if (field->flags & HID_RELATIVE_DATA) {
		if (value != 0)
			hid_emit(reading, HID_RELATIVE, axis, (int)value);
	} else if (range > 0) {
		hid_emit(reading, HID_ABSOLUTE, axis,
				(int)(((value - field->minimum) * HID_AXIS_MAX + range / 2) /
						range));
	}
}

/* Something of one usage that is on or off. */
static void hid_switch(struct hid_reading *reading, uint32_t usage, bool on)
{
	uint32_t code = usage & 0xffff;

	if (usage >> 16 == HID_PAGE_KEYBOARD && code >= HID_FIRST_KEY && code <= HID_LAST_KEY) {
		hid_bit_set(reading->spoken, code);
		if (on)
			hid_bit_set(reading->keys, code);
	} else if (usage >> 16 == HID_PAGE_BUTTON && code >= 1 && code <= HID_BUTTON_MAX) {
		reading->buttons_spoken |= 1u << code;
		if (on)
			reading->buttons |= 1u << code;
	}
}

static void hid_variable(struct hid_reading *reading, const struct hid_field *field)
{
	for (int i = 0; i < field->count; i++) {
		uint32_t usage = hid_field_usage(field, i);
		int64_t value = hid_value(field, reading->data, i);

		switch (usage) {
		case HID_PAGE_DESKTOP << 16 | HID_USAGE_X:
			hid_axis(reading, field, HID_X, value);
			break;
		case HID_PAGE_DESKTOP << 16 | HID_USAGE_Y:
			hid_axis(reading, field, HID_Y, value);
			break;
		case HID_PAGE_DESKTOP << 16 | HID_USAGE_WHEEL:
			hid_axis(reading, field, HID_WHEEL, value);
			break;
		default:
			hid_switch(reading, usage, value != 0);
			break;
		}
	}
}

/* An array speaks of all its usages: those not in it are up. */
static void hid_array(struct hid_reading *reading, const struct hid_field *field)
{
	bool keys = (field->usages > 0 ? field->usage[0] : field->first) >> 16 == HID_PAGE_KEYBOARD;
	int64_t entries = (int64_t)field->maximum - field->minimum + 1;

	for (int i = 0; keys && i < field->count; i++) {
		int64_t value = hid_value(field, reading->data, i) - field->minimum;
		uint32_t usage;

		if (value < 0 || value >= entries)
			continue;
		usage = hid_field_usage(field, (uint32_t)value) & 0xffff;
		if (usage >= HID_ROLL_OVER && usage < HID_FIRST_KEY)
			return;
	}
	for (int64_t i = 0; i < entries && i < 256; i++)
		hid_switch(reading, hid_field_usage(field, (uint32_t)i), false);
	for (int i = 0; i < field->count; i++) {
		int64_t value = hid_value(field, reading->data, i) - field->minimum;

		if (value >= 0 && value < entries && value < 256)
			hid_switch(reading, hid_field_usage(field, (uint32_t)value), true);
	}
}

/* Releases come before presses, and modifiers before the keys that they modify. */
static void hid_compare(struct hid_reading *reading)
{
	struct hid *hid = reading->hid;
	unsigned int changed = (hid->buttons ^ reading->buttons) & reading->buttons_spoken;

	for (int down = 0; down <= 1; down++) {
		for (int code = HID_LAST_KEY; code >= HID_FIRST_KEY; code--) {
			if (!hid_bit(reading->spoken, code) ||
					hid_bit(reading->keys, code) != down ||
					hid_bit(hid->keys, code) == down)
				continue;
			hid->keys[code >> 3] ^= 1u << (code & 7);
			hid_emit(reading, HID_KEY, code, down);
		}
		for (int code = 1; code <= HID_BUTTON_MAX; code++) {
			if (!(changed >> code & 1) || (int)(reading->buttons >> code & 1) != down)
				continue;
			hid->buttons ^= 1u << code;
			hid_emit(reading, HID_BUTTON, code, down);
		}
	}
}

bool hid_report(struct hid *hid, const uint8_t *report, size_t size, hid_event_fn event, void *data)
{
	struct hid_reading reading = {
			.hid = hid, .data = report, .event = event, .event_data = data};
	int id = 0;

	if (hid->layout.ids) {
		if (size == 0)
			return false;
		id = report[0];
		reading.data++;
		size--;
	}
	if (hid->layout.input_bits[id] == 0 || size < (size_t)(hid->layout.input_bits[id] + 7) / 8)
		return false;
	for (int i = 0; i < hid->layout.count; i++) {
		const struct hid_field *field = &hid->layout.fields[i];

		if (field->output || field->id != id)
			continue;
		if (field->flags & HID_VARIABLE)
			hid_variable(&reading, field);
		else
			hid_array(&reading, field);
	}
	hid_compare(&reading);
	return true;
}

void hid_release(struct hid *hid, hid_event_fn event, void *data)
{
	struct hid_reading reading = {.hid = hid, .event = event, .event_data = data};

	memset(reading.spoken, 0xff, sizeof(reading.spoken));
	reading.buttons_spoken = ~0u;
	hid_compare(&reading);
}

size_t hid_lights(const struct hid *hid, unsigned int lights, uint8_t report[HID_REPORT_MAX])
{
	uint8_t *data = report + (hid->layout.ids ? 1 : 0);
	int id = -1;

	memset(report, 0, HID_REPORT_MAX);
	for (int i = 0; i < hid->layout.count; i++) {
		const struct hid_field *field = &hid->layout.fields[i];

		if (!field->output || !(field->flags & HID_VARIABLE) ||
				(id >= 0 && field->id != id))
			continue;
		for (int index = 0; index < field->count; index++) {
			uint32_t usage = hid_field_usage(field, index);
			int offset = field->offset + index * field->size;

			if (usage >> 16 != HID_PAGE_LED)
				continue;
			id = field->id;
			if ((usage & 0xffff) >= 1 && (usage & 0xffff) <= 5 &&
					lights >> ((usage & 0xffff) - 1) & 1)
				data[offset >> 3] |= 1u << (offset & 7);
		}
	}
	if (id < 0)
		return 0;
	if (hid->layout.ids)
		report[0] = id;
	return (size_t)(data - report) + (size_t)(hid->layout.output_bits[id] + 7) / 8;
}
