/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A viewer whose shared disc is read by whom the test says, in a process of its own: spice-gtk
 * needs the main loop of this one.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "tests/clients/client.h"

#define SHARE_PACKET 512

struct share;

/* Call first in main(): in a started copy it is the server, or a client, and does not return. */
void share_begin(int argc, char **argv);

/* viewers: places for viewers, each with an address. */
struct share *share_open(unsigned int viewers);

/* Ends the server and fails the test when it did not end well. */
void share_close(struct share *share);

const char *share_address(struct share *share, unsigned int viewer);
GPid share_pid(const struct share *share);

/*
 * Has the server do something, and turns this process's main loop until it is answered:
 * "disc"                   "STATE SIZE REASON", STATE as enum source_state; "none"
 * "sum OFFSET SIZE PIECE DEPTH"  reads all of it in pieces, DEPTH at once: "SHA256 MICROSECONDS" or
 *                          the error
 * "start OFFSET SIZE"      a read whose end is not waited for; "cancel" cancels it; "ended" says
 *                          "no", "yes" or the error
 * "eject"                  closes the source
 * "room on|off"            whether there is a place for a disc
 * "said"                   what was refused last
 * "usage"                  "DESCRIPTORS KILOBYTES"
 */
const char *share_do(struct share *share, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* Turns the loop until the server has, or has not, a disc that is ready. */
bool share_wait_disc(struct share *share, bool there, int ms);

/* A client that shares an image, in a process of its own, to be killed. */
GPid share_start_client(struct share *share, unsigned int viewer, const char *image);
