/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <libaio.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "gadget/bot.h"
#include "gadget/deadline.h"
#include "gadget/fault.h"
#include "gadget/ffs_bulk.h"

#define BULK_PIECE_MAX (64u << 10) /* of one request: each is a kmalloc of that size */
#define BULK_PIECE_MIN 4096u       /* a page, which the kernel always finds */
#define BULK_LATE_US   4000        /* until the end of a piece is looked for that wakes nobody */
#define BULK_LATE_MOST 64000       /* the same, of a host that takes its time */
#define BULK_CLOSE_MS  50          /* for requests to come back */
#define BULK_SENDS     (BOT_DEPTH_MAX + 4) /* slots, an empty packet, the status */

/* One request of the kernel. */
struct bulk_piece {
	struct iocb iocb;
	struct bulk_send *send; /* NULL: a receive */
	bool dropped;           /* nobody waits for its end */
	bool ended;
	long result; /* bytes, or -errno */
	size_t size;
	uint8_t *bounce; /* of a receive: the kernel may write there after cancelling */
	bool arrival;    /* that is not its own, but the one for commands */
	struct bulk_piece *next;
};

struct bulk_send {
	const uint8_t *bytes;
	size_t size, begun, moved;
	uint8_t *kept; /* a copy of bytes, ours */
	bool empty;    /* a packet without bytes is still to begin */
};

struct ffs_bulk {
	int in, out;
	struct ffs_bulk_events events;
	io_context_t context;
	int eventfd;
	guint watch;
	unsigned int requests; /* in the kernel */
	size_t packet;
	size_t piece;          /* bytes of one at most */
	bool down;             /* not configured */
	bool asleep;           /* endpoints take nothing for now */
	bool lost;             /* ... and what was under way on them is gone */
	bool failing;          /* broken is to be told */
	bool expecting;        /* the receive comes after all that is sent */
	bool telling;          /* in bulk_dispatch, which commits */
	struct deadline *late; /* for pieces that wake nobody, when nothing follows */
	int64_t patience;      /* its next, microseconds */
	struct bulk_send sends[BULK_SENDS];
	unsigned int first, count;
	struct bulk_piece *sending, **sending_end; /* in their order */
	struct {
		uint8_t *bytes; /* NULL: none is under way */
		size_t size, got;
		struct bulk_piece *piece;
	} receive;
	struct bulk_piece *spare;
	uint8_t *arrival;  /* of what is at most a packet; NULL: none */
	bool arrival_used; /* by a request in the kernel, or one whose end is not told yet */
};

/* --- Requests --- */

static struct bulk_piece *bulk_piece_new(struct ffs_bulk *bulk)
{
	struct bulk_piece *piece = bulk->spare;

	if (piece)
		bulk->spare = piece->next;
	else
		piece = g_new(struct bulk_piece, 1);
	memset(piece, 0, sizeof(*piece));
	return piece;
}

static void bulk_piece_free(struct ffs_bulk *bulk, struct bulk_piece *piece)
{
	if (piece->arrival) {
		/* What it brought nevertheless counts no more. */
		if (piece->dropped)
			memset(piece->bounce, 0, piece->size);
		bulk->arrival_used = false;
	} else {
		g_free(piece->bounce);
	}
	piece->next = bulk->spare;
	bulk->spare = piece;
}

/*
 * Takes what has ended from the kernel; what nobody waits for is done with. Waits for as many to
 * end, but not longer than that.
 */
static void bulk_reap(struct ffs_bulk *bulk, unsigned int least, int ms)
{
	struct io_event events[BULK_REQUESTS];
	struct timespec timeout = {0, ms * 1000000L};
	int count = io_getevents(bulk->context, least, G_N_ELEMENTS(events), events, &timeout);

	for (int i = 0; i < count; i++) {
		struct bulk_piece *piece = (struct bulk_piece *)events[i].obj;

		bulk->requests--;
		piece->ended = true;
		piece->result = (long)events[i].res;
		if (piece->dropped)
			bulk_piece_free(bulk, piece);
	}
}

static bool bulk_away(long result)
{
	switch (result) {
	case -ESHUTDOWN: /* disabled, or asleep */
	case -EAGAIN:    /* not configured: the files are non-blocking */
	case -ENODEV:
	case -EINTR:
	case -ECONNRESET: /* dequeued */
		return true;
	default:
		return false;
	}
}

