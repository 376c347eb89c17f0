/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "spice/outer.h"

#define COLLECTED    (20 * 1024) /* bytes of records that leave together: a whole buffer of them */
#define DRAIN_ROUNDS 16          /* of a client that sends on and on, in one go */

void outer_open(struct outer *outer, int fd)
{
	*outer = (struct outer){.fd = fd, .read_wants = G_IO_IN, .write_wants = G_IO_OUT};
}

bool outer_start_tls(struct outer *outer, struct ssl_ctx_st *context)
{
	BIO *socket, *collected;

	ERR_clear_error();
	outer->ssl = SSL_new(context);
	socket = BIO_new_socket(outer->fd, BIO_NOCLOSE);
	collected = BIO_new(BIO_f_buffer());
	if (!outer->ssl || !socket || !collected ||
			BIO_set_write_buffer_size(collected, COLLECTED) != 1) {
		BIO_free(socket);
		BIO_free(collected);
		SSL_free(outer->ssl);
		outer->ssl = NULL;
		ERR_clear_error();
		return false;
	}
	/* The socket is both ways' end: each takes a reference. */
	BIO_up_ref(socket);
	SSL_set_bio(outer->ssl, socket, BIO_push(collected, socket));
	SSL_set_accept_state(outer->ssl);
	return true;
}

/* What a call of OpenSSL that did not succeed means; its queue of errors is emptied before each, or
 * it would speak of other connections. */
static int outer_tls(struct outer *outer, int result, GIOCondition *wants)
{
	const char *words;

	switch (SSL_get_error(outer->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		*wants = G_IO_IN;
		return OUTER_AGAIN;
	case SSL_ERROR_WANT_WRITE:
		*wants = G_IO_OUT;
		return OUTER_AGAIN;
	case SSL_ERROR_ZERO_RETURN:
		return OUTER_END;
	case SSL_ERROR_SSL:
		words = ERR_reason_error_string(ERR_peek_error());
		/* Many a client closes its socket without a word of TLS. */
		if (ERR_GET_REASON(ERR_peek_error()) != SSL_R_UNEXPECTED_EOF_WHILE_READING)
			g_snprintf(outer->fault, sizeof(outer->fault), "TLS: %s",
					words ? words : "unknown error");
		break;
	default:
		break;
	}
	outer->broken = true;
	return OUTER_BROKEN;
}

static ssize_t outer_bare(struct outer *outer, ssize_t result)
{
	if (result >= 0)
		return result;
	if (errno == EAGAIN || errno == EINTR)
		return OUTER_AGAIN;
	outer->broken = true;
	return OUTER_BROKEN;
}

int outer_handshake(struct outer *outer)
{
	int result;

	if (!outer->ssl)
		return 1;
	ERR_clear_error();
	result = SSL_do_handshake(outer->ssl);
	return result == 1 ? 1 : outer_tls(outer, result, &outer->read_wants);
}

ssize_t outer_read(struct outer *outer, void *bytes, size_t size)
{
	int result;

	if (outer->broken)
		return OUTER_BROKEN;
	if (!outer->ssl)
		return outer_bare(outer, recv(outer->fd, bytes, size, MSG_DONTWAIT));
	ERR_clear_error();
	result = SSL_read(outer->ssl, bytes, (int)size);
	return result > 0 ? result : outer_tls(outer, result, &outer->read_wants);
}

ssize_t outer_write(struct outer *outer, const void *bytes, size_t size)
{
	int result;

	if (outer->broken)
		return OUTER_BROKEN;
	if (!outer->ssl)
		return outer_bare(outer, send(outer->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL));
	ERR_clear_error();
	result = SSL_write(outer->ssl, bytes, (int)size);
	return result > 0 ? result : outer_tls(outer, result, &outer->write_wants);
}

bool outer_flush(struct outer *outer)
{
	BIO *collected;

	if (!outer->ssl || outer->broken)
		return true;
	collected = SSL_get_wbio(outer->ssl);
	if (BIO_wpending(collected) == 0)
		return true;
	ERR_clear_error();
	if (BIO_flush(collected) > 0)
		return true;
	outer->write_wants = G_IO_OUT;
	outer->broken = !BIO_should_retry(collected);
	return outer->broken;
}

void outer_shut(struct outer *outer)
{
	ERR_clear_error();
	if (outer->ssl && !outer->broken && SSL_is_init_finished(outer->ssl))
		SSL_shutdown(outer->ssl);
	outer->broken = true;
	shutdown(outer->fd, SHUT_WR);
}

bool outer_drain(struct outer *outer)
{
	uint8_t nowhere[4096];

	for (int i = 0; i < DRAIN_ROUNDS; i++) {
		ssize_t count = recv(outer->fd, nowhere, sizeof(nowhere), MSG_DONTWAIT);

		if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR))
			return true;
		if (count < 0)
			break;
	}
	return false;
}

void outer_close(struct outer *outer)
{
	SSL_free(outer->ssl);
	outer->ssl = NULL;
	if (outer->fd >= 0)
		close(outer->fd);
	outer->fd = -1;
}
