/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/websocket.h"

#define KEY_CHARACTERS 24                                     /* 16 bytes in base64 (4.1, 7) */
#define KEY_SUFFIX     "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* 1.3 */

#define FINAL    0x80
#define RESERVED 0x70
#define OPCODE   0x0f
#define MASKED   0x80
#define LENGTH   0x7f
#define CONTROL  0x08 /* the bit that control frames' opcodes have */

/* --- The upgrade ------------------------------------------------------------------------- */

struct text {
	const char *at;
	size_t size;
};

/* What an upgrade must have, collected from the headers. */
struct headers {
	struct text host, origin, key, version, upgrade, connection, protocol;
	bool twice; /* a header that must not be there twice is */
};

static bool text_is(struct text text, const char *word)
{
	return text.size == strlen(word) && g_ascii_strncasecmp(text.at, word, text.size) == 0;
}

static struct text text_trim(struct text text)
{
	while (text.size && (text.at[0] == ' ' || text.at[0] == '\t')) {
		text.at++;
		text.size--;
	}
	while (text.size && (text.at[text.size - 1] == ' ' || text.at[text.size - 1] == '\t'))
		text.size--;
	return text;
}

/* Whether a list with commas has the word. */
static bool text_lists(struct text list, const char *word)
{
	while (list.size) {
		const char *comma = memchr(list.at, ',', list.size);
		size_t size = comma ? (size_t)(comma - list.at) : list.size;

		if (text_is(text_trim((struct text){list.at, size}), word))
			return true;
		size += comma ? 1 : 0;
		list.at += size;
		list.size -= size;
	}
	return false;
}

/* Takes one line without its end; false when there is no whole one. */
static bool text_line(struct text *rest, struct text *line)
{
	const char *end = memmem(rest->at, rest->size, "\r\n", 2);

	if (!end)
		return false;
	*line = (struct text){rest->at, (size_t)(end - rest->at)};
	rest->at = end + 2;
	rest->size -= line->size + 2;
	return true;
}

/* HTTP has no control characters but the tabs and line ends (RFC 9110, 5.5). */
static bool text_clean(struct text text)
{
	for (size_t i = 0; i < text.size; i++)
		if (((uint8_t)text.at[i] < ' ' && text.at[i] != '\t') || text.at[i] == 0x7f)
			return false;
	return true;
}

/* RFC 9112, 3: "GET /anything HTTP/1.1". */
static bool request_line(struct text line)
{
	static const char version[] = " HTTP/1.1";
	size_t tail = sizeof(version) - 1;

	return line.size >= strlen("GET /") + tail && memcmp(line.at, "GET /", 5) == 0 &&
	       memcmp(line.at + line.size - tail, version, tail) == 0 &&
	       !memchr(line.at + 4, ' ', line.size - 4 - tail) && text_clean(line);
}

static bool header_take(struct headers *headers, struct text line)
{
	const char *colon = memchr(line.at, ':', line.size);
	const struct {
		const char *name;
		struct text *value;
	} known[] = {
			{"host", &headers->host},
			{"origin", &headers->origin},
			{"upgrade", &headers->upgrade},
			{"connection", &headers->connection},
			{"sec-websocket-key", &headers->key},
			{"sec-websocket-version", &headers->version},
			{"sec-websocket-protocol", &headers->protocol},
	};
	struct text name, value;

	if (!colon || colon == line.at || !text_clean(line))
		return false;
	name = (struct text){line.at, (size_t)(colon - line.at)};
	if (memchr(name.at, ' ', name.size) || memchr(name.at, '\t', name.size))
		return false; /* a folded line too */
	value = text_trim((struct text){colon + 1, line.size - name.size - 1});
	for (size_t i = 0; i < G_N_ELEMENTS(known); i++) {
		if (!text_is(name, known[i].name))
			continue;
		if (known[i].value->at)
			headers->twice = true;
		*known[i].value = value;
	}
	return true;
}

static bool text_copy(struct text text, char out[WEBSOCKET_NAME_MOST + 1])
{
	if (text.size > WEBSOCKET_NAME_MOST)
		return false;
	if (text.size)
		memcpy(out, text.at, text.size);
	out[text.size] = 0;
	return true;
}

static bool key_good(struct text key)
{
	if (key.size != KEY_CHARACTERS || memcmp(key.at + KEY_CHARACTERS - 2, "==", 2) != 0)
		return false;
	for (size_t i = 0; i < KEY_CHARACTERS - 2; i++)
		if (!g_ascii_isalnum(key.at[i]) && key.at[i] != '+' && key.at[i] != '/')
			return false;
	return true;
}

