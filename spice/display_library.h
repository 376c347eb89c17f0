/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A display (see display.h) over spice-server's own display channel: a QXL device whose drawables
 * are the rectangles that changed. Main thread, but for what the library's worker thread asks for.
 *
 * Flow control: a drawable comes back once its bytes are with the socket of every client and the
 * primary has been drawn up to it. One update is out at a time; the next one, with all that changed
 * since, leaves when the last drawable is back.
 */
#include <stdbool.h>
#include <spice.h>
#include "spice/display.h"

/* The surface that clients see, or are about to see, has this size, pixels. */
typedef void (*display_library_size_fn)(int width, int height, void *data);

/*
 * Adds the device to a server that is not running yet, with an empty surface of 640x480 until the
 * first picture. The server stays the caller's; display_close() comes after spice_server_destroy().
 * Returns NULL when the library refuses the device or memory is short.
 */
struct display *display_library_new(SpiceServer *server, display_library_size_fn size, void *data);

/* A display channel of a client begins (before the library lets it in) or has ended. */
void display_library_join(struct display *display);
void display_library_leave(struct display *display);
