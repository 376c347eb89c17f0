/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The pointers that the node sees: an absolute one (a tablet) and a relative mouse, each with five
 * buttons and a wheel, each on its own report channel. One writer, the main thread.
 *
 * While the node listens nothing that counts is lost between two of its polls: positions give way
 * to newer ones and motion and notches add up, but a button goes down and up where it did, in
 * order, and the wheel turns where it did. At most POINTER_WAITING such steps wait; beyond that the
 * last one takes up what is new. Once the node does not listen (report.h: nothing fetched for a
 * second, or no host) nothing waits: when it listens again it hears the position and the buttons of
 * that time; motion and notches are gone.
 *
 * Going over to the other pointer releases the buttons of the former.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POINTER_MAX     32767
#define POINTER_WAITING 32

#define POINTER_ABSOLUTE_SIZE 6 /* buttons, x low, x high, y low, y high, wheel */
#define POINTER_RELATIVE_SIZE \
	4 /* buttons, x, y, wheel: the boot mouse (HID 1.11 B.2) and a wheel */

extern const uint8_t pointer_absolute_descriptor[];
extern const size_t pointer_absolute_descriptor_size;
extern const uint8_t pointer_relative_descriptor[];
extern const size_t pointer_relative_descriptor_size;

struct pointer;

/* fds: report channels as for keyboard_new; they stay the caller's. -1: not there (yet). */
struct pointer *pointer_new(int absolute_fd, int relative_fd);

/* Other report channels after the hub was bound anew. Every button is up on them. */
void pointer_attach(struct pointer *pointer, int absolute_fd, int relative_fd);

/* The same for one of them, which leaves the other as it is. */
void pointer_attach_absolute(struct pointer *pointer, int fd);
void pointer_attach_relative(struct pointer *pointer, int fd);

/*
 * To be called after that when a former process may have left buttons down at the node. The
 * absolute pointer goes to the middle of the screen, since nobody knows where it was.
 */
void pointer_renew_absolute(struct pointer *pointer);
void pointer_renew_relative(struct pointer *pointer);

/* The node may have forgotten where the absolute pointer is: says it again, if it was ever said. */
void pointer_repeat_absolute(struct pointer *pointer);

/*
 * x, y: 0..POINTER_MAX over the screen, clamped; wheel: notches, up is positive; buttons: bit 0
 * left, 1 right, 2 middle, 3 side, 4 extra. Never blocks.
 */
void pointer_move_to(struct pointer *pointer, int x, int y, int wheel, unsigned int buttons);

/*
 * dx, dy: mouse counts, right and down are positive, any size; sent in as many reports as it takes,
 * as fast as the node reads them. Buttons that change together with a motion do so at its end.
 */
void pointer_move_by(struct pointer *pointer, int dx, int dy, int wheel, unsigned int buttons);

/* Every button up, no motion left over, on both. What waited is dropped. */
void pointer_release_all(struct pointer *pointer);

/* Whether the node takes reports of that pointer, as far as writing showed. */
bool pointer_absolute_listening(const struct pointer *pointer);
bool pointer_relative_listening(const struct pointer *pointer);

void pointer_close(struct pointer *pointer); /* NULL is fine */
