/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A screen for a SpiceServer whose clients get their pictures elsewhere: spice-server lists a
 * display channel, and lets clients point at places, only where there is a QXL device with a
 * surface. This one's surface is memory that nobody ever writes to, and takes none. Its size does
 * not matter: the library hands positions on as clients send them. Main thread only.
 */
#include <stdbool.h>
#include <spice.h>

struct blank;

/* NULL: memory is short. */
struct blank *blank_new(void);

/* Adds the device to a server that is not running yet and must end before the blank. False: it is
 * refused. */
bool blank_attach(struct blank *blank, SpiceServer *server);

void blank_free(struct blank *blank); /* NULL is fine; after spice_server_destroy */
