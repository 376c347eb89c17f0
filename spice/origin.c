/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "spice/origin.h"

/* How much of "host:port" or "[IPv6]:port" is the host. */
static size_t origin_host_size(const char *authority)
{
	size_t size = strcspn(authority, ":/");

	if (*authority == '[') {
		size = strcspn(authority, "]");
		size += authority[size] == ']';
	}
	return size;
}

static bool origin_same_host(const char *origin, const char *host)
{
	const char *scheme_end = strstr(origin, "://");
	const char *own;
	size_t size;

	if (!scheme_end || !host)
		return false; /* "null": of a file, or of a page that is kept apart */
	own = scheme_end + strlen("://");
	size = origin_host_size(own);
	return size > 0 && size == origin_host_size(host) &&
	       g_ascii_strncasecmp(own, host, size) == 0;
}

/* Configured by hand: a slash at the end is no difference. */
static bool origin_equal(const char *allowed, const char *origin)
{
	size_t size = strlen(allowed);

	size -= size > 0 && allowed[size - 1] == '/';
	return size == strlen(origin) && g_ascii_strncasecmp(allowed, origin, size) == 0;
}

bool origin_allowed(const char *const *allowed, const char *origin, const char *host)
{
	if (!origin)
		return true;
	if (!allowed)
		return origin_same_host(origin, host);
	for (; *allowed; allowed++)
		if (strcmp(*allowed, "*") == 0 || origin_equal(*allowed, origin))
			return true;
	return false;
}
