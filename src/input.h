/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * From a viewer's hands to the node's keyboard and pointers. A key that is held while its client
 * says nothing for longer than a limit is released: a lost connection must not leave the node with
 * a key down.
 */
#include <stdbool.h>
#include <stdint.h>

struct keyboard;
struct pointer;
struct input;

/* limit: seconds, 0: none. Keyboard and pointer stay the caller's and must outlive the input. */
struct input *input_new(struct keyboard *keyboard, struct pointer *pointer, unsigned int limit);

/* What viewer.h reports, in its units. */
void input_key(struct input *input, uint8_t usage, bool down);
void input_pointer(struct input *input, int x, int y, int wheel, unsigned int buttons);
void input_mouse(struct input *input, int dx, int dy, int wheel, unsigned int buttons);
void input_release_all(struct input *input);

void input_free(struct input *input); /* NULL is fine; releases everything */
