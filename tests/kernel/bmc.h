/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A whole BMC in the lab: the daemon as it is shipped, on the kernel's drivers, with a node on the
 * other side of the cable (a video engine that is fed, input devices that are read) and a SPICE
 * client on this side. One at a time; main thread only.
 */
#include <glib.h>
#include <stdbool.h>
#include "tests/clients/client.h"
#include "tests/kernel/feed.h"

struct bmc {
	struct feed *feed;     /* NULL: there is no engine here */
	struct client *client; /* NULL: nobody looks */
	GPid daemon;           /* 0: it does not run */
	char *folder, *config, *log, *address;
	int keyboard, absolute, relative; /* the node's event devices; -1: not opened */
};

/* Starts the daemon with [spice] listen and these lines of console.conf besides. */
void bmc_open(struct bmc *bmc, const char *configuration);

/* Ends the daemon and fails the test when it does not end well. */
void bmc_close(struct bmc *bmc);

void bmc_start(struct bmc *bmc);
void bmc_kill(struct bmc *bmc); /* SIGKILL */
void bmc_stop(struct bmc *bmc); /* SIGTERM */

/* Connects the client and waits until it has a picture, the node's or a card. */
void bmc_look(struct bmc *bmc);
void bmc_look_away(struct bmc *bmc);

/* The client's picture at a place, 0x00RRGGBB. */
uint32_t bmc_pixel(const struct bmc *bmc, int x, int y);

/* Waits for the node's input devices behind the first three ports and opens them. */
void bmc_plug(struct bmc *bmc);

/* Whether the log has a text. */
bool bmc_said(const struct bmc *bmc, const char *text);

/* Waits for it. */
void bmc_wait_said(struct bmc *bmc, const char *text, int ms);

/* How close the client's picture is to that of the feed whose mark it shows, in dB; 0: another
 * size, or no mark. number: of the mark, may be NULL. */
double bmc_psnr(struct bmc *bmc, enum feed_scene scene, int width, int height,
		unsigned int *number);

/* A number of the daemon's status, as spicerackctl prints it. */
unsigned int bmc_ask(const struct bmc *bmc, const char *member);

/* Turns the client's loop, and all else in this process, until the condition holds or fails the
 * test after so many milliseconds. */
#define bmc_wait(bmc, condition, ms)                                                       \
	do {                                                                               \
		int64_t bmc_end = g_get_monotonic_time() + (ms) * (int64_t)1000;           \
                                                                                           \
		while (!(condition)) {                                                     \
			if (g_get_monotonic_time() > bmc_end) {                            \
				bmc_tell(bmc);                                             \
				g_error("%s:%d: not within %d ms: %s", __FILE__, __LINE__, \
						(int)(ms), #condition);                    \
			}                                                                  \
			if (!g_main_context_iteration(NULL, FALSE))                        \
				g_usleep(500);                                             \
		}                                                                          \
	} while (0)

/* Prints the daemon's log, for a failing test. */
void bmc_tell(const struct bmc *bmc);
