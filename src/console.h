/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One node's console: its picture to the viewer, the viewer's keys and pointer to it. Frames are
 * captured only while somebody looks. Runs on the default main context.
 */
#include <glib.h>
#include <stdbool.h>

#define CONSOLE_ERROR console_error_quark()

enum console_error {
	CONSOLE_ERROR_STATE, /* not possible as things are now */
};

struct console;
struct console_config;
struct console_status;
struct drives;
struct node;

/* The node stays the caller's and must outlive the console. Listens when it returns. */
struct console *console_open(
		const struct console_config *config, struct node *node, GError **error);

/* The first address that it listens on, with the port that was taken. */
const char *console_address(const struct console *console);

/* How it is; see status.h for how long the strings live. */
void console_status(struct console *console, struct console_status *out);

/*
 * Wakes a sleeping node, as a key on its own keyboard would. Only on an operator's word, never by a
 * viewer's input. Returns false and sets error (CONSOLE_ERROR) when it cannot be done.
 */
bool console_wake(struct console *console, GError **error);

/* The node's drives, the node's; NULL: it has none to put anything in. */
struct drives *console_drives(struct console *console);

void console_close(struct console *console); /* NULL is fine */

GQuark console_error_quark(void);
