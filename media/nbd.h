/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * An image on an NBD server, by TCP or a socket of this machine, with TLS or without: up to
 * eight requests at a time over one connection. The file name is the protocol's; the functions of
 * libnbd share the prefix.
 *
 * Waits and tries again, for ever: name not resolved, no connection, connection lost, nothing heard
 * for a while. What was under way is asked for again; writes come in the order in which they
 * were asked for where they overlap. Fails for good: no such export, TLS missing on either
 * side, a certificate that is not valid, read-only where writing was asked for, and another size
 * than it had. An error that the server reports fails that request alone.
 */
#include "media/source.h"

struct nbd_settings {
	/* nbd, nbds, nbd+unix or nbds+unix, as the NBD project's doc/uri.md says. */
	const char *uri;
	/* PEM; NULL: those of the system. A certificate is held against the host's name, so that
	 * it is not checked over a socket of this machine. */
	const char *ca_file;
	const char *certificates; /* folder with client-cert.pem and client-key.pem; NULL: none */
	bool insecure;            /* takes any certificate */
	bool writable;
	/* Milliseconds. */
	unsigned int stall; /* without an answer before the connection is given up; 0: 10,000 */
	unsigned int retry; /* before the first new try; doubles up to 16 times that; 0: 500 */
};

/*
 * Returns in SOURCE_OPENING; strings are copied. Errors: G_FILE_ERROR_INVAL, the settings make no
 * sense; _NOSYS, built without libnbd; others, the certificates are not there.
 */
struct source *nbd_open(const struct nbd_settings *settings, GError **error);
