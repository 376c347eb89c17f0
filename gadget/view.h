/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * libusbgx on one gadget alone. usbg_init reads every gadget of the system, and gives up when
 * another's has a function that it does not know. With others about it therefore gets a folder for
 * configfs in which ours is the only one, by a link. Such a folder is made among the temporary
 * files (TMPDIR) and lives as long as the view.
 *
 * Any one thread; blocks as configfs does.
 */
#include <glib.h>
#include <stdbool.h>
#include <usbg/usbg.h>

struct gadget_view {
	usbg_state *state;
	usbg_gadget *gadget; /* the state's */
	char *folder;        /* stands for configfs; NULL: that itself */
};

/* The gadget must exist. Errors: GADGET_FAULT. */
bool gadget_view_open(
		struct gadget_view *view, const char *configfs, const char *name, GError **error);

/* name: as it was opened. */
void gadget_view_close(struct gadget_view *view, const char *name);
