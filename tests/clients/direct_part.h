/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between test_direct.c and the copies of itself that it starts. Packets are text. */
#include <stdint.h>

#define DIRECT_PASSWORD "secret"
#define DIRECT_CONTROL  3 /* descriptors of a started copy */
#define DIRECT_SCREEN   4
#define DIRECT_PACKET   256
#define DIRECT_PIXELS   (2048 * 1152)

struct direct_screen {
	int width, height, stride; /* pixels */
	uint32_t pixels[DIRECT_PIXELS];
};

/*
 * The server: says its port, and then answers each of
 * "show W H", "damage N", "run MS" as stage_do() does;
 * "copy"    puts the picture that is meant into the shared memory
 * "counts"  OPENED CLOSED REFUSED channels and JPEGs written
 * "pace N"  ROUND-TRIP RATE BEHIND of the Nth viewer
 */
void direct_serve(void);
