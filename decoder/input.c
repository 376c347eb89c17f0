/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "decoder/input.h"

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

bool input_words(struct input *input, const uint8_t *data, size_t size)
{
	uint8_t *to;

	size = size / 4 * 4;
	if (!input_room(input, size))
		return false;
	to = input->bytes;
	for (size_t i = 0; i < size; i += 4) {
		uint32_t word;

		memcpy(&word, data + i, sizeof(word));
		word = __builtin_bswap32(word);
		memcpy(to + i, &word, sizeof(word));
	}
	input_end(input, size);
	return true;
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
