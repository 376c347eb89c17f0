/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/hid.h"
#include "sim/hid_parser.h"

/* Item prefixes without their size bits, HID 1.11 6.2.2. */
enum hid_item {
	HID_INPUT = 0x80,
	HID_OUTPUT = 0x90,
	HID_FEATURE = 0xb0,
	HID_COLLECTION = 0xa0,
	HID_END_COLLECTION = 0xc0,
	HID_USAGE_PAGE = 0x04,
	HID_LOGICAL_MINIMUM = 0x14,
	HID_LOGICAL_MAXIMUM = 0x24,
	HID_REPORT_SIZE = 0x74,
	HID_REPORT_ID = 0x84,
	HID_REPORT_COUNT = 0x94,
	HID_PUSH = 0xa4,
	HID_POP = 0xb4,
	HID_USAGE = 0x08,
	HID_USAGE_MINIMUM = 0x18,
	HID_USAGE_MAXIMUM = 0x28,
	HID_LONG_ITEM = 0xfe,
};

#define HID_COLLECTIONS_MAX 32
#define HID_STACK_MAX       8

/* Items that stay in force until they are given again. */
struct hid_globals {
	uint32_t page;
	int32_t minimum, maximum;
	uint32_t size, count;
	uint8_t id;
};

/* Items that hold for the next main item only. */
struct hid_locals {
	int usages;
	uint32_t usage[HID_USAGES_MAX];
	uint32_t first, last;
	bool range;
};

struct hid_parser {
	struct hid_layout *layout;
	struct hid_globals globals, stack[HID_STACK_MAX];
	struct hid_locals locals;
	int pushed, collections;
};

/* A usage of one or two bytes is of the page in force; one of four names its own. */
static uint32_t hid_parser_usage(const struct hid_parser *parser, uint32_t value, int bytes)
{
	return bytes == 4 ? value : parser->globals.page << 16 | value;
}

static bool hid_parser_field(struct hid_parser *parser, bool output, unsigned int flags)
{
	const struct hid_globals *globals = &parser->globals;
	const struct hid_locals *locals = &parser->locals;
	struct hid_layout *layout = parser->layout;
	int *bits = &(output ? layout->output_bits : layout->input_bits)[globals->id];
	struct hid_field *field = &layout->fields[layout->count];

	if (globals->size > 32 || globals->count > 8 * HID_REPORT_MAX ||
			*bits + globals->size * globals->count > 8 * (HID_REPORT_MAX - 1))
		return false;
	if (!(flags & HID_CONSTANT) && globals->size > 0 && globals->count > 0 &&
			(locals->usages > 0 || locals->range)) {
		if (layout->count == HID_FIELDS_MAX)
			return false;
		*field = (struct hid_field){
				.output = output,
				.id = globals->id,
				.flags = flags,
				.offset = *bits,
				.size = (int)globals->size,
				.count = (int)globals->count,
				.minimum = globals->minimum,
				.maximum = globals->maximum,
				.usages = locals->usages,
				.first = locals->first,
				.last = locals->last,
		};
		memcpy(field->usage, locals->usage, sizeof(field->usage));
		layout->count++;
	}
	*bits += (int)(globals->size * globals->count);
	return true;
}

static bool hid_parser_main(struct hid_parser *parser, int item, uint32_t value)
{
	bool fine = true;

	switch (item) {
	case HID_INPUT:
	case HID_OUTPUT:
		fine = hid_parser_field(parser, item == HID_OUTPUT, value);
		break;
	case HID_COLLECTION:
		fine = ++parser->collections <= HID_COLLECTIONS_MAX;
		break;
	case HID_END_COLLECTION:
		fine = --parser->collections >= 0;
		break;
	default: /* features are the configuration's; whatever else is reserved */
		break;
	}
	parser->locals = (struct hid_locals){0};
	return fine;
}

