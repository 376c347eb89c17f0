/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/layer.h"
#include "media/overlay.h"

/* What file systems write at least, so that hardly a block has to be fetched to be written. */
static const struct layer_kind overlay_kind = {.local = {.word = "overlay", .block = 4096}};

static char *overlay_path(const struct source *below, void *path)
{
	return g_strdup(path);
}

struct source *overlay_open(struct source *below, const char *path, GError **error)
{
	struct layer_settings settings = {
			.kind = &overlay_kind, .path = overlay_path, .free_data = g_free};
	struct source *overlay;

	if (!path || !*path) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: no file is named to keep what is written", below->name);
		return NULL;
	}
	settings.data = g_strdup(path);
	overlay = layer_open(below, &settings);
	layer_drop(overlay, true);
	return overlay;
}

void overlay_keep(struct source *overlay, bool keep)
{
	layer_drop(overlay, !keep);
}
