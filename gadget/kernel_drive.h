/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A removable drive that the kernel itself runs (f_mass_storage), for local files where processor
 * time is dear: half of what a drive of our own takes. What it cannot: CDs above its limit, sources
 * that are no files, telling when the node ejects, and letting go while a file's read hangs.
 *
 * All of configfs is read and written on a thread of its own, as the kernel waits there for reads
 * that are under way. Its gadget is the hub's (gadget.h). Functions: main thread; events and ends
 * come from the default main context.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "gadget/scsi.h"

/*
 * drivers/usb/gadget/function/storage_common.c, fsg_lun_open: a CD's address ends at 256 minutes of
 * 60 s of 75 frames, less one, and begins to be one at 300. What lies beyond it cuts off in
 * silence.
 */
#define KERNEL_DRIVE_CD_MOST  ((UINT64_C(256) * 60 * 75 - 1) * 2048) /* 2,359,293,952 bytes */
#define KERNEL_DRIVE_CD_LEAST (UINT64_C(300) * 2048)
#define KERNEL_DRIVE_LOOK_MS  500 /* between looks whether the node ejected */

/* Whether the kernel's drive can show all of a file; error: GADGET_FAULT_UNFIT, why not. */
bool kernel_drive_fits(enum scsi_kind kind, uint64_t size, GError **error);

struct kernel_drive;

struct kernel_drive_events {
	/*
	 * The first look, before any end is told: what is in it already, from a process before this
	 * one; NULL: nothing.
	 */
	void (*found)(const char *file, void *data);
	/* The node ejected what was in it. */
	void (*ejected)(void *data);
	void *data;
};

/* The end of an insert or eject; error (GADGET_FAULT), which does not name the file: NULL, it is
 * done. */
typedef void (*kernel_drive_done_fn)(const GError *error, void *data);

/* A drive whose gadget is there. */
struct kernel_drive *kernel_drive_new(const char *configfs, const char *name, enum scsi_kind kind,
		const struct kernel_drive_events *events);

/*
 * Puts a file (regular, or a block device) in the place of what is in it. Ends with an error when
 * the node holds that, or the file cannot be shown whole. One insert or eject after the other.
 */
void kernel_drive_insert(struct kernel_drive *drive, const char *path, bool writable,
		kernel_drive_done_fn done, void *data);

/* force: also when the node holds it. An empty drive is no error. */
void kernel_drive_eject(
		struct kernel_drive *drive, bool force, kernel_drive_done_fn done, void *data);

/* What is in it, as of the last look. */
struct kernel_drive_medium {
	const char *file; /* NULL: nothing. Valid until the main loop turns */
	uint64_t size;
	bool writable;
};

void kernel_drive_medium(const struct kernel_drive *drive, struct kernel_drive_medium *medium);

/* Ends that are still due are not told. Does not wait for the kernel. NULL is fine. */
void kernel_drive_close(struct kernel_drive *drive);
