/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The USB cable between a simulated node and a mass-storage drive: a pair of SOCK_SEQPACKET
 * sockets. HID reports need no more than such a pair, for nothing but reports passes; a Bulk-Only
 * device is driven by the host, and halts, so that here the host's requests and the device's
 * answers are messages. It is the simulation's, not the gadgets': src/ holds the device's end to
 * it.
 *
 * A message is a cable_head in the machine's byte order, and bytes behind it. The host has one
 * request under way at a time; answers bear its serial, and those of an older one are void.
 */
#include <stdint.h>

#define CABLE_PART   32768 /* most bytes in one message, a multiple of every packet size */
#define CABLE_PACKET 512   /* bulk packets at high speed: USB 2.0, 5.8.3 */

enum cable_kind {
	/* From the device, unasked. */
	CABLE_PLUGGED, /* a device that nobody has configured yet */
	CABLE_UNPLUGGED,
	/* From the host. */
	CABLE_PORT_RESET, /* the device is as after CABLE_PLUGGED */
	CABLE_CONFIGURE,
	CABLE_MAX_LUN,
	CABLE_BULK_RESET, /* Bulk-Only Mass Storage Reset */
	CABLE_CLEAR_IN,   /* CLEAR FEATURE(ENDPOINT HALT) */
	CABLE_CLEAR_OUT,
	CABLE_IN,    /* value bytes at most of bulk IN */
	CABLE_OUT,   /* these bytes to bulk OUT */
	CABLE_ABORT, /* the request under way is void; no answer */
	/* From the device, to a request. */
	CABLE_DONE,    /* value: what was asked for */
	CABLE_DATA,    /* bulk IN: the request ends when it is full or by a short packet */
	CABLE_STALLED, /* the endpoint is halted, or the request is not known */
	CABLE_BABBLE,  /* a packet is longer than what the host has room for */
};

struct cable_head {
	uint32_t kind; /* enum cable_kind */
	uint32_t serial;
	uint32_t value;
};
