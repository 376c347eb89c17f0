/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/input.h"

static size_t input_least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Whole words, two at a time. */
static void input_turn(uint8_t *to, const uint8_t *data, size_t size)
{
	uint32_t word;
	size_t i = 0;

	for (; i + 8 <= size; i += 8) {
		uint64_t pair;

		memcpy(&pair, data + i, sizeof(pair));
		pair = __builtin_bswap64(pair);
		pair = pair << 32 | pair >> 32;
		memcpy(to + i, &pair, sizeof(pair));
	}
	if (i == size)
		return;
	memcpy(&word, data + i, sizeof(word));
	word = __builtin_bswap32(word);
	memcpy(to + i, &word, sizeof(word));
}

static void input_words_fill(struct input_words *words)
{
	size_t size = input_least(words->left / 8, sizeof(words->bytes));

	input_turn(words->bytes, words->data + words->before * sizeof(uint32_t), size);
	memset(words->bytes + size, 0, input_least(INPUT_SLACK, sizeof(words->bytes) - size));
}

void input_words_begin(struct input_words *words, const uint8_t *data, size_t size)
{
	words->data = data;
	words->left = size / sizeof(uint32_t) * 32;
	words->before = 0;
	input_words_fill(words);
}

size_t input_words_go_on(struct input_words *words, size_t position)
{
	size_t whole = position / 32;

	words->left -= whole * 32;
	words->before += whole;
	input_words_fill(words);
	return position % 32;
}

static bool input_room(struct input *input, size_t size)
{
	uint8_t *bytes;

	if (size + INPUT_SLACK <= input->room)
		return true;
	size += size / 4 + INPUT_SLACK; /* the next frames are about as large */
	bytes = malloc(size);
	if (!bytes)
		return false;
	free(input->bytes);
	input->bytes = bytes;
	input->room = size;
	return true;
}

static void input_end(struct input *input, size_t size)
{
	memset(input->bytes + size, 0, INPUT_SLACK);
	input->bits = size * 8;
}

/* Whether any of eight bytes is 0xff. */
static inline bool input_has_ff(uint64_t word)
{
	return (~word - 0x0101010101010101) & word & 0x8080808080808080;
}

bool input_scan(struct input *input, const uint8_t *data, size_t size)
{
	uint8_t *to;
	size_t i = 0;

	if (!input_room(input, size))
		return false;
	to = input->bytes;
	while (i < size) {
		uint64_t word;

		if (size - i >= sizeof(word)) {
			memcpy(&word, data + i, sizeof(word));
			if (!input_has_ff(word)) {
				memcpy(to, &word, sizeof(word));
				to += sizeof(word);
				i += sizeof(word);
				continue;
			}
		}
		if (data[i] == 0xff) {
			if (i + 1 == size || data[i + 1])
				break;
			*to++ = 0xff;
			i += 2;
		} else {
			*to++ = data[i++];
		}
	}
	input_end(input, to - input->bytes);
	return true;
}

void input_release(struct input *input)
{
	free(input->bytes);
	*input = (struct input){0};
}
