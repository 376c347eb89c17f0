/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The wait for a host's commands on the bulk OUT endpoint of a drive, by a thread that reads there.
 * The kernel's asynchronous I/O tells of each end by a worker of its own, and the main loop looks
 * at all else that it waits for, before anybody answers: a third of our processor time for a read,
 * while the host asks again by the clock, and what comes too late for one of its ticks waits for
 * the next.
 *
 * Main thread, or in the main loop's turn (turn.h).
 */
#include <glib.h>
#include <stddef.h>
#include <stdint.h>

/* bytes: of a packet at most; size: how many, or -errno. In the main loop's turn. */
typedef void (*ffs_command_fn)(const uint8_t *bytes, long size, void *data);

struct ffs_command;

/* The file stays the caller's. The loop's thread calls it. Errors: G_THREAD_ERROR. */
struct ffs_command *ffs_command_new(int out, ffs_command_fn arrived, void *data, GError **error);

/*
 * One is awaited; again: nothing. size: of a packet. arrival: at least that, memory that the bytes
 * are put to, emptied before; NULL: the thread's own.
 */
void ffs_command_await(struct ffs_command *command, size_t size, uint8_t *arrival);

/* None is, and none arrives: what came and was not told yet is dropped. */
void ffs_command_stop(struct ffs_command *command);

/* Not from within ffs_command_fn. NULL is fine. */
void ffs_command_close(struct ffs_command *command);
