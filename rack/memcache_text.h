/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The words of memcached (its doc/protocol.txt, the text protocol), and under which keys readings
 * are kept there. Pure, for answers that nobody vouches for.
 *
 * PREFIX/NODE is a number, the node's generation; PREFIX/NODE@GENERATION/SENSOR is a value. Who
 * reads asks for the first, and then for values under it; who has to be sure that the node was not
 * replaced meanwhile asks for the number once more behind them. When it is raised the node's former
 * values cannot be found any more, all of them at once; they go by their time to live.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MEMCACHE_KEY_MAX  251     /* 250 and the end */
#define MEMCACHE_LINE_MAX 2048    /* of an answer */
#define MEMCACHE_DATA_MAX 65536   /* of a value in an answer */
#define MEMCACHE_TTL_MAX  2592000 /* s, 30 days: more would be a date */

/*
 * Keys as above, with %XX for bytes that a key must not have, and for '%' and '@' of names. sensor
 * NULL: the generation's. Returns false when it is too long.
 */
bool memcache_text_key(char key[MEMCACHE_KEY_MAX], const char *prefix, const char *node,
		uint64_t generation, const char *sensor);

/* Requests. They return how many bytes they wrote, 0 when there is not enough room. */
size_t memcache_text_set(char *out, size_t room, const char *key,
		unsigned int ttl, /* s; 0: for ever */
		const char *value, size_t size);
size_t memcache_text_add(char *out, size_t room, const char *key, uint64_t number);
size_t memcache_text_incr(char *out, size_t room, const char *key, uint64_t by);
size_t memcache_text_get(char *out, size_t room, const char *key);

enum memcache_word {
	MEMCACHE_STORED,
	MEMCACHE_NOT_STORED,
	MEMCACHE_NOT_FOUND,
	MEMCACHE_NUMBER, /* the answer to incr */
	MEMCACHE_VALUE,  /* one for each key that was found; then END */
	MEMCACHE_END,
	MEMCACHE_ERROR, /* text: the server's words */
	MEMCACHE_OTHER, /* a line of no interest here */
};

struct memcache_answer {
	enum memcache_word word;
	uint64_t number;
	const char *text; /* of VALUE: the key; within what was parsed */
	size_t text_size;
	const char *data; /* of VALUE */
	size_t data_size;
};

/*
 * Takes one answer off the front. Returns its bytes; 0: it is not whole yet; -1: this is not
 * memcached, or it is out of step.
 */
long memcache_text_parse(const char *bytes, size_t size, struct memcache_answer *out);
