/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <spice/enums.h>
#include <spice/protocol.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/wire.h"
#include "tests/unit/jpeg_coder.h"
#include "tests/unit/raw_display.h"

/* Turns without news after which the other side, on the same thread, has no more to say. */
#define IDLE_TURNS 5

int raw_display_open(struct raw_display *raw, unsigned int caps, bool small)
{
	const int least = 1;
	int pair[2];

	*raw = (struct raw_display){.caps = caps};
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
	if (small)
		setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	raw->fd = pair[0];
	raw->body = g_byte_array_new();
	return pair[1];
}

void raw_display_hang_up(struct raw_display *raw)
{
	if (raw->fd >= 0)
		close(raw->fd);
	raw->fd = -1;
}

void raw_display_close(struct raw_display *raw)
{
	raw_display_hang_up(raw);
	g_byte_array_unref(raw->body);
	g_free(raw->pixels);
	while (g_main_context_iteration(NULL, FALSE))
		;
}

void raw_display_send(struct raw_display *raw, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	for (int idle = 0; size > 0 && idle < IDLE_TURNS; idle++) {
		ssize_t count = send(raw->fd, from, size, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (count > 0) {
			from += count;
			size -= count;
			idle = 0;
		} else if (errno != EAGAIN) {
			return; /* hung up on us */
		}
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
}

/* Returns what recv() does, once the server had its turns. */
static ssize_t raw_display_recv(struct raw_display *raw, void *bytes, size_t size, int flags)
{
	ssize_t count = -1;

	for (int idle = 0; idle < IDLE_TURNS; idle++) {
		count = recv(raw->fd, bytes, size, MSG_DONTWAIT | flags);
		if (count >= 0 || errno != EAGAIN)
			break;
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	return count;
}

bool raw_display_receive(struct raw_display *raw, void *bytes, size_t size)
{
	uint8_t *to = bytes;

	while (size > 0) {
		ssize_t count = raw_display_recv(raw, to, size, 0);

		if (count <= 0)
			return false;
		to += count;
		size -= count;
	}
	return true;
}

bool raw_display_quiet(struct raw_display *raw)
{
	uint8_t byte;

	return raw_display_recv(raw, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN;
}

bool raw_display_ended(struct raw_display *raw)
{
	uint8_t byte;
	ssize_t count = raw_display_recv(raw, &byte, 1, MSG_PEEK);

	return count == 0 || (count < 0 && errno != EAGAIN);
}

GByteArray *raw_display_link_message(unsigned int caps)
{
	GByteArray *out = g_byte_array_new();

	g_byte_array_append(out, (const guint8 *)"REDQ", 4);
	wire_put32(out, SPICE_VERSION_MAJOR);
	wire_put32(out, SPICE_VERSION_MINOR);
	wire_put32(out, 18 + 8);
	wire_put32(out, 4711); /* connection */
	wire_put16(out, SPICE_CHANNEL_DISPLAY);
	wire_put32(out, 1);
	wire_put32(out, 1);
	wire_put32(out, 18);
	wire_put32(out, (caps & RAW_SELECTS ? 1u << SPICE_COMMON_CAP_PROTOCOL_AUTH_SELECTION : 0) |
					1u << SPICE_COMMON_CAP_AUTH_SPICE |
					(caps & RAW_MINI ? 1u << SPICE_COMMON_CAP_MINI_HEADER : 0));
	wire_put32(out, caps & RAW_MONITORS ? 1u << SPICE_DISPLAY_CAP_MONITORS_CONFIG : 0);
	return out;
}

void raw_display_ticket(struct raw_display *raw, const char *password, uint8_t ticket[128])
{
	const uint8_t *der = raw->key;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &der, sizeof(raw->key));
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
	size_t size = 128;

	g_assert_nonnull(key);
	g_assert_cmpint(EVP_PKEY_encrypt_init(context), >, 0);
	g_assert_cmpint(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING), >, 0);
	g_assert_cmpint(EVP_PKEY_encrypt(context, ticket, &size, (const uint8_t *)password,
					strlen(password) + 1),
			>, 0);
	g_assert_cmpuint(size, ==, 128);
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(key);
}

uint32_t raw_display_link(struct raw_display *raw, const char *password)
{
	GByteArray *message = raw_display_link_message(raw->caps);
	uint8_t reply[16 + 178 + 8], ticket[128], result[4];
	const uint8_t mechanism[4] = {SPICE_COMMON_CAP_AUTH_SPICE};

	raw_display_send(raw, message->data, message->len);
	g_byte_array_unref(message);
	g_assert_true(raw_display_receive(raw, reply, 16 + 178));
	g_assert_cmpmem(reply, 4, "REDQ", 4);
	raw->reply = wire_get32(reply + 16);
	if (raw->reply != SPICE_LINK_ERR_OK)
		return raw->reply;
	g_assert_true(raw_display_receive(raw, reply + 16 + 178, 8));
	g_assert_cmpuint(wire_get32(reply + 16 + 178), ==, 0xb);
	memcpy(raw->key, reply + 20, sizeof(raw->key));
	raw_display_ticket(raw, password, ticket);
	if (raw->caps & RAW_SELECTS)
		raw_display_send(raw, mechanism, sizeof(mechanism));
	raw_display_send(raw, ticket, sizeof(ticket));
	g_assert_true(raw_display_receive(raw, result, sizeof(result)));
	return wire_get32(result);
}

static void raw_display_draw(struct raw_display *raw)
{
	const uint8_t *body = raw->body->data;
	int top = (int)wire_get32(body + 4), left = (int)wire_get32(body + 8);
	int bottom = (int)wire_get32(body + 12), right = (int)wire_get32(body + 16);
	uint32_t image = wire_get32(body + 21);
	uint32_t size = wire_get32(body + image + 18);

	g_assert_cmpint(left, >=, 0);
	g_assert_cmpint(top, >=, 0);
	g_assert_cmpint(right, <=, raw->width);
	g_assert_cmpint(bottom, <=, raw->height);
	g_assert_cmpuint(body[image + 8], ==, SPICE_IMAGE_TYPE_JPEG);
	g_assert_cmpuint(image + 22 + size, ==, raw->body->len);
	g_assert_true(jpeg_decode(body + image + 22, size, right - left, bottom - top,
			raw->pixels + (size_t)top * raw->width + left, raw->width));
}

static void raw_display_copy(struct raw_display *raw)
{
	const uint8_t *body = raw->body->data;
	int top = (int)wire_get32(body + 4), left = (int)wire_get32(body + 8);
	int bottom = (int)wire_get32(body + 12), right = (int)wire_get32(body + 16);
	int x = (int)wire_get32(body + 21), y = (int)wire_get32(body + 25);
	size_t all = (size_t)raw->width * raw->height * sizeof(*raw->pixels);
	g_autofree uint32_t *before = g_memdup2(raw->pixels, all);

	g_assert_cmpuint(raw->body->len, ==, 29);
	g_assert_cmpint(y + bottom - top, <=, raw->height);
	for (int row = top; row < bottom; row++)
		memcpy(raw->pixels + (size_t)row * raw->width + left,
				before + (size_t)(y + row - top) * raw->width + x,
				(size_t)(right - left) * sizeof(*raw->pixels));
	raw->copies++;
}

bool raw_display_read(struct raw_display *raw)
{
	uint8_t header[18];
	size_t at = raw->caps & RAW_MINI ? 0 : 8;

	if (!raw_display_receive(raw, header, raw->caps & RAW_MINI ? 6 : 18))
		return false;
	if (at) {
		g_assert_cmpuint(wire_get64(header), ==, ++raw->serial);
		g_assert_cmpuint(wire_get32(header + 14), ==, 0);
	}
	raw->type = wire_get16(header + at);
	g_byte_array_set_size(raw->body, wire_get32(header + at + 2));
	if (!raw_display_receive(raw, raw->body->data, raw->body->len))
		return false;
	switch (raw->type) {
	case SPICE_MSG_DISPLAY_SURFACE_CREATE:
		g_assert_null(raw->pixels);
		raw->width = (int)wire_get32(raw->body->data + 4);
		raw->height = (int)wire_get32(raw->body->data + 8);
		raw->pixels = g_new0(uint32_t, (size_t)raw->width * raw->height);
		break;
	case SPICE_MSG_DISPLAY_SURFACE_DESTROY:
		g_assert_nonnull(raw->pixels);
		g_clear_pointer(&raw->pixels, g_free);
		break;
	case SPICE_MSG_DISPLAY_COPY_BITS:
		g_assert_nonnull(raw->pixels);
		raw_display_copy(raw);
		break;
	case SPICE_MSG_DISPLAY_DRAW_COPY:
		g_assert_nonnull(raw->pixels);
		raw_display_draw(raw);
		break;
	case SPICE_MSG_PING:
		raw->ping = wire_get32(raw->body->data);
		break;
	}
	return true;
}

int raw_display_update(struct raw_display *raw)
{
	int draws = 0;

	while (raw_display_read(raw)) {
		if (raw->type == SPICE_MSG_PING)
			return draws;
		draws += raw->type == SPICE_MSG_DISPLAY_DRAW_COPY;
	}
	g_assert_not_reached();
}

void raw_display_say(struct raw_display *raw, uint16_t type, const void *body, uint32_t size)
{
	GByteArray *out = g_byte_array_new();

	if (!(raw->caps & RAW_MINI))
		wire_put64(out, 1);
	wire_put16(out, type);
	wire_put32(out, size);
	if (!(raw->caps & RAW_MINI))
		wire_put32(out, 0);
	if (size > 0)
		g_byte_array_append(out, body, size);
	raw_display_send(raw, out->data, out->len);
	g_byte_array_unref(out);
}

void raw_display_pong(struct raw_display *raw, uint32_t id)
{
	GByteArray *body = g_byte_array_new();

	wire_put32(body, id);
	wire_put64(body, 0);
	raw_display_say(raw, SPICE_MSGC_PONG, body->data, body->len);
	g_byte_array_unref(body);
}

int raw_display_settle(struct raw_display *raw)
{
	int updates = 0;

	while (!raw_display_quiet(raw)) {
		raw_display_update(raw);
		raw_display_pong(raw, raw->ping);
		updates++;
	}
	return updates;
}

double raw_display_psnr(const struct raw_display *raw, const struct display_picture *picture)
{
	if (!raw->pixels || raw->width != picture->width || raw->height != picture->height)
		return 0;
	return jpeg_psnr(picture, raw->pixels, raw->width);
}
