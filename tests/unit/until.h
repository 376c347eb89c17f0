/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Waiting in the main loop for what has to come. */
#include <glib.h>

#define UNTIL_S 20 /* that it may take on the busiest machine */

static inline gboolean until_late(gpointer what)
{
	g_error("waited for too long: %s", (const char *)what);
	return G_SOURCE_REMOVE;
}

/* Turns the main loop until it holds. */
#define UNTIL(condition)                                                                        \
	do {                                                                                    \
		guint late = g_timeout_add_seconds(UNTIL_S, until_late, (gpointer) #condition); \
		while (!(condition))                                                            \
			g_main_context_iteration(NULL, TRUE);                                   \
		g_source_remove(late);                                                          \
	} while (0)
