/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "rack/memcache_text.h"

/* --- Requests --- */

/* Where the next byte goes; false once there is no room. */
static bool memcache_escape(char *key, size_t *size, const char *name, bool plain)
{
	for (; *name; name++) {
		unsigned char byte = (unsigned char)*name;
		bool escaped = byte <= ' ' || byte >= 0x7f || byte == '%' ||
			       (byte == '@' && !plain);

		if (*size + (escaped ? 3 : 1) >= MEMCACHE_KEY_MAX)
			return false;
		if (escaped)
			snprintf(key + *size, 4, "%%%02X", (unsigned int)byte);
		else
			key[*size] = (char)byte;
		*size += escaped ? 3 : 1;
	}
	key[*size] = '\0';
	return true;
}

bool memcache_text_key(char key[MEMCACHE_KEY_MAX], const char *prefix, const char *node,
		uint64_t generation, const char *sensor)
{
	char number[24];
	size_t size = 0;

	snprintf(number, sizeof(number), "@%" PRIu64 "/", generation);
	return memcache_escape(key, &size, prefix, false) &&
	       memcache_escape(key, &size, "/", false) &&
	       memcache_escape(key, &size, node, false) &&
	       (!sensor || (memcache_escape(key, &size, number, true) &&
					   memcache_escape(key, &size, sensor, false)));
}

/* What snprintf says, as bytes written or 0. */
static size_t memcache_fit(int size, size_t room)
{
	return size < 0 || (size_t)size >= room ? 0 : (size_t)size;
}

size_t memcache_text_set(char *out, size_t room, const char *key, unsigned int ttl,
		const char *value, size_t size)
{
	size_t head = memcache_fit(
			snprintf(out, room, "set %s 0 %u %zu\r\n", key,
					ttl > MEMCACHE_TTL_MAX ? MEMCACHE_TTL_MAX : ttl, size),
			room);

	if (head == 0 || room - head < 2 || room - head - 2 < size)
		return 0;
	memcpy(out + head, value, size);
	out[head + size] = '\r';
	out[head + size + 1] = '\n';
	return head + size + 2;
}

size_t memcache_text_add(char *out, size_t room, const char *key, uint64_t number)
{
	char value[24];
	int size = snprintf(value, sizeof(value), "%" PRIu64, number);

	return memcache_fit(snprintf(out, room, "add %s 0 0 %d\r\n%s\r\n", key, size, value), room);
}

size_t memcache_text_incr(char *out, size_t room, const char *key, uint64_t by)
{
	return memcache_fit(snprintf(out, room, "incr %s %" PRIu64 "\r\n", key, by), room);
}

size_t memcache_text_get(char *out, size_t room, const char *key)
{
	return memcache_fit(snprintf(out, room, "get %s\r\n", key), room);
}

/* --- Answers --- */

/* The digits from *at on; moves it behind them. False: none, or too many. */
static bool memcache_number(const char *line, size_t size, size_t *at, uint64_t *number)
{
	size_t from = *at;

	*number = 0;
	for (; *at < size && line[*at] >= '0' && line[*at] <= '9'; ++*at) {
		unsigned int digit = (unsigned int)(line[*at] - '0');

		if (*number > (UINT64_MAX - digit) / 10)
			return false;
		*number = *number * 10 + digit;
	}
	return *at > from;
}

static bool memcache_is(const char *line, size_t size, const char *word)
{
	return size == strlen(word) && memcmp(line, word, size) == 0;
}

static bool memcache_begins(const char *line, size_t size, const char *word)
{
	return size >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* "VALUE key flags bytes [cas]", and the bytes in the lines behind it. */
static long memcache_value(const char *bytes, size_t size, size_t line, struct memcache_answer *out)
{
	size_t at = strlen("VALUE "), key = at, behind = line + 2;
	uint64_t number;

	while (at < line && bytes[at] != ' ')
		at++;
	out->text = bytes + key;
	out->text_size = at - key;
	if (out->text_size == 0 || at++ == line || !memcache_number(bytes, line, &at, &number))
		return -1;
	if (at == line || bytes[at++] != ' ' || !memcache_number(bytes, line, &at, &number))
		return -1;
	if ((at < line && bytes[at] != ' ') || number > MEMCACHE_DATA_MAX)
		return -1;
	if (size - behind < number + 2)
		return 0;
	out->word = MEMCACHE_VALUE;
	out->data = bytes + behind;
	out->data_size = (size_t)number;
	if (memcmp(out->data + number, "\r\n", 2) != 0)
		return -1;
	return (long)(behind + number + 2);
}

static bool memcache_line(const char *line, size_t size, struct memcache_answer *out)
{
	static const struct {
		const char *text;
		enum memcache_word word;
	} words[] = {{"STORED", MEMCACHE_STORED}, {"NOT_STORED", MEMCACHE_NOT_STORED},
			{"NOT_FOUND", MEMCACHE_NOT_FOUND}, {"END", MEMCACHE_END},
			{"ERROR", MEMCACHE_ERROR}, {"EXISTS", MEMCACHE_OTHER},
			{"DELETED", MEMCACHE_OTHER}, {"TOUCHED", MEMCACHE_OTHER},
			{"OK", MEMCACHE_OTHER}};
	size_t at = 0;

	out->text = line;
	out->text_size = size;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (memcache_is(line, size, words[i].text)) {
			out->word = words[i].word;
			return true;
		}
	if (memcache_begins(line, size, "CLIENT_ERROR ") ||
			memcache_begins(line, size, "SERVER_ERROR ")) {
		out->word = MEMCACHE_ERROR;
		return true;
	}
	if (memcache_begins(line, size, "VERSION ")) {
		out->word = MEMCACHE_OTHER;
		return true;
	}
	if (!memcache_number(line, size, &at, &out->number))
		return false;
	while (at < size && line[at] == ' ') /* decr leaves the room of former digits */
		at++;
	out->word = MEMCACHE_NUMBER;
	return at == size;
}

long memcache_text_parse(const char *bytes, size_t size, struct memcache_answer *out)
{
	size_t most = size < MEMCACHE_LINE_MAX ? size : MEMCACHE_LINE_MAX, line;
	const char *end = most ? memchr(bytes, '\n', most) : NULL;

	memset(out, 0, sizeof(*out));
	if (!end)
		return size >= MEMCACHE_LINE_MAX ? -1 : 0;
	line = (size_t)(end - bytes);
	if (line == 0 || bytes[line - 1] != '\r')
		return -1;
	line--;
	if (memcache_begins(bytes, line, "VALUE "))
		return memcache_value(bytes, size, line, out);
	return memcache_line(bytes, line, out) ? (long)(line + 2) : -1;
}
