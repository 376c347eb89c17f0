/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gadget/fault.h"
#include "gadget/view.h"

/* name NULL: the folder of all gadgets. */
static char *view_path(const char *configfs, const char *name)
{
	return g_build_filename(configfs, "usb_gadget", name, NULL);
}

static bool view_alone(const char *configfs, const char *name)
{
	char *root = view_path(configfs, NULL);
	GDir *dir = g_dir_open(root, 0, NULL);
	const char *other;
	bool alone = true;

	while (dir && (other = g_dir_read_name(dir)))
		alone &= !strcmp(other, name);
	if (dir)
		g_dir_close(dir);
	g_free(root);
	return alone;
}

static char *view_window(const char *configfs, const char *name)
{
	char *folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	char *root, *link, *target;

	if (!folder)
		return NULL;
	root = view_path(folder, NULL);
	link = view_path(folder, name);
	target = view_path(configfs, name);
	if (mkdir(root, 0700) < 0 || symlink(target, link) < 0) {
		rmdir(root);
		rmdir(folder);
		g_clear_pointer(&folder, g_free);
	}
	g_free(target);
	g_free(link);
	g_free(root);
	return folder;
}

void gadget_view_close(struct gadget_view *view, const char *name)
{
	if (view->state)
		usbg_cleanup(view->state);
	if (view->folder) {
		char *root = view_path(view->folder, NULL);
		char *link = view_path(view->folder, name);

		unlink(link);
		rmdir(root);
		rmdir(view->folder);
		g_free(link);
		g_free(root);
	}
	g_free(view->folder);
}

bool gadget_view_open(
		struct gadget_view *view, const char *configfs, const char *name, GError **error)
{
	int result;

	memset(view, 0, sizeof(*view));
	if (!view_alone(configfs, name))
		view->folder = view_window(configfs, name);
	result = usbg_init(view->folder ? view->folder : configfs, &view->state);
	if (result != USBG_SUCCESS)
		view->state = NULL;
	else
		view->gadget = usbg_get_gadget(view->state, name);
	if (view->gadget)
		return true;
	g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
			"libusbgx cannot read gadget %s in %s%s: %s; remove what it does not know there",
			name, configfs, view->folder ? "" : " (no folder for temporary files)",
			usbg_strerror(result));
	gadget_view_close(view, name);
	return false;
}
