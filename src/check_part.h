/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the parts of check.h share. */
#include <glib.h>
#include "src/check.h"

#define CONFIGFS "/sys/kernel/config"
#define GADGETS  CONFIGFS "/usb_gadget"

enum check_verdict {
	CHECK_OK,
	CHECK_WARNING, /* a console starts, but something is not as it could be */
	CHECK_MISSING,
};

struct check {
	const struct check_world *world;
	const struct console_config *config;
	FILE *out;
	enum check_verdict worst;
};

/* One line; remedy NULL: nothing to do. */
void check_say(struct check *check, enum check_verdict verdict, const char *what,
		const char *remedy, const char *format, ...) G_GNUC_PRINTF(5, 6);

/* A path below the root. New string. */
char *check_path(const struct check *check, const char *path);

/* A small file, without white space at its end; NULL when it cannot be read. */
char *check_read(const struct check *check, const char *path);

/* The names in a folder with a prefix, sorted; empty when there are none. */
char **check_list(const struct check *check, const char *path, const char *prefix);

bool check_exists(const struct check *check, const char *path);

/* What the kernel must have: configfs, libcomposite, the HID function. */
void check_kernel(struct check *check);

/* A function of gadgets that the kernel must have. */
struct check_function {
	const char *module;
	const char *option;        /* of the kernel's configuration */
	const char *lack;          /* what it is to have */
	enum check_verdict absent; /* when it has not */
};

void check_function(struct check *check, const struct check_function *function);

/* The USB ports of the configuration, or all. */
void check_ports(struct check *check);

/* What drives are made of, and folders for them. */
void check_drives(struct check *check);
unsigned int check_drives_count(const struct console_config *config);

/* Nodes in /dev: video, and reports that go to the node. */
void check_devices(struct check *check);
