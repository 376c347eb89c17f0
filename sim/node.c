/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/alarm.h"
#include "sim/bays.h"
#include "sim/engine.h"
#include "sim/grid.h"
#include "sim/keymap.h"
#include "sim/node.h"
#include "sim/ports.h"
#include "sim/screen.h"

#define NODE_FIRMWARE_WIDTH  720
#define NODE_FIRMWARE_HEIGHT 400
#define NODE_CONSOLE_WIDTH   1024
#define NODE_CONSOLE_HEIGHT  768
#define NODE_DESKTOP_WIDTH   1920
#define NODE_DESKTOP_HEIGHT  1080

/* A PC's usual typematic rate. */
#define NODE_REPEAT_DELAY (SCREEN_SECOND / 2)
#define NODE_REPEAT_STEP  (SCREEN_SECOND / 30)

struct sim_node {
	struct engine *engine;
	struct ports *ports;
	struct bays *bays;
	struct alarm *alarm;
	struct screen *firmware, *console, *desktop;
	struct screen *current; /* one of these */
	struct picture picture; /* in the mode of the current one */
	bool fresh;             /* which has not drawn it yet */
	int console_width, console_height;

	bool powered, unplugged, asleep;
	int64_t dark_until; /* monotonic microseconds */

	struct sim_input input;
	struct keymap keymap;
	struct screen_pointer pointer; /* gathers what a report says */
	bool pointed;                  /* it says something */
	uint8_t repeating;             /* usage; 0: none */
	int64_t repeat_at;
	GString *text;
};

static void node_signal(struct sim_node *node)
{
	const char *reason = NULL;

	if (!node->powered)
		reason = "the node is switched off";
	else if (node->unplugged)
		reason = "the video cable is unplugged";
	else if (node->asleep)
		reason = "the node's display sleeps until a key is pressed";
	else if (node->dark_until > g_get_monotonic_time())
		reason = "the node sends no picture; it will again by itself";
	engine_signal(node->engine, reason);
}

/* Both what is due and when to wake up next. */
static void node_run(struct sim_node *node);

static void node_wake_at(struct sim_node *node, int64_t due, int64_t now)
{
	if (node->repeating)
		due = MIN(due, node->repeat_at);
	if (node->dark_until > now)
		due = MIN(due, node->dark_until);
	if (due == SCREEN_NEVER)
		alarm_clear(node->alarm);
	else
		alarm_set(node->alarm, due);
}

static void node_show(struct sim_node *node, struct screen *screen, int width, int height)
{
	if (width != node->picture.width || height != node->picture.height) {
		/* Short of memory the node stays what it was. */
		if (!picture_resize(&node->picture, width, height))
			return;
		node->pointer.x = MIN(node->pointer.x, width - 1);
		node->pointer.y = MIN(node->pointer.y, height - 1);
	}
	node->fresh = true;
	node->current = screen;
	screen->ops->enter(screen, width, height, g_get_monotonic_time());
	engine_touch(node->engine);
}

static void node_set_lights(struct sim_node *node, unsigned int lights)
{
	node->input.lights = lights;
	ports_lights(node->ports, lights);
}

/* From power-on, and after a reset: nothing of before is left. */
static void node_reset(struct sim_node *node)
{
	int64_t now = g_get_monotonic_time();

	memset(node->input.keys, 0, sizeof(node->input.keys));
	ports_reset(node->ports);
	node->keymap.dead = 0;
	node->repeating = 0;
	node->asleep = false;
	node->dark_until = 0;
	node->console_width = NODE_CONSOLE_WIDTH;
	node->console_height = NODE_CONSOLE_HEIGHT;
	node->firmware->ops->reset(node->firmware, now);
	node->console->ops->reset(node->console, now);
	node->desktop->ops->reset(node->desktop, now);
	bays_power(node->bays, node->powered);
	node_show(node, node->firmware, NODE_FIRMWARE_WIDTH, NODE_FIRMWARE_HEIGHT);
	node->pointer = (struct screen_pointer){
			.x = NODE_FIRMWARE_WIDTH / 2, .y = NODE_FIRMWARE_HEIGHT / 2};
	node_set_lights(node, 0);
}

