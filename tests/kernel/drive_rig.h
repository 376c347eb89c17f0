/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Drives on a hub beside keyboard and pointers, media of files in them, and the node's side of
 * them: this kernel's own sr and sd.
 */
#include "gadget/drive.h"
#include "gadget/hub.h"
#include "gadget/keyboard.h"

/* A file as a medium. */
struct file_medium {
	int fd;
	uint64_t size;
	int delay;  /* of each read, ms */
	bool hangs; /* reads never end */
	unsigned int reads, cancelled;
};

struct drive_rig {
	struct hub *hub;
	struct keyboard *keyboard;
	struct drive *drives[HUB_DRIVES];
	size_t count;
	bool attached[HUB_DRIVES];
	unsigned int ejected[HUB_DRIVES]; /* by the node */
	unsigned int channels;            /* open */
	char *address;                    /* the keyboard's on the node's bus */
};

/* Kinds of the drives, in order. Waits until the node has all of them and the keyboard. */
void drive_rig_open(struct drive_rig *rig, const enum scsi_kind *kinds, size_t count);

/* Asserts that the keyboard was never touched, unless the hub is closed already (NULL). */
void drive_rig_close(struct drive_rig *rig);

/* The drive's port; valid until the next call. */
const char *drive_rig_port(struct drive_rig *rig, size_t drive);

/* The node's block device of the drive, once it has one: "/dev/sr0". g_free. */
char *drive_rig_device(struct drive_rig *rig, size_t drive);

/* A file of that size, of pseudo-random bytes or sparse; removed at once. */
void file_medium_random(struct file_medium *medium, size_t size, unsigned int seed);
void file_medium_sparse(struct file_medium *medium, uint64_t size);
void file_medium_close(struct file_medium *medium);

void drive_rig_insert(
		struct drive_rig *rig, size_t drive, struct file_medium *medium, bool writable);

/*
 * Runs something that waits for the drive on a thread of its own, and the main loop meanwhile;
 * returns what it returns. host_begin and host_end are its halves.
 */
struct host_work;
struct host_work *host_begin(int (*work)(void *data), void *data);
bool host_ended(const struct host_work *work);
int host_end(struct host_work *work);
int host_run(int (*work)(void *data), void *data);

/* Reads of a device by the node. 0 or -errno. */
struct host_read {
	const char *device;
	uint64_t offset;
	size_t size; /* 0: all there is */
	bool direct;
	void *bytes;       /* NULL: only the sum of them */
	uint64_t got;      /* bytes */
	uint64_t capacity; /* of the device */
	char sum[65];      /* SHA-256 */
};
int host_read(void *data);

/* The same of the medium's file. */
void file_medium_sum(const struct file_medium *medium, char sum[65]);
