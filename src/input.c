/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "gadget/keyboard.h"
#include "gadget/pointer.h"
#include "gadget/usage.h"
#include "src/input.h"
#include "src/node.h"
#include "src/status.h"

#define USAGES 256

struct input {
	struct node *node; /* not ours */
	struct keyboard *keyboard;
	struct pointer *pointer;
	bool there[NODE_DEVICES]; /* has a channel */
	bool held[USAGES];        /* by viewers, who may not be heard just now */
	bool taken;               /* by somebody who types */
	bool typed[USAGES];       /* he holds it */
	unsigned int lights;
	input_leds_fn leds; /* NULL: nobody asks */
	void *data;
	input_changed_fn changed; /* NULL: nobody wants to know */
	void *changed_data;
	struct console_input told; /* but for its lights */
};

static enum console_device input_device(
		const struct input *input, enum node_device device, bool listening)
{
	if (!input->there[device])
		return CONSOLE_DEVICE_ABSENT;
	return listening ? CONSOLE_DEVICE_LISTENING : CONSOLE_DEVICE_DEAF;
}

void input_read(const struct input *input, struct console_input *out)
{
	out->keyboard = input_device(input, NODE_KEYBOARD, keyboard_listening(input->keyboard));
	out->absolute = input_device(
			input, NODE_ABSOLUTE, pointer_absolute_listening(input->pointer));
	out->relative = input_device(
			input, NODE_RELATIVE, pointer_relative_listening(input->pointer));
}

static void input_tell(struct input *input)
{
	struct console_input now;

	input_read(input, &now);
	if (now.keyboard == input->told.keyboard && now.absolute == input->told.absolute &&
			now.relative == input->told.relative)
		return;
	input->told = now;
	if (input->changed)
		input->changed(input->changed_data);
}

void input_listen(struct input *input, input_changed_fn changed, void *data)
{
	input->changed = changed;
	input->changed_data = data;
}

/* --- The node's end --- */

static void input_channel(enum node_device device, int fd, bool used, void *data)
{
	struct input *input = data;

	input->there[device] = fd >= 0;
	switch (device) {
	case NODE_KEYBOARD:
		keyboard_attach(input->keyboard, fd);
		if (used)
			keyboard_renew(input->keyboard);
		break;
	case NODE_ABSOLUTE:
		pointer_attach_absolute(input->pointer, fd);
		if (used)
			pointer_renew_absolute(input->pointer);
		break;
	case NODE_RELATIVE:
		pointer_attach_relative(input->pointer, fd);
		if (used)
			pointer_renew_relative(input->pointer);
		break;
	case NODE_DEVICES:
		break;
	}
	input_tell(input);
}

static void input_anew(enum node_device device, void *data)
{
	struct input *input = data;

	switch (device) {
	case NODE_KEYBOARD:
		keyboard_renew(input->keyboard);
		break;
	case NODE_ABSOLUTE:
		pointer_repeat_absolute(input->pointer);
		break;
	case NODE_RELATIVE:
		pointer_renew_relative(input->pointer);
		break;
	case NODE_DEVICES:
		break;
	}
}

static void input_listening(bool listening, void *data)
{
	struct input *input = data;

	node_listening(input->node, NODE_KEYBOARD, listening);
	input_tell(input);
}

static void input_lights(unsigned int lights, void *data)
{
	struct input *input = data;

	input->lights = lights;
	if (input->leds)
		input->leds(lights, input->data);
}

/* --- The viewers' end --- */

void input_key(struct input *input, uint8_t usage, bool down)
{
	input->held[usage] = down;
	if (!input->taken)
		keyboard_key(input->keyboard, usage, down);
}

void input_pointer(struct input *input, int x, int y, int wheel, unsigned int buttons)
{
	pointer_move_to(input->pointer, x, y, wheel, buttons);
	input_tell(input);
}

void input_mouse(struct input *input, int dx, int dy, int wheel, unsigned int buttons)
{
	pointer_move_by(input->pointer, dx, dy, wheel, buttons);
	input_tell(input);
}

void input_release_all(struct input *input)
{
	memset(input->held, 0, sizeof(input->held));
	if (!input->taken)
		keyboard_release_all(input->keyboard);
	pointer_release_all(input->pointer);
}

/* --- Who types --- */

void input_take(struct input *input)
{
	input->taken = true;
	/* One by one: what was tapped just now and not taken yet must not get lost. */
	for (int usage = 0; usage < USAGES; usage++)
		if (input->held[usage])
			keyboard_key(input->keyboard, (uint8_t)usage, false);
}

void input_type(struct input *input, uint8_t usage, bool down)
{
	input->typed[usage] = down;
	keyboard_key(input->keyboard, usage, down);
}

void input_untake(struct input *input)
{
	for (int usage = 0; usage < USAGES; usage++)
		if (input->typed[usage])
			input_type(input, (uint8_t)usage, false);
	for (int usage = USAGE_LEFT_CONTROL; usage <= USAGE_RIGHT_GUI; usage++)
		if (input->held[usage])
			keyboard_key(input->keyboard, (uint8_t)usage, true);
	input->taken = false;
	/* A viewer may believe in a lock of his that never came. */
	input_lights(input->lights, input);
}

bool input_hears(const struct input *input)
{
	return input->there[NODE_KEYBOARD] && keyboard_listening(input->keyboard);
}

bool input_heard(const struct input *input)
{
	return keyboard_idle(input->keyboard);
}

struct input *input_new(struct node *node, input_leds_fn leds, void *data)
{
	struct input *input = g_new0(struct input, 1);

	input->node = node;
	input->leds = leds;
	input->data = data;
	input->keyboard = keyboard_new(-1, input_lights, input);
	input->pointer = pointer_new(-1, -1);
	keyboard_on_listening(input->keyboard, input_listening, input);
	node_listen(node, &(struct node_events){.channel = input_channel,
					  .anew = input_anew,
					  .data = input});
	return input;
}

void input_free(struct input *input)
{
	if (!input)
		return;
	node_listen(input->node, NULL);
	input->taken = false;
	input_release_all(input);
	pointer_close(input->pointer);
	keyboard_close(input->keyboard);
	g_free(input);
}
