/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include "spice/link.h"
#include "spice/wire.h"

#define MAGIC "REDQ"

/* Capabilities of ours, all in one word. */
#define COMMON_CAPS                                                                           \
	(1u << SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION | 1u << SPICE_COMMON_CAP_AUTH_SPICE | \
			1u << SPICE_COMMON_CAP_MINI_HEADER)

#define REPLY_CAPS_AT 178 /* SpiceLinkReply: error, key, two counts, where the words are */

/* What the public key takes as a SubjectPublicKeyInfo (RFC 5280). */
#define KEY_BITS  SPICE_TICKET_KEY_PAIR_LENGTH
#define KEY_BYTES SPICE_TICKET_PUBKEY_BYTES

struct link_key {
	EVP_PKEY *pair;
	uint8_t public[KEY_BYTES];
};

GQuark link_error_quark(void)
{
	return g_quark_from_static_string("link-error-quark");
}

static enum link_verdict link_bad(struct link_message *out, uint32_t error)
{
	out->error = error;
	return LINK_BAD;
}

enum link_verdict link_read(const uint8_t *bytes, size_t size, struct link_message *out)
{
	uint32_t body, common, channel, at;

	*out = (struct link_message){0};
	if (size == 0)
		return LINK_MORE;
	if (memcmp(bytes, MAGIC, MIN(size, 4)) != 0)
		return link_bad(out, SPICE_LINK_ERR_INVALID_MAGIC);
	if (size >= 8 && wire_get32(bytes + 4) != SPICE_VERSION_MAJOR)
		return link_bad(out, SPICE_LINK_ERR_VERSION_MISMATCH);
	if (size < LINK_HEADER)
		return LINK_MORE;
	body = wire_get32(bytes + 12);
	if (body < LINK_MESSAGE || body > LINK_MESSAGE_MAX)
		return link_bad(out, SPICE_LINK_ERR_INVALID_DATA);
	if (size < LINK_HEADER + LINK_MESSAGE)
		return LINK_MORE;
	bytes += LINK_HEADER;
	common = wire_get32(bytes + 6);
	channel = wire_get32(bytes + 10);
	at = wire_get32(bytes + 14);
	/* One after the other, so that no sum is larger than its type. */
	if (at < LINK_MESSAGE || at > body || common > (body - at) / 4 ||
			channel > (body - at) / 4 - common)
		return link_bad(out, SPICE_LINK_ERR_INVALID_DATA);
	if (size < LINK_HEADER + (size_t)body)
		return LINK_MORE;
	out->whole = LINK_HEADER + (size_t)body;
	out->connection = wire_get32(bytes);
	out->channel_type = bytes[4];
	out->channel_id = bytes[5];
	if (common > 0)
		out->common_caps = wire_get32(bytes + at);
	if (channel > 0)
		out->channel_caps = wire_get32(bytes + at + (size_t)common * 4);
	return LINK_WHOLE;
}

bool link_selects(const struct link_message *message)
{
	return message->common_caps & 1u << SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION;
}

bool link_mini_header(const struct link_message *message)
{
	return message->common_caps & 1u << SPICE_COMMON_CAP_MINI_HEADER;
}

bool link_mechanism_fits(const uint8_t bytes[LINK_MECHANISM])
{
	return wire_get32(bytes) == SPICE_COMMON_CAP_AUTH_SPICE;
}

/* --- The key --- */

static EVP_PKEY *link_generate(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *pair = NULL;

	if (context && EVP_PKEY_keygen_init(context) > 0 &&
			EVP_PKEY_CTX_set_rsa_keygen_bits(context, KEY_BITS) > 0 &&
			EVP_PKEY_keygen(context, &pair) <= 0)
		pair = NULL;
	EVP_PKEY_CTX_free(context);
	return pair;
}

struct link_key *link_key_new(GError **error)
{
	struct link_key *key = g_new0(struct link_key, 1);
	uint8_t *der = NULL;
	int size;

	key->pair = link_generate();
	size = key->pair ? i2d_PUBKEY(key->pair, &der) : -1;
	if (size == KEY_BYTES)
		memcpy(key->public, der, KEY_BYTES);
	OPENSSL_free(der);
	if (size != KEY_BYTES) {
		unsigned long code = ERR_peek_last_error();
		const char *reason = code ? ERR_reason_error_string(code) : NULL;

		g_set_error(error, LINK_ERROR, 0,
				"no key for the viewers' passwords could be made: %s",
				reason ? reason : "OpenSSL does not say why");
		link_key_free(key);
		key = NULL;
	}
	ERR_clear_error();
	return key;
}

