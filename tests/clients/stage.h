/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the tests of the viewer play on: a viewer with a synthetic screen in one process, and
 * clients in others, all copies of the test program started anew. The screen's memory is shared, so
 * that a test can compare what a client shows with what the server meant.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "tests/clients/client.h"

#define STAGE_WIDTH_MAX  4096
#define STAGE_HEIGHT_MAX 2304

/* Call first in main(): in a started copy it does its part and does not return. */
void stage_begin(int argc, char **argv);

/*
 * g_test_init(), but complaints of the client's library about connections that end, as tests make
 * them, are no failures. In the server every critical message is one.
 */
void stage_test_init(int *argc, char ***argv);

struct stage;

/* Starts the server. password may be NULL. */
struct stage *stage_open(const char *password, bool lossless);

/* Ends the server and fails the test when it did not end well. */
void stage_close(struct stage *stage);

const char *stage_address(const struct stage *stage);

/*
 * Does something on the server and waits until it is done:
 * "show W H"   another picture, desktop-like
 * "damage N"   N random changes, each announced
 * "run MS"     a random change every MS milliseconds, until "run 0"
 * "leds N"     enum viewer_led bits
 * "peer"       answers who looks
 * "stats"      answers "GAP FDS THREADS": longest pause of the main loop in ms since the last time,
 * and counts
 */
const char *stage_do(struct stage *stage, const char *format, ...) G_GNUC_PRINTF(2, 3);

/*
 * Events of the viewer since the last call, one a word: "+04" and "-04" keys, "p:X,Y,WHEEL,BUTTONS"
 * pointer, "m:DX,DY,WHEEL,BUTTONS" mouse, "release", "watched", "unwatched".
 */
char *stage_events(struct stage *stage);
const char *stage_peek(struct stage *stage); /* leaves them there */

/* Whether the client shows the server's screen: byte for byte, or the ratio in dB (99 when equal;
 * 0: other size). */
bool stage_same(struct stage *stage, struct client *client);
double stage_psnr(struct stage *stage, struct client *client);

/* A client in a process of its own, for those who want to kill it. */
struct extra *stage_extra(struct stage *stage);
GPid extra_pid(const struct extra *extra);
bool extra_wait_picture(struct extra *extra, int ms); /* it has one */
bool extra_wait_same(struct extra *extra, int ms); /* it shows the server's screen, byte for byte */
void extra_kill(struct extra *extra);              /* SIGKILL, and frees it */
