/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A machine in a folder, to be looked at by src/check.h. */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "src/check.h"
#include "src/console_config.h"

#define MODULES "/lib/modules/6.12.1-bmc"

/* A machine: its files in a folder, what cannot be a file in here. */
struct fixture {
	char *root;
	struct check_world world;
	struct console_config config;
	GError *fault;
	char *said; /* by the last check */
	bool good;
};

/* What the fakes answer; access and the ioctl get no data of ours, so that they look here. */
struct answers {
	const char *closed; /* ends of paths that may not be opened, NULL: none */
	const char *taken;  /* an address or socket that is taken */
	uint32_t capabilities, device_caps;
	int cause;
};
extern struct answers answers;

/* A BMC that has everything, and no drives. For g_test_add. */
void fixture_open(struct fixture *f, gconstpointer unused);
void fixture_close(struct fixture *f, gconstpointer unused);

/* A file below the root, or with text NULL a folder; or none. */
void put(struct fixture *f, const char *path, const char *text);
void take_away(struct fixture *f, const char *path);

/* Drives, and all that they need. */
void have_drives(struct fixture *f);

void check(struct fixture *f);

/* The check says this line, and comes to that end. */
void assert_says(struct fixture *f, bool good, const char *line);