/* A piece was refused. True: try a smaller one. */
static bool bulk_refused(struct ffs_bulk *bulk, long result)
{
	if (result == -ENOMEM && bulk->piece > BULK_PIECE_MIN) {
		bulk->piece /= 2;
		return true;
	}
	bulk->asleep = true;
	if (!bulk_away(result)) {
		bulk->failing = true;
		eventfd_write(bulk->eventfd, 1);
	}
	return false;
}

static void bulk_drop(struct ffs_bulk *bulk, struct bulk_piece *piece)
{
	struct io_event unused;

	if (piece->ended) {
		bulk_piece_free(bulk, piece);
		return;
	}
	piece->dropped = true;
	io_cancel(bulk->context, &piece->iocb, &unused); /* its event comes all the same */
}

/* --- Beginning --- */

static struct bulk_send *bulk_send_at(struct ffs_bulk *bulk, unsigned int number)
{
	return &bulk->sends[(bulk->first + number) % BULK_SENDS];
}

/* The first. */
static void bulk_send_done(struct ffs_bulk *bulk)
{
	g_free(bulk_send_at(bulk, 0)->kept);
	bulk->first = (bulk->first + 1) % BULK_SENDS;
	bulk->count--;
}

/* What is begun together. */
struct bulk_batch {
	struct bulk_piece *pieces[BULK_REQUESTS]; /* of sends in their order, then of the receive */
	unsigned int count, sends;
};

static void bulk_batch_send(struct ffs_bulk *bulk, struct bulk_batch *batch, struct bulk_send *send)
{
	struct bulk_piece *piece = bulk_piece_new(bulk);

	piece->send = send;
	piece->size = MIN(send->size - send->begun, bulk->piece);
	/* An empty one needs an address too. */
	io_prep_pwrite(&piece->iocb, bulk->in,
			piece->size ? (void *)(send->bytes + send->begun) : (void *)bulk,
			piece->size, 0);
	send->begun += piece->size;
	send->empty = false;
	batch->pieces[batch->count++] = piece;
	batch->sends++;
}

static void bulk_batch_sends(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	for (unsigned int i = 0; i < bulk->count; i++) {
		struct bulk_send *send = bulk_send_at(bulk, i);

		while (send->begun < send->size || send->empty) {
			if (bulk->requests + batch->count >= BULK_REQUESTS - 1)
				return;
			bulk_batch_send(bulk, batch, send);
		}
	}
}

/* --- Receiving --- */

/* What comes of a command that is awaited when this process dies is there for the next. */
static void bulk_piece_place(struct ffs_bulk *bulk, struct bulk_piece *piece)
{
	if (bulk->arrival_used) /* by one that was cancelled */
		bulk_reap(bulk, 0, 0);
	piece->arrival = bulk->arrival && !bulk->arrival_used && !bulk->receive.got &&
			 piece->size <= bulk->packet;
	if (!piece->arrival) {
		piece->bounce = g_malloc(piece->size);
		return;
	}
	bulk->arrival_used = true;
	piece->bounce = bulk->arrival;
	memset(piece->bounce, 0, piece->size);
}

static void bulk_batch_receive(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	size_t rest = bulk->receive.size - bulk->receive.got;
	struct bulk_piece *piece;

	if (!(bulk->receive.bytes || bulk->expecting) || bulk->receive.piece ||
			bulk->requests + batch->count >= BULK_REQUESTS)
		return;
	piece = bulk_piece_new(bulk);
	rest = (rest + bulk->packet - 1) / bulk->packet * bulk->packet;
	piece->size = MIN(rest, bulk->piece);
	bulk_piece_place(bulk, piece);
	io_prep_pread(&piece->iocb, bulk->out, piece->bounce, piece->size, 0);
	batch->pieces[batch->count++] = piece;
}

/*
 * Whose ends wake us: of every other send, which is enough to keep more coming, and the last; of
 * none at all when a receive comes after them.
 */
