/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Pieces of the SPICE protocol, appended to a GByteArray, as a client or a server sends them. */
#include <glib.h>
#include <stdint.h>

#define WORDS_CAPS   0xb /* authentication is chosen, by ticket; mini headers */
#define WORDS_NOMINI 0x3

static inline void words_number(GByteArray *out, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(value >> 8 * i);

		g_byte_array_append(out, &byte, 1);
	}
}

static inline void words_fill(GByteArray *out, uint8_t byte, unsigned int count)
{
	while (count--)
		g_byte_array_append(out, &byte, 1);
}

static inline void words_link_head(GByteArray *out, uint32_t size)
{
	g_byte_array_append(out, (const guint8 *)"REDQ", 4);
	words_number(out, 2, 4);
	words_number(out, 2, 4);
	words_number(out, size, 4);
}

static inline void words_client_link(
		GByteArray *out, uint32_t connection, uint8_t type, uint32_t caps)
{
	words_link_head(out, 18 + 4);
	words_number(out, connection, 4);
	words_number(out, type, 1);
	words_number(out, 0, 1);
	words_number(out, 1, 4);
	words_number(out, 0, 4);
	words_number(out, 18, 4);
	words_number(out, caps, 4);
}

static inline void words_server_link(GByteArray *out, uint32_t caps)
{
	words_link_head(out, 4 + 162 + 12 + 4);
	words_number(out, 0, 4);
	words_fill(out, 0x30, 162);
	words_number(out, 1, 4);
	words_number(out, 0, 4);
	words_number(out, 178, 4);
	words_number(out, caps, 4);
}

static inline void words_ticket(GByteArray *out)
{
	words_number(out, 1, 4);
	words_fill(out, 0x77, 128);
}

static inline void words_mini(GByteArray *out, uint16_t type, uint32_t size)
{
	words_number(out, type, 2);
	words_number(out, size, 4);
	words_fill(out, (uint8_t)type, size);
}

static inline void words_full(GByteArray *out, uint16_t type, uint32_t size)
{
	words_number(out, 7, 8);
	words_number(out, type, 2);
	words_number(out, size, 4);
	words_number(out, 0, 4);
	words_fill(out, (uint8_t)type, size);
}
