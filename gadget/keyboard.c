/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "gadget/keyboard.h"
#include "gadget/report.h"
#include "gadget/usage.h"

#define KEYBOARD_SLOTS 6 /* keys in a report; modifiers have bits of their own */
#define KEYBOARD_LEDS  (KEYBOARD_NUM_LOCK | KEYBOARD_CAPS_LOCK | KEYBOARD_SCROLL_LOCK)

/* HID 1.11 appendix E.6: modifiers, a reserved byte, five lights and their padding, six keys. */
const uint8_t keyboard_descriptor[] = {
		0x05, 0x01,       /* usage page: generic desktop */
		0x09, 0x06,       /* usage: keyboard */
		0xa1, 0x01,       /* collection: application */
		0x05, 0x07,       /*   usage page: keyboard */
		0x19, 0xe0,       /*   from left control */
		0x29, 0xe7,       /*   to right GUI */
		0x15, 0x00,       /*   0.. */
		0x25, 0x01,       /*   1 */
		0x75, 0x01,       /*   1 bit */
		0x95, 0x08,       /*   8 times */
		0x81, 0x02,       /*   input: data, variable, absolute */
		0x95, 0x01,       /*   once */
		0x75, 0x08,       /*   8 bits */
		0x81, 0x01,       /*   input: constant */
		0x95, 0x05,       /*   5 times */
		0x75, 0x01,       /*   1 bit */
		0x05, 0x08,       /*   usage page: LEDs */
		0x19, 0x01,       /*   from num lock */
		0x29, 0x05,       /*   to kana */
		0x91, 0x02,       /*   output: data, variable, absolute */
		0x95, 0x01,       /*   once */
		0x75, 0x03,       /*   3 bits */
		0x91, 0x01,       /*   output: constant */
		0x95, 0x06,       /*   6 times */
		0x75, 0x08,       /*   8 bits */
		0x15, 0x00,       /*   0.. */
		0x26, 0xff, 0x00, /* 255; the appendix stops at 101, which hides F13 and beyond */
		0x05, 0x07,       /*   usage page: keyboard */
		0x19, 0x00,       /*   from none */
		0x29, 0xff,       /*   to 255 */
		0x81, 0x00,       /*   input: data, array */
		0xc0,             /* end */
};
const size_t keyboard_descriptor_size = sizeof(keyboard_descriptor);

struct keyboard {
	struct report *report;
	uint8_t modifiers;
	uint8_t keys[USAGE_KEY_MAX + 1]; /* down, in order of press; modifiers not among them */
	size_t count;
	uint8_t said[KEYBOARD_REPORT_SIZE];                      /* what the node last took */
	uint8_t waiting[KEYBOARD_WAITING][KEYBOARD_REPORT_SIZE]; /* a ring of what it has not */
	size_t first, waits;
	unsigned int lights;
	keyboard_leds_fn leds;
	void *leds_data;
	keyboard_listening_fn listening;
	void *listening_data;
};

static void keyboard_build(const struct keyboard *keyboard, uint8_t *bytes)
{
	memset(bytes, 0, KEYBOARD_REPORT_SIZE);
	bytes[0] = keyboard->modifiers;
	if (keyboard->count > KEYBOARD_SLOTS)
		memset(bytes + 2, USAGE_ROLL_OVER, KEYBOARD_SLOTS);
	else
		memcpy(bytes + 2, keyboard->keys, keyboard->count);
}

static uint8_t *keyboard_waiting(struct keyboard *keyboard, size_t index)
{
	return keyboard->waiting[(keyboard->first + index) % KEYBOARD_WAITING];
}

/* Lets the present state wait, when it differs from what is said last. */
static void keyboard_enqueue(struct keyboard *keyboard)
{
	uint8_t bytes[KEYBOARD_REPORT_SIZE];
	uint8_t *last = keyboard->said;

	keyboard_build(keyboard, bytes);
	if (keyboard->waits)
		last = keyboard_waiting(keyboard, keyboard->waits - 1);
	if (memcmp(bytes, last, sizeof(bytes)) == 0)
		return;
	if (keyboard->waits < KEYBOARD_WAITING)
		last = keyboard_waiting(keyboard, keyboard->waits++);
	memcpy(last, bytes, sizeof(bytes));
}

static void keyboard_forget(void *data)
{
	struct keyboard *keyboard = data;

	keyboard->waits = 0;
	keyboard_enqueue(keyboard);
}

static void keyboard_changed(struct keyboard *keyboard)
{
	if (report_listening(keyboard->report))
		keyboard_enqueue(keyboard);
	else
		keyboard_forget(keyboard);
	report_flush(keyboard->report);
}

