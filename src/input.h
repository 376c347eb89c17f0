/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * From the viewers' hands to the node's keyboard and pointers, over whatever channels the node has
 * at the time. Main thread only.
 */
#include <stdbool.h>
#include <stdint.h>

struct console_input;
struct input;
struct node;

/* The node changed its lights, or they are told once more; leds: enum keyboard_led bits. */
typedef void (*input_leds_fn)(unsigned int leds, void *data);

/* Which devices there are, or whether the node takes their reports, is another way. */
typedef void (*input_changed_fn)(void *data);

/* The node stays the caller's and must outlive the input. */
struct input *input_new(struct node *node, input_leds_fn leds, void *data);

/* What viewers.h reports, in its units. */
void input_key(struct input *input, uint8_t usage, bool down);
void input_pointer(struct input *input, int x, int y, int wheel, unsigned int buttons);
void input_mouse(struct input *input, int dx, int dy, int wheel, unsigned int buttons);
void input_release_all(struct input *input);

/*
 * Somebody else has the keyboard for himself: until input_untake only what he types reaches the
 * node. What viewers hold goes up before, and what they press meanwhile is not passed on. At the
 * end the modifiers that they hold come down again; other keys do not, which would type once more.
 * The pointers stay theirs. The lights are told once more then.
 */
void input_take(struct input *input);
void input_type(struct input *input, uint8_t usage, bool down);
void input_untake(struct input *input); /* lets go of what he still holds */

/* Whether the node takes keys, as far as is known; and whether it has taken all so far. */
bool input_hears(const struct input *input);
bool input_heard(const struct input *input);

/* Which devices there are, and whether the node takes their reports; leds is left alone. */
void input_read(const struct input *input, struct console_input *out);

/* Whom to tell; a pointer's is found out when it is moved. NULL: nobody. */
void input_listen(struct input *input, input_changed_fn changed, void *data);

void input_free(struct input *input); /* NULL is fine; releases everything */
