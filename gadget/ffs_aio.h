/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The kernel's asynchronous I/O (io_submit(2)) on the endpoints of a drive: requests that are begun
 * together, whose ends are collected on the main loop, and that may be dropped while the kernel
 * still has them.
 *
 * Main thread, default main context, or in the main loop's turn (turn.h).
 */
#include <glib.h>
#include <libaio.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the kernel at once, dropped ones too: what a drive takes of fs.aio-max-nr. */
#define AIO_REQUESTS 64

struct aio_request {
	struct iocb iocb;         /* prepared by whoever begins it */
	void *owner;              /* his who made it */
	struct aio_request *next; /* the same */
	size_t size;
	uint8_t *bounce; /* where a dropped one may still write; freed with it */
	bool ended;
	long result; /* bytes, or -errno */
	bool dropped;
};

/* From the main loop: something that was to wake has ended, or ffs_aio_wake. */
typedef void (*ffs_aio_fn)(void *data);

struct ffs_aio;

/* Errors: GADGET_FAULT. */
struct ffs_aio *ffs_aio_new(ffs_aio_fn ended, void *data, GError **error);

/* Requests that may still be begun. */
unsigned int ffs_aio_room(const struct ffs_aio *aio);

/* Zeroed, until ffs_aio_release or ffs_aio_drop. */
struct aio_request *ffs_aio_request(struct ffs_aio *aio, void *owner, size_t size);

/* One that the kernel does not have. */
void ffs_aio_release(struct ffs_aio *aio, struct aio_request *request);

/* Its end calls ffs_aio_fn; those of others are found when that is called, or by ffs_aio_reap. */
void ffs_aio_set_waking(struct ffs_aio *aio, struct aio_request *request);

/* Begins all; what could not be ends at once, as what the kernel refuses does. */
void ffs_aio_submit(struct ffs_aio *aio, struct aio_request *const *requests, unsigned int count);

/* Marks what has ended. */
void ffs_aio_reap(struct ffs_aio *aio);

/* Calls ffs_aio_fn from the loop. */
void ffs_aio_wake(struct ffs_aio *aio);

/* Nobody waits for its end any more: it goes when the kernel gives it back. */
void ffs_aio_forget(struct ffs_aio *aio, struct aio_request *request);

/* Nor for what it does: it is cancelled, and goes when the kernel gives it back. */
void ffs_aio_drop(struct ffs_aio *aio, struct aio_request *request);

/* All requests were released or dropped before. NULL is fine. */
void ffs_aio_close(struct ffs_aio *aio);
