/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "rack/rmcp.h"

/* RMCP's header: version, no acknowledgement, class (13.1.3); then the session's format (13.6). */
#define RMCP_VERSION       0x06
#define RMCP_SEQUENCE      0xff
#define RMCP_CLASS_IPMI    0x07
#define RMCP_FORMAT_PLUS   0x06
#define RMCP_NEXT_HEADER   0x07
#define RMCP_ENCRYPTED     0x80
#define RMCP_AUTHENTICATED 0x40

#define RMCP_OPEN_ANSWER_SIZE 36
#define RMCP_STATUS_SIZE      8 /* of an answer that refuses */
#define RMCP_RAKP2_SIZE       40
#define RMCP_RAKP4_SIZE       8

uint32_t rmcp_get32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

void rmcp_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

/* --- Packets --- */

/* Behind the payload: fill bytes, their number, what comes next, and the code. */
static bool rmcp_read_trailer(
		const uint8_t *bytes, size_t size, size_t code, struct rmcp_packet *out)
{
	size_t end = RMCP_HEAD + out->length, fill;

	if (size - end < code + 2)
		return false;
	fill = size - end - code - 2;
	/* Four bytes' alignment needs 3 at most. */
	if (fill > 3 || bytes[end + fill] != fill || bytes[end + fill + 1] != RMCP_NEXT_HEADER)
		return false;
	out->covered = size - code - RMCP_COVERED;
	out->code = bytes + size - code;
	return true;
}

bool rmcp_read(const uint8_t *bytes, size_t size, size_t code, struct rmcp_packet *out)
{
	memset(out, 0, sizeof(*out));
	if (size < RMCP_HEAD || bytes[0] != RMCP_VERSION || bytes[3] != RMCP_CLASS_IPMI ||
			bytes[4] != RMCP_FORMAT_PLUS)
		return false;
	out->type = bytes[5] & 0x3f;
	out->encrypted = bytes[5] & RMCP_ENCRYPTED;
	out->authenticated = bytes[5] & RMCP_AUTHENTICATED;
	out->session = rmcp_get32(bytes + 6);
	out->sequence = rmcp_get32(bytes + 10);
	out->length = bytes[14] | (size_t)bytes[15] << 8;
	out->payload = bytes + RMCP_HEAD;
	if (out->length > size - RMCP_HEAD)
		return false;
	if (out->authenticated)
		return rmcp_read_trailer(bytes, size, code, out);
	return true;
}

size_t rmcp_head(uint8_t *out, enum rmcp_type type, uint32_t session, uint32_t sequence,
		size_t length)
{
	memset(out, 0, RMCP_HEAD);
	out[0] = RMCP_VERSION;
	out[2] = RMCP_SEQUENCE;
	out[3] = RMCP_CLASS_IPMI;
	out[4] = RMCP_FORMAT_PLUS;
	out[5] = (uint8_t)(type | (session ? RMCP_ENCRYPTED | RMCP_AUTHENTICATED : 0));
	rmcp_put32(out + 6, session);
	rmcp_put32(out + 10, sequence);
	out[14] = (uint8_t)length;
	out[15] = (uint8_t)(length >> 8);
	return RMCP_HEAD;
}

size_t rmcp_trailer(uint8_t *packet, size_t size)
{
	uint8_t fill = 0;

	while ((size - RMCP_COVERED + fill + 2) % 4)
		packet[size + fill++] = 0xff;
	size += fill;
	packet[size++] = fill;
	packet[size++] = RMCP_NEXT_HEADER;
	return size;
}

size_t rmcp_pad(uint8_t *plain, size_t length)
{
	uint8_t fill = 0;

	while ((length + 1) % RMCP_BLOCK)
		plain[length++] = ++fill;
	plain[length++] = fill;
	return length;
}

bool rmcp_unpad(const uint8_t *plain, size_t size, size_t *length)
{
	size_t fill;

	if (size == 0 || size % RMCP_BLOCK)
		return false;
	fill = plain[size - 1];
	if (fill >= RMCP_BLOCK)
		return false;
	for (size_t i = 0; i < fill; i++)
		if (plain[size - 1 - fill + i] != i + 1)
			return false;
	*length = size - 1 - fill;
	return true;
}

/* --- The session's set-up --- */

static void rmcp_algorithm_write(uint8_t *out, uint8_t kind, uint8_t algorithm)
{
	out[0] = kind;
	out[3] = 8; /* bytes of this */
	out[4] = algorithm;
}

void rmcp_open_write(const struct rmcp_open *open, uint8_t *out)
{
	memset(out, 0, RMCP_OPEN_SIZE);
	out[0] = open->tag;
	/* out[1]: the highest privilege that goes with the algorithms; what is wanted, RAKP 1 says.
	 */
	rmcp_put32(out + 4, open->console);
	rmcp_algorithm_write(out + 8, 0, open->authentication);
	rmcp_algorithm_write(out + 16, 1, open->integrity);
	rmcp_algorithm_write(out + 24, 2, open->confidentiality);
}

