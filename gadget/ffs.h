/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * FunctionFS as a drive has it: one interface of USB mass storage with a bulk endpoint in each
 * direction (Documentation/usb/functionfs.rst of the kernel; drivers/usb/gadget/function/f_fs.c).
 * The kernel keeps the function as long as one of the descriptors is open, and unbinds the gadget
 * when the last is closed, also by a process that dies: nothing stays mounted.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>

struct kept;

/* Non-blocking, all of them or none (-1). */
struct ffs {
	int ep0; /* events and control requests */
	int in;  /* bulk, to the node */
	int out; /* bulk, from it */
};

#define FFS_NONE ((struct ffs){-1, -1, -1})

/*
 * Describes the function of that name, which a gadget has (gadget.h) and nobody else has open; the
 * gadget can be bound afterwards. May block; any one thread. Errors: GADGET_FAULT. ffs_close.
 */
bool ffs_open(const char *name, struct ffs *ffs, GError **error);

/* The same files of a process before this one; false: not all of them were kept. */
bool ffs_take(const struct kept *kept, const char *name, struct ffs *ffs);
void ffs_keep(const struct kept *kept, const char *name, const struct ffs *ffs);
void ffs_drop(const struct kept *kept, const char *name);

/* Nothing when there is none. */
void ffs_close(struct ffs *ffs);

/*
 * Bytes of the bulk endpoints' packets: 64, 512 or 1024 by the speed of the bus. 0: no host has
 * configured them.
 */
size_t ffs_packet(const struct ffs *ffs);
