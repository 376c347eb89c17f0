/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Whether this machine has all that the console of a real node needs: one line for each thing, with
 * the remedy for what is missing. Only looks: a device is opened and asked what it is, an address
 * is listened on for a moment, nothing stays changed. Blocks; for spicerack-console --check.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct console_config;
struct v4l2_capability;

/* What is looked at; a test has a tree of its own. */
struct check_world {
	const char *root;    /* stands before /sys, /proc, /dev, /lib and folders; "" */
	const char *release; /* of the kernel, as uname -r says */
	bool super;          /* we are root */
	/* As access(2): 0, or -1 with errno. */
	int (*access)(const char *path, int mode);
	/* VIDIOC_QUERYCAP: 0, or an errno. */
	int (*capability)(const char *path, struct v4l2_capability *capability);
	/* Listens on an address of console.conf, and lets go of it. */
	bool (*listen)(const char *address, GError **error);
	/* The same for the API's socket. */
	bool (*serve)(const char *path, mode_t mode, GError **error);
};

/* This machine. release must hold what utsname.release can (65 bytes). */
void check_world_real(struct check_world *world, char *release, size_t size);

/*
 * fault: why the configuration could not be read, NULL: it was. Prints "ok", "warning" or
 * "missing", what, and a remedy. Returns whether the console of a real node could start.
 */
bool check_run(const struct check_world *world, const struct console_config *config,
		const GError *fault, FILE *out);
