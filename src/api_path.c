/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <unistd.h>
#include "src/api_path.h"

#define API_FOLDER RUNSTATEDIR "/spicerack"

/* NULL: there is none. */
static char *api_path_own(const char *name)
{
	const char *runtime = g_getenv("XDG_RUNTIME_DIR");

	if (!runtime || !g_path_is_absolute(runtime))
		return NULL;
	return g_build_filename(runtime, "spicerack", name, NULL);
}

bool api_path_is_writable(const char *folder)
{
	g_autofree char *each = g_strdup(folder);

	while (access(each, F_OK) < 0 && each[0] && each[1]) {
		char *parent = g_path_get_dirname(each);

		g_free(each);
		each = parent;
	}
	return access(each, W_OK | X_OK) == 0;
}

char *api_path_to_serve(const char *name)
{
	char *own = api_path_own(name);

	if (own && !api_path_is_writable(API_FOLDER))
		return own;
	g_free(own);
	return g_build_filename(API_FOLDER, name, NULL);
}

char **api_paths_to_ask(const char *name)
{
	GPtrArray *paths = g_ptr_array_new();
	char *own = api_path_own(name);

	if (own)
		g_ptr_array_add(paths, own);
	g_ptr_array_add(paths, g_build_filename(API_FOLDER, name, NULL));
	g_ptr_array_add(paths, NULL);
	return (char **)g_ptr_array_free(paths, FALSE);
}
