/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/drives.h"
#include "src/medium_place.h"

#define MEDIUM_OVERLAYS "/var/lib/spicerack/overlay"

#define WHAT_THERE_IS \
	"a path from / on, or an address that begins with http:, https:, nbd: or file:"

static const struct {
	const char *scheme;
	enum medium_kind kind;
} medium_schemes[] = {
		{"http://", MEDIUM_WEB},
		{"https://", MEDIUM_WEB},
		{"nbd://", MEDIUM_NBD},
		{"nbds://", MEDIUM_NBD},
		{"nbd+unix://", MEDIUM_NBD},
		{"nbds+unix://", MEDIUM_NBD},
};

static bool medium_refuse(GError **error, const char *reason)
{
	g_set_error(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST,
			"the source %s; it is " WHAT_THERE_IS, reason);
	return false;
}

/* It would break the lines of a log, or of a request. */
static bool medium_has_controls(const char *text)
{
	for (; *text; text++)
		if (g_ascii_iscntrl(*text))
			return true;
	return false;
}

/* "scheme:" in front, RFC 3986, 3.1. */
static bool medium_has_scheme(const char *source)
{
	size_t length = strspn(source, G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "+-.");

	return length > 0 && source[length] == ':';
}

static bool medium_parse_path(struct medium_place *place, const char *path)
{
	place->kind = MEDIUM_FILE;
	place->where = g_strdup(path);
	place->name = g_utf8_make_valid(path, -1);
	return true;
}

static bool medium_parse_file(struct medium_place *place, const char *source, GError **error)
{
	g_autofree char *host = NULL;
	g_autofree char *path = g_filename_from_uri(source, &host, NULL);

	if (!path)
		return medium_refuse(error, "is not of the form file:///path");
	if (host && *host && g_ascii_strcasecmp(host, "localhost") != 0)
		return medium_refuse(error, "names a file of another machine");
	if (medium_has_controls(path))
		return medium_refuse(error, "holds a control character");
	return medium_parse_path(place, path);
}

/*
 * "name", "name:1234", "[::1]:1234". Else part of a password may be taken for a name: one that has
 * a slash or a question mark in it ends the server's part too early.
 */
static bool medium_is_server(const char *server, const char *end)
{
	const char *colon = end;

	while (colon > server && g_ascii_isdigit(colon[-1]))
		colon--;
	if (colon > server && colon[-1] == ':')
		end = colon - 1;
	if (end > server && *server == '[' && end[-1] == ']')
		return true;
	return !memchr(server, ':', (size_t)(end - server));
}

/* What stands before the last @ of the server's part is for the server alone. */
static bool medium_parse_address(
		struct medium_place *place, const char *source, size_t scheme, GError **error)
{
	const char *server = source + scheme;
	const char *end = server + strcspn(server, "/?#");
	const char *tail = end + strcspn(end, "?#");

	for (const char *at = server; at < end; at++)
		if (*at == '@')
			server = at + 1;
	if (!g_utf8_validate(source, -1, NULL))
		return medium_refuse(error, "is not UTF-8");
	if (end == server && place->kind == MEDIUM_WEB)
		return medium_refuse(error, "names no server");
	if (!medium_is_server(server, end))
		return medium_refuse(error,
				"has a port that is no number (in a password write %2F for a "
				"slash, %3F for a question mark, %23 for a #)");
	place->where = g_strdup(source);
	place->name = g_strdup_printf("%.*s%.*s%s", (int)scheme, source, (int)(tail - server),
			server, *tail == '?' ? "?..." : "");
	return true;
}

bool medium_place_parse(struct medium_place *place, const char *source, GError **error)
{
	*place = (struct medium_place){0};
	if (!source || !*source)
		return medium_refuse(error, "is empty");
	if (medium_has_controls(source))
		return medium_refuse(error, "holds a control character");
	if (*source == '/')
		return medium_parse_path(place, source);
	if (g_ascii_strncasecmp(source, "file:", 5) == 0)
		return medium_parse_file(place, source, error);
	for (size_t i = 0; i < G_N_ELEMENTS(medium_schemes); i++) {
		size_t length = strlen(medium_schemes[i].scheme);

		if (g_ascii_strncasecmp(source, medium_schemes[i].scheme, length) != 0)
			continue;
		place->kind = medium_schemes[i].kind;
		return medium_parse_address(place, source, length, error);
	}
	return medium_refuse(error, medium_has_scheme(source)
						    ? "is of a kind that is not known here"
						    : "is not a whole path");
}

void medium_place_clear(struct medium_place *place)
{
	if (place->where)
		explicit_bzero(place->where, strlen(place->where));
	g_clear_pointer(&place->where, g_free);
	g_clear_pointer(&place->name, g_free);
}

char *medium_place_overlays(const char *configured, bool super)
{
	if (configured)
		return g_strdup(configured);
	return super ? g_strdup(MEDIUM_OVERLAYS)
		     : g_build_filename(g_get_user_data_dir(), "spicerack", "overlay", NULL);
}