static bool hid_parser_global(struct hid_parser *parser, int item, uint32_t value, int32_t number)
{
	struct hid_globals *globals = &parser->globals;

	switch (item) {
	case HID_USAGE_PAGE:
		globals->page = value & 0xffff;
		return true;
	case HID_LOGICAL_MINIMUM:
		globals->minimum = number;
		return true;
	case HID_LOGICAL_MAXIMUM:
		/* 25 ff and 26 ff ff: many devices mean 255 and 65535. */
		globals->maximum = globals->minimum >= 0 && number < 0
						   ? (int32_t)(value & 0x7fffffff)
						   : number;
		return true;
	case HID_REPORT_SIZE:
		globals->size = value;
		return true;
	case HID_REPORT_COUNT:
		globals->count = value;
		return true;
	case HID_REPORT_ID:
		/* Ids are for all reports or for none, and 0 is reserved. */
		if (value == 0 || value > 255 ||
				(!parser->layout->ids &&
						(parser->layout->input_bits[0] > 0 ||
								parser->layout->output_bits[0] >
										0)))
			return false;
		parser->layout->ids = true;
		globals->id = value;
		return true;
	case HID_PUSH:
		if (parser->pushed == HID_STACK_MAX)
			return false;
		parser->stack[parser->pushed++] = *globals;
		return true;
	case HID_POP:
		if (parser->pushed == 0)
			return false;
		*globals = parser->stack[--parser->pushed];
		/* An id once given cannot be taken back. */
		return !parser->layout->ids || globals->id != 0;
	default: /* physical range, unit, exponent */
		return true;
	}
}

static void hid_parser_local(struct hid_parser *parser, int item, uint32_t value, int bytes)
{
	struct hid_locals *locals = &parser->locals;

	switch (item) {
	case HID_USAGE:
		/* More than we keep: the last one stands for the rest, and that is not one of ours.
		 */
		if (locals->usages < HID_USAGES_MAX)
			locals->usage[locals->usages++] = hid_parser_usage(parser, value, bytes);
		break;
	case HID_USAGE_MINIMUM:
		locals->first = hid_parser_usage(parser, value, bytes);
		break;
	case HID_USAGE_MAXIMUM:
		locals->last = hid_parser_usage(parser, value, bytes);
		locals->range = locals->last >= locals->first;
		break;
	default: /* designators, strings, delimiters */
		break;
	}
}

bool hid_parse(struct hid_layout *layout, const uint8_t *descriptor, size_t size)
{
	struct hid_parser parser = {.layout = layout};
	size_t at = 0;

	*layout = (struct hid_layout){0};
	while (at < size) {
		int prefix = descriptor[at++];
		int bytes = (prefix & 3) == 3 ? 4 : prefix & 3;
		uint32_t value = 0;
		int32_t number;
		bool fine = true;

		if (prefix == HID_LONG_ITEM) {
			if (size - at < 2 || size - at - 2 < descriptor[at])
				return false;
			at += 2 + descriptor[at];
			continue;
		}
		if (size - at < (size_t)bytes)
			return false;
		for (int i = 0; i < bytes; i++)
			value |= (uint32_t)descriptor[at++] << 8 * i;
		number = bytes == 1 ? (int8_t)value : bytes == 2 ? (int16_t)value : (int32_t)value;
		switch (prefix >> 2 & 3) {
		case 0:
			fine = hid_parser_main(&parser, prefix & 0xfc, value);
			break;
		case 1:
			fine = hid_parser_global(&parser, prefix & 0xfc, value, number);
			break;
		case 2:
			hid_parser_local(&parser, prefix & 0xfc, value, bytes);
			break;
		default: /* reserved */
			break;
		}
		if (!fine)
			return false;
	}
	return parser.collections == 0;
}

uint32_t hid_field_usage(const struct hid_field *field, uint32_t index)
{
	if (field->usages > 0)
		return field->usage[index < (uint32_t)field->usages ? index
								    : (uint32_t)field->usages - 1];
	return index <= field->last - field->first ? field->first + index : 0;
}
