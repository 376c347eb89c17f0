/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <libaio.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "gadget/bot.h"
#include "gadget/fault.h"
#include "gadget/ffs_bulk.h"

#define BULK_PIECE_MAX (32u << 10) /* of one request: each is a kmalloc of that size */
#define BULK_PIECE_MIN 4096u       /* a page, which the kernel always finds */
#define BULK_LATE_US   2000        /* until the end of a piece is looked for that wakes nobody */
#define BULK_CLOSE_MS  50          /* for requests to come back */
#define BULK_SENDS     (BOT_DEPTH_MAX + 4) /* slots, an empty packet, the status */

/* One request of the kernel. */
struct bulk_piece {
	struct iocb iocb;
	bool dropped; /* nobody waits for its end */
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
	bool empty; /* a packet without bytes is still to begin */
};

struct ffs_bulk {
	int in, out;
	struct ffs_bulk_events events;
	io_context_t context;
	int eventfd;
	guint watch;
	unsigned int requests; /* in the kernel */
	size_t packet;
	size_t piece;  /* bytes of one at most */
	bool down;     /* not configured */
	bool asleep;   /* endpoints take nothing for now */
	bool lost;     /* ... and what was under way on them is gone */
	bool failing;  /* broken is to be told */
	bool quiet;    /* the last piece sent wakes nobody ... */
	GSource *late; /* ... but this does, when nothing follows */
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

/*
 * Hands a piece to the kernel. What it refuses at once ends at once too, so that nothing is queued
 * behind a gap. quiet: its end need not wake anybody. 0 or -errno; then the piece is the caller's
 * again.
 */
static long bulk_submit(struct ffs_bulk *bulk, struct bulk_piece *piece, bool quiet)
{
	struct iocb *iocb = &piece->iocb;
	int result;

	if (!quiet)
		io_set_eventfd(iocb, bulk->eventfd);
	result = io_submit(bulk->context, 1, &iocb);
	if (result != 1)
		return result < 0 ? result : -EAGAIN;
	bulk->requests++;
	bulk_reap(bulk, 0, 0);
	return piece->ended && piece->result < 0 ? piece->result : 0;
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

/* --- Sending --- */

static struct bulk_send *bulk_send_at(struct ffs_bulk *bulk, unsigned int number)
{
	return &bulk->sends[(bulk->first + number) % BULK_SENDS];
}

static bool bulk_send_piece(struct ffs_bulk *bulk, struct bulk_send *send)
{
	struct bulk_piece *piece = bulk_piece_new(bulk);
	long result;

	piece->size = MIN(send->size - send->begun, bulk->piece);
	/* An empty one needs an address too. */
	io_prep_pwrite(&piece->iocb, bulk->in,
			piece->size ? (void *)(send->bytes + send->begun) : (void *)bulk,
			piece->size, 0);
	/* Every other end is enough to keep more coming; the last is short, or a status follows. */
	bulk->quiet = !bulk->quiet && piece->size == BULK_PIECE_MAX;
	result = bulk_submit(bulk, piece, bulk->quiet);
	if (result < 0) {
		bulk_piece_free(bulk, piece);
		return bulk_refused(bulk, result);
	}
	g_source_set_ready_time(
			bulk->late, bulk->quiet ? g_get_monotonic_time() + BULK_LATE_US : -1);
	send->begun += piece->size;
	send->empty = false;
	*bulk->sending_end = piece;
	bulk->sending_end = &piece->next;
	return true;
}

static void bulk_pump_sends(struct ffs_bulk *bulk)
{
	for (unsigned int i = 0; i < bulk->count; i++) {
		struct bulk_send *send = bulk_send_at(bulk, i);

		while (send->begun < send->size || send->empty)
			if (bulk->down || bulk->asleep || bulk->requests >= BULK_REQUESTS - 1 ||
					!bulk_send_piece(bulk, send))
				return;
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

static bool bulk_receive_piece(struct ffs_bulk *bulk)
{
	size_t rest = bulk->receive.size - bulk->receive.got;
	struct bulk_piece *piece = bulk_piece_new(bulk);
	long result;

	rest = (rest + bulk->packet - 1) / bulk->packet * bulk->packet;
	piece->size = MIN(rest, bulk->piece);
	bulk_piece_place(bulk, piece);
	io_prep_pread(&piece->iocb, bulk->out, piece->bounce, piece->size, 0);
	result = bulk_submit(bulk, piece, false);
	if (result < 0) {
		bulk_piece_free(bulk, piece);
		return bulk_refused(bulk, result);
	}
	bulk->receive.piece = piece;
	return true;
}

static void bulk_pump(struct ffs_bulk *bulk)
{
	bulk_pump_sends(bulk);
	while (bulk->receive.bytes && !bulk->receive.piece && !bulk->down && !bulk->asleep &&
			bulk->requests < BULK_REQUESTS)
		bulk_receive_piece(bulk);
}

/* --- What has ended --- */

/* Whether the piece's end is a good one. */
static bool bulk_good(struct ffs_bulk *bulk, const struct bulk_piece *piece)
{
	if (piece->result >= 0)
		return true;
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
	bulk->first = (bulk->first + 1) % BULK_SENDS;
	bulk->count--;
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
	bulk_pump(bulk);
}

static gboolean bulk_ended(gint fd, GIOCondition condition, gpointer data)
{
	eventfd_t unused;

	eventfd_read(fd, &unused);
	bulk_dispatch(data);
	return G_SOURCE_CONTINUE;
}

static gboolean bulk_late(GSource *source, GSourceFunc unused, gpointer data)
{
	struct ffs_bulk *bulk = data;

	/* The host may take its time. */
	g_source_set_ready_time(source, bulk->sending ? g_get_monotonic_time() + BULK_LATE_US : -1);
	bulk_dispatch(bulk);
	return G_SOURCE_CONTINUE;
}

/* --- What the drive wants --- */

void ffs_bulk_receive(struct ffs_bulk *bulk, void *bytes, size_t size)
{
	bulk->receive.bytes = bytes;
	bulk->receive.size = size;
	bulk->receive.got = 0;
	if (bulk->receive.piece && bulk->receive.piece->ended)
		eventfd_write(bulk->eventfd, 1);
	bulk_pump(bulk);
}

void ffs_bulk_set_arrival(struct ffs_bulk *bulk, uint8_t *arrival)
{
	bulk->arrival = arrival;
}

void ffs_bulk_expect(struct ffs_bulk *bulk)
{
	bulk->receive.size = bulk->packet;
	bulk->receive.got = 0;
	if (!bulk->receive.piece && !bulk->down && !bulk->asleep)
		bulk_receive_piece(bulk);
}

void ffs_bulk_send(struct ffs_bulk *bulk, const void *bytes, size_t size)
{
	g_return_if_fail(bulk->count < BULK_SENDS);
	*bulk_send_at(bulk, bulk->count++) = (struct bulk_send){
			.bytes = bytes,
			.size = size,
			.empty = size == 0,
	};
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
	bulk->count = 0;
	if (bulk->receive.piece)
		bulk_drop(bulk, bulk->receive.piece);
	bulk->receive.piece = NULL;
	bulk->receive.bytes = NULL;
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
	bulk->piece = BULK_PIECE_MAX;
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

struct ffs_bulk *ffs_bulk_new(int in, int out, const struct ffs_bulk_events *events, GError **error)
{
	static GSourceFuncs late = {.dispatch = bulk_late};
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
	bulk->watch = g_unix_fd_add(bulk->eventfd, G_IO_IN, bulk_ended, bulk);
	bulk->late = g_source_new(&late, sizeof(GSource));
	g_source_set_callback(bulk->late, NULL, bulk, NULL);
	g_source_attach(bulk->late, NULL);
	return bulk;
}

void ffs_bulk_close(struct ffs_bulk *bulk)
{
	if (!bulk)
		return;
	g_source_remove(bulk->watch);
	g_source_destroy(bulk->late);
	g_source_unref(bulk->late);
	ffs_bulk_cancel(bulk);
	if (bulk->requests)
		bulk_reap(bulk, bulk->requests, BULK_CLOSE_MS);
	/* What a controller does not give back it may still write to: that memory is lost. */
	if (!bulk->requests)
		io_destroy(bulk->context); /* it would wait for them */
	close(bulk->eventfd);
	while (bulk->spare) {
		struct bulk_piece *piece = bulk->spare;

		bulk->spare = piece->next;
		g_free(piece);
	}
	g_free(bulk);
}
