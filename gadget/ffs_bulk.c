/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/ffs_bulk.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "gadget/bot.h"
#include "gadget/deadline.h"
#include "gadget/ffs_aio.h"
#include "gadget/ffs_command.h"

#define BULK_PIECE_MAX  (32u << 10) /* of one request: the kernel has no stock of larger pages */
#define BULK_PIECE_HEAD (16u << 10) /* so early is the host busy while the rest is copied */
#define BULK_PIECE_MIN  4096u       /* a page, which the kernel always finds */
#define BULK_LATE_US    64000       /* until the end of a piece is looked for that wakes nobody */
#define BULK_SENDS      (BOT_DEPTH_MAX + 4) /* slots, an empty packet, the status */

struct bulk_send {
	const uint8_t *bytes;
	size_t size, begun, moved;
	uint8_t *kept; /* a copy of bytes, ours */
	bool empty;    /* a packet without bytes is still to begin */
};

struct ffs_bulk {
	int in, out;
	struct ffs_bulk_events events;
	struct ffs_aio *aio;
	size_t packet;
	size_t piece;          /* bytes of one at most */
	bool down;             /* not configured */
	bool asleep;           /* endpoints take nothing for now */
	bool lost;             /* ... and what was under way on them is gone */
	bool failing;          /* broken is to be told */
	bool expecting;        /* the receive comes after all that is sent */
	bool telling;          /* in bulk_dispatch, which commits */
	struct deadline *late; /* for pieces that wake nobody, when nothing follows */
	struct bulk_send sends[BULK_SENDS];
	unsigned int first, count;
	struct aio_request *sending, **sending_end; /* in their order */
	struct {
		uint8_t *bytes; /* NULL: none is under way */
		size_t size, got;
		struct aio_request *piece;
	} receive;
	struct ffs_command *command; /* see bulk_takes_packet */
	uint8_t *arrival;            /* of that; NULL: anywhere */
	const uint8_t *came;         /* what it brought and is not told yet; NULL: nothing */
	size_t came_size;
};

/* --- What the kernel refuses --- */

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
		ffs_aio_wake(bulk->aio);
	}
	return false;
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
	struct aio_request *pieces[AIO_REQUESTS]; /* of sends in their order, then of the receive */
	unsigned int count, sends;
};

static void bulk_batch_send(struct ffs_bulk *bulk, struct bulk_batch *batch, struct bulk_send *send)
{
	/* The host has that to take while the rest is copied. */
	const size_t most = batch->count == 0 && !bulk->sending ? BULK_PIECE_HEAD : bulk->piece;
	const size_t size = MIN(send->size - send->begun, MIN(most, bulk->piece));
	struct aio_request *piece = ffs_aio_request(bulk->aio, send, size);

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
			if (batch->count + 1 >= ffs_aio_room(bulk->aio))
				return;
			bulk_batch_send(bulk, batch, send);
		}
	}
}

/* --- Receiving --- */

/* A command, or as little data: the thread's. All else is begun with the sends. */
static bool bulk_takes_packet(const struct ffs_bulk *bulk)
{
	return (bulk->receive.bytes || bulk->expecting) && bulk->receive.size <= bulk->packet;
}

static void bulk_batch_receive(struct ffs_bulk *bulk, struct bulk_batch *batch)
{
	size_t rest = bulk->receive.size - bulk->receive.got;
	struct aio_request *piece;

	if (!bulk->receive.bytes || bulk_takes_packet(bulk) || bulk->receive.piece ||
			batch->count >= ffs_aio_room(bulk->aio))
		return;
	rest = (rest + bulk->packet - 1) / bulk->packet * bulk->packet;
	piece = ffs_aio_request(bulk->aio, NULL, MIN(rest, bulk->piece));
	piece->bounce = g_malloc(piece->size);
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
			ffs_aio_set_waking(bulk->aio, batch->pieces[i]);
}

static long bulk_refusal(const struct aio_request *piece)
{
	return piece->ended && piece->result < 0 ? piece->result : 0;
}

