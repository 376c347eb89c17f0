/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "rack/lan15.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

/* RMCP's header: version, no acknowledgement, class (13.1.3). */
#define RMCP_VERSION    0x06
#define RMCP_SEQUENCE   0xff
#define RMCP_CLASS_IPMI 0x07

/* Where things are in a packet (table 13-8). */
#define AT_KIND     4
#define AT_SEQUENCE 5
#define AT_SESSION  9
#define AT_CODE     13

/* Get Channel Authentication Capabilities (table 22-15). */
#define THIS_CHANNEL      0x0e
#define ASK_EXTENDED      0x80
#define CAPABILITIES_SIZE 4 /* of IPMI 1.5 alone; makers' bytes may follow */
#define HAS_EXTENDED      0x80
#define PER_MESSAGE_OFF   0x10
#define EXTENDED_PLUS     0x02

#define CHALLENGE_SIZE 21
#define SESSION_SIZE   11

#define KIND_MASK 0x0f

/* --- Packets --- */

bool lan15_read(const uint8_t *bytes, size_t size, struct lan15_packet *out)
{
	size_t at = AT_CODE;

	memset(out, 0, sizeof(*out));
	if (size < LAN15_HEAD || bytes[0] != RMCP_VERSION || bytes[3] != RMCP_CLASS_IPMI)
		return false;
	out->kind = bytes[AT_KIND];
	if (out->kind != LAN15_NONE && out->kind != LAN15_MD5)
		return false;
	out->sequence = rmcp_get32(bytes + AT_SEQUENCE);
	out->session = rmcp_get32(bytes + AT_SESSION);
	if (out->kind == LAN15_MD5) {
		if (size < LAN15_HEAD + LAN15_CODE)
			return false;
		out->code = bytes + AT_CODE;
		at += LAN15_CODE;
	}
	out->length = bytes[at];
	out->message = bytes + at + 1;
	return out->length <= size - at - 1;
}

static void lan15_head(uint8_t *out, enum lan15_kind kind, uint32_t session, uint32_t sequence)
{
	memset(out, 0, LAN15_HEAD);
	out[0] = RMCP_VERSION;
	out[2] = RMCP_SEQUENCE;
	out[3] = RMCP_CLASS_IPMI;
	out[AT_KIND] = kind;
	rmcp_put32(out + AT_SEQUENCE, sequence);
	rmcp_put32(out + AT_SESSION, session);
}

size_t lan15_write(const uint8_t *message, size_t length, uint8_t *out)
{
	if (length > LAN15_MESSAGE_MAX)
		return 0;
	lan15_head(out, LAN15_NONE, 0, 0);
	out[LAN15_HEAD - 1] = (uint8_t)length;
	memcpy(out + LAN15_HEAD, message, length);
	return LAN15_HEAD + length;
}

/* MD5 of password, session, message, sequence number and password (22.17.1). */
static bool lan15_code(const char *password, uint32_t session, uint32_t sequence,
		const uint8_t *message, size_t length, uint8_t code[LAN15_CODE])
{
	uint8_t secret[LAN15_PASSWORD_MAX] = {0}, id[4], number[4];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done;

	memcpy(secret, password, strnlen(password, sizeof(secret)));
	rmcp_put32(id, session);
	rmcp_put32(number, sequence);
	done = context && EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1 &&
	       EVP_DigestUpdate(context, secret, sizeof(secret)) == 1 &&
	       EVP_DigestUpdate(context, id, sizeof(id)) == 1 &&
	       EVP_DigestUpdate(context, message, length) == 1 &&
	       EVP_DigestUpdate(context, number, sizeof(number)) == 1 &&
	       EVP_DigestUpdate(context, secret, sizeof(secret)) == 1 &&
	       EVP_DigestFinal_ex(context, code, NULL) == 1;
	EVP_MD_CTX_free(context);
	OPENSSL_cleanse(secret, sizeof(secret));
	return done;
}

size_t lan15_seal(const char *password, uint32_t session, uint32_t sequence, const uint8_t *message,
		size_t length, uint8_t *out)
{
	if (length > LAN15_MESSAGE_MAX)
		return 0;
	lan15_head(out, LAN15_MD5, session, sequence);
	if (!lan15_code(password, session, sequence, message, length, out + AT_CODE))
		return 0;
	out[AT_CODE + LAN15_CODE] = (uint8_t)length;
	memcpy(out + LAN15_HEAD + LAN15_CODE, message, length);
	return LAN15_HEAD + LAN15_CODE + length;
}

bool lan15_is_signed(const char *password, const struct lan15_packet *packet)
{
	uint8_t code[LAN15_CODE];

	return packet->kind == LAN15_MD5 &&
	       lan15_code(password, packet->session, packet->sequence, packet->message,
			       packet->length, code) &&
	       CRYPTO_memcmp(code, packet->code, sizeof(code)) == 0;
}

/* --- The session's set-up --- */

/* Whether all is there: of a refusal its completion code is all there has to be. */
static bool lan15_is_whole(const uint8_t *bytes, size_t size, size_t needed, uint8_t *code)
{
	if (size < 1)
		return false;
	*code = bytes[0];
	return *code || size >= needed;
}

void lan15_ask_write(bool extended, uint8_t privilege, uint8_t out[LAN15_ASK_SIZE])
{
	out[0] = THIS_CHANNEL | (extended ? ASK_EXTENDED : 0);
	out[1] = privilege;
}

bool lan15_capabilities_read(const uint8_t *bytes, size_t size, struct lan15_capabilities *out)
{
	memset(out, 0, sizeof(*out));
	if (!lan15_is_whole(bytes, size, CAPABILITIES_SIZE, &out->code))
		return false;
	if (out->code)
		return true;
	out->plus = (bytes[2] & HAS_EXTENDED) && size > 4 && (bytes[4] & EXTENDED_PLUS);
	out->md5 = bytes[2] >> LAN15_MD5 & 1;
	out->per_message = !(bytes[3] & PER_MESSAGE_OFF);
	return true;
}

void lan15_name_write(const char *name, uint8_t out[LAN15_NAME_SIZE])
{
	memset(out, 0, LAN15_NAME_SIZE);
	out[0] = LAN15_MD5;
	memcpy(out + 1, name, strnlen(name, RMCP_NAME_MAX));
}

bool lan15_challenge_read(const uint8_t *bytes, size_t size, struct lan15_challenge *out)
{
	memset(out, 0, sizeof(*out));
	if (!lan15_is_whole(bytes, size, CHALLENGE_SIZE, &out->code))
		return false;
	if (out->code)
		return true;
	out->session = rmcp_get32(bytes + 1);
	memcpy(out->challenge, bytes + 5, LAN15_CHALLENGE);
	return true;
}

void lan15_activate_write(uint8_t privilege, const uint8_t challenge[LAN15_CHALLENGE],
		uint32_t first, uint8_t out[LAN15_ACTIVATE_SIZE])
{
	out[0] = LAN15_MD5;
	out[1] = privilege;
	memcpy(out + 2, challenge, LAN15_CHALLENGE);
	rmcp_put32(out + 2 + LAN15_CHALLENGE, first);
}

bool lan15_session_read(const uint8_t *bytes, size_t size, struct lan15_session *out)
{
	memset(out, 0, sizeof(*out));
	if (!lan15_is_whole(bytes, size, SESSION_SIZE, &out->code))
		return false;
	if (out->code)
		return true;
	out->kind = bytes[1] & KIND_MASK;
	out->session = rmcp_get32(bytes + 2);
	out->first = rmcp_get32(bytes + 6);
	return true;
}
