/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A frame's data in the order of their bits, with zeros behind them, so that they are read without
 * a look at their end.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeros behind the data: a record of six blocks of 64 symbols of 27 bits and its head; and what is
 * looked at ahead. */
#define INPUT_SLACK 2048

/*
 * Whole little-endian words, bit 31 first, that need not be in memory twice: some of them at a
 * time.
 */
#define INPUT_WINDOW 32768
struct input_words {
	const uint8_t *data; /* the frame's, not ours */
	size_t left;         /* bits from the first that is here to the frame's end */
	size_t before;       /* words of the frame in front of it */
	uint8_t bytes[INPUT_WINDOW + INPUT_SLACK];
};

/* From the frame's first bit. */
void input_words_begin(struct input_words *words, const uint8_t *data, size_t size);

/* From the word on that a position is in, in bits; returns where this is then. */
size_t input_words_go_on(struct input_words *words, size_t position);

/* All of a scan; memory grows with the frames and is kept. */
struct input {
	uint8_t *bytes;
	size_t bits; /* of the data */
	size_t room;
};

/* A JPEG's scan up to its first marker, without the zeros behind bytes of 0xff. */
bool input_scan(struct input *input, const uint8_t *data, size_t size);

void input_release(struct input *input);