static void node_order(const struct screen_order *order, void *data)
{
	struct sim_node *node = data;

	switch (order->type) {
	case SCREEN_BOOT:
		if (order->a)
			node_show(node, node->desktop, NODE_DESKTOP_WIDTH, NODE_DESKTOP_HEIGHT);
		else
			node_show(node, node->console, node->console_width, node->console_height);
		break;
	case SCREEN_MODE:
		node->console_width = order->a;
		node->console_height = order->b;
		node_show(node, node->console, order->a, order->b);
		break;
	case SCREEN_CONSOLE:
		node_show(node, node->console, node->console_width, node->console_height);
		break;
	case SCREEN_DESKTOP:
		node_show(node, node->desktop, order->a, order->b);
		break;
	case SCREEN_MOTION:
		if (order->a != SCREEN_STILL && node->current != node->desktop)
			node_show(node, node->desktop, NODE_DESKTOP_WIDTH, NODE_DESKTOP_HEIGHT);
		screen_desktop_motion(node->desktop, order->a);
		break;
	case SCREEN_NO_SIGNAL:
		node->dark_until = g_get_monotonic_time() + order->a * SCREEN_SECOND;
		break;
	case SCREEN_SLEEP:
		node->asleep = true;
		break;
	case SCREEN_REBOOT:
		node_reset(node);
		break;
	case SCREEN_POWER_OFF:
		sim_node_power(node, false);
		break;
	}
}

static bool node_down(const struct sim_node *node, int left, int right)
{
	const uint8_t *keys = node->input.keys;

	return (keys[left >> 3] >> (left & 7) & 1) || (keys[right >> 3] >> (right & 7) & 1);
}

static void node_toggle(struct sim_node *node, uint8_t usage)
{
	unsigned int light = usage == KEYMAP_CAPS_LOCK  ? HID_CAPS_LOCK
			     : usage == KEYMAP_NUM_LOCK ? HID_NUM_LOCK
							: HID_SCROLL_LOCK;

	node_set_lights(node, node->input.lights ^ light);
}

static void node_press(struct sim_node *node, uint8_t usage, bool repeat, int64_t now)
{
	unsigned int lights = node->input.lights;
	bool shift = node_down(node, KEYMAP_LEFT_SHIFT, KEYMAP_RIGHT_SHIFT);
	bool alt_gr = keymap_has_alt_gr(&node->keymap) &&
		      node_down(node, KEYMAP_RIGHT_ALT, KEYMAP_RIGHT_ALT);
	struct screen_key key = {
			.usage = usage,
			.repeat = repeat,
			.control = node_down(node, KEYMAP_LEFT_CONTROL, KEYMAP_RIGHT_CONTROL),
			.alt = node_down(node, KEYMAP_LEFT_ALT,
					alt_gr ? KEYMAP_LEFT_ALT : KEYMAP_RIGHT_ALT),
			.code = keymap_type(&node->keymap, usage, shift, alt_gr,
					lights & HID_CAPS_LOCK, lights & HID_NUM_LOCK),
	};

	if (key.control && key.alt && (usage == KEYMAP_DELETE || usage == KEYMAP_KEYPAD_DELETE)) {
		node_reset(node);
		return;
	}
	if (usage == KEYMAP_CAPS_LOCK || usage == KEYMAP_NUM_LOCK || usage == KEYMAP_SCROLL_LOCK)
		node_toggle(node, usage);
	else if (usage < KEYMAP_LEFT_CONTROL)
		node->current->ops->key(node->current, &key, now);
	engine_touch(node->engine);
}

