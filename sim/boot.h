/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the simulated node does to boot a drive's medium: reads its partitions, volume descriptor,
 * boot catalogue and root directory, then checks all files that a list of checksums on it names.
 * The medium is locked meanwhile, and given free when it is asked for. Default main context.
 */
#include <glib.h>
#include <stdbool.h>
#include "sim/scsi_host.h"

enum boot_state {
	BOOT_READING,
	BOOT_CHECKING,
	BOOT_DONE,
	BOOT_FAILED, /* the last line says why */
};

struct boot;

/* changed: there is more to show; not from within a call. */
struct boot *boot_new(struct scsi_host *host, void (*changed)(void *data), void *data);

enum boot_state boot_state(const struct boot *boot);

/* What was found out, in lines that end in "\n". */
const char *boot_text(const struct boot *boot);

/* Appends lines on how the checking goes, or that a read is waited for; may be none. now: monotonic
 * microseconds. */
void boot_progress(const struct boot *boot, int64_t now, GString *text);

/* The drive's status changed. */
void boot_look(struct boot *boot);

void boot_free(struct boot *boot); /* lets go of the medium; NULL is fine */
