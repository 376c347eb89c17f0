/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * One gadget in configfs, of HID functions or a drive, made by libusbgx: created,
 * compared with what is wanted, bound to a port, removed. Nothing here is remembered between calls:
 * the kernel holds the truth.
 *
 * Any one thread, but not the main one: what is written to configfs loads modules and waits for
 * drivers. configfs: where it is mounted. Errors are of the domain GADGET_FAULT.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include "gadget/hid_gadget.h"

/* A drive that the kernel itself runs (kernel_drive.h), and of which kind. */
enum gadget_lun { GADGET_NO_LUN, GADGET_LUN_CD, GADGET_LUN_DISK };

struct gadget {
	const char *name;    /* its folder in configfs */
	int vendor, product; /* idVendor, idProduct */
	int version;         /* bcdDevice */
	const char *manufacturer, *product_name, *serial;
	/* FunctionFS' name for what to mount, one of its kind on the machine; NULL: no FunctionFS.
	 */
	const char *drive;
	enum gadget_lun lun;
	/* HID functions, where it is no drive. */
	size_t count;
	const struct hid_function *functions[HID_GADGET_FUNCTIONS]; /* in order of interfaces */
};

static inline bool gadget_is_drive(const struct gadget *gadget)
{
	return gadget->drive || gadget->lun;
}

/* Whether configfs can hold gadgets at all. */
bool gadget_possible(const char *configfs, GError **error);

bool gadget_exists(const char *configfs, const char *name);

/*
 * Whether the gadget there is the one wanted in every attribute that the kernel keeps as it was
 * written. Bound or not does not count.
 */
bool gadget_same(const char *configfs, const struct gadget *gadget);

/* The port that the gadget is bound to, as configfs says (the port may have gone); NULL: none.
 * g_free. */
char *gadget_port(const char *configfs, const char *name);

/* Endpoints besides number 0 that the gadget takes on this kernel; it exists. */
int gadget_endpoints(const char *configfs, const struct gadget *gadget);

/* Makes a gadget that does not exist, unbound. On failure nothing is left of it. */
bool gadget_create(const char *configfs, const struct gadget *gadget, GError **error);

/*
 * Binds a gadget to a port, on which the node may look for it from now on. A drive must have been
 * described before (ffs.h).
 */
bool gadget_bind(const char *configfs, const char *name, const char *port, GError **error);

bool gadget_unbind(const char *configfs, const char *name, GError **error);

/* Unbinds and removes a gadget, whatever it holds; true if there is none. */
bool gadget_remove(const char *configfs, const char *name, GError **error);

/*
 * Takes the gadget for this process, until the descriptor returned is closed (also by the kernel,
 * when the process dies). -1: another process has it.
 */
int gadget_own(const char *configfs, const char *name, GError **error);
