/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Carries a drive to the node over FunctionFS (ffs.h): a bus as drive_bus.h has it.
 *
 * Main thread, default main context; nothing blocks it. Control requests are answered by threads
 * that live as long as that takes the host.
 */
#include <glib.h>
#include "gadget/drive_bus.h"
#include "gadget/ffs.h"

struct ffs_bus;

/* The node is to see the device go and come back. */
typedef void (*ffs_bus_replug_fn)(void *data);

/* The files stay the caller's. Errors: GADGET_FAULT. */
struct ffs_bus *ffs_bus_new(
		const struct ffs *ffs, ffs_bus_replug_fn replug, void *data, GError **error);

/* For drive_attach. */
struct drive_bus *ffs_bus_drive(struct ffs_bus *bus);

/*
 * Begins to hear the node; with a drive attached, or with none, which then misses what was told. A
 * host that has the device configured already, from the process before, is told as one that does so
 * now.
 */
void ffs_bus_start(struct ffs_bus *bus);

/* The drive is detached before. NULL is fine. */
void ffs_bus_close(struct ffs_bus *bus);
