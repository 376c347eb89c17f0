/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Where a daemon's API socket is when nobody says: for the daemon, and for those who ask it. */
#include <stdbool.h>

/* Whether a file could be made in the folder, after those that are missing. */
bool api_path_is_writable(const char *folder);

/* Names of sockets. */
#define API_PATH_CONSOLE "console.sock"
#define API_PATH_RACK    "rack.sock"

/*
 * The system's place when this process may make a socket there (or there is no other), else
 * spicerack/NAME in XDG_RUNTIME_DIR. New string.
 */
char *api_path_to_serve(const char *name);

/* Where to look for a daemon, best first: one's own, the system's. NULL-terminated, new. */
char **api_paths_to_ask(const char *name);
