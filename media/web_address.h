/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Addresses of web servers: what is sent, what may be shown, and who may hear a password.
 */
#include <glib.h>
#include "media/web.h"
#include "media/web_transfer.h"

/*
 * Fills access (web_access_clear) and name (g_free), which shows neither user, password nor what
 * follows a "?". Errors: G_FILE_ERROR_INVAL.
 */
bool web_access_fill(struct web_access *access, char **name, const struct web_settings *settings,
		GError **error);
void web_access_clear(struct web_access *access);

/* The same scheme, host and port. */
bool web_address_same_server(const char *a, const char *b);
