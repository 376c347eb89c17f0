/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A whole console with its simulated node, in a process of its own, and what a test may look at
 * behind its back: the node's screen before compression, and what its HID driver made of the
 * reports.
 */
#include <glib.h>
#include <stdbool.h>
#include "sim/node.h"
#include "tests/clients/client.h"

#define DESK_TEXT 16384

struct desk_state {
	struct sim_input input;
	char typed[256];
	char text[DESK_TEXT]; /* of the node's text screens */
};

struct desk;

/* Call first in main(): in a started copy it is the console and does not return. */
void desk_begin(int argc, char **argv);

/*
 * configuration: a console.conf's text, without the address to listen on. With a socket in [api] it
 * has one, for the console and its keys.
 */
struct desk *desk_open(const char *configuration);

/* Ends the console and fails the test when it did not end well. */
void desk_close(struct desk *desk);

const char *desk_address(const struct desk *desk);

/*
 * Does something to the node: "power on|off", "signal on|off", "sleep on|off"; or answers "usage":
 * "DESCRIPTORS THREADS CPU-MILLISECONDS"; or "drive", of the CD drive: "STATE BYTES VIEWER"; or
 * "control": "HOLDER" and " ASKER?" for each. "give N", "grant N" and "deny N" are an operator's
 * word about the input, and answer "ok" or "no".
 */
const char *desk_do(struct desk *desk, const char *command);

/* What the node knows now; valid until the next call. */
const struct desk_state *desk_state(struct desk *desk);

/* How close the client's picture is to the node's screen in dB; 99: equal; 0: another size, or no
 * signal. */
double desk_psnr(struct desk *desk, struct client *client);