static bool keyboard_next(uint8_t *bytes, bool anew, void *data)
{
	struct keyboard *keyboard = data;

	if (keyboard->waits)
		memcpy(bytes, keyboard_waiting(keyboard, 0), KEYBOARD_REPORT_SIZE);
	else
		keyboard_build(keyboard, bytes);
	return keyboard->waits || anew;
}

static void keyboard_taken(void *data)
{
	struct keyboard *keyboard = data;

	if (!keyboard->waits)
		return;
	memcpy(keyboard->said, keyboard_waiting(keyboard, 0), KEYBOARD_REPORT_SIZE);
	/* It may have been a password's. */
	memset(keyboard_waiting(keyboard, 0), 0, KEYBOARD_REPORT_SIZE);
	keyboard->first = (keyboard->first + 1) % KEYBOARD_WAITING;
	keyboard->waits--;
}

static void keyboard_lights(struct keyboard *keyboard, unsigned int lights)
{
	if (lights == keyboard->lights)
		return;
	keyboard->lights = lights;
	if (keyboard->leds)
		keyboard->leds(lights, keyboard->leds_data);
}

static void keyboard_output(const uint8_t *bytes, size_t size, void *data)
{
	/* There are no report ids here, yet some hosts put a zero in front. */
	size_t at = size > 1 && bytes[0] == 0 ? 1 : 0;

	keyboard_lights(data, bytes[at] & KEYBOARD_LEDS);
}

static void keyboard_heard(bool listening, void *data)
{
	struct keyboard *keyboard = data;

	if (keyboard->listening)
		keyboard->listening(listening, keyboard->listening_data);
}

struct keyboard *keyboard_new(int fd, keyboard_leds_fn leds, void *data)
{
	struct keyboard *keyboard = g_new0(struct keyboard, 1);
	const struct report_events events = {
			.next = keyboard_next,
			.taken = keyboard_taken,
			.forget = keyboard_forget,
			.output = keyboard_output,
			.listening = keyboard_heard,
			.data = keyboard,
	};

	keyboard->leds = leds;
	keyboard->leds_data = data;
	keyboard->report = report_new(fd, KEYBOARD_REPORT_SIZE, &events);
	return keyboard;
}

void keyboard_on_listening(struct keyboard *keyboard, keyboard_listening_fn fn, void *data)
{
	keyboard->listening = fn;
	keyboard->listening_data = data;
}

static void keyboard_rest(struct keyboard *keyboard)
{
	keyboard->modifiers = 0;
	keyboard->count = 0;
	keyboard->waits = 0;
}

void keyboard_attach(struct keyboard *keyboard, int fd)
{
	keyboard_rest(keyboard);
	memset(keyboard->said, 0, sizeof(keyboard->said));
	report_attach(keyboard->report, fd);
	keyboard_lights(keyboard, 0);
}

static bool keyboard_modifier(struct keyboard *keyboard, uint8_t usage, bool down)
{
	uint8_t bit = 1 << (usage - USAGE_LEFT_CONTROL);

	if (!(keyboard->modifiers & bit) == !down)
		return false;
	keyboard->modifiers ^= bit;
	return true;
}

static bool keyboard_slot(struct keyboard *keyboard, uint8_t usage, bool down)
{
	uint8_t *key = memchr(keyboard->keys, usage, keyboard->count);

	if (down) {
		if (key)
			return false;
		keyboard->keys[keyboard->count++] = usage;
	} else {
		if (!key)
			return false;
		keyboard->count--;
		memmove(key, key + 1, keyboard->keys + keyboard->count - key);
	}
	return true;
}

void keyboard_renew(struct keyboard *keyboard)
{
	report_renew(keyboard->report);
}

void keyboard_key(struct keyboard *keyboard, uint8_t usage, bool down)
{
	bool changed;

	if (usage < USAGE_KEY_MIN || usage > USAGE_KEY_MAX)
		return;
	if (usage >= USAGE_LEFT_CONTROL)
		changed = keyboard_modifier(keyboard, usage, down);
	else
		changed = keyboard_slot(keyboard, usage, down);
	if (changed)
		keyboard_changed(keyboard);
}

void keyboard_release_all(struct keyboard *keyboard)
{
	keyboard_rest(keyboard);
	keyboard_changed(keyboard);
}

bool keyboard_listening(const struct keyboard *keyboard)
{
	return report_listening(keyboard->report);
}

bool keyboard_idle(const struct keyboard *keyboard)
{
	return keyboard->waits == 0;
}

void keyboard_close(struct keyboard *keyboard)
{
	if (!keyboard)
		return;
	report_close(keyboard->report);
	g_free(keyboard);
}
