/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include "spice/password.h"
#include "spice/tls.h"
#include "src/ticket.h"

/* NULL: every address of the machine's. */
static char *ticket_host(const char *address, size_t length)
{
	g_autofree char *host = NULL;

	if (length >= 2 && address[0] == '[')
		host = g_strndup(address + 1, length - 2);
	else
		host = g_strndup(address, length);
	if (!*host || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0)
		return NULL;
	return g_steal_pointer(&host);
}

bool ticket_address(struct ticket *ticket, const struct ticket_place *place, const char *address)
{
	const char *colon = strrchr(address, ':');
	int port = colon ? atoi(colon + 1) : 0;

	if (g_str_has_prefix(address, "unix:") || port <= 0)
		return false;
	ticket->name = g_strdup(place->name);
	ticket->host = ticket_host(address, (size_t)(colon - address));
	if (place->plain)
		ticket->port = port;
	if (place->certificate) {
		ticket->tls_port = port;
		ticket->ca = tls_self_signed(place->certificate, &ticket->subject);
	}
	return true;
}

void ticket_clear(struct ticket *ticket)
{
	password_forget(ticket->text);
	g_free(ticket->name);
	g_free(ticket->host);
	g_free(ticket->ca);
	g_free(ticket->subject);
	*ticket = (struct ticket){0};
}