/* As if it had not been begun. */
static void bulk_take_back(struct ffs_bulk *bulk, struct aio_request *piece)
{
	struct bulk_send *send = piece->owner; /* NULL: a receive */

	if (send) {
		send->begun -= piece->size;
		send->empty = send->size == 0;
	}
	ffs_aio_release(bulk->aio, piece);
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

static bool bulk_batch_received(struct ffs_bulk *bulk, struct aio_request *piece)
{
	long result = bulk_refusal(piece);

	if (!result) {
		bulk->receive.piece = piece;
		return false;
	}
	bulk_take_back(bulk, piece);
	return bulk_refused(bulk, result);
}

static void bulk_look_later(struct ffs_bulk *bulk)
{
	deadline_set(bulk->late, g_get_monotonic_time() + BULK_LATE_US);
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
	ffs_aio_submit(bulk->aio, batch.pieces, batch.count);
	if (batch.sends)
		bulk_look_later(bulk);
	again = bulk_batch_sent(bulk, &batch);
	if (batch.count > batch.sends)
		again |= bulk_batch_received(bulk, batch.pieces[batch.sends]);
	return again;
}

static void bulk_pump(struct ffs_bulk *bulk)
{
	while (bulk_pump_once(bulk))
		;
	/* The host is to have what it waits for before another thread is woken. */
	if (!bulk->down && !bulk->asleep && !bulk->came && bulk_takes_packet(bulk))
		ffs_command_await(bulk->command, bulk->packet, bulk->arrival);
}

/* --- What has ended --- */

/* Whether the piece's end is a good one. */
static bool bulk_good(struct ffs_bulk *bulk, const struct aio_request *piece)
{
	if (piece->result >= 0)
		return true;
	if (piece->result == -ENOMEM && bulk->piece > BULK_PIECE_MIN)
		bulk->piece /= 2; /* for when the host has reset us */
	bulk->asleep = bulk->lost = true;
	bulk->failing |= !bulk_away(piece->result);
	return false;
}

/* A host that sends a command has all that was sent before; the kernel may say so later. */
static bool bulk_overtaken(const struct ffs_bulk *bulk)
{
	return bulk->came && bulk->expecting;
}

static void bulk_sent(struct ffs_bulk *bulk)
{
	struct aio_request *piece = bulk->sending;
	struct bulk_send *send = bulk_send_at(bulk, 0);
	bool good = !piece->ended || bulk_good(bulk, piece);

	send->moved += piece->size;
	bulk->sending = piece->next;
	if (!bulk->sending)
		bulk->sending_end = &bulk->sending;
	ffs_aio_forget(bulk->aio, piece);
	if (!good || bulk->lost || send->moved < send->size)
		return;
	bulk_send_done(bulk);
	bulk->events.sent(bulk->events.data);
}

static void bulk_received(struct ffs_bulk *bulk)
{
	struct aio_request *piece = bulk->receive.piece;
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
			ffs_aio_release(bulk->aio, piece);
			bulk->events.received(size, bulk->events.data);
			return;
		}
	}
	ffs_aio_release(bulk->aio, piece);
}

static void bulk_told(struct ffs_bulk *bulk)
{
	memcpy(bulk->receive.bytes, bulk->came, MIN(bulk->receive.size, bulk->came_size));
	bulk->came = NULL;
	bulk->receive.bytes = NULL;
	bulk->events.received(bulk->came_size, bulk->events.data);
}

static void bulk_dispatch(void *data)
{
	struct ffs_bulk *bulk = data;

	bulk->telling = true;
	/* The host waits, and knows more of the sends than the kernel tells: see bulk_overtaken. */
	if (!bulk_overtaken(bulk))
		ffs_aio_reap(bulk->aio);
	/* What is told may queue more or cancel all. */
	for (;;) {
		if (bulk->sending && (bulk->sending->ended || bulk_overtaken(bulk)))
			bulk_sent(bulk);
		else if (bulk->receive.bytes && bulk->came)
			bulk_told(bulk);
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

static void bulk_came(const uint8_t *bytes, long size, void *data)
{
	struct ffs_bulk *bulk = data;

	if (size >= 0) {
		bulk->came = bytes;
		bulk->came_size = (size_t)size;
	} else {
		bulk->asleep = true;
		bulk->failing |= !bulk_away(size);
	}
	bulk_dispatch(bulk);
}

static void bulk_late(void *data)
{
	struct ffs_bulk *bulk = data;

	bulk_dispatch(bulk);
	if (bulk->sending)
		bulk_look_later(bulk);
}

/* --- What the drive wants --- */

void ffs_bulk_receive(struct ffs_bulk *bulk, void *bytes, size_t size)
{
	bulk->receive.bytes = bytes;
	bulk->receive.size = size;
	bulk->receive.got = 0;
	bulk->expecting = false;
	if (bulk->receive.piece && bulk->receive.piece->ended && !bulk->telling)
		ffs_aio_wake(bulk->aio);
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
		struct aio_request *piece = bulk->sending;

		bulk->sending = piece->next;
		ffs_aio_drop(bulk->aio, piece);
	}
	bulk->sending_end = &bulk->sending;
	while (bulk->count > 0)
		bulk_send_done(bulk);
	if (bulk->receive.piece)
		ffs_aio_drop(bulk->aio, bulk->receive.piece);
	ffs_command_stop(bulk->command);
	bulk->came = NULL;
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
		ffs_aio_wake(bulk->aio);
	}
	bulk_pump(bulk);
}

/* --- Coming and going --- */

struct ffs_bulk *ffs_bulk_new(int in, int out, const struct ffs_bulk_events *events, GError **error)
{
	struct ffs_bulk *bulk = g_new0(struct ffs_bulk, 1);

	bulk->aio = ffs_aio_new(bulk_dispatch, bulk, error);
	bulk->command = bulk->aio ? ffs_command_new(out, bulk_came, bulk, error) : NULL;
	if (!bulk->command) {
		ffs_aio_close(bulk->aio);
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
	bulk->late = deadline_new(bulk_late, bulk);
	return bulk;
}

void ffs_bulk_close(struct ffs_bulk *bulk)
{
	if (!bulk)
		return;
	ffs_bulk_cancel(bulk);
	deadline_free(bulk->late);
	ffs_command_close(bulk->command);
	ffs_aio_close(bulk->aio);
	g_free(bulk);
}
