/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A listener, who takes what it hands over, and clients that call it. */
#include <stdbool.h>
#include "spice/listener.h"

#define LINK_BYTES 38 /* a whole link message of ours, and more than GREETING_BYTES */

struct arrivals {
	int count;
	struct listener_client last; /* fd: ours, -1: none */
};

/* Sets up what is common to all these tests, instead of g_test_init: warnings are counted. */
void rig_init(int *argc, char ***argv);

/* How many warnings there were since the last time; the last one's text stays until the next. */
int rig_warned(const char **last);

struct listener *rig_open(const struct listener_settings *settings, struct arrivals *arrivals);

/* On one address, plain. */
struct listener *rig_open_at(const char *address, struct arrivals *arrivals);
void rig_close(struct listener *listener, struct arrivals *arrivals);

/* It is not opened, for that reason. */
void rig_refused(const struct listener_settings *settings, int code, const char *words);
void rig_refused_at(const char *address, int code, const char *words);

/* The first bytes of a channel. */
void rig_link(uint32_t connection, uint8_t type, uint8_t id, uint8_t bytes[LINK_BYTES]);

/* A client that connects by TCP, from that address, or to a unix socket, and sends. -1: refused. */
int rig_call(const struct listener *listener, const char *words);
int rig_call_from(
		const struct listener *listener, const char *from, const void *bytes, size_t size);
int rig_call_path(const char *path, const char *words);

/* One that begins a channel. */
int rig_view(const struct listener *listener);
int rig_view_from(const struct listener *listener, const char *from);

/* Runs the main thread for that long, or until so many have arrived. */
void rig_run(struct arrivals *arrivals, int count, unsigned int ms);

/* Waits up to that long for the other end to close it. */
bool rig_closes(int fd, int ms);

/* How many descriptors this process has. */
int rig_descriptors(void);
