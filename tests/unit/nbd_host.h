/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A real NBD server for a test: nbdkit. */
#include <glib.h>
#include <stdbool.h>

struct nbd_host {
	GPid pid;
	char *folder; /* ours, with the socket and what else the test puts there */
	char *uri;    /* of the socket; with nbds+unix for TLS */
	unsigned int port;
};

bool nbd_host_there(void); /* nbdkit is installed */

/* Makes the folder. */
void nbd_host_init(struct nbd_host *host);

/*
 * Runs nbdkit with more arguments, as a shell splits them, and waits until it listens: on the
 * socket "nbd" in the folder, or with tcp on a port of its own choice (the same after a restart).
 */
void nbd_host_start(struct nbd_host *host, bool tcp, const char *arguments);
void nbd_host_kill(struct nbd_host *host); /* -9, at once; twice is fine */
void nbd_host_clear(struct nbd_host *host);

/* CA, server and client certificates for 127.0.0.1 in folders "ca", "server". False: no certtool.
 */
bool nbd_host_certificates(const struct nbd_host *host);
