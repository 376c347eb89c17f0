/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a report descriptor says, for hid.c. Numbers of items and pages are those of USB HID 1.11
 * and its usage tables. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hid_page {
	HID_PAGE_DESKTOP = 1,
	HID_PAGE_KEYBOARD = 7,
	HID_PAGE_LED = 8,
	HID_PAGE_BUTTON = 9,
};

/* Bits of input and output items, HID 1.11 6.2.2.5. */
enum hid_item_bits {
	HID_CONSTANT = 1 << 0,
	HID_VARIABLE = 1 << 1, /* else an array of usages */
	HID_RELATIVE_DATA = 1 << 2,
};

#define HID_USAGES_MAX 32

/* A run of values in a report that are alike. */
struct hid_field {
	bool output;
	uint8_t id;               /* of the report; 0 when the device has none */
	unsigned int flags;       /* enum hid_item_bits */
	int offset;               /* bits from the start of the report, after the id */
	int size, count;          /* bits of a value, values */
	int32_t minimum, maximum; /* logical */
	/*
	 * Usages as page << 16 | usage. A list, of which the last goes on for all values left; or,
	 * when usages is 0, a range.
	 */
	int usages;
	uint32_t usage[HID_USAGES_MAX];
	uint32_t first, last;
};

#define HID_FIELDS_MAX 64

struct hid_layout {
	struct hid_field fields[HID_FIELDS_MAX]; /* in order; without constant ones */
	int count;
	bool ids;            /* every report begins with its id */
	int input_bits[256]; /* length of each report, without the id; by id */
	int output_bits[256];
};

/* Returns false when the descriptor makes no sense. */
bool hid_parse(struct hid_layout *layout, const uint8_t *descriptor, size_t size);

/* The usage of a field's value number `index` (variable), or of array entry `index` counted from
 * the minimum; 0: none. */
uint32_t hid_field_usage(const struct hid_field *field, uint32_t index);
