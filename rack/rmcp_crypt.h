/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the cipher suites of RMCP+ are made of, by libcrypto: HMAC (RFC 2104) with SHA-1 or SHA-256,
 * and AES-128 in CBC mode without padding. A key is set up once and wiped with its object.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum rmcp_digest {
	RMCP_SHA1,
	RMCP_SHA256,
};

#define RMCP_DIGEST_MAX 32 /* bytes of a sum: 20 or 32 */
#define RMCP_AES_KEY    16

struct rmcp_hmac;

/* NULL when libcrypto has no memory, or not the digest. */
struct rmcp_hmac *rmcp_hmac_new(enum rmcp_digest digest, const void *key, size_t size);

/* Returns the sum's length; 0 when libcrypto fails. */
size_t rmcp_hmac_sum(struct rmcp_hmac *hmac, const void *bytes, size_t size,
		uint8_t out[RMCP_DIGEST_MAX]);

void rmcp_hmac_free(struct rmcp_hmac *hmac); /* NULL is fine */

struct rmcp_aes;

/* NULL when libcrypto has no memory, or not the cipher. */
struct rmcp_aes *rmcp_aes_new(const uint8_t key[RMCP_AES_KEY]);

/* In place; size: whole blocks of 16. False when it is not, or libcrypto fails. */
bool rmcp_aes_encrypt(struct rmcp_aes *aes, const uint8_t vector[16], uint8_t *bytes, size_t size);
bool rmcp_aes_decrypt(struct rmcp_aes *aes, const uint8_t vector[16], uint8_t *bytes, size_t size);

void rmcp_aes_free(struct rmcp_aes *aes); /* NULL is fine */
