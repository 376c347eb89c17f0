/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct link_key;

/*
 * Gives a display channel with a small picture these bytes, one part after the other, changes the
 * picture now and then, and hangs up. Returns whether the channel was opened.
 */
bool channel_feed(struct link_key *key, const char *password, const uint8_t *first,
		size_t first_size, const uint8_t *second, size_t second_size);
