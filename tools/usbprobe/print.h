/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A probe and its findings, for people and for scripts. */
#include <jansson.h>
#include "tools/usbprobe/findings.h"
#include "tools/usbprobe/probe.h"

/* On stdout. verbose: the fields of reports too. */
void print_text(const struct probe *probe, const struct findings *findings, bool verbose);

/* A new reference. */
json_t *print_json(const struct probe *probe, const struct findings *findings);

/* "class 03 (HID)" */
const char *print_class(uint8_t class);
