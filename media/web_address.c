/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web_address.h"
#include <string.h>

/* A part of an address, decoded where that is asked for; NULL if it has none. g_free. */
static char *web_address_part(CURLU *url, CURLUPart part, unsigned int flags)
{
	char *text = NULL, *copy;

	if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
		return NULL;
	copy = g_strdup(text);
	curl_free(text);
	return copy;
}

static bool web_address_refuse(GError **error, const char *reason)
{
	g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, reason);
	return false;
}

/* A line feed in a token would begin a header of its own. */
static bool web_token_valid(const char *token)
{
	for (; *token; token++)
		if (!g_ascii_isgraph(*token))
			return false;
	return true;
}

static bool web_access_parse(struct web_access *access, char **name, CURLU *url,
		const struct web_settings *settings, GError **error)
{
	g_autofree char *scheme = NULL, *query = NULL, *bare = NULL;

	if (curl_url_set(url, CURLUPART_URL, settings->url, 0) != CURLUE_OK)
		return web_address_refuse(error, "not an address of the form https://server/image");
	scheme = web_address_part(url, CURLUPART_SCHEME, 0);
	access->secure = g_strcmp0(scheme, "https") == 0;
	if (!access->secure && g_strcmp0(scheme, "http") != 0)
		return web_address_refuse(error, "not an http or https address");
	access->user = settings->user ? g_strdup(settings->user)
				      : web_address_part(url, CURLUPART_USER, CURLU_URLDECODE);
	access->password = settings->user || settings->password
					   ? g_strdup(settings->password)
					   : web_address_part(url, CURLUPART_PASSWORD,
							     CURLU_URLDECODE);
	access->token = g_strdup(settings->token);
	if (access->token && access->user)
		return web_address_refuse(error, "both a user and a token are given; take one");
	if (access->token && !web_token_valid(access->token))
		return web_address_refuse(error, "the token holds a space or control character");
	access->ca_file = g_strdup(settings->ca_file);
	access->insecure = settings->insecure;

	curl_url_set(url, CURLUPART_USER, NULL, 0);
	curl_url_set(url, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0);
	access->url = web_address_part(url, CURLUPART_URL, 0);
	query = web_address_part(url, CURLUPART_QUERY, 0);
	curl_url_set(url, CURLUPART_QUERY, NULL, 0);
	bare = web_address_part(url, CURLUPART_URL, 0);
	*name = g_strconcat(bare, query ? "?..." : NULL, NULL);
	return true;
}

bool web_access_fill(struct web_access *access, char **name, const struct web_settings *settings,
		GError **error)
{
	CURLU *url = curl_url();
	bool filled = web_access_parse(access, name, url, settings, error);

	curl_url_cleanup(url);
	return filled;
}

static void web_access_forget(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

void web_access_clear(struct web_access *access)
{
	web_access_forget(access->password);
	web_access_forget(access->token);
	g_free(access->url);
	g_free(access->user);
	g_free(access->ca_file);
	memset(access, 0, sizeof(*access));
}

static bool web_address_same_parts(CURLU *a, CURLU *b)
{
	static const CURLUPart parts[] = {CURLUPART_SCHEME, CURLUPART_HOST, CURLUPART_PORT};

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		g_autofree char *left = web_address_part(a, parts[i], CURLU_DEFAULT_PORT);
		g_autofree char *right = web_address_part(b, parts[i], CURLU_DEFAULT_PORT);

		if (!left || !right || g_ascii_strcasecmp(left, right) != 0)
			return false;
	}
	return true;
}

bool web_address_same_server(const char *a, const char *b)
{
	CURLU *one = curl_url(), *other = curl_url();
	bool same = curl_url_set(one, CURLUPART_URL, a, 0) == CURLUE_OK &&
		    curl_url_set(other, CURLUPART_URL, b, 0) == CURLUE_OK &&
		    web_address_same_parts(one, other);

	curl_url_cleanup(one);
	curl_url_cleanup(other);
	return same;
}
