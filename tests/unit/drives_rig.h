/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A CD drive "cd" and a disk "disk", each on a host of its own, and images in a folder. */
#include <glib.h>
#include "src/drives.h"
#include "tests/unit/drive_host.h"

#define RIG_CD   0
#define RIG_DISK 1

/* What an image is made to look like. */
enum rig_look { RIG_BLANK, RIG_DISC = 1 << 0, RIG_PARTITIONS = 1 << 1 };

struct rig {
	char *folder, *image; /* a file in it, with content */
	char *aside;          /* a folder for overlays and blocks that are kept */
	uint8_t *content;
	size_t size;
	struct drives *drives;
	struct drive_host hosts[2];
	unsigned int heard; /* changes that a listener was told of */
};

/* retry_limit: s, 0 for ever. size: bytes of the image. */
void rig_open(struct rig *rig, enum rig_look look, size_t size, unsigned int retry_limit);
void rig_close(struct rig *rig);

/* Inserts the rig's image, or another source; it is taken. */
void rig_insert(struct rig *rig, size_t drive, const char *source);
void rig_request(struct rig *rig, size_t drive, const struct drives_request *request);

/* It is refused with that code of DRIVES_ERROR and words like these. */
void rig_refuses(struct rig *rig, size_t drive, const struct drives_request *request,
		enum drives_error code, const char *words);

/* Runs the loop until the drive is so. */
struct drives_status rig_wait(struct rig *rig, size_t drive, enum drives_state state);
struct drives_status rig_status(struct rig *rig, size_t drive);

/* The host reads all of the image and finds it right. */
void rig_assert_content(struct rig *rig, size_t drive);

/* Until the host sees nothing new: unit attentions are taken. */
unsigned int rig_settle(struct rig *rig, size_t drive);

/* Runs what is due now. */
void rig_turn(void);

unsigned int rig_count(const char *folder); /* entries: /proc/self/fd, /proc/self/task */

size_t rig_resident(void); /* bytes of memory that this process has */
