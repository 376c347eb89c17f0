/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What a probe has read of a keyboard: bytes, for tests to spoil. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "gadget/keyboard.h"
#include "tools/usbprobe/checks.h"

/* USB 2.0, 1d6b:0104, three strings, one configuration. */
static const guint8 device_bytes[] = {
		18, 1, 0x00, 0x02, 0, 0, 0, 64, 0x6b, 0x1d, 0x04, 0x01, 0x01, 0x00, 1, 2, 3, 1};

/* Offsets in the configuration below. */
enum {
	AT_COUNT = 4,
	AT_ATTRIBUTES = 7,
	AT_POWER = 8,
	AT_INTERFACE = 9,
	AT_SUBCLASS = 15,
	AT_PROTOCOL = 16,
	AT_HID = 18,
	AT_REPORT_SIZE = 25,
	AT_IN = 27,
	AT_OUT = 34,
	AT_END = 41,
};

/* A boot keyboard with an endpoint each way. */
static const guint8 keyboard_bytes[AT_END] = {9, 2, AT_END, 0, 1, 1, 0, 0xe0, 50, /* */
		9, 4, 0, 0, 2, 3, 1, 1, 0,                                        /* */
		9, 0x21, 0x11, 0x01, 0, 1, 0x22, 0, 0,                            /* */
		7, 5, 0x81, 3, 8, 0, 4,                                           /* */
		7, 5, 0x01, 3, 8, 0, 4};

static const guint8 storage_interface[] = {9, 4, 1, 0, 2, 8, 6, 0x50, 0, /* */
		7, 5, 0x82, 2, 0, 2, 0,                                  /* */
		7, 5, 0x02, 2, 0, 2, 0};

struct fixture {
	struct probe *probe;
	struct findings findings;
};

static void answer(struct answer *answer, const guint8 *bytes, gsize size)
{
	*answer = (struct answer){.asked = true, .size = (int)size};
	memcpy(answer->bytes, bytes, size);
}

static inline void text(struct fixture *f, enum probe_string string, const char *value)
{
	f->probe->string[string].asked = true;
	g_strlcpy(f->probe->string[string].text, value, DESCRIPTORS_STRING_MAX);
}

static void configure(struct fixture *f, const guint8 *bytes, gsize size)
{
	free(f->probe->configuration_bytes);
	f->probe->configuration_bytes = malloc(size);
	memcpy(f->probe->configuration_bytes, bytes, size);
	f->probe->configuration_size = (int)size;
}

static inline void byte(struct fixture *f, int at, guint8 value)
{
	f->probe->configuration_bytes[at] = value;
}

static inline struct probe_hid *hid(struct fixture *f)
{
	return &f->probe->hid[0];
}

static void report_descriptor(struct fixture *f, const guint8 *bytes, gsize size)
{
	answer(&hid(f)->descriptor, bytes, size);
	byte(f, AT_REPORT_SIZE, size & 255);
	byte(f, AT_REPORT_SIZE + 1, size >> 8);
}

/* A keyboard about which there is nothing to say. */
static inline void fixture_open(struct fixture *f)
{
	static const guint8 zero[64], one[] = {1};

	f->probe = g_new0(struct probe, 1);
	findings_init(&f->findings);
	f->probe->speed = PROBE_HIGH;
	f->probe->active = 1;
	g_strlcpy(f->probe->port, "1-1", sizeof(f->probe->port));
	answer(&f->probe->device_bytes, device_bytes, sizeof(device_bytes));
	text(f, PROBE_MANUFACTURER, "spicerack");
	text(f, PROBE_PRODUCT, "Keyboard");
	text(f, PROBE_SERIAL, "0123456789AB");
	configure(f, keyboard_bytes, sizeof(keyboard_bytes));
	f->probe->bos = (struct answer){.asked = true, .error = "refused"};
	f->probe->hids = 1;
	report_descriptor(f, keyboard_descriptor, keyboard_descriptor_size);
	answer(&hid(f)->protocol, one, 1);
	answer(&hid(f)->idle, zero, 1);
	answer(&hid(f)->input, zero, KEYBOARD_REPORT_SIZE);
	answer(&hid(f)->boot, zero, 1);
	answer(&hid(f)->report, one, 1);
	answer(&hid(f)->lights, zero, 1);
	hid(f)->by_endpoint = true;
}

static inline void fixture_close(struct fixture *f)
{
	findings_clear(&f->findings);
	probe_clear(f->probe);
	g_free(f->probe);
}
