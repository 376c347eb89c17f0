/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "spice/bridge_part.h"

/* A byte has moved: the end may take as long again. */
static void bridge_moved(struct bridge *bridge)
{
	if (bridge->end_due && bridge->stage == BRIDGE_JOINED)
		bridge->end_due = bridge_in(BRIDGE_END_MS);
}

void bridge_say(struct bridge *bridge, const void *bytes, size_t size)
{
	if (size > BRIDGE_CONTROL - bridge->control_end)
		return;
	memcpy(bridge->control + bridge->control_end, bytes, size);
	bridge->control_end += size;
}

static void bridge_say_frame(
		struct bridge *bridge, enum websocket_opcode opcode, const void *bytes, size_t size)
{
	uint8_t frame[WEBSOCKET_HEAD_MOST + WEBSOCKET_CONTROL_MOST];
	size_t head = websocket_head(opcode, size, frame);

	if (size)
		memcpy(frame + head, bytes, size);
	bridge_say(bridge, frame, head + size);
}

void bridge_say_close(struct bridge *bridge, enum websocket_status status)
{
	const uint8_t words[2] = {(uint8_t)(status >> 8), (uint8_t)status};

	if (!bridge->websocket || bridge->closing)
		return;
	bridge->closing = true;
	bridge_say_frame(bridge, WEBSOCKET_CLOSE, words, sizeof(words));
}

/* --- From the client --------------------------------------------------------------------- */

static void bridge_frame_fault(struct bridge *bridge)
{
	bridge_say_close(bridge, bridge->reader.status);
	bridge_refuse(bridge, "it breaks the rules of websockets");
}

static void bridge_pong(struct bridge *bridge)
{
	/* A client that asks again and again and takes no answer gets none. */
	if (bridge->control_end < BRIDGE_CONTROL / 2 && !bridge->closing)
		bridge_say_frame(bridge, WEBSOCKET_PONG, bridge->reader.control,
				bridge->reader.control_size);
}

/* Takes frames out of bytes, which are in the buffer at in_end or behind. */
void bridge_unpack(struct bridge *bridge, uint8_t *bytes, size_t size)
{
	while (!bridge->silenced) {
		uint8_t *data;
		size_t used, count;

		switch (websocket_read(&bridge->reader, bytes, size, &used, &data, &count)) {
		case WEBSOCKET_NOTHING:
			return;
		case WEBSOCKET_DATA:
			memmove(bridge->in + bridge->in_end, data, count);
			bridge->in_end += count;
			break;
		case WEBSOCKET_PINGED:
			bridge_pong(bridge);
			break;
		case WEBSOCKET_PONGED:
			break;
		case WEBSOCKET_CLOSED:
			if (!bridge->closing)
				bridge_say_frame(bridge, WEBSOCKET_CLOSE, bridge->reader.control,
						MIN(bridge->reader.control_size, 2u));
			bridge->closing = true;
			bridge_client_over(bridge);
			return;
		case WEBSOCKET_FAULT:
			bridge_frame_fault(bridge);
			return;
		}
		bytes += used;
		size -= used;
	}
}

bool bridge_may_read_client(const struct bridge *bridge)
{
	return !bridge->silenced && bridge->stage > BRIDGE_HANDSHAKE &&
	       bridge->stage < BRIDGE_DRAINING &&
	       (bridge->in_start > 0 || bridge->in_end < sizeof(bridge->in));
}

bool bridge_read_client(struct bridge *bridge)
{
	ssize_t count;

	if (!bridge_may_read_client(bridge))
		return false;
	if (bridge->in_start == bridge->in_end) {
		bridge->in_start = bridge->in_end = 0;
	} else if (bridge->in_end == sizeof(bridge->in)) {
		bridge->in_end -= bridge->in_start;
		memmove(bridge->in, bridge->in + bridge->in_start, bridge->in_end);
		bridge->in_start = 0;
	}
	count = outer_read(&bridge->outer, bridge->in + bridge->in_end,
			sizeof(bridge->in) - bridge->in_end);
	if (count == OUTER_AGAIN)
		return false;
	if (count <= 0) {
		bridge_client_over(bridge);
	} else if (bridge->websocket) {
		bridge_unpack(bridge, bridge->in + bridge->in_end, count);
	} else {
		bridge->in_end += count;
	}
	return true;
}

/* --- To the inner end -------------------------------------------------------------------- */

void bridge_supply_init(struct bridge *bridge)
{
	bridge->make_start = 0;
	bridge->make_end = framing_make(&bridge->framing, bridge->make);
}

/* What has come goes on as far as framing says; false when the rest must wait, or is not there. */
static bool bridge_pass(struct bridge *bridge)
{
	size_t count, size = bridge->in_end - bridge->in_start;

	while (!bridge->passed && bridge->make_start == bridge->make_end) {
		switch (framing_from_client(
				&bridge->framing, bridge->in + bridge->in_start, size, &count)) {
		case FRAMING_PASS:
			bridge->passed = count;
			break;
		case FRAMING_DROP:
			bridge->in_start += count;
			size -= count;
			break;
		case FRAMING_MAKE:
			bridge_supply_init(bridge);
			break;
		case FRAMING_MORE:
			/* Half of something means nothing any more. */
			if (bridge->silenced)
				bridge->in_start = bridge->in_end;
			return false;
		case FRAMING_HOLD:
			return false;
		case FRAMING_BAD:
			bridge_say_close(bridge, WEBSOCKET_PROTOCOL_ERROR);
			bridge_refuse(bridge, "it breaks the rules of SPICE");
			return false;
		}
	}
	return true;
}

/* The end comes after all that was said; before DISPLAY_INIT has been taken it is not heard well.
 */
