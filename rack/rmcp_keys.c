/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include "rack/rmcp_crypt.h"
#include "rack/rmcp_keys.h"

#define KEYS_CONSTANT 20 /* bytes of 1 or 2 that K1 and K2 are made from (13.32) */

/* The longest text that is signed: RAKP 2's. */
#define KEYS_TEXT_MAX (8 + 2 * RMCP_RANDOM + RMCP_GUID + 2 + RMCP_NAME_MAX)

struct rmcp_keys {
	enum rmcp_suite suite;
	struct rmcp_hmac *session;   /* SIK */
	struct rmcp_hmac *integrity; /* K1 */
	struct rmcp_aes *aes;        /* of K2 */
};

uint8_t rmcp_suite_authentication(enum rmcp_suite suite)
{
	return suite == RMCP_SUITE_17 ? 3 : 1;
}

uint8_t rmcp_suite_integrity(enum rmcp_suite suite)
{
	return suite == RMCP_SUITE_17 ? 4 : 1;
}

uint8_t rmcp_suite_confidentiality(enum rmcp_suite suite)
{
	(void)suite;
	return 1;
}

size_t rmcp_suite_exchange_code(enum rmcp_suite suite)
{
	return suite == RMCP_SUITE_17 ? 32 : 20;
}

size_t rmcp_suite_packet_code(enum rmcp_suite suite)
{
	return suite == RMCP_SUITE_17 ? 16 : 12;
}

static enum rmcp_digest keys_digest(enum rmcp_suite suite)
{
	return suite == RMCP_SUITE_17 ? RMCP_SHA256 : RMCP_SHA1;
}

bool rmcp_same(const void *a, const void *b, size_t size)
{
	return CRYPTO_memcmp(a, b, size) == 0;
}

/* --- Texts --- */

struct keys_text {
	uint8_t bytes[KEYS_TEXT_MAX];
	size_t size;
};

static void text_add(struct keys_text *text, const void *bytes, size_t size)
{
	memcpy(text->bytes + text->size, bytes, size);
	text->size += size;
}

static void text_id(struct keys_text *text, uint32_t id)
{
	rmcp_put32(text->bytes + text->size, id);
	text->size += 4;
}

static void text_user(struct keys_text *text, const struct rmcp_exchange *exchange)
{
	size_t length = strnlen(exchange->name, RMCP_NAME_MAX);

	text->bytes[text->size++] = exchange->role;
	text->bytes[text->size++] = (uint8_t)length;
	text_add(text, exchange->name, length);
}

static bool keys_sum(enum rmcp_suite suite, const void *key, size_t size,
		const struct keys_text *text, uint8_t out[RMCP_CODE_MAX])
{
	struct rmcp_hmac *hmac = rmcp_hmac_new(keys_digest(suite), key, size);
	bool good = hmac && rmcp_hmac_sum(hmac, text->bytes, text->size, out);

	rmcp_hmac_free(hmac);
	return good;
}

/* A password is a key of 20 bytes, filled up with zeros; to an HMAC these make no difference. */
static bool keys_sum_password(const struct rmcp_exchange *exchange, const char *password,
		const struct keys_text *text, uint8_t out[RMCP_CODE_MAX])
{
	return keys_sum(exchange->suite, password, strnlen(password, RMCP_PASSWORD_MAX), text, out);
}

bool rmcp_rakp2_code(const struct rmcp_exchange *exchange, const char *password,
		uint8_t code[RMCP_CODE_MAX])
{
	struct keys_text text = {.size = 0};

	text_id(&text, exchange->console);
	text_id(&text, exchange->bmc);
	text_add(&text, exchange->console_random, RMCP_RANDOM);
	text_add(&text, exchange->bmc_random, RMCP_RANDOM);
	text_add(&text, exchange->guid, RMCP_GUID);
	text_user(&text, exchange);
	return keys_sum_password(exchange, password, &text, code);
}

bool rmcp_rakp3_code(const struct rmcp_exchange *exchange, const char *password,
		uint8_t code[RMCP_CODE_MAX])
{
	struct keys_text text = {.size = 0};

	text_add(&text, exchange->bmc_random, RMCP_RANDOM);
	text_id(&text, exchange->console);
	text_user(&text, exchange);
	return keys_sum_password(exchange, password, &text, code);
}

