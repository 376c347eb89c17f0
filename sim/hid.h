/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A host's HID driver in small (USB HID 1.11): reads a report descriptor, then turns input reports
 * into what changed and lock lights into output reports. It looks at the keyboard page (7), buttons
 * (9), X, Y and wheel of the desktop page (1) and the LED page (8), and steps over everything else.
 * Any bytes are safe. A device belongs to one thread at a time.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HID_REPORT_MAX 512 /* bytes, with the report id: more than any device of ours */

enum hid_event_type {
	HID_KEY,      /* code: usage of page 7; value: 1 down, 0 up */
	HID_BUTTON,   /* code: usage of page 9, 1 is the left button; value: 1 down, 0 up */
	HID_ABSOLUTE, /* code: enum hid_axis; value: 0..HID_AXIS_MAX over the logical range */
	HID_RELATIVE, /* code: enum hid_axis; value: as the report has it; wheel away from the user
			 is positive */
};

enum hid_axis { HID_X, HID_Y, HID_WHEEL };

#define HID_AXIS_MAX 65535

struct hid_event {
	enum hid_event_type type;
	int code;
	int value;
};

typedef void (*hid_event_fn)(const struct hid_event *event, void *data);

enum hid_light {
	HID_NUM_LOCK = 1 << 0, /* usages 1..5 of the LED page */
	HID_CAPS_LOCK = 1 << 1,
	HID_SCROLL_LOCK = 1 << 2,
	HID_COMPOSE = 1 << 3,
	HID_KANA = 1 << 4,
};

struct hid;

/*
 * Reads a report descriptor. NULL when it makes no sense (unbalanced collections, items cut short,
 * reports too long, too many fields, nothing in it that is understood) or memory is short.
 */
struct hid *hid_new(const uint8_t *descriptor, size_t size);

/*
 * Decodes one input report: an event for each key and button that changed and for each axis. Axes
 * that say nothing (relative 0) make no event. An array that reports roll-over leaves the keys as
 * they were. Returns false, with nothing done, when the report has an unknown id or is shorter than
 * the descriptor says.
 */
bool hid_report(struct hid *hid, const uint8_t *report, size_t size, hid_event_fn event,
		void *data);

/* Events for the keys and buttons that are still down, to release them: the device was unplugged.
 */
void hid_release(struct hid *hid, hid_event_fn event, void *data);

/*
 * Builds the output report that sets the lights (enum hid_light bits), its id first if the device
 * has ids. report: HID_REPORT_MAX bytes. Returns its size, 0 when the device has no lights.
 */
size_t hid_lights(const struct hid *hid, unsigned int lights, uint8_t report[HID_REPORT_MAX]);

/* Whether reports of this device can carry keys, or move the pointer. */
bool hid_is_keyboard(const struct hid *hid);
bool hid_is_pointer(const struct hid *hid);

void hid_free(struct hid *hid); /* NULL is fine */
