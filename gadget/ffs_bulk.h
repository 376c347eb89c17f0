/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The two bulk endpoints of a drive on FunctionFS (ffs.h) by the kernel's asynchronous I/O, which
 * unlike io_uring can be cancelled there; commands by a thread (ffs_command.h). Nothing blocks: the
 * files are non-blocking, so that a request to an endpoint that no host has configured ends at
 * once.
 *
 * Main thread, default main context, or within the calls of events.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the main loop's turn (turn.h), mostly on another thread. Each may call the endpoints. */
struct ffs_bulk_events {
	/* The end of ffs_bulk_receive; more than was asked for when the host sent more. */
	void (*received)(size_t size, void *data);
	/* The end of the oldest ffs_bulk_send. */
	void (*sent)(void *data);
	/* A transfer failed, and not because the host or the bus went away. */
	void (*broken)(void *data);
	void *data;
};

struct ffs_bulk;

/* The files stay the caller's. Errors: GADGET_FAULT. */
struct ffs_bulk *ffs_bulk_new(
		int in, int out, const struct ffs_bulk_events *events, GError **error);

/* A host has configured them; bytes of a packet. What was queued is dropped. */
void ffs_bulk_up(struct ffs_bulk *bulk, size_t packet);

/* They are not configured any more. */
void ffs_bulk_down(struct ffs_bulk *bulk);

/* The bus is awake again: what could not be queued while it slept is queued now. */
void ffs_bulk_resume(struct ffs_bulk *bulk);

/*
 * One at a time. Memory of both is in use until the end is told or ffs_bulk_cancel. Whole packets
 * are taken: what goes beyond size is counted, but not kept.
 */
void ffs_bulk_receive(struct ffs_bulk *bulk, void *bytes, size_t size);

/*
 * From the next one on what ffs_bulk_expect begins, or a receive of one packet at most, is put
 * there before it is told, where there is room for a packet of any speed; emptied before. NULL:
 * anywhere.
 */
void ffs_bulk_set_arrival(struct ffs_bulk *bulk, uint8_t *arrival);
void ffs_bulk_send(struct ffs_bulk *bulk, const void *bytes, size_t size);

/*
 * The memory of all sends is going to be others'. The kernel has its own copy of what has begun;
 * the rest is copied.
 */
void ffs_bulk_keep(struct ffs_bulk *bulk);

/*
 * A receive of one packet at most is sure to come: begins it, so that the host need not wait. The
 * host sends it when it has all that was sent, whose ends may be told together with it.
 */
void ffs_bulk_expect(struct ffs_bulk *bulk);

/* Begins what was asked for since; within the calls of events that happens after them by itself. */
void ffs_bulk_commit(struct ffs_bulk *bulk);

/* Drops all of it; no end is told. */
void ffs_bulk_cancel(struct ffs_bulk *bulk);

/* Halts an endpoint. False: not yet, something is on its way there. */
bool ffs_bulk_halt(struct ffs_bulk *bulk, bool in);

/* NULL is fine. */
void ffs_bulk_close(struct ffs_bulk *bulk);