static void bulk_batch_wake(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	for (unsigned int i = 0; i < batch->count; i++)
		if (i >= batch->sends || (!bulk->expecting && (i % 2 || i + 1 == batch->sends)))
			io_set_eventfd(&batch->pieces[i]->iocb, bulk->eventfd);
	if (!batch->sends)
		return;
	bulk->patience = BULK_LATE_US;
	deadline_set(bulk->late, g_get_monotonic_time() + bulk->patience);
}

/* Begins all; what could not be ends at once, as what the kernel refuses does. */
static void bulk_batch_submit(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	struct iocb *iocbs[BULK_REQUESTS];
	unsigned int begun = 0;
	int result = 0;

	for (unsigned int i = 0; i < batch->count; i++)
		iocbs[i] = &batch->pieces[i]->iocb;
	while (begun < batch->count) {
		result = io_submit(bulk->context, (long)(batch->count - begun), iocbs + begun);
		if (result <= 0)
			break;
		begun += (unsigned int)result;
	}
	bulk->requests += begun;
	for (; begun < batch->count; begun++) {
		batch->pieces[begun]->ended = true;
		batch->pieces[begun]->result = result < 0 ? result : -EAGAIN;
	}
	bulk_reap(bulk, 0, 0);
}

static long bulk_refusal(const struct bulk_piece *piece)
{
	return piece->ended && piece->result < 0 ? piece->result : 0;
}

/* As if it had not been begun. */
static void bulk_take_back(struct ffs_bulk *bulk, struct bulk_piece *piece)
{
	if (piece->send) {
		piece->send->begun -= piece->size;
		piece->send->empty = piece->send->size == 0;
	}
	bulk_piece_free(bulk, piece);
}

/*
 * Takes back the sends from the first that was refused. When one behind it was not, the host may
 * have got something else instead of it: then nothing is taken back, and the whole command fails.
 */
static bool bulk_batch_sent(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	unsigned int good = 0, last = batch->sends;
	long result;

	while (good < batch->sends && !bulk_refusal(batch->pieces[good]))
		good++;
	while (last > good && bulk_refusal(batch->pieces[last - 1]))
		last--;
	for (unsigned int i = 0; i < last; i++) {
		*bulk->sending_end = batch->pieces[i];
		bulk->sending_end = &batch->pieces[i]->next;
	}
	if (last < batch->sends) {
		result = bulk_refusal(batch->pieces[last]);
		for (unsigned int i = batch->sends; i > last; i--)
			bulk_take_back(bulk, batch->pieces[i - 1]);
		return bulk_refused(bulk, result);
	}
	return false;
}

static bool bulk_batch_received(struct ffs_bulk *bulk, struct bulk_piece *piece)
{
	long result = bulk_refusal(piece);

	if (!result) {
		bulk->receive.piece = piece;
		return false;
	}
	bulk_take_back(bulk, piece);
	return bulk_refused(bulk, result);
}

/* False: there is nothing more to begin. */
static bool bulk_pump_once(struct ffs_bulk *bulk)
{
	struct bulk_batch batch;
	bool again;

	if (bulk->down || bulk->asleep)
		return false;
	batch.count = batch.sends = 0;
	bulk_batch_sends(bulk, &batch);
	bulk_batch_receive(bulk, &batch);
	if (batch.count == 0)
		return false;
	bulk_batch_wake(bulk, &batch);
	bulk_batch_submit(bulk, &batch);
	again = bulk_batch_sent(bulk, &batch);
	if (batch.count > batch.sends)
		again |= bulk_batch_received(bulk, batch.pieces[batch.sends]);
	return again;
}

static void bulk_pump(struct ffs_bulk *bulk)
{
	while (bulk_pump_once(bulk))
		;
}

/* --- What has ended --- */

/* Whether the piece's end is a good one. */
static bool bulk_good(struct ffs_bulk *bulk, const struct bulk_piece *piece)
{
	if (piece->result >= 0)
		return true;
	if (piece->result == -ENOMEM && bulk->piece > BULK_PIECE_MIN)
		bulk->piece /= 2; /* for when the host has reset us */
	bulk->asleep = bulk->lost = true;
	bulk->failing |= !bulk_away(piece->result);
	return false;
}