void link_key_free(struct link_key *key)
{
	if (!key)
		return;
	EVP_PKEY_free(key->pair);
	g_free(key);
}

/* --- Answers --- */

static void link_answer(GByteArray *out, uint32_t error, const uint8_t public[KEY_BYTES],
		int common, int channel)
{
	g_byte_array_append(out, (const guint8 *)MAGIC, 4);
	wire_put32(out, SPICE_VERSION_MAJOR);
	wire_put32(out, SPICE_VERSION_MINOR);
	wire_put32(out, REPLY_CAPS_AT + (common + channel) * 4);
	wire_put32(out, error);
	g_byte_array_append(out, public, KEY_BYTES);
	wire_put32(out, common);
	wire_put32(out, channel);
	wire_put32(out, REPLY_CAPS_AT);
}

void link_reply(GByteArray *out, const struct link_key *key, uint32_t channel_caps)
{
	link_answer(out, SPICE_LINK_ERR_OK, key->public, 1, 1);
	wire_put32(out, COMMON_CAPS);
	wire_put32(out, channel_caps);
}

void link_refuse(GByteArray *out, uint32_t error)
{
	static const uint8_t none[KEY_BYTES];

	link_answer(out, error, none, 0, 0);
}

void link_result(GByteArray *out, uint32_t error)
{
	wire_put32(out, error);
}

/* --- Tickets --- */

void link_ticket_open(const struct link_key *key, const uint8_t ticket[LINK_TICKET],
		struct link_secret *out)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pair, NULL);
	size_t size = sizeof(out->bytes);

	*out = (struct link_secret){0};
	out->whole = context && EVP_PKEY_decrypt_init(context) > 0 &&
		     EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
		     EVP_PKEY_decrypt(context, out->bytes, &size, ticket, LINK_TICKET) > 0;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
}

bool link_secret_is(const struct link_secret *secret, const char *text)
{
	uint8_t wanted[LINK_TICKET] = {0};
	size_t length = strlen(text);
	bool same;

	if (length > LINK_PASSWORD_MAX)
		return false;
	memcpy(wanted, text, length);
	/* Clients send the terminating NUL as well; what is behind it must be as empty as ours. */
	same = CRYPTO_memcmp(secret->bytes, wanted, sizeof(wanted)) == 0;
	OPENSSL_cleanse(wanted, sizeof(wanted));
	return secret->whole & same;
}

void link_secret_forget(struct link_secret *secret)
{
	OPENSSL_cleanse(secret, sizeof(*secret));
}

/* --- As a client --- */

enum link_verdict link_answer_read(const uint8_t *bytes, size_t size, struct link_answer *out)
{
	uint32_t body;

	*out = (struct link_answer){0};
	if (size < LINK_HEADER)
		return LINK_MORE;
	body = wire_get32(bytes + 12);
	if (memcmp(bytes, MAGIC, 4) != 0 || body < REPLY_CAPS_AT || body > LINK_MESSAGE_MAX)
		return LINK_BAD;
	if (size < LINK_HEADER + (size_t)body)
		return LINK_MORE;
	out->whole = LINK_HEADER + (size_t)body;
	out->error = wire_get32(bytes + LINK_HEADER);
	return LINK_WHOLE;
}

/* Clients send the NUL that ends their text. */
static bool link_ticket_empty(EVP_PKEY *public, uint8_t ticket[LINK_TICKET])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(public, NULL);
	size_t size = LINK_TICKET;
	bool made = context && EVP_PKEY_encrypt_init(context) > 0 &&
		    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) > 0 &&
		    EVP_PKEY_encrypt(context, ticket, &size, (const uint8_t *)"", 1) > 0;

	EVP_PKEY_CTX_free(context);
	return made && size == LINK_TICKET;
}

bool link_answer_rekey(uint8_t *bytes, const struct link_key *key, uint8_t ticket[LINK_TICKET])
{
	const uint8_t *at = bytes + LINK_HEADER + 4;
	EVP_PKEY *public = d2i_PUBKEY(NULL, &at, KEY_BYTES);
	bool made = public && link_ticket_empty(public, ticket);

	EVP_PKEY_free(public);
	ERR_clear_error();
	memcpy(bytes + LINK_HEADER + 4, key->public, KEY_BYTES);
	return made;
}

void link_mechanism_put(uint8_t bytes[LINK_MECHANISM])
{
	memset(bytes, 0, LINK_MECHANISM);
	bytes[0] = SPICE_COMMON_CAP_AUTH_SPICE;
}
