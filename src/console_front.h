/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How a console is asked from outside: its API, and what only that has use for, the node's power
 * and Redfish. Main thread only.
 */
#include <stdbool.h>

struct console;
struct console_config;
struct console_front;
struct node;

/* All must outlive it. Where it cannot listen is said in the log, and tried again. */
struct console_front *console_front_open(
		const struct console_config *config, struct console *console, struct node *node);

/*
 * Whether it has to be opened anew for another configuration, or since its files are others than it
 * has read: who listens to it comes back by himself, and is not sent away without need.
 */
bool console_front_is_stale(const struct console_front *front, const struct console_config *next);

void console_front_close(struct console_front *front); /* NULL is fine */
