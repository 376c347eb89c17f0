/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A frame's data in the order of their bits, with zeros behind them, so that they are read without
 * a look at their end. Memory grows with the frames and is kept.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zeros behind the data: a record of six blocks of 64 symbols of 27 bits and its head; and what is
 * looked at ahead. */
#define INPUT_SLACK 2048

struct input {
	uint8_t *bytes;
	size_t bits; /* of the data */
	size_t room;
};

/* Whole little-endian words, bit 31 first. False: memory is short. */
bool input_words(struct input *input, const uint8_t *data, size_t size);

/* A JPEG's scan up to its first marker, without the zeros behind bytes of 0xff. */
bool input_scan(struct input *input, const uint8_t *data, size_t size);

void input_release(struct input *input);
