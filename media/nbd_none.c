/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/nbd.h"

struct source *nbd_open(const struct nbd_settings *settings, GError **error)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSYS,
			"%s: this service was built without libnbd; use http, or a file",
			settings->uri);
	return NULL;
}
