/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * An image on a web server, http or https: each read is one request for a range of bytes, four at a
 * time, over connections that are kept (or one, with HTTP/2). Nothing of it is kept here.
 *
 * Waits and tries again, for ever: name not resolved, no connection, connection lost, nothing heard
 * for a while, 408, 429, 5xx. Fails for good: 401, 403, 404, a certificate that is not valid, no
 * byte ranges, too many redirects, and a file that is another than it was (ETag, Last-Modified,
 * length; each answer is compared before its bytes are taken). A wrong answer is tried three times
 * and then fails the read alone.
 *
 * Redirects: five at most, never from https to http, and credentials are for the first host only.
 * Later requests go where the first one was led to, and back to the start when that ends.
 *
 * A proxy is used as the environment says (http_proxy, no_proxy). The process must ignore
 * SIGPIPE.
 */
#include "media/source.h"

struct web_settings {
	const char *url; /* user:password@ in it is used like the two below */
	/* Each may be NULL; never shown. A token is sent as Bearer (RFC 6750), instead of a user.
	 */
	const char *user, *password, *token;
	const char *ca_file; /* PEM; NULL: those of the system */
	bool insecure;       /* takes any certificate */
	/* Milliseconds. */
	unsigned int stall; /* without a byte before a request is given up; 0: 10,000 */
	unsigned int retry; /* before the first new try; doubles up to 16 times that; 0: 500 */
};

/*
 * Returns in SOURCE_OPENING; strings are copied. Errors: G_FILE_ERROR_INVAL, the settings make no
 * sense; _NOMEM.
 */
struct source *web_open(const struct web_settings *settings, GError **error);
