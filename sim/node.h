/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A server that is not there: it boots, shows a screen through a video engine like Aspeed's, and
 * reads HID reports as a host does. Nothing downstream can tell it from hardware. Runs on the
 * default main context.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "capture/capture.h"

/* How the node's video engine compresses. */
struct sim_engine {
	enum capture_codec codec;
	int chroma;          /* 444 or 420 */
	int selector;        /* 0..11 */
	int second_selector; /* -1: no second pass */
	bool vq;             /* AJPG 4:4:4: flat blocks as VQ, as an AST2400 does */
	int rate;            /* frames per second at most, 1..60 */
};

struct sim_node;

/* The node is switched off. engine is copied. */
struct sim_node *sim_node_new(const struct sim_engine *engine);

/* What its keyboards are, enum keymap_layout of keymap.h; a US one without this. */
void sim_node_set_layout(struct sim_node *node, int layout);

/* The engine's end: a capture source that belongs to the node (capture_close on it does nothing to
 * the node). */
struct capture *sim_node_capture(struct sim_node *node);

/*
 * Plugs a HID device in: the node reads its report descriptor as a host's driver does, then reports
 * from fd (the host's end of a SOCK_SEQPACKET pair, non-blocking) and sends output reports to it.
 * The descriptor is copied, fd stays the caller's and must outlive the node or sim_node_unplug.
 * Returns false when the descriptor makes no sense.
 */
bool sim_node_plug(struct sim_node *node, int fd, const uint8_t *descriptor, size_t size);
void sim_node_unplug(struct sim_node *node, int fd);

/*
 * Plugs a mass-storage drive in: the node drives it over fd, its end of a cable (cable.h; a
 * non-blocking SOCK_SEQPACKET pair), lists it in the boot menu and boots from it. fd stays the
 * caller's and must outlive the node or sim_node_unplug_drive. Returns false when all ports are
 * taken.
 */
bool sim_node_plug_drive(struct sim_node *node, int fd);
void sim_node_unplug_drive(struct sim_node *node, int fd);

void sim_node_power(struct sim_node *node,
		bool on); /* on: from the firmware screen, as after a reset */
void sim_node_signal(struct sim_node *node, bool on); /* pulls the video cable, or plugs it back */
void sim_node_sleep(struct sim_node *node, bool on);  /* display off until a key, as DPMS does */

/*
 * For tests: what the screen shows at this moment, before compression (0x00RRGGBB, a row every
 * stride pixels), NULL without a signal. Belongs to the node, until its next event.
 */
const uint32_t *sim_node_screen(struct sim_node *node, int *width, int *height, int *stride);

/* For tests: keys down (bit per usage, 256 bits), pointer in pixels, buttons, wheel notches since
 * the start. */
struct sim_input {
	uint8_t keys[32];
	int x, y;
	unsigned int buttons; /* bit 0 left, 1 right, 2 middle, ... */
	int wheel;            /* away from the user is positive */
	unsigned int lights;  /* enum hid_light bits: lock lights as the node has set them */
	int reports;          /* taken since the start, all devices; not those that made no sense */
};
void sim_node_input(const struct sim_node *node, struct sim_input *input);

/* For tests: what was typed and not entered yet: behind the console's prompt, or in the desktop's
 * last line. */
const char *sim_node_typed(const struct sim_node *node);

/*
 * For tests: the rows of the firmware or the console as text, each ending in a newline, blanks at
 * the end left out; empty on the desktop and without a signal. Belongs to the node, until the next
 * call.
 */
const char *sim_node_text(struct sim_node *node);

void sim_node_free(struct sim_node *node); /* NULL is fine; not from within its callbacks */
