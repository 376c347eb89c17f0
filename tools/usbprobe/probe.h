/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * All that was seen of one device. Filled by fetch.c from a real one, or by a test; judged by
 * checks.c, shown by print.c.
 */
#include <stdbool.h>
#include <stdint.h>
#include "sim/hid_parser.h"
#include "tools/usbprobe/descriptors.h"

enum probe_speed { PROBE_UNKNOWN, PROBE_LOW, PROBE_FULL, PROBE_HIGH, PROBE_SUPER };

/* What the device answered to a request. */
struct answer {
	bool asked;
	const char *error; /* NULL: it answered; else why not, static text */
	int size;          /* bytes that came */
	int ms;            /* how long that took */
	uint8_t bytes[1024];
};

enum probe_string { PROBE_MANUFACTURER, PROBE_PRODUCT, PROBE_SERIAL, PROBE_STRINGS };

struct probe_text {
	bool asked;
	const char *error;
	char text[DESCRIPTORS_STRING_MAX];
};

/* A HID interface, beyond what its descriptors in the configuration say. */
struct probe_hid {
	int interface;                       /* index in the configuration */
	const char *claim_error;             /* NULL: claimed, or not tried */
	struct answer descriptor;            /* the report descriptor; longer ones are refused */
	struct answer protocol, idle, input; /* GET_PROTOCOL, GET_IDLE, GET_REPORT */
	struct answer boot, report;          /* GET_PROTOCOL after each SET_PROTOCOL */
	struct answer lights;                /* the report for the lights that was sent */
	bool by_endpoint;                    /* it went to the OUT endpoint, not by SET_REPORT */
	struct answer wait;                  /* the report that was waited for */
	bool parsed;
	struct hid_layout layout;
};

#define PROBE_HIDS_MAX 8

struct probe {
	int bus, address;
	char port[32]; /* "1-1.2", as the kernel has it */
	enum probe_speed speed;
	const char *open_error; /* NULL: it was opened; all below is known as far as it was asked */
	struct answer device_bytes;
	struct device_descriptor device; /* known in any case */
	struct probe_text string[PROBE_STRINGS];
	uint8_t *configuration_bytes; /* as long as it said; belongs to the probe */
	int configuration_size;
	const char *configuration_error;
	struct configuration_descriptor configuration;
	int active; /* value of the configuration in use; 0: none, -1: unknown */
	struct answer bos;
	int waited; /* seconds that a report was waited for; 0: not at all */
	int hids;
	struct probe_hid hid[PROBE_HIDS_MAX];
};

const char *probe_speed_name(enum probe_speed speed); /* "high" */

/*
 * Parses configuration_bytes into configuration, and makes an entry for each HID interface, empty
 * but for its place. Returns NULL, or what is wrong with the bytes.
 */
const char *probe_configure(struct probe *probe);

/* What the report descriptor of a HID interface makes of it. */
bool probe_hid_keyboard(const struct probe_hid *hid);
bool probe_hid_pointer(const struct probe_hid *hid, bool relative);

/* Bytes of the longest report, with its id. */
int probe_hid_bytes(const struct probe_hid *hid, bool output);

void probe_clear(struct probe *probe);
