/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Whether a node's slot is occupied, by a line of a GPIO chip (the kernel's character device, its
 * second interface). A contact that bounces for less than 50 ms is one change. Told in the main
 * loop; main thread only.
 *
 * A line that is not to be had counts as present, so that a node is not given up for a broken
 * contact: that is said once, and it is tried again every 10 s.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct presence_line {
	char chip[32]; /* of /dev */
	uint32_t offset;
	bool low; /* means present */
};

/* "gpiochip0:12", "!gpiochip0:12". False with error (G_FILE_ERROR_INVAL) for what is no line. */
bool presence_parse(const char *spec, struct presence_line *out, GError **error);

/* First, and at each change, also when it is the same again after the line was not to be had. why:
 * in words, why it is only supposed; NULL: it is known. May free it. */
typedef void (*presence_fn)(bool present, const char *why, void *data);

struct presence;

/* NULL with error: spec is no line. */
struct presence *presence_new(const char *spec, presence_fn told, void *data, GError **error);

void presence_free(struct presence *presence); /* NULL is fine */
