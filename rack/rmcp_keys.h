/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The keys of an RMCP+ session and what is made with them (IPMI 2.0, 13.20 to 13.32), for the two
 * cipher suites that are worth having: 3 (HMAC-SHA1, HMAC-SHA1-96, AES-128) and 17 (HMAC-SHA256,
 * HMAC-SHA256-128, AES-128). A BMC key (Kg) of its own is not used: the password stands for it.
 * Both ends of a session compute the same.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rack/rmcp.h"

enum rmcp_suite {
	RMCP_SUITE_3 = 3,
	RMCP_SUITE_17 = 17,
};

#define RMCP_PASSWORD_MAX 20 /* bytes */

/* The suite's numbers, tables 13-17 to 13-19. */
uint8_t rmcp_suite_authentication(enum rmcp_suite suite);
uint8_t rmcp_suite_integrity(enum rmcp_suite suite);
uint8_t rmcp_suite_confidentiality(enum rmcp_suite suite);

/* Bytes of the codes: in RAKP 2 and 3; in RAKP 4 and behind packets. */
size_t rmcp_suite_exchange_code(enum rmcp_suite suite);
size_t rmcp_suite_packet_code(enum rmcp_suite suite);

/* What the two ends tell each other in the set-up. */
struct rmcp_exchange {
	enum rmcp_suite suite;
	uint32_t console, bmc; /* session ids */
	uint8_t console_random[RMCP_RANDOM], bmc_random[RMCP_RANDOM];
	uint8_t guid[RMCP_GUID];
	uint8_t role; /* as it was in RAKP 1 */
	char name[RMCP_NAME_MAX + 1];
};

/* The codes of RAKP 2 and 3, keyed with the password. False when libcrypto fails. */
bool rmcp_rakp2_code(const struct rmcp_exchange *exchange, const char *password,
		uint8_t code[RMCP_CODE_MAX]);
bool rmcp_rakp3_code(const struct rmcp_exchange *exchange, const char *password,
		uint8_t code[RMCP_CODE_MAX]);

struct rmcp_keys;

/* NULL when libcrypto fails. */
struct rmcp_keys *rmcp_keys_new(const struct rmcp_exchange *exchange, const char *password);

/* The code of RAKP 4: rmcp_suite_packet_code bytes. */
bool rmcp_rakp4_code(const struct rmcp_keys *keys, const struct rmcp_exchange *exchange,
		uint8_t code[RMCP_CODE_MAX]);

/*
 * Makes the packet that carries a message: encrypted with the vector given, which has to be random,
 * and signed. out has room for RMCP_PACKET_MAX. Returns the packet's size; 0 when the message is
 * longer than RMCP_DATA_MAX and its 7 bytes, or libcrypto fails.
 */
size_t rmcp_seal(struct rmcp_keys *keys, uint32_t session, uint32_t sequence,
		const uint8_t vector[RMCP_BLOCK], const uint8_t *message, size_t length,
		uint8_t *out);

/*
 * Checks the code of a packet that was read with it, and decrypts its payload into plain. Returns
 * the message's length; 0 for what was made with other keys, or is no message.
 */
size_t rmcp_unseal(struct rmcp_keys *keys, const struct rmcp_packet *packet,
		uint8_t plain[RMCP_PLAIN_MAX]);

void rmcp_keys_free(struct rmcp_keys *keys); /* NULL is fine */

/* Whether they are the same, in a time that does not tell. */
bool rmcp_same(const void *a, const void *b, size_t size);
