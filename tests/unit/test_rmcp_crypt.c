/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "rack/rmcp_crypt.h"

/* Hexadecimal digits to bytes; returns their number. */
static size_t unhex(const char *text, uint8_t *out)
{
	size_t size = strlen(text) / 2;

	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
				   g_ascii_xdigit_value(text[2 * i + 1]));
	return size;
}

static void assert_sum(enum rmcp_digest digest, const uint8_t *key, size_t key_size,
		const uint8_t *data, size_t size, const char *expected)
{
	struct rmcp_hmac *hmac = rmcp_hmac_new(digest, key, key_size);
	uint8_t sum[RMCP_DIGEST_MAX], wanted[RMCP_DIGEST_MAX];
	size_t length = unhex(expected, wanted);

	g_assert_nonnull(hmac);
	for (int i = 0; i < 2; i++) { /* the key stays set up */
		size_t got = rmcp_hmac_sum(hmac, data, size, sum);

		g_assert_cmpmem(sum, MIN(got, length), wanted, length);
		g_assert_cmpuint(got, ==, digest == RMCP_SHA1 ? 20 : 32);
	}
	rmcp_hmac_free(hmac);
}

/* RFC 2202, section 3, and RFC 4231, section 4: the cases that both have, then each its own. */
static void test_hmac_agrees_with_the_rfcs(void)
{
	static const char hi[] = "Hi There", jefe[] = "what do ya want for nothing?";
	static const char large[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	uint8_t key[131], data[50];

	memset(key, 0x0b, sizeof(key));
	assert_sum(RMCP_SHA1, key, 20, (const uint8_t *)hi, strlen(hi),
			"b617318655057264e28bc0b6fb378c8ef146be00");
	assert_sum(RMCP_SHA256, key, 20, (const uint8_t *)hi, strlen(hi),
			"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	assert_sum(RMCP_SHA1, (const uint8_t *)"Jefe", 4, (const uint8_t *)jefe, strlen(jefe),
			"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	assert_sum(RMCP_SHA256, (const uint8_t *)"Jefe", 4, (const uint8_t *)jefe, strlen(jefe),
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	memset(data, 0xdd, sizeof(data));
	assert_sum(RMCP_SHA1, key, 20, data, 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
	assert_sum(RMCP_SHA256, key, 20, data, 50,
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
	assert_sum(RMCP_SHA1, key, 80, (const uint8_t *)large, strlen(large),
			"aa4ae5e15272d00e95705637ce8a3b55ed402112");
	assert_sum(RMCP_SHA256, key, 131, (const uint8_t *)large, strlen(large),
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	for (uint8_t i = 0; i < 25; i++)
		key[i] = (uint8_t)(i + 1);
	memset(data, 0xcd, sizeof(data));
	assert_sum(RMCP_SHA1, key, 25, data, 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da");
	assert_sum(RMCP_SHA256, key, 25, data, 50,
			"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
}

/* NIST SP 800-38A, F.2.1 and F.2.2. */
static void test_aes_agrees_with_nist(void)
{
	static const char plain_text[] = "6bc1bee22e409f96e93d7e117393172a"
					 "ae2d8a571e03ac9c9eb76fac45af8e51"
					 "30c81c46a35ce411e5fbc1191a0a52ef"
					 "f69f2445df4f9b17ad2b417be66c3710";
	static const char secret_text[] = "7649abac8119b246cee98e9b12e9197d"
					  "5086cb9b507219ee95db113a917678b2"
					  "73bed6b8e3c1743b7116e69e22229516"
					  "3ff1caa1681fac09120eca307586e1a7";
	uint8_t key[16], vector[16], plain[64], secret[64], bytes[64];
	struct rmcp_aes *aes;

	unhex("2b7e151628aed2a6abf7158809cf4f3c", key);
	unhex("000102030405060708090a0b0c0d0e0f", vector);
	unhex(plain_text, plain);
	unhex(secret_text, secret);
	aes = rmcp_aes_new(key);
	g_assert_nonnull(aes);
	for (int i = 0; i < 2; i++) {
		memcpy(bytes, plain, sizeof(bytes));
		g_assert_true(rmcp_aes_encrypt(aes, vector, bytes, sizeof(bytes)));
		g_assert_cmpmem(bytes, sizeof(bytes), secret, sizeof(secret));
		g_assert_true(rmcp_aes_decrypt(aes, vector, bytes, sizeof(bytes)));
		g_assert_cmpmem(bytes, sizeof(bytes), plain, sizeof(plain));
	}
	g_assert_false(rmcp_aes_encrypt(aes, vector, bytes, 15));
	g_assert_false(rmcp_aes_decrypt(aes, vector, bytes, 17));
	rmcp_aes_free(aes);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/rmcp_crypt/hmac agrees with the rfcs", test_hmac_agrees_with_the_rfcs);
	g_test_add_func("/rmcp_crypt/aes agrees with nist", test_aes_agrees_with_nist);
	return g_test_run();
}
