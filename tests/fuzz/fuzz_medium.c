/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A source as an operator may write it, and the same behind a password: what is taken can be shown
 * on one line, and the password is shown in no case.
 */
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include "src/drives.h"
#include "src/medium_place.h"
#include "tests/fuzz/targets.h"

#define SECRET "QzSECRETzQ"

static void check(const char *source)
{
	struct medium_place place;
	g_autoptr(GError) error = NULL;

	if (!medium_place_parse(&place, source, &error)) {
		g_assert_error(error, DRIVES_ERROR, DRIVES_ERROR_REQUEST);
		g_assert_null(strstr(error->message, SECRET));
		return;
	}
	g_assert_nonnull(place.where);
	g_assert_true(g_utf8_validate(place.name, -1, NULL));
	for (const char *at = place.name; *at; at++)
		g_assert_false(g_ascii_iscntrl(*at));
	g_assert_true(place.kind != MEDIUM_FILE || *place.where == '/');
	g_assert_true(place.kind == MEDIUM_FILE || !strchr(place.name, '?') ||
			g_str_has_suffix(place.name, "?..."));
	g_assert_true(strstr(place.name, SECRET) == NULL);
	medium_place_clear(&place);
	g_assert_null(place.name);
}

int target_medium(const uint8_t *data, size_t size)
{
	g_autofree char *source = g_strndup((const char *)data, size);
	g_autofree char *password = g_strconcat("https://ann:" SECRET "@", source, NULL);
	g_autofree char *user = g_strconcat("nbds://" SECRET "@", source, NULL);
	g_autofree char *query = g_strconcat("http://h/?" SECRET, source, NULL);

	if (strstr(source, SECRET))
		return 0;
	check(source);
	check(password);
	check(user);
	check(query);
	return 0;
}
