/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A ticket for one viewer (spice/secrets.h), with what its client has to know to come in. */
#include <stdbool.h>
#include <stdint.h>
#include "spice/viewers.h"

/* Where a console is come to. */
struct ticket_place {
	char *name;        /* in the client's title */
	char *certificate; /* a PEM file; NULL: no TLS */
	bool plain;        /* also without TLS */
};

struct ticket {
	char *text;
	enum viewers_right right;
	int64_t until;      /* g_get_monotonic_time */
	char *name;         /* of the place */
	char *host;         /* NULL: any of the machine's */
	int port, tls_port; /* 0: there is none */
	char *ca, *subject; /* of a certificate that is signed by itself; NULL: it is not */
};

/*
 * Fills in where to go: address is one that is listened on ("127.0.0.1:5900"). False: there is no
 * port in it, as in a unix socket's, and nothing was filled in.
 */
bool ticket_address(struct ticket *ticket, const struct ticket_place *place, const char *address);

void ticket_clear(struct ticket *ticket);
