/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <spice/enums.h>
#include <spice/macros.h>
#include "spice/inputs.h"
#include "spice/scancode.h"

#ifdef SANITIZED
#include <sanitizer/lsan_interface.h>
#else
static inline void __lsan_disable(void)
{
}
static inline void __lsan_enable(void)
{
}
#endif

/* The library moves the side buttons up by one from SPICE's own numbers, and swaps middle and
 * right. */
#define LIBRARY_SIDE  (SPICE_MOUSE_BUTTON_MASK_SIDE << 1)
#define LIBRARY_EXTRA (SPICE_MOUSE_BUTTON_MASK_EXTRA << 1)

struct inputs {
	SpiceKbdInstance keyboard;
	SpiceMouseInstance mouse;
	SpiceTabletInstance tablet;
	const struct viewer_events *events; /* not ours */
	struct scancode scancode;
	int width, height; /* pixels of the surface */
	int x, y;          /* last absolute position, 0..VIEWER_POINTER_MAX */
	uint8_t leds;      /* SPICE_KEYBOARD_MODIFIER_FLAGS_* */
};

static void inputs_scan(SpiceKbdInstance *keyboard, uint8_t byte)
{
	struct inputs *inputs = SPICE_CONTAINEROF(keyboard, struct inputs, keyboard);
	struct scancode_key keys[SCANCODE_KEYS];
	int count = scancode_feed(&inputs->scancode, byte, keys);

	for (int i = 0; i < count; i++)
		inputs->events->key(keys[i].usage, keys[i].down, inputs->events->data);
}

static uint8_t inputs_get_leds(SpiceKbdInstance *keyboard)
{
	return SPICE_CONTAINEROF(keyboard, struct inputs, keyboard)->leds;
}

static unsigned int inputs_buttons(uint32_t state)
{
	unsigned int buttons = state & (VIEWER_LEFT | VIEWER_RIGHT | VIEWER_MIDDLE);

	if (state & LIBRARY_SIDE)
		buttons |= VIEWER_SIDE;
	if (state & LIBRARY_EXTRA)
		buttons |= VIEWER_EXTRA;
	return buttons;
}

/* wheel: the library counts a notch up as -1. */
static void inputs_mouse_motion(
		SpiceMouseInstance *mouse, int dx, int dy, int wheel, uint32_t buttons)
{
	struct inputs *inputs = SPICE_CONTAINEROF(mouse, struct inputs, mouse);

	inputs->events->mouse(dx, dy, -wheel, inputs_buttons(buttons), inputs->events->data);
}

static void inputs_mouse_buttons(SpiceMouseInstance *mouse, uint32_t buttons)
{
	inputs_mouse_motion(mouse, 0, 0, 0, buttons);
}

/* Asked for on the worker's thread when a surface comes or goes; inputs_size() says it on ours. */
static void inputs_tablet_size(SpiceTabletInstance *tablet, int width, int height)
{
}

/* The outermost pixels are the ends of the scale, so that the pointer reaches every edge of the
 * screen. */
static int inputs_scale(int pixel, int pixels)
{
	if (pixels < 2)
		return 0;
	pixel = CLAMP(pixel, 0, pixels - 1);
	return ((int64_t)pixel * VIEWER_POINTER_MAX + (pixels - 1) / 2) / (pixels - 1);
}

static void inputs_point(struct inputs *inputs, int wheel, uint32_t buttons)
{
	inputs->events->pointer(
			inputs->x, inputs->y, wheel, inputs_buttons(buttons), inputs->events->data);
}

static void inputs_tablet_position(SpiceTabletInstance *tablet, int x, int y, uint32_t buttons)
{
	struct inputs *inputs = SPICE_CONTAINEROF(tablet, struct inputs, tablet);

	inputs->x = inputs_scale(x, inputs->width);
	inputs->y = inputs_scale(y, inputs->height);
	inputs_point(inputs, 0, buttons);
}

static void inputs_tablet_wheel(SpiceTabletInstance *tablet, int wheel, uint32_t buttons)
{
	inputs_point(SPICE_CONTAINEROF(tablet, struct inputs, tablet), -wheel, buttons);
}

static void inputs_tablet_buttons(SpiceTabletInstance *tablet, uint32_t buttons)
{
	inputs_point(SPICE_CONTAINEROF(tablet, struct inputs, tablet), 0, buttons);
}

static const SpiceKbdInterface keyboard_interface = {
		.base = {.type = SPICE_INTERFACE_KEYBOARD,
				.description = "keyboard",
				.major_version = SPICE_INTERFACE_KEYBOARD_MAJOR,
				.minor_version = SPICE_INTERFACE_KEYBOARD_MINOR},
		.push_scan_freg = inputs_scan,
		.get_leds = inputs_get_leds,
};

static const SpiceMouseInterface mouse_interface = {
		.base = {.type = SPICE_INTERFACE_MOUSE,
				.description = "mouse",
				.major_version = SPICE_INTERFACE_MOUSE_MAJOR,
				.minor_version = SPICE_INTERFACE_MOUSE_MINOR},
		.motion = inputs_mouse_motion,
		.buttons = inputs_mouse_buttons,
};

static const SpiceTabletInterface tablet_interface = {
		.base = {.type = SPICE_INTERFACE_TABLET,
				.description = "tablet",
				.major_version = SPICE_INTERFACE_TABLET_MAJOR,
				.minor_version = SPICE_INTERFACE_TABLET_MINOR},
		.set_logical_size = inputs_tablet_size,
		.position = inputs_tablet_position,
		.wheel = inputs_tablet_wheel,
		.buttons = inputs_tablet_buttons,
};

struct inputs *inputs_new(const struct viewer_events *events)
{
	struct inputs *inputs = g_new0(struct inputs, 1);

	inputs->events = events;
	inputs->keyboard.base.sif = &keyboard_interface.base;
	inputs->mouse.base.sif = &mouse_interface.base;
	inputs->tablet.base.sif = &tablet_interface.base;
	return inputs;
}

bool inputs_attach(struct inputs *inputs, SpiceServer *server)
{
	bool attached;

	/* The library never frees what it keeps of keyboard and tablet, 276 bytes (0.15.1). */
	__lsan_disable();
	attached = spice_server_add_interface(server, &inputs->keyboard.base) == 0 &&
		   spice_server_add_interface(server, &inputs->mouse.base) == 0 &&
		   spice_server_add_interface(server, &inputs->tablet.base) == 0;
	__lsan_enable();
	return attached;
}

void inputs_size(struct inputs *inputs, int width, int height)
{
	inputs->width = width;
	inputs->height = height;
}

void inputs_leds(struct inputs *inputs, unsigned int leds)
{
	inputs->leds = (leds & VIEWER_NUM_LOCK ? SPICE_KEYBOARD_MODIFIER_FLAGS_NUM_LOCK : 0) |
		       (leds & VIEWER_CAPS_LOCK ? SPICE_KEYBOARD_MODIFIER_FLAGS_CAPS_LOCK : 0) |
		       (leds & VIEWER_SCROLL_LOCK ? SPICE_KEYBOARD_MODIFIER_FLAGS_SCROLL_LOCK : 0);
	spice_server_kbd_leds(&inputs->keyboard, inputs->leds);
}

void inputs_reset(struct inputs *inputs)
{
	inputs->scancode = (struct scancode){0};
	inputs->events->release_all(inputs->events->data);
}

void inputs_free(struct inputs *inputs)
{
	g_free(inputs);
}
