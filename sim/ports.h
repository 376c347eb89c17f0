/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The simulated node's USB ports: reads reports from the devices plugged in and keeps their lights
 * right. Runs on the default main context.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "sim/hid.h"

struct ports;

struct ports_events {
	hid_event_fn event;         /* see hid.h; data is the one below */
	void (*report)(void *data); /* all events of one report have come */
	void *data;
};

struct ports *ports_new(const struct ports_events *events);

/* See sim_node_plug. A descriptor that is plugged in already is taken out first. */
bool ports_plug(struct ports *ports, int fd, const uint8_t *descriptor, size_t size);

/* Releases what the device held down. Unknown descriptors are ignored. */
void ports_unplug(struct ports *ports, int fd);

/* Forgets what is held down, without events: the host was reset. */
void ports_reset(struct ports *ports);

/* enum hid_light bits; devices plugged in later get them too. */
void ports_lights(struct ports *ports, unsigned int lights);

/* Reports that made sense, since the start. */
int ports_reports(const struct ports *ports);

void ports_free(struct ports *ports); /* NULL is fine */
