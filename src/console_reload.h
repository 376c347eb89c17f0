/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * From one configuration to the next while the console runs: whole, or not at all. What viewers,
 * node or drives are built on takes a restart; what is not known to change by itself does too.
 * Pure.
 */
#include <glib.h>
#include <stdbool.h>

struct console_config;

/* Whether all that differs can change now. False and error (CONFIG_ERROR_VALUE) names what cannot,
 * in one line. */
bool console_reload_judge(const struct console_config *now, const struct console_config *next,
		GError **error);

/* Whether it is about a group of the file; key NULL: any of them. */
bool console_reload_touches(const struct console_config *now, const struct console_config *next,
		const char *group, const char *key);

/* Exchanges what differs; what does not keeps its place in memory, where others may point to. */
void console_reload_swap(struct console_config *now, struct console_config *next);