static void node_key(struct sim_node *node, uint8_t usage, bool down)
{
	int64_t now = g_get_monotonic_time();
	uint8_t bit = 1u << (usage & 7);

	if (!down) {
		node->input.keys[usage >> 3] &= ~bit;
		if (node->repeating == usage)
			node->repeating = 0;
		return;
	}
	node->input.keys[usage >> 3] |= bit;
	node->asleep = false;
	/* Set before the key acts: a reset ends it. */
	node->repeating = keymap_repeats(usage) ? usage : 0;
	node->repeat_at = now + NODE_REPEAT_DELAY;
	node_press(node, usage, false, now);
}

static void node_axis(struct sim_node *node, const struct hid_event *event)
{
	bool absolute = event->type == HID_ABSOLUTE;
	int *place = event->code == HID_X ? &node->pointer.x : &node->pointer.y;
	int last = (event->code == HID_X ? node->picture.width : node->picture.height) - 1;

	if (event->code == HID_WHEEL) {
		if (absolute)
			return;
		node->pointer.wheel += event->value;
		node->input.wheel += event->value;
	} else {
		int64_t moved = absolute ? ((int64_t)event->value * last + HID_AXIS_MAX / 2) /
								HID_AXIS_MAX
					 : (int64_t)*place + event->value;

		*place = (int)CLAMP(moved, 0, last);
	}
	node->pointed = true;
}

/* A machine that is switched off hears nothing. */
static void node_event(const struct hid_event *event, void *data)
{
	struct sim_node *node = data;
	unsigned int button;

	if (!node->powered)
		return;
	switch (event->type) {
	case HID_KEY:
		node_key(node, event->code, event->value);
		break;
	case HID_BUTTON:
		button = event->code <= SCREEN_BUTTONS ? 1u << (event->code - 1) : 0;
		if (event->value) {
			node->pointer.pressed |= button & ~node->pointer.buttons;
			node->pointer.buttons |= button;
			node->asleep = false;
		} else {
			node->pointer.buttons &= ~button;
		}
		node->pointed = true;
		break;
	case HID_ABSOLUTE:
	case HID_RELATIVE:
		node_axis(node, event);
		break;
	}
}

static void node_report(void *data)
{
	struct sim_node *node = data;

	if (node->powered && node->pointed) {
		node->current->ops->pointer(node->current, &node->pointer, g_get_monotonic_time());
		engine_touch(node->engine);
	}
	node->pointer.pressed = 0;
	node->pointer.wheel = 0;
	node->pointed = false;
	node_run(node);
}

static void node_run(struct sim_node *node)
{
	int64_t now = g_get_monotonic_time(), due = SCREEN_NEVER;
	struct screen *screen;

	if (node->powered && node->repeating && node->repeat_at <= now) {
		/* Where all stood still for longer than that, a release may be on its way. */
		bool late = now - node->repeat_at > NODE_REPEAT_STEP;

		node->repeat_at = now + NODE_REPEAT_STEP;
		if (!late)
			node_press(node, node->repeating, true, now);
	}
	/* A screen whose time has come may hand over to another. */
	do {
		screen = node->current;
		if (node->powered)
			due = screen->ops->tick(screen, now);
	} while (screen != node->current);
	node_signal(node);
	if (node->powered)
		node_wake_at(node, due, now);
	else
		alarm_clear(node->alarm);
}

static void node_due(void *data)
{
	struct sim_node *node = data;

	node_run(node);
	engine_touch(node->engine);
}

static const struct picture *node_look(int64_t now, int64_t *again, void *data)
{
	struct sim_node *node = data;

	*again = node->current->ops->draw(node->current, &node->picture, node->fresh, now);
	node->fresh = false;
	return &node->picture;
}

static void node_touch(void *data)
{
	struct sim_node *node = data;

	engine_touch(node->engine);
}

static void node_bays_changed(void *data)
{
	struct sim_node *node = data;

	screen_firmware_look(node->firmware);
	engine_touch(node->engine);
}