static bool bridge_pass_end(struct bridge *bridge)
{
	if (!bridge->silenced || bridge->in_start < bridge->in_end)
		return false;
	if (framing_wants_init(&bridge->framing)) {
		bridge_supply_init(bridge);
		return true;
	}
	if (framing_settling(&bridge->framing))
		return false;
	bridge->inner_shut = true;
	if (bridge->outer.broken)
		bridge_end(bridge); /* nobody listens either */
	else
		shutdown(bridge->inner, SHUT_WR);
	return true;
}

/* The inner end takes no more; what it has said before can still be read. */
static void bridge_inner_deaf(struct bridge *bridge)
{
	bridge->inner_shut = true;
	bridge->in_start = bridge->in_end;
	bridge->passed = 0;
	bridge->make_start = bridge->make_end;
	framing_settle(&bridge->framing);
	bridge_client_over(bridge);
}

bool bridge_has_for_inner(const struct bridge *bridge)
{
	return bridge->passed > 0 || bridge->make_start < bridge->make_end;
}

bool bridge_write_inner(struct bridge *bridge)
{
	bool made;
	ssize_t count;

	if (bridge->stage != BRIDGE_JOINED || bridge->inner < 0 || bridge->inner_shut)
		return false;
	if (!bridge_pass(bridge))
		return bridge->inner >= 0 && bridge_pass_end(bridge);
	made = bridge->make_start < bridge->make_end;
	count = send(bridge->inner,
			made ? bridge->make + bridge->make_start : bridge->in + bridge->in_start,
			made ? bridge->make_end - bridge->make_start : bridge->passed,
			MSG_DONTWAIT | MSG_NOSIGNAL);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (count < 0) {
		bridge_inner_deaf(bridge);
	} else if (made) {
		bridge->make_start += count;
	} else {
		bridge->in_start += count;
		bridge->passed -= count;
	}
	bridge_moved(bridge);
	return true;
}

/* --- To the client ----------------------------------------------------------------------- */

bool bridge_may_read_inner(const struct bridge *bridge)
{
	return bridge->stage == BRIDGE_JOINED && bridge->inner >= 0 && !bridge->inner_over &&
	       bridge->out_start == bridge->out_end &&
	       (bridge->chunk_left == 0 || bridge->chunk_control);
}

bool bridge_read_inner(struct bridge *bridge)
{
	ssize_t count;

	if (!bridge_may_read_inner(bridge))
		return false;
	count = recv(bridge->inner, bridge->out + BRIDGE_HEAD, BRIDGE_BUFFER - BRIDGE_HEAD,
			MSG_DONTWAIT);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (count > 0) {
		bridge->out_start = BRIDGE_HEAD;
		bridge->out_end = BRIDGE_HEAD + count;
	} else {
		bridge->inner_over = true;
		bridge_say_close(bridge, WEBSOCKET_NORMAL);
		if (!bridge->end_due)
			bridge->end_due = bridge_in(BRIDGE_END_MS);
	}
	return true;
}

/* All there is: without records nothing needs cuts, and browsers look into those. */
static void bridge_chunk_all(struct bridge *bridge)
{
	uint8_t *at = bridge->out + bridge->out_start, head[WEBSOCKET_HEAD_MOST];
	size_t count = bridge->out_end - bridge->out_start;
	size_t size = bridge->websocket ? websocket_head(WEBSOCKET_BINARY, count, head) : 0;

	for (size_t done = 0; done < count;)
		done += framing_from_server(&bridge->framing, at + done, count - done);
	memcpy(at - size, head, size);
	bridge->chunk = at - size;
	bridge->chunk_left = size + count;
	bridge->out_start = bridge->out_end;
}

bool bridge_has_for_client(const struct bridge *bridge)
{
	return bridge->chunk_left || bridge->control_start < bridge->control_end ||
	       bridge->out_start < bridge->out_end || bridge->unflushed;
}

/* Chooses what is written next, as one record. */
static bool bridge_next_chunk(struct bridge *bridge)
{
	size_t count = bridge->control_end - bridge->control_start;

	bridge->chunk_control = count > 0;
	if (count) {
		bridge->chunk = bridge->control + bridge->control_start;
		bridge->chunk_left = count;
		bridge->control_start = bridge->control_end;
		return true;
	}
	bridge->control_start = bridge->control_end = 0;
	if (bridge->closing)
		bridge->out_start = bridge->out_end; /* nothing may follow a close */
	count = bridge->out_end - bridge->out_start;
	if (!count)
		return false;
	if (bridge->websocket || !bridge->encrypted) {
		bridge_chunk_all(bridge);
	} else {
		bridge->chunk = bridge->out + bridge->out_start;
		bridge->chunk_left = framing_from_server(&bridge->framing, bridge->chunk, count);
		bridge->out_start += bridge->chunk_left;
	}
	return true;
}

bool bridge_write_client(struct bridge *bridge)
{
	bool moved = false;

	while (bridge->stage > BRIDGE_HANDSHAKE && bridge->stage < BRIDGE_DRAINING &&
			(bridge->chunk_left || bridge_next_chunk(bridge))) {
		ssize_t count = outer_write(&bridge->outer, bridge->chunk, bridge->chunk_left);

		if (count == OUTER_AGAIN)
			break;
		moved = true;
		if (count > 0) {
			bridge->chunk += count;
			bridge->chunk_left -= count;
			bridge_moved(bridge);
			continue;
		}
		bridge->chunk_left = 0;
		bridge->out_start = bridge->out_end;
		bridge->control_start = bridge->control_end;
		bridge_client_over(bridge);
	}
	if (moved || bridge->unflushed)
		bridge->unflushed = !outer_flush(&bridge->outer);
	return moved;
}
