/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include "rack/rmcp_crypt.h"

/*
 * HMAC from its two hashes, which have the padded key in them already: copying these costs less for
 * each packet than keying anew, and is the same with every libcrypto.
 */
#define HMAC_BLOCK 64 /* of SHA-1 and SHA-256 */
#define HMAC_INNER 0x36
#define HMAC_OUTER 0x5c

struct rmcp_hmac {
	EVP_MD_CTX *inner, *outer; /* with the key */
	EVP_MD_CTX *work;
};

static bool hmac_start(EVP_MD_CTX *hash, const EVP_MD *digest, const uint8_t *key, uint8_t mask)
{
	uint8_t block[HMAC_BLOCK];
	bool good;

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] = key[i] ^ mask;
	good = EVP_DigestInit_ex(hash, digest, NULL) &&
	       EVP_DigestUpdate(hash, block, sizeof(block));
	OPENSSL_cleanse(block, sizeof(block));
	return good;
}

static bool hmac_key(struct rmcp_hmac *hmac, const EVP_MD *digest, const void *key, size_t size)
{
	uint8_t block[HMAC_BLOCK] = {0};
	bool good = true;

	if (size > sizeof(block))
		good = EVP_Digest(key, size, block, NULL, digest, NULL);
	else if (size)
		memcpy(block, key, size);
	good = good && hmac_start(hmac->inner, digest, block, HMAC_INNER) &&
	       hmac_start(hmac->outer, digest, block, HMAC_OUTER);
	OPENSSL_cleanse(block, sizeof(block));
	return good;
}

struct rmcp_hmac *rmcp_hmac_new(enum rmcp_digest digest, const void *key, size_t size)
{
	struct rmcp_hmac *hmac = calloc(1, sizeof(*hmac));

	if (!hmac)
		return NULL;
	hmac->inner = EVP_MD_CTX_new();
	hmac->outer = EVP_MD_CTX_new();
	hmac->work = EVP_MD_CTX_new();
	if (hmac->inner && hmac->outer && hmac->work &&
			hmac_key(hmac, digest == RMCP_SHA256 ? EVP_sha256() : EVP_sha1(), key,
					size))
		return hmac;
	rmcp_hmac_free(hmac);
	return NULL;
}

size_t rmcp_hmac_sum(struct rmcp_hmac *hmac, const void *bytes, size_t size,
		uint8_t out[RMCP_DIGEST_MAX])
{
	unsigned int length = 0;

	if (!EVP_MD_CTX_copy_ex(hmac->work, hmac->inner) ||
			!EVP_DigestUpdate(hmac->work, bytes, size) ||
			!EVP_DigestFinal_ex(hmac->work, out, &length))
		return 0;
	if (!EVP_MD_CTX_copy_ex(hmac->work, hmac->outer) ||
			!EVP_DigestUpdate(hmac->work, out, length) ||
			!EVP_DigestFinal_ex(hmac->work, out, &length))
		return 0;
	return length;
}

/* libcrypto wipes what its contexts hold. */
void rmcp_hmac_free(struct rmcp_hmac *hmac)
{
	if (!hmac)
		return;
	EVP_MD_CTX_free(hmac->inner);
	EVP_MD_CTX_free(hmac->outer);
	EVP_MD_CTX_free(hmac->work);
	free(hmac);
}

struct rmcp_aes {
	EVP_CIPHER_CTX *encrypt, *decrypt;
};

struct rmcp_aes *rmcp_aes_new(const uint8_t key[RMCP_AES_KEY])
{
	struct rmcp_aes *aes = calloc(1, sizeof(*aes));
	const EVP_CIPHER *cipher = EVP_aes_128_cbc();

	if (!aes)
		return NULL;
	aes->encrypt = EVP_CIPHER_CTX_new();
	aes->decrypt = EVP_CIPHER_CTX_new();
	if (aes->encrypt && aes->decrypt &&
			EVP_EncryptInit_ex(aes->encrypt, cipher, NULL, key, NULL) &&
			EVP_DecryptInit_ex(aes->decrypt, cipher, NULL, key, NULL) &&
			EVP_CIPHER_CTX_set_padding(aes->encrypt, 0) &&
			EVP_CIPHER_CTX_set_padding(aes->decrypt, 0))
		return aes;
	rmcp_aes_free(aes);
	return NULL;
}

bool rmcp_aes_encrypt(struct rmcp_aes *aes, const uint8_t vector[16], uint8_t *bytes, size_t size)
{
	int length = 0;

	return size <= INT_MAX && size % 16 == 0 &&
	       EVP_EncryptInit_ex(aes->encrypt, NULL, NULL, NULL, vector) &&
	       EVP_EncryptUpdate(aes->encrypt, bytes, &length, bytes, (int)size) &&
	       (size_t)length == size;
}

bool rmcp_aes_decrypt(struct rmcp_aes *aes, const uint8_t vector[16], uint8_t *bytes, size_t size)
{
	int length = 0;

	return size <= INT_MAX && size % 16 == 0 &&
	       EVP_DecryptInit_ex(aes->decrypt, NULL, NULL, NULL, vector) &&
	       EVP_DecryptUpdate(aes->decrypt, bytes, &length, bytes, (int)size) &&
	       (size_t)length == size;
}

void rmcp_aes_free(struct rmcp_aes *aes)
{
	if (!aes)
		return;
	EVP_CIPHER_CTX_free(aes->encrypt);
	EVP_CIPHER_CTX_free(aes->decrypt);
	free(aes);
}
