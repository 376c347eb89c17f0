/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/routes_part.h"
#include <glib.h>

json_t *routes_text(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	return valid ? json_string(valid) : json_null();
}

/*
 * RFC 3339. The clock on the wall of a BMC may have been set since: a moment is reckoned from now.
 */
static json_t *routes_wall(int64_t elapsed)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add(now, -elapsed);
	g_autofree char *text = g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ");

	return json_string(text);
}

void routes_moment(json_t *object, const char *name, const char *age, int64_t time)
{
	int64_t elapsed = g_get_monotonic_time() - time;

	json_object_set_new(object, name, routes_wall(elapsed));
	json_object_set_new(object, age, json_integer(elapsed / 1000));
}

void routes_deadline(json_t *object, const char *name, const char *left, int64_t time)
{
	int64_t elapsed = g_get_monotonic_time() - time;

	json_object_set_new(object, name, time ? routes_wall(elapsed) : json_null());
	json_object_set_new(
			object, left, time ? json_integer(MAX(-elapsed, 0) / 1000) : json_null());
}
