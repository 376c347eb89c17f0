/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/bridge_part.h"
#include "spice/loopback.h"
#include <spice/enums.h>

#define LINK_MS 10000 /* from the first bytes to a right ticket; a user has typed it before */

static bool bridge_handshake(struct bridge *bridge)
{
	int result = outer_handshake(&bridge->outer);

	if (result == OUTER_AGAIN)
		return false;
	if (result == 1)
		bridge->stage = BRIDGE_SNIFF;
	else
		bridge_refuse(bridge, bridge->outer.fault);
	return true;
}

static bool bridge_sniff(struct bridge *bridge)
{
	struct greeting greeting = {0};

	greeting_read(bridge->in + bridge->in_start, bridge->in_end - bridge->in_start, &greeting);
	if (greeting.kind == GREETING_MORE)
		return false;
	if (greeting.kind == GREETING_HTTP)
		bridge->stage = BRIDGE_REQUEST;
	else if (greeting.kind == GREETING_SPICE)
		bridge->stage = BRIDGE_GREETING;
	else
		bridge_refuse(bridge, "it speaks neither SPICE nor websocket");
	return true;
}

static void bridge_refuse_request(
		struct bridge *bridge, enum websocket_verdict verdict, const char *reason)
{
	char answer[WEBSOCKET_ANSWER_MOST];

	bridge_say(bridge, answer, websocket_refusal(verdict, answer));
	bridge_refuse(bridge, reason);
}

static bool bridge_allows(const struct bridge *bridge, const struct websocket_request *request)
{
	return !bridge->settings->origin ||
	       bridge->settings->origin(request->origin[0] ? request->origin : NULL, request->host,
			       bridge->events.data);
}

static bool bridge_request(struct bridge *bridge)
{
	struct websocket_request request;
	size_t size = bridge->in_end - bridge->in_start;
	enum websocket_verdict verdict = websocket_request_read(
			bridge->in + bridge->in_start, size, &request);
	char answer[WEBSOCKET_ANSWER_MOST];

	if (verdict == WEBSOCKET_MORE)
		return false;
	if (verdict == WEBSOCKET_PLAIN) {
		bridge_refuse_request(bridge, verdict, "it wants a page, not a websocket");
	} else if (verdict != WEBSOCKET_GOOD) {
		bridge_refuse_request(bridge, verdict, "its request for a websocket is malformed");
	} else if (!bridge_allows(bridge, &request)) {
		/* Who decided that can say it best. */
		bridge_refuse_request(bridge, WEBSOCKET_FORBIDDEN, "");
	} else {
		uint8_t *rest = bridge->in + bridge->in_start + request.size;

		bridge_say(bridge, answer, websocket_grant(&request, answer));
		bridge->websocket = true;
		bridge->stage = BRIDGE_GREETING;
		bridge->in_end = bridge->in_start;
		bridge_unpack(bridge, rest, size - request.size);
	}
	return true;
}

static void bridge_join(struct bridge *bridge, const struct greeting *greeting)
{
	g_autoptr(GError) error = NULL;
	bool display = greeting->channel_type == SPICE_CHANNEL_DISPLAY;
	bool own = display && bridge->settings->own_display;
	int pair[2];

	if (!(own ? loopback_pair_unix(pair, &error) : loopback_pair(pair, &error))) {
		bridge_refuse(bridge, error->message);
		return;
	}
	bridge->inner = pair[0];
	bridge->stage = BRIDGE_JOINED;
	bridge->link_due = bridge_in(LINK_MS);
	framing_init(&bridge->framing, bridge->settings->display_init && display);
	bridge->events.routed(bridge, pair[1], greeting, bridge->events.data);
}

static bool bridge_greet(struct bridge *bridge)
{
	struct greeting greeting = {0};
	size_t size = bridge->in_end - bridge->in_start;

	greeting_read(bridge->in + bridge->in_start, size, &greeting);
	if (greeting.kind != GREETING_MORE && greeting.kind != GREETING_SPICE)
		bridge_refuse(bridge, "it does not speak SPICE");
	else if (greeting.kind == GREETING_MORE || size < GREETING_BYTES)
		return false;
	else
		bridge_join(bridge, &greeting);
	return true;
}

bool bridge_before(struct bridge *bridge)
{
	bool moved;

	if (bridge->silenced)
		return false;
	switch (bridge->stage) {
	case BRIDGE_HANDSHAKE:
		moved = bridge_handshake(bridge);
		break;
	case BRIDGE_SNIFF:
		moved = bridge_sniff(bridge);
		break;
	case BRIDGE_REQUEST:
		moved = bridge_request(bridge);
		break;
	case BRIDGE_GREETING:
		moved = bridge_greet(bridge);
		break;
	default:
		return false;
	}
	return moved;
}
