/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The packets between us and a BMC on the network: RMCP+ of the IPMI specification 2.0, section 13
 * (layouts: tables 13-8 to 13-14), and the messages in them. Pure: bytes in, bytes out, for peers
 * that nobody vouches for. What is signed and encrypted is rmcp_keys.h's; here are its places.
 * Multi-byte numbers are little-endian on the wire.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RMCP_PORT 623

#define RMCP_HEAD     16 /* bytes of RMCP's header and the session's */
#define RMCP_COVERED  4  /* from this offset on a packet is signed */
#define RMCP_BLOCK    16 /* of the cipher, and of its first vector, which precedes what it hides */
#define RMCP_RANDOM   16
#define RMCP_GUID     16
#define RMCP_CODE_MAX 32 /* bytes of a key exchange code: HMAC-SHA256 */
#define RMCP_NAME_MAX 16
#define RMCP_DATA_MAX 256 /* of a message; 255 is what LAN channels are asked to bear at most */

/* A message: its head, data and checksum, filled up to blocks. */
#define RMCP_PLAIN_MAX  (7 + RMCP_DATA_MAX + RMCP_BLOCK)
#define RMCP_PACKET_MAX (RMCP_HEAD + RMCP_BLOCK + RMCP_PLAIN_MAX + 3 + 2 + RMCP_CODE_MAX)

enum rmcp_type {
	RMCP_MESSAGE = 0x00,
	RMCP_OPEN_REQUEST = 0x10,
	RMCP_OPEN_ANSWER = 0x11,
	RMCP_RAKP1 = 0x12,
	RMCP_RAKP2 = 0x13,
	RMCP_RAKP3 = 0x14,
	RMCP_RAKP4 = 0x15,
};

/* --- Packets --- */

struct rmcp_packet {
	uint8_t type; /* enum rmcp_type, and others */
	bool encrypted, authenticated;
	uint32_t session, sequence;
	const uint8_t *payload; /* in the packet */
	size_t length;
	size_t covered; /* of authenticated ones: bytes that are signed, from RMCP_COVERED on */
	const uint8_t *code; /* behind them */
};

/*
 * Takes a packet apart; code: the bytes of an authenticated packet's code. False for what is no
 * RMCP+ packet or does not hold together: IPMI 1.5 and presence pings are none.
 */
bool rmcp_read(const uint8_t *bytes, size_t size, size_t code, struct rmcp_packet *out);

/*
 * Writes the header; its payload is to follow. Packets of a session are encrypted and
 * authenticated, others neither, with a session and sequence of 0. Returns RMCP_HEAD.
 */
size_t rmcp_head(uint8_t *out, enum rmcp_type type, uint32_t session, uint32_t sequence,
		size_t length);

/*
 * Appends what stands between payload and code. size: of header and payload; there is room for 5
 * bytes more. Returns the new size: bytes from RMCP_COVERED up to it are to be signed.
 */
size_t rmcp_trailer(uint8_t *packet, size_t size);

/* Fills up to a whole number of blocks (13.29), by 1 to 16 bytes. Returns the new length. */
size_t rmcp_pad(uint8_t *plain, size_t length);

/* How much of it is not padding; false when it is not padded so. */
bool rmcp_unpad(const uint8_t *plain, size_t size, size_t *length);

/* --- The session's set-up --- */

struct rmcp_open {
	uint8_t tag;
	uint32_t console;                                   /* our session id */
	uint8_t authentication, integrity, confidentiality; /* algorithms, tables 13-17 to 13-19 */
};

#define RMCP_OPEN_SIZE 32
void rmcp_open_write(const struct rmcp_open *open, uint8_t *out);

struct rmcp_rakp1 {
	uint8_t tag;
	uint32_t bmc; /* its session id */
	uint8_t random[RMCP_RANDOM];
	uint8_t role;
	char name[RMCP_NAME_MAX + 1];
};

#define RMCP_RAKP1_MAX (28 + RMCP_NAME_MAX)
size_t rmcp_rakp1_write(const struct rmcp_rakp1 *rakp, uint8_t *out);

#define RMCP_RAKP3_MAX (8 + RMCP_CODE_MAX)
size_t rmcp_rakp3_write(
		uint8_t tag, uint32_t bmc, const uint8_t *code, size_t length, uint8_t *out);

/* What the answers begin with (13.24); anything but 0 ends the set-up, and nothing else is said. */
enum rmcp_status {
	RMCP_GOOD = 0x00,
	RMCP_NO_ROOM = 0x01, /* all its sessions are in use */
	RMCP_NO_SESSION = 0x02,
	RMCP_BAD_AUTHENTICATION = 0x04,
	RMCP_BAD_INTEGRITY = 0x05,
	RMCP_IDLE_SESSION = 0x08,
	RMCP_BAD_ROLE = 0x09,
	RMCP_BAD_PRIVILEGE = 0x0a,
	RMCP_NO_ROOM_FOR_ROLE = 0x0b,
	RMCP_BAD_NAME = 0x0d,
	RMCP_BAD_CODE = 0x0f,
	RMCP_BAD_CONFIDENTIALITY = 0x10,
	RMCP_NO_SUITE = 0x11,
};

struct rmcp_open_answer {
	uint8_t tag, status;
	uint32_t console, bmc;
	uint8_t authentication, integrity, confidentiality;
};

struct rmcp_rakp2 {
	uint8_t tag, status;
	uint32_t console;
	uint8_t random[RMCP_RANDOM], guid[RMCP_GUID];
	const uint8_t *code; /* in the payload */
	size_t length;
};

struct rmcp_rakp4 {
	uint8_t tag, status;
	uint32_t console;
	const uint8_t *code; /* in the payload */
	size_t length;
};

/* False for what is too short, or has other algorithms' kinds than asked for. */
bool rmcp_open_answer_read(const uint8_t *bytes, size_t size, struct rmcp_open_answer *out);
bool rmcp_rakp2_read(const uint8_t *bytes, size_t size, struct rmcp_rakp2 *out);
bool rmcp_rakp4_read(const uint8_t *bytes, size_t size, struct rmcp_rakp4 *out);

/* --- Messages (13.8), requests and answers alike --- */

#define RMCP_ADDRESS_BMC     0x20
#define RMCP_ADDRESS_CONSOLE 0x81 /* software id, 5.5 */

struct rmcp_message {
	uint8_t to, from;
	uint8_t netfn; /* 6 bits; an answer's is odd */
	uint8_t to_lun, from_lun;
	uint8_t sequence; /* 6 bits */
	uint8_t command;
	const uint8_t *data; /* an answer's first is the completion code */
	size_t length;       /* at most RMCP_DATA_MAX */
};

/* Returns the size, 7 and the data's length; 0 when the data are too long. */
size_t rmcp_message_write(const struct rmcp_message *message, uint8_t *out);

/* False for what is too short or long, or has a wrong checksum; data are in the bytes. */
bool rmcp_message_read(const uint8_t *bytes, size_t size, struct rmcp_message *out);

uint32_t rmcp_get32(const uint8_t *bytes);
void rmcp_put32(uint8_t *bytes, uint32_t value);
