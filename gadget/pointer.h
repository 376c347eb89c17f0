/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The pointers that the node sees: an absolute one (a tablet) and a relative mouse, each with five buttons and a
 * wheel, each on its own report channel. One writer, the main thread. Positions are never queued: while the node
 * does not read, the newest one waits; relative motion and wheel notches add up.
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#define POINTER_MAX 32767

#define POINTER_ABSOLUTE_SIZE 6 /* buttons, x low, x high, y low, y high, wheel */
#define POINTER_RELATIVE_SIZE 4 /* buttons, x, y, wheel: the boot mouse and a wheel */

extern const uint8_t pointer_absolute_descriptor[];
extern const size_t pointer_absolute_descriptor_size;
extern const uint8_t pointer_relative_descriptor[];
extern const size_t pointer_relative_descriptor_size;

struct pointer;

/* fds: report channels as for keyboard_new; they stay the caller's. -1: not there (yet). */
struct pointer *pointer_new(int absolute_fd, int relative_fd);

void pointer_attach(struct pointer *pointer, int absolute_fd, int relative_fd);

/* x, y: 0..POINTER_MAX over the screen, clamped; wheel: notches, up is positive; buttons: bit 0 left, 1 right,
 * 2 middle, 3 side, 4 extra. Never blocks. */
void pointer_move_to(struct pointer *pointer, int x, int y, int wheel, unsigned int buttons);

/* dx, dy: any size; sent in as many reports as it takes, as fast as the node reads them. */
void pointer_move_by(struct pointer *pointer, int dx, int dy, int wheel, unsigned int buttons);

/* Every button up, no motion left over, on both. */
void pointer_release_all(struct pointer *pointer);

void pointer_close(struct pointer *pointer); /* NULL is fine */