static void bulk_sent(struct ffs_bulk *bulk)
{
	struct bulk_piece *piece = bulk->sending;
	struct bulk_send *send = bulk_send_at(bulk, 0);
	bool good = bulk_good(bulk, piece);

	send->moved += piece->size;
	bulk->sending = piece->next;
	if (!bulk->sending)
		bulk->sending_end = &bulk->sending;
	bulk_piece_free(bulk, piece);
	if (!good || bulk->lost || send->moved < send->size)
		return;
	bulk_send_done(bulk);
	bulk->events.sent(bulk->events.data);
}

static void bulk_received(struct ffs_bulk *bulk)
{
	struct bulk_piece *piece = bulk->receive.piece;
	size_t room = bulk->receive.size - bulk->receive.got, size;
	bool whole = piece->result == (long)piece->size;

	bulk->receive.piece = NULL;
	if (bulk_good(bulk, piece)) {
		memcpy(bulk->receive.bytes + bulk->receive.got, piece->bounce,
				MIN(room, (size_t)piece->result));
		bulk->receive.got += piece->result;
		size = bulk->receive.got;
		if (!whole || size >= bulk->receive.size) {
			bulk->receive.bytes = NULL;
			bulk_piece_free(bulk, piece);
			bulk->events.received(size, bulk->events.data);
			return;
		}
	}
	bulk_piece_free(bulk, piece);
}

static void bulk_dispatch(struct ffs_bulk *bulk)
{
	bulk->telling = true;
	bulk_reap(bulk, 0, 0);
	/* What is told may queue more or cancel all. */
	for (;;) {
		if (bulk->sending && bulk->sending->ended)
			bulk_sent(bulk);
		else if (bulk->receive.bytes && bulk->receive.piece && bulk->receive.piece->ended)
			bulk_received(bulk);
		else
			break;
	}
	if (bulk->failing) {
		bulk->failing = false;
		bulk->events.broken(bulk->events.data);
	}
	bulk->telling = false;
	bulk_pump(bulk);
}

static gboolean bulk_ended(gint fd, GIOCondition condition, gpointer data)
{
	eventfd_t unused;

	eventfd_read(fd, &unused);
	bulk_dispatch(data);
	return G_SOURCE_CONTINUE;
}

static void bulk_late(void *data)
{
	struct ffs_bulk *bulk = data;

	bulk_dispatch(bulk);
	if (!bulk->sending)
		return;
	bulk->patience = MIN(2 * bulk->patience, BULK_LATE_MOST);
	deadline_set(bulk->late, g_get_monotonic_time() + bulk->patience);
}

/* --- What the drive wants --- */

void ffs_bulk_receive(struct ffs_bulk *bulk, void *bytes, size_t size)
{
	bulk->receive.bytes = bytes;
	bulk->receive.size = size;
	bulk->receive.got = 0;
	bulk->expecting = false;
	if (bulk->receive.piece && bulk->receive.piece->ended && !bulk->telling)
		eventfd_write(bulk->eventfd, 1);
}

void ffs_bulk_set_arrival(struct ffs_bulk *bulk, uint8_t *arrival)
{
	bulk->arrival = arrival;
}

void ffs_bulk_expect(struct ffs_bulk *bulk)
{
	bulk->receive.size = bulk->packet;
	bulk->receive.got = 0;
	bulk->expecting = true;
}

void ffs_bulk_send(struct ffs_bulk *bulk, const void *bytes, size_t size)
{
	g_return_if_fail(bulk->count < BULK_SENDS);
	*bulk_send_at(bulk, bulk->count++) = (struct bulk_send){
			.bytes = bytes,
			.size = size,
			.empty = size == 0,
	};
}

void ffs_bulk_keep(struct ffs_bulk *bulk)
{
	for (unsigned int i = 0; i < bulk->count; i++) {
		struct bulk_send *send = bulk_send_at(bulk, i);

		if (send->begun < send->size && !send->kept)
			send->bytes = send->kept = g_memdup2(send->bytes, send->size);
	}
}

void ffs_bulk_commit(struct ffs_bulk *bulk)
{
	if (!bulk->telling)
		bulk_pump(bulk);
}