enum websocket_verdict websocket_request_read(
		const uint8_t *bytes, size_t size, struct websocket_request *out)
{
	struct text rest = {(const char *)bytes, size}, line;
	struct headers headers = {0};
	bool first = true;

	memset(out, 0, sizeof(*out));
	if (!memmem(bytes, MIN(size, WEBSOCKET_REQUEST_MOST), "\r\n\r\n", 4))
		return size < WEBSOCKET_REQUEST_MOST ? WEBSOCKET_MORE : WEBSOCKET_MALFORMED;
	while (text_line(&rest, &line) && line.size) {
		if (first ? !request_line(line) : !header_take(&headers, line))
			return WEBSOCKET_MALFORMED;
		first = false;
	}
	if (first || headers.twice || !headers.host.size || !text_copy(headers.host, out->host) ||
			!text_copy(headers.origin, out->origin))
		return WEBSOCKET_MALFORMED;
	if (!text_lists(headers.upgrade, "websocket") ||
			!text_lists(headers.connection, "upgrade") ||
			!text_is(headers.version, "13"))
		return WEBSOCKET_PLAIN;
	if (!key_good(headers.key))
		return WEBSOCKET_MALFORMED;
	memcpy(out->key, headers.key.at, KEY_CHARACTERS);
	out->binary = text_lists(headers.protocol, "binary");
	out->size = size - rest.size;
	return WEBSOCKET_GOOD;
}

size_t websocket_grant(const struct websocket_request *request, char out[WEBSOCKET_ANSWER_MOST])
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA1);
	uint8_t digest[20];
	gsize size = sizeof(digest);
	g_autofree char *accept = NULL;

	g_checksum_update(sum, (const guchar *)request->key, KEY_CHARACTERS);
	g_checksum_update(sum, (const guchar *)KEY_SUFFIX, strlen(KEY_SUFFIX));
	g_checksum_get_digest(sum, digest, &size);
	accept = g_base64_encode(digest, size);
	return (size_t)g_snprintf(out, WEBSOCKET_ANSWER_MOST,
			"HTTP/1.1 101 Switching Protocols\r\n"
			"Upgrade: websocket\r\n"
			"Connection: Upgrade\r\n"
			"Sec-WebSocket-Accept: %s\r\n"
			"%s\r\n",
			accept, request->binary ? "Sec-WebSocket-Protocol: binary\r\n" : "");
}

size_t websocket_refusal(enum websocket_verdict verdict, char out[WEBSOCKET_ANSWER_MOST])
{
	const char *line = "400 Bad Request", *more = "";
	const char *words = "This is no request for a websocket.\n";

	if (verdict == WEBSOCKET_PLAIN) {
		line = "426 Upgrade Required";
		more = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
		words = "SPICE is spoken here, in websockets too; pages are elsewhere.\n";
	} else if (verdict == WEBSOCKET_FORBIDDEN) {
		line = "403 Forbidden";
		words = "Pages of this origin may not use the console.\n";
	}
	return (size_t)g_snprintf(out, WEBSOCKET_ANSWER_MOST,
			"HTTP/1.1 %s\r\n%sConnection: close\r\nContent-Type: text/plain\r\n"
			"Content-Length: %zu\r\n\r\n%s",
			line, more, strlen(words), words);
}

/* --- Frames ------------------------------------------------------------------------------ */

/* How long the head is, as far as its first bytes say. */
static unsigned int head_size(const struct websocket_reader *reader)
{
	unsigned int length = reader->have < 2 ? 0 : reader->head[1] & LENGTH;

	return reader->have < 2 ? 2 : 2 + (length == 127 ? 8 : length == 126 ? 2 : 0) + 4;
}

/* What the first two bytes must be (5.2, 5.4, 5.5). */
static bool head_good(struct websocket_reader *reader)
{
	uint8_t opcode = reader->head[0] & OPCODE;
	bool final = reader->head[0] & FINAL;

	reader->status = WEBSOCKET_PROTOCOL_ERROR;
	if ((reader->head[0] & RESERVED) || !(reader->head[1] & MASKED))
		return false;
	switch (opcode) {
	case WEBSOCKET_CONTINUED:
		return reader->fragments;
	case WEBSOCKET_TEXT:
		reader->status = WEBSOCKET_UNSUPPORTED;
		return false;
	case WEBSOCKET_BINARY:
		return !reader->fragments;
	case WEBSOCKET_CLOSE:
	case WEBSOCKET_PING:
	case WEBSOCKET_PONG:
		return final && (reader->head[1] & LENGTH) <= WEBSOCKET_CONTROL_MOST;
	default:
		return false;
	}
}

