/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Secrets as digests (HMAC-SHA-256 under a key of this process), so that memory holds none in clear
 * and comparing takes the same time wherever they differ.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#define SECRET_DIGEST 32

struct secret_key {
	uint8_t bytes[SECRET_DIGEST];
};

bool secret_key_init(struct secret_key *key); /* false: there are no random numbers */

/* Of two texts together, so that "a", "bc" is not "ab", "c". */
void secret_digest(const struct secret_key *key, const char *first, const char *second,
		uint8_t digest[SECRET_DIGEST]);
bool secret_equal(const uint8_t a[SECRET_DIGEST], const uint8_t b[SECRET_DIGEST]);

/* So many random bytes (at most 32) in hexadecimal; NULL: there are none. New. */
char *secret_random(size_t bytes);
void secret_wipe(char *text); /* overwrites it; NULL is fine */