void ffs_bulk_cancel(struct ffs_bulk *bulk)
{
	while (bulk->sending) {
		struct bulk_piece *piece = bulk->sending;

		bulk->sending = piece->next;
		bulk_drop(bulk, piece);
	}
	bulk->sending_end = &bulk->sending;
	while (bulk->count > 0)
		bulk_send_done(bulk);
	if (bulk->receive.piece)
		bulk_drop(bulk, bulk->receive.piece);
	bulk->receive.piece = NULL;
	bulk->receive.bytes = NULL;
	bulk->expecting = false;
	deadline_set(bulk->late, -1);
	bulk->asleep = bulk->lost = bulk->failing = false;
}

bool ffs_bulk_halt(struct ffs_bulk *bulk, bool in)
{
	uint8_t byte = 0;
	/* I/O in the wrong direction halts; EBADMSG says that it did. */
	ssize_t result = in ? read(bulk->in, &byte, 1) : write(bulk->out, &byte, 1);

	return result >= 0 || errno != EAGAIN;
}

void ffs_bulk_up(struct ffs_bulk *bulk, size_t packet)
{
	ffs_bulk_cancel(bulk);
	bulk->packet = packet;
	bulk->down = false;
}

void ffs_bulk_down(struct ffs_bulk *bulk)
{
	ffs_bulk_cancel(bulk);
	bulk->down = true;
}

void ffs_bulk_resume(struct ffs_bulk *bulk)
{
	bulk->asleep = false;
	if (bulk->lost) {
		bulk->failing = true;
		eventfd_write(bulk->eventfd, 1);
	}
	bulk_pump(bulk);
}

/* --- Coming and going --- */

/*
 * A source that GLib must guard against recursion is taken out of the loop while it is dispatched,
 * which costs three system calls and an empty turn of the loop; each command is one dispatch.
 */
static guint bulk_watch(struct ffs_bulk *bulk)
{
	GSource *source = g_unix_fd_source_new(bulk->eventfd, G_IO_IN);
	guint id;

	g_source_set_callback(source, G_SOURCE_FUNC(bulk_ended), bulk, NULL);
	g_source_set_can_recurse(source, TRUE);
	id = g_source_attach(source, NULL);
	g_source_unref(source);
	return id;
}

struct ffs_bulk *ffs_bulk_new(int in, int out, const struct ffs_bulk_events *events, GError **error)
{
	struct ffs_bulk *bulk = g_new0(struct ffs_bulk, 1);
	int result = io_setup(BULK_REQUESTS, &bulk->context);

	bulk->eventfd = result < 0 ? -1 : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (bulk->eventfd < 0) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"a drive cannot have asynchronous I/O: %s; the kernel needs CONFIG_AIO, "
				"and fs.aio-max-nr may be too small",
				g_strerror(result < 0 ? -result : errno));
		if (result >= 0)
			io_destroy(bulk->context);
		g_free(bulk);
		return NULL;
	}
	bulk->in = in;
	bulk->out = out;
	bulk->events = *events;
	bulk->packet = 512;
	bulk->piece = BULK_PIECE_MAX;
	bulk->down = true;
	bulk->sending_end = &bulk->sending;
	bulk->watch = bulk_watch(bulk);
	bulk->late = deadline_new(bulk_late, bulk);
	return bulk;
}

static gpointer bulk_destroy(gpointer context)
{
	io_destroy(context);
	return NULL;
}

/*
 * The kernel waits until no processor can be using a context any more, tens of milliseconds: longer
 * than all else that unplugs a drive.
 */
static void bulk_end_context(io_context_t context)
{
	GThread *thread = g_thread_try_new("aio end", bulk_destroy, context, NULL);

	if (thread)
		g_thread_unref(thread);
	else
		bulk_destroy(context);
}

void ffs_bulk_close(struct ffs_bulk *bulk)
{
	if (!bulk)
		return;
	g_source_remove(bulk->watch);
	ffs_bulk_cancel(bulk);
	deadline_free(bulk->late);
	if (bulk->requests)
		bulk_reap(bulk, bulk->requests, BULK_CLOSE_MS);
	/* What a controller does not give back it may still write to: that memory is lost. */
	if (!bulk->requests)
		bulk_end_context(bulk->context); /* it would wait for them */
	close(bulk->eventfd);
	while (bulk->spare) {
		struct bulk_piece *piece = bulk->spare;

		bulk->spare = piece->next;
		g_free(piece);
	}
	g_free(bulk);
}
