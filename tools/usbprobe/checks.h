/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What a node needs of a device, checked against what was seen of one: the standards' rules, and
 * those of firmware, which drives HID devices by the boot protocol only. Pure.
 */
#include "tools/usbprobe/findings.h"
#include "tools/usbprobe/probe.h"

/* What --expect asks for. */
enum expect {
	EXPECT_KEYBOARD = 1 << 0,
	EXPECT_MOUSE = 1 << 1,   /* relative */
	EXPECT_POINTER = 1 << 2, /* absolute */
	EXPECT_STORAGE = 1 << 3,
	EXPECT_WAKE = 1 << 4,
	EXPECT_LOW = 1 << 5, /* speeds */
	EXPECT_FULL = 1 << 6,
	EXPECT_HIGH = 1 << 7,
	EXPECT_SUPER = 1 << 8,
};

/* Reads "keyboard,pointer". Returns false at a word that is none. */
bool checks_expect(const char *words, unsigned int *expect);

/* The word of a bit. */
const char *checks_expect_word(enum expect expect);

/* Parses what the probe fetched (configuration, report descriptors) in place, and judges all of it.
 */
void checks_run(struct probe *probe, struct findings *findings);

/* What a device is, after checks_run: enum expect bits. */
unsigned int checks_found(const struct probe *probe);

/* checks_hid.c: one HID interface, after its report descriptor was fetched. */
void checks_hid(struct probe *probe, struct probe_hid *hid, struct findings *findings);
