/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <spice/enums.h>
#include <string.h>
#include "spice/wire.h"

#define SURFACE 0
#define MONITOR 0

/* Where the size is in a mini header. */
#define SIZE_AT 2

/* Surface, box and clip, without clip rectangles. */
#define DRAW_BASE 21

/*
 * Body of a DRAW_COPY without mask: what all drawing has, source, its area, rop, scale and mask
 * (36); then the image's descriptor (18) and its size (4).
 */
#define DRAW_IMAGE_AT (DRAW_BASE + 36)
#define DRAW_DATA_AT  (DRAW_IMAGE_AT + 18 + 4)

uint16_t wire_get16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

uint32_t wire_get32(const uint8_t *bytes)
{
	return wire_get16(bytes) | (uint32_t)wire_get16(bytes + 2) << 16;
}

uint64_t wire_get64(const uint8_t *bytes)
{
	return wire_get32(bytes) | (uint64_t)wire_get32(bytes + 4) << 32;
}

static void wire_put8(GByteArray *out, uint8_t value)
{
	g_byte_array_append(out, &value, sizeof(value));
}

void wire_put16(GByteArray *out, uint16_t value)
{
	value = GUINT16_TO_LE(value);
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

void wire_put32(GByteArray *out, uint32_t value)
{
	value = GUINT32_TO_LE(value);
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

void wire_put64(GByteArray *out, uint64_t value)
{
	value = GUINT64_TO_LE(value);
	g_byte_array_append(out, (const guint8 *)&value, sizeof(value));
}

static void wire_header(GByteArray *out, uint16_t type, uint32_t size)
{
	wire_put16(out, type);
	wire_put32(out, size);
}

void wire_surface_create(GByteArray *out, int width, int height)
{
	wire_header(out, SPICE_MSG_DISPLAY_SURFACE_CREATE, 20);
	wire_put32(out, SURFACE);
	wire_put32(out, width);
	wire_put32(out, height);
	wire_put32(out, SPICE_SURFACE_FMT_32_xRGB);
	wire_put32(out, SPICE_SURFACE_FLAGS_PRIMARY);
}

void wire_surface_destroy(GByteArray *out)
{
	wire_header(out, SPICE_MSG_DISPLAY_SURFACE_DESTROY, 4);
	wire_put32(out, SURFACE);
}

void wire_monitors_config(GByteArray *out, int width, int height)
{
	wire_header(out, SPICE_MSG_DISPLAY_MONITORS_CONFIG, 32);
	wire_put16(out, 1); /* monitors, and how many there may be */
	wire_put16(out, 1);
	wire_put32(out, MONITOR);
	wire_put32(out, SURFACE);
	wire_put32(out, width);
	wire_put32(out, height);
	wire_put32(out, 0); /* x, y, flags */
	wire_put32(out, 0);
	wire_put32(out, 0);
}

void wire_mark(GByteArray *out)
{
	wire_header(out, SPICE_MSG_DISPLAY_MARK, 0);
}

void wire_ping(GByteArray *out, uint32_t id, uint64_t time)
{
	wire_header(out, SPICE_MSG_PING, 12);
	wire_put32(out, id);
	wire_put64(out, time);
}

/* Surface, box and clip: all that draws begins so. */
static void wire_draw_base(GByteArray *out, const struct display_rectangle *rectangle)
{
	wire_put32(out, SURFACE);
	wire_put32(out, rectangle->y); /* a box: top, left, bottom, right */
	wire_put32(out, rectangle->x);
	wire_put32(out, rectangle->y + rectangle->height);
	wire_put32(out, rectangle->x + rectangle->width);
	wire_put8(out, SPICE_CLIP_TYPE_NONE);
}

void wire_copy_rows(GByteArray *out, const struct display_rectangle *to, int from)
{
	wire_header(out, SPICE_MSG_DISPLAY_COPY_BITS, DRAW_BASE + 8);
	wire_draw_base(out, to);
	wire_put32(out, to->x); /* a point: x, y */
	wire_put32(out, from);
}

guint wire_draw_begin(GByteArray *out, const struct display_rectangle *rectangle, uint64_t image)
{
	guint start = out->len;

	wire_header(out, SPICE_MSG_DISPLAY_DRAW_COPY, 0); /* the size comes with the end */
	wire_draw_base(out, rectangle);
	wire_put32(out, DRAW_IMAGE_AT);
	wire_put32(out, 0); /* area of the image: all of it */
	wire_put32(out, 0);
	wire_put32(out, rectangle->height);
	wire_put32(out, rectangle->width);
	wire_put16(out, SPICE_ROPD_OP_PUT);
	wire_put8(out, SPICE_IMAGE_SCALE_MODE_INTERPOLATE);
	wire_put8(out, 0); /* mask: flags, position, none */
	wire_put32(out, 0);
	wire_put32(out, 0);
	wire_put32(out, 0);
	wire_put64(out, image);
	wire_put8(out, SPICE_IMAGE_TYPE_JPEG);
	wire_put8(out, 0); /* not to be cached */
	wire_put32(out, rectangle->width);
	wire_put32(out, rectangle->height);
	wire_put32(out, 0);
	return start;
}

static void wire_set32(GByteArray *out, guint at, uint32_t value)
{
	value = GUINT32_TO_LE(value);
	memcpy(out->data + at, &value, sizeof(value));
}

void wire_draw_end(GByteArray *out, guint start)
{
	guint body = out->len - start - WIRE_MINI_HEADER;

	wire_set32(out, start + SIZE_AT, body);
	wire_set32(out, start + WIRE_MINI_HEADER + DRAW_DATA_AT - 4, body - DRAW_DATA_AT);
}

void wire_widen(GByteArray *out, const uint8_t *messages, size_t size, uint64_t *serial)
{
	while (size >= WIRE_MINI_HEADER) {
		uint32_t body = wire_get32(messages + SIZE_AT);

		wire_put64(out, ++*serial);
		g_byte_array_append(out, messages, WIRE_MINI_HEADER);
		wire_put32(out, 0); /* no sub-messages */
		g_byte_array_append(out, messages + WIRE_MINI_HEADER, body);
		messages += WIRE_MINI_HEADER + body;
		size -= WIRE_MINI_HEADER + body;
	}
}

/* Bytes that the body of a client's message may have. */
static bool wire_size_fits(uint16_t type, uint32_t size)
{
	switch (type) {
	case SPICE_MSGC_ACK_SYNC: /* generation */
		return size == 4;
	case SPICE_MSGC_ACK:
	case SPICE_MSGC_MIGRATE_FLUSH_MARK:
	case SPICE_MSGC_DISPLAY_GL_DRAW_DONE:
		return size == 0;
	case SPICE_MSGC_PONG:          /* id, time */
	case SPICE_MSGC_DISCONNECTING: /* time, reason */
		return size == 12;
	case SPICE_MSGC_DISPLAY_INIT: /* two caches: number and size each */
		return size == 14;
	case SPICE_MSGC_DISPLAY_STREAM_REPORT:
		return size == 32;
	case SPICE_MSGC_DISPLAY_PREFERRED_COMPRESSION:
		return size == 1;
	case SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE: /* a count, and the codecs */
		return size >= 1 && size <= WIRE_BODY_MAX;
	default:
		return false;
	}
}

enum wire_verdict wire_read(const uint8_t *bytes, size_t size, bool mini, struct wire_message *out)
{
	size_t header = mini ? WIRE_MINI_HEADER : WIRE_FULL_HEADER;
	size_t at = mini ? 0 : 8;

	if (size < header)
		return WIRE_MORE;
	out->type = wire_get16(bytes + at);
	out->size = wire_get32(bytes + at + SIZE_AT);
	if (!wire_size_fits(out->type, out->size))
		return WIRE_BAD;
	if (!mini && wire_get32(bytes + at + WIRE_MINI_HEADER) != 0)
		return WIRE_BAD; /* sub-messages, which no client has */
	out->body = bytes + header;
	out->whole = header + out->size;
	if (size < out->whole)
		return WIRE_MORE;
	if (out->type == SPICE_MSGC_DISPLAY_PREFERRED_VIDEO_CODEC_TYPE &&
			out->body[0] != out->size - 1)
		return WIRE_BAD;
	return WIRE_WHOLE;
}

void wire_pong(const struct wire_message *message, uint32_t *id, uint64_t *time)
{
	*id = wire_get32(message->body);
	*time = wire_get64(message->body + 4);
}
