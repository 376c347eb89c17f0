/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Work that blocks, such as a read of a file, done on threads for a source whose users are on the
 * main thread. Work that hangs holds up neither them nor cancelling nor closing: it moves bytes of
 * its own, which are copied on the main thread for those who still want them.
 *
 * What touches the same bytes happens in the order in which it was asked for, also when the one
 * before was cancelled and is still under way: an old write never lands upon a new one.
 */
#include "media/source.h"

enum job_kind { JOB_OPEN, JOB_READ, JOB_WRITE, JOB_FLUSH };

struct jobs_ops {
	/*
	 * On a thread, several at once; may take as long as it likes. False and error when it did
	 * not move all. JOB_FLUSH: no bytes, everything that was written before lasts afterwards.
	 * JOB_OPEN: no bytes, whatever has to be done before all that was asked for after it.
	 */
	bool (*run)(enum job_kind kind, uint64_t offset, size_t size, void *bytes, void *data,
			GError **error);
	/* On the main thread, before the end of a job that failed; may close the jobs. */
	void (*failed)(const GError *error, void *data);
	/* When no thread needs data any more; on any thread. */
	GDestroyNotify free_data;
};

struct jobs;

/* threads: most at once, 1.. The ops must outlive the program. */
struct jobs *jobs_new(const struct jobs_ops *ops, unsigned int threads, void *data);

/* Cancels all; returns at once, whatever hangs. */
void jobs_close(struct jobs *jobs);

/* As source_read and its like say; bytes are the caller's until done or cancel. */
struct source_request *jobs_add(struct jobs *jobs, enum job_kind kind, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data);

/* A write or flush that runs already may still happen. */
void jobs_cancel(struct jobs *jobs, struct source_request *request);
