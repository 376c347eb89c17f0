/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Who may come in by a TCP address. Main thread. */
#include <microhttpd.h>
#include "http/auth.h"
#include "http/server.h"

/*
 * Says who asks, and whether he may do what asks for this role. auth NULL: everybody may do
 * everything. Returns false and sets error (HTTP_ERROR: 401, 403, 429) and the headers that belong
 * to it. who's strings are auth's, until its next call.
 */
bool guard_admit(struct MHD_Connection *connection, struct http_auth *auth, const char *peer,
		enum http_role what, struct http_answer *answer, struct http_who *who,
		GError **error);
