/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One node's console: its picture to the viewer, the viewer's keys and pointer to it. Frames are
 * captured only while somebody looks. Runs on the default main context.
 */
#include <glib.h>

struct console;
struct console_config;
struct node;

/* The node stays the caller's and must outlive the console. Listens when it returns. */
struct console *console_open(
		const struct console_config *config, struct node *node, GError **error);

/* The first address that it listens on, with the port that was taken. */
const char *console_address(const struct console *console);

void console_close(struct console *console); /* NULL is fine */
