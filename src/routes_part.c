/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/routes_part.h"
#include <glib.h>

json_t *routes_text(const char *text)
{
	g_autofree char *valid = text ? g_utf8_make_valid(text, -1) : NULL;

	return valid ? json_string(valid) : json_null();
}

/* The clock on the wall of a BMC may have been set since: the past is reckoned back from now. */
void routes_moment(json_t *object, const char *name, const char *age, int64_t time)
{
	int64_t elapsed = g_get_monotonic_time() - time;
	g_autoptr(GDateTime) now = g_date_time_new_now_utc();
	g_autoptr(GDateTime) then = g_date_time_add(now, -elapsed);
	g_autofree char *text = g_date_time_format(then, "%Y-%m-%dT%H:%M:%SZ"); /* RFC 3339 */

	json_object_set_new(object, name, json_string(text));
	json_object_set_new(object, age, json_integer(elapsed / 1000));
}
