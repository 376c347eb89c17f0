/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What is needed to speak TLS with clients: 1.2 and later (RFC 8446, RFC 5246), by OpenSSL.
 */
#include <glib.h>

struct ssl_ctx_st; /* OpenSSL's SSL_CTX; connections keep a reference of their own */

enum tls_error {
	TLS_ERROR_READ,   /* a file cannot be read */
	TLS_ERROR_FORMAT, /* a file does not hold what it should */
	TLS_ERROR_PAIR,   /* the key is another certificate's */
	TLS_ERROR_FAILED,
};

#define TLS_ERROR tls_error_quark()
GQuark tls_error_quark(void);

/*
 * Reads two PEM files, which may be one and the same: the certificate with those that lead from it
 * to the authority's, in this order, and its private key without a passphrase. Returns NULL and
 * sets error (TLS_ERROR) naming the file and what is wrong with it.
 */
struct ssl_ctx_st *tls_context_new(const char *certificate, const char *key, GError **error);

/*
 * The first certificate of a PEM file, as PEM, if it is signed by itself: what a client has to be
 * given to trust it. NULL: it is not, or it cannot be read. subject: whose it is, as SPICE clients
 * want it ("C=US,CN=bmc7"); to be freed like the other.
 */
char *tls_self_signed(const char *path, char **subject);

void tls_context_free(struct ssl_ctx_st *context); /* NULL is fine */