struct sim_node *sim_node_new(const struct sim_engine *engine)
{
	struct sim_node *node = g_new0(struct sim_node, 1);
	struct ports_events events = {node_event, node_report, node};

	node->text = g_string_new(NULL);
	node->alarm = alarm_new(node_due, node);
	node->ports = ports_new(&events);
	node->engine = engine_new(engine, node_look, node);
	node->bays = bays_new(node_bays_changed, node);
	node->firmware = screen_firmware_new(node_order, node, node->bays, node_touch);
	node->console = screen_console_new(node_order, node);
	node->desktop = screen_desktop_new(
			node_order, node, g_get_real_time() - g_get_monotonic_time());
	node_reset(node);
	return node;
}

void sim_node_set_layout(struct sim_node *node, int layout)
{
	node->keymap = (struct keymap){.layout = (enum keymap_layout)layout};
}

struct capture *sim_node_capture(struct sim_node *node)
{
	return engine_capture(node->engine);
}

bool sim_node_plug(struct sim_node *node, int fd, const uint8_t *descriptor, size_t size)
{
	return ports_plug(node->ports, fd, descriptor, size);
}

void sim_node_unplug(struct sim_node *node, int fd)
{
	ports_unplug(node->ports, fd);
}

bool sim_node_plug_drive(struct sim_node *node, int fd)
{
	return bays_plug(node->bays, fd, 0);
}

void sim_node_unplug_drive(struct sim_node *node, int fd)
{
	bays_unplug(node->bays, fd);
}

void sim_node_power(struct sim_node *node, bool on)
{
	if (on == node->powered)
		return;
	/* Off as well: whatever was held down or lit is not any more. */
	node_reset(node);
	node->powered = on;
	bays_power(node->bays, on);
	/* A screen that gives the order is in the middle of something: no tick from here. */
	node_signal(node);
	if (on)
		alarm_set(node->alarm, 0);
}

void sim_node_signal(struct sim_node *node, bool on)
{
	node->unplugged = !on;
	node_signal(node);
}

void sim_node_sleep(struct sim_node *node, bool on)
{
	node->asleep = on;
	node_signal(node);
}

const uint32_t *sim_node_screen(struct sim_node *node, int *width, int *height, int *stride)
{
	bool dark = node->dark_until > g_get_monotonic_time();
	int64_t again;

	if (!node->powered || node->unplugged || node->asleep || dark)
		return NULL;
	node_look(g_get_monotonic_time(), &again, node);
	*width = node->picture.width;
	*height = node->picture.height;
	*stride = node->picture.stride;
	return node->picture.pixels;
}

void sim_node_input(const struct sim_node *node, struct sim_input *input)
{
	*input = node->input;
	input->x = node->pointer.x;
	input->y = node->pointer.y;
	input->buttons = node->pointer.buttons;
	input->reports = ports_reports(node->ports);
}

const char *sim_node_typed(const struct sim_node *node)
{
	return node->current == node->desktop ? screen_desktop_line(node->desktop)
					      : screen_console_line(node->console);
}

const char *sim_node_text(struct sim_node *node)
{
	int width, height, stride;

	g_string_truncate(node->text, 0);
	if (!sim_node_screen(node, &width, &height, &stride))
		return node->text->str;
	if (node->current == node->firmware)
		grid_text(screen_firmware_grid(node->firmware), node->text);
	else if (node->current == node->console)
		grid_text(screen_console_grid(node->console), node->text);
	return node->text->str;
}

void sim_node_free(struct sim_node *node)
{
	if (!node)
		return;
	engine_free(node->engine);
	ports_free(node->ports);
	alarm_free(node->alarm);
	node->firmware->ops->close(node->firmware);
	bays_free(node->bays);
	node->console->ops->close(node->console);
	node->desktop->ops->close(node->desktop);
	picture_release(&node->picture);
	g_string_free(node->text, TRUE);
	g_free(node);
}
