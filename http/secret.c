/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/random.h>
#include "http/secret.h"

bool secret_key_init(struct secret_key *key)
{
	return getentropy(key->bytes, sizeof(key->bytes)) == 0;
}

void secret_digest(const struct secret_key *key, const char *first, const char *second,
		uint8_t digest[SECRET_DIGEST])
{
	GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key->bytes, sizeof(key->bytes));
	gsize size = SECRET_DIGEST;

	g_hmac_update(hmac, (const guchar *)first, strlen(first) + 1);
	g_hmac_update(hmac, (const guchar *)second, strlen(second) + 1);
	g_hmac_get_digest(hmac, digest, &size);
	g_hmac_unref(hmac);
}

bool secret_equal(const uint8_t a[SECRET_DIGEST], const uint8_t b[SECRET_DIGEST])
{
	volatile uint8_t different = 0;

	for (size_t i = 0; i < SECRET_DIGEST; i++)
		different |= a[i] ^ b[i];
	return different == 0;
}

char *secret_random(size_t bytes)
{
	uint8_t random[SECRET_DIGEST];
	GString *text;

	if (getentropy(random, sizeof(random)) < 0)
		return NULL;
	text = g_string_sized_new(2 * bytes);
	for (size_t i = 0; i < MIN(bytes, sizeof(random)); i++)
		g_string_append_printf(text, "%02x", random[i]);
	return g_string_free(text, FALSE);
}

void secret_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
}