/* The head has come whole: how long the payload is, in the shortest form (5.2). */
static bool head_length(struct websocket_reader *reader)
{
	unsigned int length = reader->head[1] & LENGTH, bytes = length == 127 ? 8 : 2;

	reader->left = length;
	if (length >= 126) {
		reader->left = 0;
		for (unsigned int i = 0; i < bytes; i++)
			reader->left = reader->left << 8 | reader->head[2 + i];
		if (reader->left < (length == 127 ? 65536 : 126))
			return false;
	}
	if (reader->left > WEBSOCKET_FRAME_MOST) {
		reader->status = WEBSOCKET_TOO_BIG;
		return false;
	}
	return true;
}

/* Takes bytes of a head; false when they break the rules. */
static bool head_take(
		struct websocket_reader *reader, const uint8_t *bytes, size_t size, size_t *used)
{
	while (*used < size && reader->have < head_size(reader)) {
		reader->head[reader->have++] = bytes[(*used)++];
		if (reader->have == 2 && !head_good(reader))
			return false;
	}
	if (reader->have < 2 || reader->have < head_size(reader))
		return true;
	if (!head_length(reader))
		return false;
	reader->opcode = reader->head[0] & OPCODE;
	if (!(reader->opcode & CONTROL))
		reader->fragments = !(reader->head[0] & FINAL);
	reader->control_size = 0;
	reader->turn = 0;
	reader->within = true;
	return true;
}

static void unmask(struct websocket_reader *reader, uint8_t *bytes, size_t size)
{
	const uint8_t *mask = reader->head + reader->have - 4;

	for (size_t i = 0; i < size; i++)
		bytes[i] ^= mask[(reader->turn + i) & 3];
	reader->turn = (reader->turn + size) & 3;
}

/* 5.5.1: a close says nothing, or a status with words. */
static enum websocket_event control_whole(struct websocket_reader *reader)
{
	if (reader->opcode == WEBSOCKET_PING)
		return WEBSOCKET_PINGED;
	if (reader->opcode == WEBSOCKET_PONG)
		return WEBSOCKET_PONGED;
	if (reader->control_size != 1)
		return WEBSOCKET_CLOSED;
	reader->status = WEBSOCKET_PROTOCOL_ERROR;
	return WEBSOCKET_FAULT;
}

enum websocket_event websocket_read(struct websocket_reader *reader, uint8_t *bytes, size_t size,
		size_t *used, uint8_t **data, size_t *count)
{
	*used = 0;
	for (;;) {
		size_t take;

		if (!reader->within && !head_take(reader, bytes, size, used))
			return WEBSOCKET_FAULT;
		if (!reader->within)
			return WEBSOCKET_NOTHING;
		take = MIN(reader->left, size - *used);
		if (take) {
			unmask(reader, bytes + *used, take);
			*data = bytes + *used;
			*count = take;
			*used += take;
			reader->left -= take;
		}
		if (reader->opcode & CONTROL && take) {
			memcpy(reader->control + reader->control_size, *data, take);
			reader->control_size += take;
		}
		if (reader->left == 0) {
			reader->within = false;
			reader->have = 0;
			if (reader->opcode & CONTROL)
				return control_whole(reader);
		}
		if (!(reader->opcode & CONTROL) && take)
			return WEBSOCKET_DATA;
		if (reader->within)
			return WEBSOCKET_NOTHING;
	}
}

size_t websocket_head(
		enum websocket_opcode opcode, size_t payload, uint8_t out[WEBSOCKET_HEAD_MOST])
{
	unsigned int bytes = payload > 0xffff ? 8 : payload > WEBSOCKET_CONTROL_MOST ? 2 : 0;

	out[0] = FINAL | opcode;
	out[1] = bytes == 8 ? 127 : bytes == 2 ? 126 : (uint8_t)payload;
	for (unsigned int i = 0; i < bytes; i++)
		out[2 + i] = (uint8_t)((uint64_t)payload >> (8 * (bytes - 1 - i)));
	return 2 + bytes;
}
