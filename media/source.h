/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Where the blocks of an image come from: one interface for a file, a web server, an NBD server and
 * a SPICE client's disc. Everything is called, and calls back, on the thread that runs the default
 * main context, or is called by another one while that does nothing but wait; nothing blocks it. A
 * source may work on a thread of its own behind that.
 *
 * A source that loses its server goes on by itself: reads wait while it tries again, and its state
 * says so. Only what trying again cannot mend fails a read.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum source_state {
	SOURCE_OPENING, /* size and identity are not known yet; reads wait */
	SOURCE_READY,
	SOURCE_WAITING, /* the server is away; tried again by itself */
	SOURCE_FAILED,  /* for good: refused, gone, or not what it was */
};

/* Set before the first turn of the main loop after opening; each may be NULL. */
struct source_events {
	/*
	 * Another state, with a reason in words, never NULL: what and what happens next. Not from
	 * within a call of the source; may close it.
	 */
	void (*state)(enum source_state state, const char *reason, void *data);
	void *data;
};

/*
 * The end of a read or write, never called from within the call that began it. error: NULL when all
 * bytes were moved; else G_FILE_ERROR: _IO the medium, _INVAL outside the image, _ROFS not
 * writable.
 */
typedef void (*source_done_fn)(const GError *error, void *data);

struct source;
struct source_request;

/* What a kind of source supplies; it embeds struct source as its first member. */
struct source_ops {
	struct source_request *(*read)(struct source *source, uint64_t offset, size_t size,
			void *bytes, source_done_fn done, void *data);
	/* NULL: cannot be written. */
	struct source_request *(*write)(struct source *source, uint64_t offset, size_t size,
			const void *bytes, source_done_fn done, void *data);
	/* What was written before lasts afterwards. NULL: it does so anyhow. */
	struct source_request *(*flush)(struct source *source, source_done_fn done, void *data);
	/*
	 * done is not called any more, and nothing touches its memory. A write that was under way
	 * happens or not, but never after a later one to the same bytes.
	 */
	void (*cancel)(struct source *source, struct source_request *request);
	void (*close)(struct source *source);
};

struct source {
	const struct source_ops *ops;
	struct source_events events;
	enum source_state state;
	uint64_t size;      /* bytes, once ready */
	const char *name;   /* for messages, without secrets; the source's */
	unsigned int depth; /* requests in flight that it makes use of, 1.. */
	/*
	 * Equal for the same bytes only, also tomorrow; valid once ready, the source's. NULL: the
	 * source cannot tell, or they change. Not for showing: an address may hold a secret.
	 */
	const char *identity;
};

static inline void source_listen(struct source *source, const struct source_events *events)
{
	source->events = *events;
}

/*
 * Reads size bytes (1..) at an offset within the image into memory that stays the caller's and must
 * be there until done or cancel. Any number at once; they may end in any order.
 */
static inline struct source_request *source_read(struct source *source, uint64_t offset,
		size_t size, void *bytes, source_done_fn done, void *data)
{
	return source->ops->read(source, offset, size, bytes, done, data);
}

static inline struct source_request *source_write(struct source *source, uint64_t offset,
		size_t size, const void *bytes, source_done_fn done, void *data)
{
	return source->ops->write(source, offset, size, bytes, done, data);
}

/* Only for sources that have it. */
static inline struct source_request *source_flush(
		struct source *source, source_done_fn done, void *data)
{
	return source->ops->flush(source, done, data);
}

static inline bool source_flushes(const struct source *source)
{
	return source->ops->flush != NULL;
}

static inline bool source_writable(const struct source *source)
{
	return source->ops->write != NULL;
}

static inline void source_cancel(struct source *source, struct source_request *request)
{
	source->ops->cancel(source, request);
}

/* Cancels what is under way; returns at once, also when the server hangs. NULL is fine. */
static inline void source_close(struct source *source)
{
	if (source)
		source->ops->close(source);
}
