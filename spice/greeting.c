/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdbool.h>
#include <string.h>
#include "spice/greeting.h"

#define WORD_BYTES 4 /* of "REDQ" and "GET " */

/* A record: type, version (2), length (2), and the first byte of the handshake in it. */
#define TLS_BYTES        6
#define TLS_HANDSHAKE    0x16
#define TLS_MAJOR        3
#define TLS_MINOR_MAX    4
#define TLS_RECORD_MAX   (1 << 14)
#define TLS_CLIENT_HELLO 1

/* A link message: magic, major, minor, size of what follows; connection, type, number and more. */
#define LINK_SIZE       12
#define LINK_CONNECTION 16
#define LINK_TYPE       20
#define LINK_ID         21
#define LINK_SIZE_MIN   18   /* sizeof(SpiceLinkMess) */
#define LINK_SIZE_MAX   4096 /* a real one has some tens; who reads it makes room for it first */

static uint32_t greeting_number(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool greeting_begins(const uint8_t *bytes, size_t size, const char *word)
{
	return memcmp(bytes, word, size < WORD_BYTES ? size : WORD_BYTES) == 0;
}

static enum greeting_kind greeting_tls(const uint8_t *bytes, size_t size)
{
	unsigned int length;

	if ((size > 1 && bytes[1] != TLS_MAJOR) || (size > 2 && bytes[2] > TLS_MINOR_MAX))
		return GREETING_BAD;
	if (size < TLS_BYTES)
		return GREETING_MORE;
	length = (unsigned int)bytes[3] << 8 | bytes[4];
	if (length == 0 || length > TLS_RECORD_MAX || bytes[5] != TLS_CLIENT_HELLO)
		return GREETING_BAD;
	return GREETING_TLS;
}

static enum greeting_kind greeting_link(const uint8_t *bytes, size_t size, struct greeting *out)
{
	uint32_t length;

	if (size < GREETING_BYTES)
		return GREETING_MORE;
	length = greeting_number(bytes + LINK_SIZE);
	if (length < LINK_SIZE_MIN || length > LINK_SIZE_MAX)
		return GREETING_BAD;
	out->connection = greeting_number(bytes + LINK_CONNECTION);
	out->channel_type = bytes[LINK_TYPE];
	out->channel_id = bytes[LINK_ID];
	return GREETING_SPICE;
}

void greeting_read(const uint8_t *bytes, size_t size, struct greeting *out)
{
	*out = (struct greeting){.kind = GREETING_BAD};
	if (size == 0)
		out->kind = GREETING_MORE;
	else if (bytes[0] == TLS_HANDSHAKE)
		out->kind = greeting_tls(bytes, size);
	else if (greeting_begins(bytes, size, "GET "))
		out->kind = size < WORD_BYTES ? GREETING_MORE : GREETING_HTTP;
	else if (greeting_begins(bytes, size, "REDQ"))
		out->kind = greeting_link(bytes, size, out);
}
