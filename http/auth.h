/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Who may do what over TCP: bearer tokens (RFC 6750), user names with passwords (RFC 7617), and
 * the sessions that users open. Secrets are kept as keyed digests only and compared in constant
 * time; an address from which wrong ones come waits longer and longer. Times are those of
 * g_get_monotonic_time. Main thread.
 *
 * The file of those who may come in has a line for each, and is readable by its owner only:
 *
 *	operate token 0c7a53e2...          (at least 16 characters without blanks)
 *	read user monitor some words       (a name without blanks or colon; the rest is the
 *password)
 */
#include <glib.h>
#include <stdbool.h>
#include "http/route.h"

struct http_auth;

/* Errors: G_FILE_ERROR, naming the file and, where it is one, the line. */
struct http_auth *http_auth_open(const char *path, GError **error);
void http_auth_close(struct http_auth *auth); /* NULL is fine */

/* Told of each wrong password or token; waits: its address must wait from now on, and had not to.
 */
typedef void (*http_auth_warn_fn)(const char *peer, bool waits, void *data);
void http_auth_warn(struct http_auth *auth, http_auth_warn_fn warn, void *data);

/* What a request brings. */
struct http_credentials {
	const char *authorization; /* the header: "Bearer ..." or "Basic ..."; NULL: none */
	const char *session;       /* a session's token; NULL: none */
};

struct http_who {
	const char *user;    /* "token" for the bearer of one */
	const char *session; /* its id; NULL: asks without one */
	enum http_role role; /* HTTP_READ or HTTP_OPERATE */
};

/*
 * Who asks; his strings live until the next call. Returns false and sets error (HTTP_ERROR: 401, or
 * 429 and wait, the seconds to go). A living session is good whatever else comes from its address.
 */
bool http_auth_check(struct http_auth *auth, const char *peer,
		const struct http_credentials *credentials, gint64 now, struct http_who *who,
		unsigned int *wait, GError **error);

/*
 * Opens a session; it ends after half an hour in which nobody used it, and when 32 younger ones
 * have been. Both strings are new. Errors as of http_auth_check.
 */
struct http_login {
	char *id, *token;
};
bool http_auth_login(struct http_auth *auth, const char *peer, const char *user,
		const char *password, gint64 now, struct http_login *login, unsigned int *wait,
		GError **error);

/* Whose session it is; NULL: there is none of that id. The string is auth's. */
const char *http_auth_session(struct http_auth *auth, const char *id, gint64 now);

char **http_auth_sessions(struct http_auth *auth, gint64 now); /* ids; new, NULL-terminated */
void http_auth_logout(struct http_auth *auth, const char *id);
#define HTTP_AUTH_SESSION_TIMEOUT 1800 /* s */
