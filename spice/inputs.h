/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Keyboard, mouse and tablet of one SpiceServer, translated to what a HID gadget sends. Main thread
 * only.
 */
#include <stdbool.h>
#include <spice.h>
#include "spice/viewer.h"

struct inputs;

/* events stays the caller's and outlives the inputs. */
struct inputs *inputs_new(const struct viewer_events *events);

/* Adds the devices to a server, which must end before the inputs. Returns false when it refuses
 * one. */
bool inputs_attach(struct inputs *inputs, SpiceServer *server);

/* The surface that positions refer to, pixels. */
void inputs_size(struct inputs *inputs, int width, int height);

/* enum viewer_led bits. */
void inputs_leds(struct inputs *inputs, unsigned int leds);

/* The client's inputs are gone: reports release_all and starts afresh. */
void inputs_reset(struct inputs *inputs);

void inputs_free(struct inputs *inputs); /* NULL is fine; after spice_server_destroy */