bool rmcp_rakp4_code(const struct rmcp_keys *keys, const struct rmcp_exchange *exchange,
		uint8_t code[RMCP_CODE_MAX])
{
	struct keys_text text = {.size = 0};

	text_add(&text, exchange->console_random, RMCP_RANDOM);
	text_id(&text, exchange->bmc);
	text_add(&text, exchange->guid, RMCP_GUID);
	return rmcp_hmac_sum(keys->session, text.bytes, text.size, code);
}

/* --- Keys --- */

/* K1 and K2. */
static bool keys_derive(struct rmcp_keys *keys)
{
	uint8_t constant[KEYS_CONSTANT], key[RMCP_DIGEST_MAX];
	size_t length;

	memset(constant, 1, sizeof(constant));
	length = rmcp_hmac_sum(keys->session, constant, sizeof(constant), key);
	if (length)
		keys->integrity = rmcp_hmac_new(keys_digest(keys->suite), key, length);
	memset(constant, 2, sizeof(constant));
	length = rmcp_hmac_sum(keys->session, constant, sizeof(constant), key);
	if (length)
		keys->aes = rmcp_aes_new(key);
	OPENSSL_cleanse(key, sizeof(key));
	return keys->integrity && keys->aes;
}

struct rmcp_keys *rmcp_keys_new(const struct rmcp_exchange *exchange, const char *password)
{
	struct rmcp_keys *keys = calloc(1, sizeof(*keys));
	struct keys_text text = {.size = 0};
	uint8_t key[RMCP_CODE_MAX];

	if (!keys)
		return NULL;
	keys->suite = exchange->suite;
	text_add(&text, exchange->console_random, RMCP_RANDOM);
	text_add(&text, exchange->bmc_random, RMCP_RANDOM);
	text_user(&text, exchange);
	if (keys_sum_password(exchange, password, &text, key))
		keys->session = rmcp_hmac_new(keys_digest(keys->suite), key,
				rmcp_suite_exchange_code(keys->suite));
	OPENSSL_cleanse(key, sizeof(key));
	if (keys->session && keys_derive(keys))
		return keys;
	rmcp_keys_free(keys);
	return NULL;
}

void rmcp_keys_free(struct rmcp_keys *keys)
{
	if (!keys)
		return;
	rmcp_hmac_free(keys->session);
	rmcp_hmac_free(keys->integrity);
	rmcp_aes_free(keys->aes);
	free(keys);
}

/* --- Packets --- */

size_t rmcp_seal(struct rmcp_keys *keys, uint32_t session, uint32_t sequence,
		const uint8_t vector[RMCP_BLOCK], const uint8_t *message, size_t length,
		uint8_t *out)
{
	uint8_t *plain = out + RMCP_HEAD + RMCP_BLOCK, code[RMCP_DIGEST_MAX];
	size_t size;

	if (length > 7 + RMCP_DATA_MAX)
		return 0;
	memcpy(plain, message, length);
	length = rmcp_pad(plain, length);
	size = rmcp_head(out, RMCP_MESSAGE, session, sequence, RMCP_BLOCK + length);
	memcpy(out + size, vector, RMCP_BLOCK);
	if (!rmcp_aes_encrypt(keys->aes, vector, plain, length))
		return 0;
	size = rmcp_trailer(out, size + RMCP_BLOCK + length);
	if (!rmcp_hmac_sum(keys->integrity, out + RMCP_COVERED, size - RMCP_COVERED, code))
		return 0;
	length = rmcp_suite_packet_code(keys->suite);
	memcpy(out + size, code, length);
	return size + length;
}

size_t rmcp_unseal(struct rmcp_keys *keys, const struct rmcp_packet *packet,
		uint8_t plain[RMCP_PLAIN_MAX])
{
	const uint8_t *start = packet->payload - RMCP_HEAD + RMCP_COVERED;
	uint8_t code[RMCP_DIGEST_MAX];
	size_t length;

	if (!packet->authenticated || !packet->encrypted || packet->length <= RMCP_BLOCK ||
			packet->length - RMCP_BLOCK > RMCP_PLAIN_MAX)
		return 0;
	if (!rmcp_hmac_sum(keys->integrity, start, packet->covered, code) ||
			!rmcp_same(code, packet->code, rmcp_suite_packet_code(keys->suite)))
		return 0;
	length = packet->length - RMCP_BLOCK;
	memcpy(plain, packet->payload + RMCP_BLOCK, length);
	if (!rmcp_aes_decrypt(keys->aes, packet->payload, plain, length) ||
			!rmcp_unpad(plain, length, &length))
		return 0;
	return length;
}