size_t rmcp_rakp1_write(const struct rmcp_rakp1 *rakp, uint8_t *out)
{
	size_t length = strnlen(rakp->name, RMCP_NAME_MAX);

	memset(out, 0, 28);
	out[0] = rakp->tag;
	rmcp_put32(out + 4, rakp->bmc);
	memcpy(out + 8, rakp->random, RMCP_RANDOM);
	out[24] = rakp->role;
	out[27] = (uint8_t)length;
	memcpy(out + 28, rakp->name, length);
	return 28 + length;
}

size_t rmcp_rakp3_write(uint8_t tag, uint32_t bmc, const uint8_t *code, size_t length, uint8_t *out)
{
	memset(out, 0, 8);
	out[0] = tag;
	rmcp_put32(out + 4, bmc);
	memcpy(out + 8, code, length);
	return 8 + length;
}

/* A refusal may be as short as its status; the console's id is told where it is there. */
static bool rmcp_refusal(
		const uint8_t *bytes, size_t size, uint8_t *tag, uint8_t *status, uint32_t *console)
{
	if (size < 2)
		return false;
	*tag = bytes[0];
	*status = bytes[1];
	if (size >= RMCP_STATUS_SIZE)
		*console = rmcp_get32(bytes + 4);
	return true;
}

bool rmcp_open_answer_read(const uint8_t *bytes, size_t size, struct rmcp_open_answer *out)
{
	memset(out, 0, sizeof(*out));
	if (!rmcp_refusal(bytes, size, &out->tag, &out->status, &out->console))
		return false;
	if (out->status != RMCP_GOOD)
		return true;
	if (size < RMCP_OPEN_ANSWER_SIZE)
		return false;
	for (size_t kind = 0; kind < 3; kind++)
		if (bytes[12 + 8 * kind] != kind)
			return false;
	out->bmc = rmcp_get32(bytes + 8);
	out->authentication = bytes[16];
	out->integrity = bytes[24];
	out->confidentiality = bytes[32];
	return true;
}

bool rmcp_rakp2_read(const uint8_t *bytes, size_t size, struct rmcp_rakp2 *out)
{
	memset(out, 0, sizeof(*out));
	if (!rmcp_refusal(bytes, size, &out->tag, &out->status, &out->console))
		return false;
	if (out->status != RMCP_GOOD)
		return true;
	if (size < RMCP_RAKP2_SIZE)
		return false;
	memcpy(out->random, bytes + 8, RMCP_RANDOM);
	memcpy(out->guid, bytes + 24, RMCP_GUID);
	out->code = bytes + RMCP_RAKP2_SIZE;
	out->length = size - RMCP_RAKP2_SIZE;
	return true;
}

bool rmcp_rakp4_read(const uint8_t *bytes, size_t size, struct rmcp_rakp4 *out)
{
	memset(out, 0, sizeof(*out));
	if (!rmcp_refusal(bytes, size, &out->tag, &out->status, &out->console))
		return false;
	if (out->status != RMCP_GOOD)
		return true;
	if (size < RMCP_RAKP4_SIZE)
		return false;
	out->code = bytes + RMCP_RAKP4_SIZE;
	out->length = size - RMCP_RAKP4_SIZE;
	return true;
}

/* --- Messages --- */

/* What the bytes lack to a sum of 0. */
static uint8_t rmcp_checksum(const uint8_t *bytes, size_t size)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += bytes[i];
	return (uint8_t)-sum;
}

size_t rmcp_message_write(const struct rmcp_message *message, uint8_t *out)
{
	size_t length = message->length;

	if (length > RMCP_DATA_MAX)
		return 0;
	out[0] = message->to;
	out[1] = (uint8_t)(message->netfn << 2 | (message->to_lun & 3));
	out[2] = rmcp_checksum(out, 2);
	out[3] = message->from;
	out[4] = (uint8_t)(message->sequence << 2 | (message->from_lun & 3));
	out[5] = message->command;
	if (length)
		memcpy(out + 6, message->data, length);
	out[6 + length] = rmcp_checksum(out + 3, 3 + length);
	return 7 + length;
}

bool rmcp_message_read(const uint8_t *bytes, size_t size, struct rmcp_message *out)
{
	memset(out, 0, sizeof(*out));
	if (size < 7 || size > 7 + RMCP_DATA_MAX || rmcp_checksum(bytes, 3) ||
			rmcp_checksum(bytes + 3, size - 3))
		return false;
	out->to = bytes[0];
	out->netfn = bytes[1] >> 2;
	out->to_lun = bytes[1] & 3;
	out->from = bytes[3];
	out->sequence = bytes[4] >> 2;
	out->from_lun = bytes[4] & 3;
	out->command = bytes[5];
	out->data = bytes + 6;
	out->length = size - 7;
	return true;
}
