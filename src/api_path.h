/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Where a console's API socket is when nobody says: for the daemon, and for those who ask it. */
#include <stdbool.h>

/* Whether a file could be made in the folder, after those that are missing. */
bool api_path_is_writable(const char *folder);

/*
 * The system's place when this process may make a socket there (or there is no other), else
 * spicerack/console.sock in XDG_RUNTIME_DIR. New string.
 */
char *api_path_to_serve(void);

/* Where to look for a daemon, best first: one's own, the system's. NULL-terminated, new. */
char **api_paths_to_ask(void);
