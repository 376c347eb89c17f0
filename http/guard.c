/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/guard.h"

static const char *guard_header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/*
 * A page in somebody's browser must not use the password that the browser knows: what comes from
 * another site's page says so.
 */
static bool guard_is_foreign(struct MHD_Connection *connection)
{
	const char *origin = guard_header(connection, "Origin");
	const char *site = origin ? strstr(origin, "://") : NULL;

	return origin &&
	       (!site || g_strcmp0(site + 3, guard_header(connection, MHD_HTTP_HEADER_HOST)) != 0);
}

static void guard_say(struct http_answer *answer, unsigned int wait)
{
	g_autofree char *seconds = g_strdup_printf("%u", wait);

	if (wait)
		http_answer_header(answer, "Retry-After", seconds);
	else
		http_answer_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE,
				"Basic realm=\"spicerack\", charset=\"UTF-8\"");
}

bool guard_admit(struct MHD_Connection *connection, struct http_auth *auth, const char *peer,
		enum http_role what, struct http_answer *answer, struct http_who *who,
		GError **error)
{
	const struct http_credentials given = {
			.authorization = guard_header(connection, MHD_HTTP_HEADER_AUTHORIZATION),
			.session = guard_header(connection, "X-Auth-Token"),
	};
	unsigned int wait = 0;

	*who = (struct http_who){.role = auth ? HTTP_PUBLIC : HTTP_OPERATE};
	if (!auth || what == HTTP_PUBLIC)
		return true;
	if (guard_is_foreign(connection)) {
		g_set_error_literal(error, HTTP_ERROR, MHD_HTTP_FORBIDDEN,
				"this came from another site's page");
		return false;
	}
	if (!http_auth_check(auth, peer, &given, g_get_monotonic_time(), who, &wait, error)) {
		guard_say(answer, wait);
		return false;
	}
	if (what != HTTP_OPERATE || who->role == HTTP_OPERATE)
		return true;
	g_set_error(error, HTTP_ERROR, MHD_HTTP_FORBIDDEN, "%s may only read", who->user);
	return false;
}
