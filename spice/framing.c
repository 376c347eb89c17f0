/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include <spice/protocol.h>
#include "spice/framing.h"

#define LINK_HEADER   sizeof(SpiceLinkHeader)
#define TICKET        sizeof(SpiceLinkEncryptedTicket)
#define RESULT        4   /* uint32_t, SPICE_LINK_ERR_* */
#define COMMON_MOST   100 /* messages up to here are those of every channel */
#define HEADER_SERIAL 0   /* where a full header has what */
#define HEADER_TYPE   8
#define HEADER_SIZE   10
#define INIT_BODY     14 /* pixmap cache: id (8 bits), pixels (64); dictionary: id (8), size (32) */

/* As spice-gtk announces them; without them a server would do, but it insists on some. */
#define INIT_CACHE_PIXELS (16 * 1024 * 1024 / 4)
#define INIT_DICTIONARY   (16 * 1024 * 1024 / 4)

static uint32_t get32(const uint8_t *at)
{
	return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static size_t header_size(const struct framing *framing)
{
	return framing->mini ? sizeof(SpiceMiniDataHeader) : sizeof(SpiceDataHeader);
}

static unsigned int header_type(const struct framing *framing, const uint8_t *header)
{
	header += framing->mini ? 0 : HEADER_TYPE;
	return header[0] | header[1] << 8;
}

static uint32_t header_body(const struct framing *framing, const uint8_t *header)
{
	return get32(header + (framing->mini ? 2 : HEADER_SIZE));
}

/* The first word of the common capabilities of a link message: count and offset of the words are
 * at those places in it. Nothing when they are not within it. */
static uint32_t link_caps(const uint8_t *link, size_t size, size_t count_at, size_t offset_at)
{
	uint32_t offset;

	if (size < offset_at + 4 || get32(link + count_at) == 0)
		return 0;
	offset = get32(link + offset_at);
	return offset <= size && size - offset >= 4 ? get32(link + offset) : 0;
}

static bool agreed(uint32_t a, uint32_t b, unsigned int capability)
{
	return (a & b) >> capability & 1;
}

void framing_init(struct framing *framing, bool display)
{
	memset(framing, 0, sizeof(*framing));
	framing->display = display;
	framing->need = LINK_HEADER;
}

/* --- From the server --------------------------------------------------------------------- */

static void server_next(struct framing *framing, enum framing_stage stage, size_t need)
{
	framing->server = stage;
	framing->need = need;
	framing->have = 0;
}

/* True when the link message has come whole. */
static bool server_link(struct framing *framing)
{
	const uint8_t *link = framing->gather + LINK_HEADER;
	uint32_t size = get32(framing->gather + offsetof(SpiceLinkHeader, size)), caps;

	if (framing->need == LINK_HEADER && size > 0 && size <= FRAMING_LINK_MOST) {
		framing->need += size;
		return false;
	}
	if (framing->need == LINK_HEADER || size < sizeof(SpiceLinkReply) || get32(link) != 0) {
		framing->server = FRAMING_LOST; /* it has refused, and closes */
		return true;
	}
	caps = link_caps(link, size, offsetof(SpiceLinkReply, num_common_caps),
			offsetof(SpiceLinkReply, caps_offset));
	framing->mini = agreed(framing->caps, caps, SPICE_COMMON_CAP_MINI_HEADER);
	framing->selection = agreed(framing->caps, caps, SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION);
	framing->answered = true;
	server_next(framing, FRAMING_RESULT, RESULT);
	return true;
}

/* A piece has come whole; true when it ends a message. */
static bool server_piece(struct framing *framing)
{
	switch (framing->server) {
	case FRAMING_LINK:
		return server_link(framing);
	case FRAMING_RESULT:
		if (get32(framing->gather) == 0)
			server_next(framing, FRAMING_HEADER, header_size(framing));
		else
			framing->server = FRAMING_LOST;
		return true;
	default: /* a header */
		if (framing->client == FRAMING_SETTLING &&
				header_type(framing, framing->gather) > COMMON_MOST)
			framing_settle(framing);
		framing->left = header_body(framing, framing->gather);
		server_next(framing, framing->left ? FRAMING_BODY : FRAMING_HEADER,
				header_size(framing));
		return framing->left == 0;
	}
}

size_t framing_from_server(struct framing *framing, const uint8_t *bytes, size_t size)
{
	size_t used = 0;

	while (used < size && framing->server != FRAMING_LOST) {
		bool body = framing->server == FRAMING_BODY;
		size_t wanted = body ? framing->left : framing->need - framing->have;
		size_t take = MIN(wanted, size - used);

		if (!body)
			memcpy(framing->gather + framing->have, bytes + used, take);
		used += take;
		if (body) {
			framing->left -= take;
			if (framing->left == 0) {
				framing->server = FRAMING_HEADER;
				return used;
			}
		} else {
			framing->have += take;
			if (framing->have == framing->need && server_piece(framing))
				return used;
		}
	}
	return framing->server == FRAMING_LOST ? size : used;
}

/* --- From the client --------------------------------------------------------------------- */

static enum framing_order client_whole(struct framing *framing, size_t size, size_t whole,
		enum framing_stage then, size_t *count)
{
	if (size < whole)
		return FRAMING_MORE;
	*count = whole;
	framing->client = then;
	return FRAMING_PASS;
}

static enum framing_order client_link(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count)
{
	uint32_t body;

	if (size < LINK_HEADER)
		return FRAMING_MORE;
	body = get32(bytes + offsetof(SpiceLinkHeader, size));
	if (body < sizeof(SpiceLinkMess) || body > FRAMING_LINK_MOST)
		return FRAMING_BAD;
	if (size >= LINK_HEADER + body)
		framing->caps = link_caps(bytes + LINK_HEADER, body,
				offsetof(SpiceLinkMess, num_common_caps),
				offsetof(SpiceLinkMess, caps_offset));
	return client_whole(framing, size, LINK_HEADER + body,
			framing->display ? FRAMING_MECHANISM : FRAMING_LOST, count);
}

static enum framing_order client_mechanism(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count)
{
	if (!framing->answered)
		return FRAMING_HOLD;
	if (!framing->selection)
		framing->client = FRAMING_TICKET;
	else if (size < sizeof(SpiceLinkAuthMechanism))
		return FRAMING_MORE;
	else if (get32(bytes) != SPICE_COMMON_CAP_AUTH_SPICE)
		return FRAMING_BAD; /* nothing else is offered */
	else
		return client_whole(framing, size, sizeof(SpiceLinkAuthMechanism), FRAMING_TICKET,
				count);
	return framing_from_client(framing, bytes, size, count);
}

/* The first message goes on whole, so that one made up never meets half of another. */
static enum framing_order client_first(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count)
{
	size_t header = header_size(framing);

	if (size < header)
		return FRAMING_MORE;
	if (header_type(framing, bytes) != SPICE_MSGC_DISPLAY_INIT)
		return FRAMING_MAKE;
	if (header_body(framing, bytes) != INIT_BODY)
		return FRAMING_BAD;
	return client_whole(framing, size, header + INIT_BODY, FRAMING_SETTLING, count);
}

static enum framing_order client_header(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count)
{
	size_t header = header_size(framing);

	if (size < header)
		return FRAMING_MORE;
	framing->dropping = header_type(framing, bytes) == SPICE_MSGC_DISPLAY_INIT;
	if (framing->dropping && !framing->made_up)
		return FRAMING_BAD; /* a second one */
	if (framing->dropping)
		framing->made_up = false;
	framing->to_come = header_body(framing, bytes);
	framing->client = framing->to_come ? FRAMING_BODY : FRAMING_HEADER;
	*count = header;
	return framing->dropping ? FRAMING_DROP : FRAMING_PASS;
}

enum framing_order framing_from_client(
		struct framing *framing, const uint8_t *bytes, size_t size, size_t *count)
{
	*count = 0;
	if (size == 0)
		return FRAMING_MORE;
	switch (framing->client) {
	case FRAMING_LINK:
		return client_link(framing, bytes, size, count);
	case FRAMING_MECHANISM:
		return client_mechanism(framing, bytes, size, count);
	case FRAMING_TICKET:
		return client_whole(framing, size, TICKET, FRAMING_FIRST, count);
	case FRAMING_FIRST:
		return client_first(framing, bytes, size, count);
	case FRAMING_SETTLING:
		return FRAMING_HOLD;
	case FRAMING_HEADER:
		return client_header(framing, bytes, size, count);
	case FRAMING_BODY:
		*count = MIN(framing->to_come, size);
		framing->to_come -= *count;
		if (framing->to_come == 0)
			framing->client = FRAMING_HEADER;
		return framing->dropping ? FRAMING_DROP : FRAMING_PASS;
	default:
		*count = size;
		return FRAMING_PASS;
	}
}

bool framing_wants_init(const struct framing *framing)
{
	return framing->client == FRAMING_FIRST;
}

size_t framing_make(struct framing *framing, uint8_t out[FRAMING_MAKE_MOST])
{
	uint8_t *body = out + header_size(framing);

	memset(out, 0, FRAMING_MAKE_MOST);
	if (!framing->mini)
		out[HEADER_SERIAL] = 1;
	out[framing->mini ? 0 : HEADER_TYPE] = SPICE_MSGC_DISPLAY_INIT;
	out[framing->mini ? 2 : HEADER_SIZE] = INIT_BODY;
	body[0] = 1;
	put32(body + 1, INIT_CACHE_PIXELS);
	body[9] = 1;
	put32(body + 10, INIT_DICTIONARY);
	framing->made_up = true;
	framing->client = FRAMING_SETTLING;
	return header_size(framing) + INIT_BODY;
}

bool framing_settling(const struct framing *framing)
{
	return framing->client == FRAMING_SETTLING;
}

void framing_settle(struct framing *framing)
{
	if (framing->client == FRAMING_SETTLING)
		framing->client = FRAMING_HEADER;
}

bool framing_linked(const struct framing *framing)
{
	return framing->server == FRAMING_HEADER || framing->server == FRAMING_BODY;
}
