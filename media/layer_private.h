/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What the two halves of a layer share: layer.c, which opens, follows the source below and tells,
 * and layer_request.c, which cuts requests into pieces of the file and of that source.
 */
#include "media/jobs.h"
#include "media/layer.h"

enum layer_request_kind { LAYER_READ, LAYER_WRITE, LAYER_FLUSH };

/* A part of a request, of this machine's file or of the source below. */
struct layer_piece {
	struct source_request *request;
	bool here;
	uint64_t offset;
	size_t size;
	uint8_t *bytes;
	struct source_request *under; /* NULL: ended */
	struct layer_piece *next;
};

struct source_request {
	struct layer *layer;
	GList link;
	GQueue *queue; // layer::waiting, ::active or ::ended
	enum layer_request_kind kind;
	uint64_t offset;
	size_t size;
	uint8_t *bytes;
	/* Of a write: whole blocks, and whether the file has to take them now come what may. */
	uint8_t *staged;
	uint64_t staged_at;
	size_t staged_size;
	bool putting, cancelled;
	struct layer_piece *pieces;
	unsigned int left; /* pieces under way */
	GError *error;
	source_done_fn done;
	void *data;
};

/* What a store keeps of a read. */
struct layer_keeping {
	struct layer *layer;
	uint64_t offset;
	size_t size;
	GList link; // layer::keeping
};

/* What the threads need. */
struct layer_shared {
	struct layer_settings settings;
	struct local *local;
	char *identity;
	uint64_t size;
};

struct layer {
	struct source source;
	struct source_ops ops;
	struct source *below;
	const struct layer_kind *kind;
	struct layer_shared *shared; /* of the jobs */
	struct jobs *jobs;
	bool opening, opened; /* the file */
	bool plain;           /* without a file: none is wanted, or it cannot be used */
	bool full;            /* a store that takes no more */
	bool drop;
	size_t backlog;
	GQueue waiting, active, ended, keeping;
	GSource *turn;
	char *reason; /* of a failure of ours */
	bool untold, turning, closed;
};

/* To the next turn of the main loop. */
static inline void layer_kick(struct layer *layer)
{
	g_source_set_ready_time(layer->turn, 0);
}

/* In layer_request.c. The ops of a layer as a source: */
struct source_request *layer_read(struct source *source, uint64_t offset, size_t size, void *bytes,
		source_done_fn done, void *data);
struct source_request *layer_write(struct source *source, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data);
struct source_request *layer_flush(struct source *source, source_done_fn done, void *data);
void layer_cancel(struct source *source, struct source_request *request);

void layer_start_all(struct layer *layer); /* that wait and may */

struct source_request *layer_pop(GQueue *queue); /* NULL: it is empty */
void layer_cancel_pieces(struct source_request *request);
void layer_request_free(struct source_request *request); /* it is in no queue */
