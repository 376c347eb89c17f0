/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The client's end of a display channel, by hand, for tests of display_direct.h: everything on the
 * default main context, which the reading functions turn.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "spice/display.h"

enum raw_caps {
	RAW_SELECTS = 1 << 0,  /* a mechanism */
	RAW_MINI = 1 << 1,     /* mini headers */
	RAW_MONITORS = 1 << 2, /* MONITORS_CONFIG */
	RAW_USUAL = RAW_SELECTS | RAW_MINI | RAW_MONITORS,
};

struct raw_display {
	int fd;
	unsigned int caps; /* enum raw_caps */
	uint8_t key[162];  /* of the reply */
	uint32_t reply;    /* SPICE_LINK_ERR_* of it */
	uint64_t serial;   /* of the last message */

	/* The last message. */
	uint16_t type;
	GByteArray *body;

	/* What was drawn. */
	int width, height;
	uint32_t *pixels;
	int copies;    /* COPY_BITS so far */
	uint32_t ping; /* number of the last one */
};

/* Returns the server's end. small: with the smallest buffers. */
int raw_display_open(struct raw_display *raw, unsigned int caps, bool small);
void raw_display_close(struct raw_display *raw); /* hangs up, if it has not */
void raw_display_hang_up(struct raw_display *raw);

void raw_display_send(struct raw_display *raw, const void *bytes, size_t size);
/* Reads so many bytes; false: the server hung up, or says no more. */
bool raw_display_receive(struct raw_display *raw, void *bytes, size_t size);
/* The server has nothing more to say, and has not hung up. */
bool raw_display_quiet(struct raw_display *raw);
/* The server hung up. */
bool raw_display_ended(struct raw_display *raw);

/* A link message for a display channel; returns its bytes. */
GByteArray *raw_display_link_message(unsigned int caps);
/* Encrypts a password as clients do. */
void raw_display_ticket(struct raw_display *raw, const char *password, uint8_t ticket[128]);
/* All of a link; returns the result, SPICE_LINK_ERR_*, or that of the reply. */
uint32_t raw_display_link(struct raw_display *raw, const char *password);

/* Reads a message; a picture's are drawn. */
bool raw_display_read(struct raw_display *raw);
/* Reads messages up to a PING; returns how many drew. */
int raw_display_update(struct raw_display *raw);
void raw_display_say(struct raw_display *raw, uint16_t type, const void *body, uint32_t size);
void raw_display_pong(struct raw_display *raw, uint32_t id);
/* Updates and answers until nothing comes; returns how many updates. */
int raw_display_settle(struct raw_display *raw);

double raw_display_psnr(const struct raw_display *raw, const struct display_picture *picture);
