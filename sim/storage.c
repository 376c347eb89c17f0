/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include "sim/alarm.h"
#include "sim/cable.h"
#include "sim/storage.h"

#define STORAGE_CBW_SIZE        31         /* BOT, 5.1 */
#define STORAGE_CSW_SIZE        13         /* BOT, 5.2 */
#define STORAGE_CBW             0x43425355 /* their signatures */
#define STORAGE_CSW             0x53425355
#define STORAGE_PHASE_ERROR     2    /* BOT, table 5.3 */
#define STORAGE_REQUEST_SENSE   0x03 /* SPC-4, 6.39 */
#define STORAGE_CONTROL_TIME    5000 /* ms for a control request: USB 2.0, 9.2.6.1 */
#define STORAGE_MILLI           1000 /* microseconds */
#define STORAGE_CABLE_BURST     32   /* messages before others have their turn */
#define STORAGE_STATUS_ATTEMPTS 2    /* BOT, figure 2 */

enum storage_step {
	STORAGE_AWAY,
	STORAGE_RESETTING, /* the port */
	STORAGE_CONFIGURING,
	STORAGE_COUNTING, /* units */
	STORAGE_IDLE,
	STORAGE_COMMANDING,
	STORAGE_GIVING,
	STORAGE_TAKING,
	STORAGE_CLEARING, /* a halted endpoint; then the status */
	STORAGE_ASKING,   /* for the status */
	STORAGE_RECOVERING,
	STORAGE_RECOVERING_IN,
	STORAGE_RECOVERING_OUT,
	STORAGE_DEAD, /* no reset helped; the next command tries one again */
};

struct storage_request {
	struct storage_command command;
	uint8_t *copy; /* stands in for the bytes of one that was cancelled */
};

struct storage {
	int fd; /* the caller's */
	guint reading;
	unsigned int time_out;
	struct storage_events events;
	struct alarm *deadline, *late; /* late: requests that end without having been begun */
	bool powered, plugged;
	enum storage_step step;
	uint32_t serial; /* of the cable's request under way */
	GQueue requests; /* of struct storage_request *; the first one is under way */
	bool running;    /* it is */
	struct storage_outcome outcome;
	struct {
		uint8_t cdb[16];
		uint8_t cdb_size;
		bool out;
		uint8_t *bytes;
		size_t size, at;
		uint32_t tag;
		unsigned int attempts; /* at the status */
	} exchange;
	bool sensing; /* the exchange is not the request's, but asks why it failed */
	uint8_t sense[STORAGE_SENSE_SIZE];
	struct storage_stats stats;
	uint8_t message[sizeof(struct cable_head) + CABLE_PART];
};

static void storage_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> (8 * i);
}

static uint32_t storage_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* What cannot be said times out, like what is not answered. */
static void storage_say(struct storage *storage, enum storage_step step, enum cable_kind kind,
		uint32_t value, const void *bytes, size_t size)
{
	struct cable_head head = {kind, ++storage->serial, value};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)bytes, size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};

	storage->step = step;
	sendmsg(storage->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void storage_control(struct storage *storage, enum storage_step step, enum cable_kind kind)
{
	unsigned int most = MIN(storage->time_out, STORAGE_CONTROL_TIME);

	alarm_set(storage->deadline, g_get_monotonic_time() + (int64_t)most * STORAGE_MILLI);
	storage_say(storage, step, kind, 0, NULL, 0);
}

static void storage_reset_port(struct storage *storage)
{
	storage->stats.port_resets++;
	storage_control(storage, STORAGE_RESETTING, CABLE_PORT_RESET);
}

static void storage_recover(struct storage *storage)
{
	storage->stats.recoveries++;
	storage_say(storage, storage->step, CABLE_ABORT, 0, NULL, 0);
	storage_control(storage, STORAGE_RECOVERING, CABLE_BULK_RESET);
}

static void storage_request_free(gpointer data)
{
	struct storage_request *request = data;

	g_free(request->copy);
	g_free(request);
}

/* --- One command: CBW, data, CSW --- */

static void storage_exchange(struct storage *storage, const uint8_t *cdb, uint8_t cdb_size,
		bool out, void *bytes, size_t size)
{
	uint8_t cbw[STORAGE_CBW_SIZE] = {0};

	memcpy(storage->exchange.cdb, cdb, cdb_size);
	storage->exchange.cdb_size = cdb_size;
	storage->exchange.out = out;
	storage->exchange.bytes = bytes;
	storage->exchange.size = size;
	storage->exchange.at = 0;
	storage->exchange.attempts = 0;
	storage->exchange.tag++;
	storage_put32(cbw, STORAGE_CBW);
	storage_put32(cbw + 4, storage->exchange.tag);
	storage_put32(cbw + 8, (uint32_t)size);
	cbw[12] = out ? 0 : 0x80;
	cbw[14] = cdb_size;
	memcpy(cbw + 15, cdb, cdb_size);
	alarm_set(storage->deadline,
			g_get_monotonic_time() + (int64_t)storage->time_out * STORAGE_MILLI);
	storage_say(storage, STORAGE_COMMANDING, CABLE_OUT, 0, cbw, sizeof(cbw));
}

static void storage_begin(struct storage *storage)
{
	struct storage_request *request = g_queue_peek_head(&storage->requests);

	if (storage->running || !request)
		return;
	if (storage->step == STORAGE_DEAD) {
		storage_reset_port(storage);
		return;
	}
	if (storage->step != STORAGE_IDLE)
		return;
	storage->running = true;
	storage->sensing = false;
	storage->outcome = (struct storage_outcome){0};
	storage->stats.commands++;
	storage_exchange(storage, request->command.cdb, request->command.cdb_size,
			request->command.out, request->command.bytes, request->command.size);
}

/* The request under way is over; the next one may begin. */
static void storage_end(struct storage *storage, enum storage_result result)
{
	struct storage_outcome outcome = storage->outcome;
	struct storage_request *request;

	alarm_clear(storage->deadline);
	if (storage->running) {
		storage->running = false;
		request = g_queue_pop_head(&storage->requests);
		outcome.result = result;
		if (request->command.done)
			request->command.done(&outcome, request->command.data);
		storage_request_free(request);
	}
	storage_begin(storage);
}

static void storage_ask_status(struct storage *storage)
{
	storage_say(storage, STORAGE_ASKING, CABLE_IN, STORAGE_CSW_SIZE, NULL, 0);
}

static void storage_give(struct storage *storage)
{
	size_t part = MIN(storage->exchange.size - storage->exchange.at, CABLE_PART);

	storage_say(storage, STORAGE_GIVING, CABLE_OUT, 0,
			storage->exchange.bytes + storage->exchange.at, part);
}

static void storage_data_phase(struct storage *storage)
{
	if (storage->exchange.at == storage->exchange.size)
		storage_ask_status(storage);
	else if (storage->exchange.out)
		storage_give(storage);
	else
		storage_say(storage, STORAGE_TAKING, CABLE_IN, (uint32_t)storage->exchange.size,
				NULL, 0);
}

static void storage_ask_sense(struct storage *storage)
{
	static const uint8_t cdb[6] = {STORAGE_REQUEST_SENSE, 0, 0, 0, STORAGE_SENSE_SIZE};

	storage->sensing = true;
	memset(storage->sense, 0, sizeof(storage->sense));
	storage_exchange(storage, cdb, sizeof(cdb), false, storage->sense, sizeof(storage->sense));
}

/* Valid and meaningful: BOT, 6.3. */
static bool storage_status_valid(const struct storage *storage, const uint8_t *csw, size_t size)
{
	return size == STORAGE_CSW_SIZE && storage_get32(csw) == STORAGE_CSW &&
	       storage_get32(csw + 4) == storage->exchange.tag &&
	       storage_get32(csw + 8) <= storage->exchange.size && csw[12] < STORAGE_PHASE_ERROR;
}

static void storage_status(struct storage *storage, const uint8_t *csw, size_t size)
{
	size_t counts;

	if (size == 0 && ++storage->exchange.attempts < STORAGE_STATUS_ATTEMPTS) {
		storage_ask_status(storage); /* an empty packet too many */
		return;
	}
	if (!storage_status_valid(storage, csw, size)) {
		storage_recover(storage);
		return;
	}
	storage->step = STORAGE_IDLE;
	counts = storage->exchange.size - storage_get32(csw + 8);
	if (storage->sensing) {
		storage->outcome.sense.key = storage->sense[2] & 0x0f;
		storage->outcome.sense.code = storage->sense[12];
		storage->outcome.sense.qualifier = storage->sense[13];
		storage_end(storage, STORAGE_FAILED);
		return;
	}
	storage->outcome.moved = MIN(counts, storage->exchange.at);
	if (csw[12])
		storage_ask_sense(storage);
	else
		storage_end(storage, STORAGE_PASSED);
}

static void storage_taken(struct storage *storage, const uint8_t *bytes, size_t size)
{
	size_t room = storage->exchange.size - storage->exchange.at;

	memcpy(storage->exchange.bytes + storage->exchange.at, bytes, MIN(size, room));
	storage->exchange.at += MIN(size, room);
	if (size >= room || size % CABLE_PACKET != 0 || size == 0)
		storage_ask_status(storage);
}

static void storage_given(struct storage *storage, size_t size)
{
	storage->exchange.at += MIN(size, storage->exchange.size - storage->exchange.at);
	storage_data_phase(storage);
}

static void storage_stalled(struct storage *storage)
{
	storage->stats.stalls++;
	switch (storage->step) {
	case STORAGE_TAKING:
		storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_IN);
		break;
	case STORAGE_GIVING:
		storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_OUT);
		break;
	case STORAGE_ASKING:
		if (++storage->exchange.attempts < STORAGE_STATUS_ATTEMPTS)
			storage_control(storage, STORAGE_CLEARING, CABLE_CLEAR_IN);
		else
			storage_recover(storage);
		break;
	default:
		storage_recover(storage);
		break;
	}
}

/* --- Configuration and recovery --- */

/* What was given until now fails; what comes later tries again. */
static void storage_fail_all(struct storage *storage, enum storage_result result)
{
	GQueue failed = storage->requests;
	struct storage_request *request;

	g_queue_init(&storage->requests);
	storage->running = false;
	while ((request = g_queue_pop_head(&failed))) {
		struct storage_outcome outcome = {.result = result};

		if (request->command.done)
			request->command.done(&outcome, request->command.data);
		storage_request_free(request);
	}
}

static void storage_dead(struct storage *storage)
{
	storage->step = STORAGE_DEAD;
	alarm_clear(storage->deadline);
	storage_fail_all(storage, STORAGE_BROKEN);
}

static void storage_done(struct storage *storage, enum cable_kind kind)
{
	bool fresh = !storage->running;

	if (kind == CABLE_STALLED && storage->step == STORAGE_CONFIGURING) {
		storage_dead(storage);
		return;
	}
	switch (storage->step) {
	case STORAGE_RESETTING:
		storage_control(storage, STORAGE_CONFIGURING, CABLE_CONFIGURE);
		break;
	case STORAGE_CONFIGURING: /* a device may stall the next: BOT, 3.2 */
		storage_control(storage, STORAGE_COUNTING, CABLE_MAX_LUN);
		break;
	case STORAGE_COUNTING:
		storage->step = STORAGE_IDLE;
		storage_end(storage, STORAGE_BROKEN); /* the one that made this necessary */
		if (fresh)
			storage->events.ready(storage->events.data);
		break;
	case STORAGE_RECOVERING:
		storage_control(storage, STORAGE_RECOVERING_IN, CABLE_CLEAR_IN);
		break;
	case STORAGE_RECOVERING_IN:
		storage_control(storage, STORAGE_RECOVERING_OUT, CABLE_CLEAR_OUT);
		break;
	case STORAGE_RECOVERING_OUT:
		storage->step = STORAGE_IDLE;
		storage_end(storage, STORAGE_BROKEN);
		break;
	case STORAGE_CLEARING:
		storage_ask_status(storage);
		break;
	default:
		break;
	}
}

static void storage_too_late(void *data)
{
	struct storage *storage = data;

	storage->stats.time_outs++;
	switch (storage->step) {
	case STORAGE_RESETTING:
	case STORAGE_CONFIGURING:
	case STORAGE_COUNTING:
		storage_dead(storage);
		break;
	case STORAGE_RECOVERING:
	case STORAGE_RECOVERING_IN:
	case STORAGE_RECOVERING_OUT:
		storage_reset_port(storage);
		break;
	case STORAGE_AWAY:
	case STORAGE_IDLE:
	case STORAGE_DEAD:
		break;
	default:
		storage_recover(storage);
		break;
	}
}

static bool storage_present(const struct storage *storage)
{
	return storage->powered && storage->plugged;
}

static void storage_leave(struct storage *storage)
{
	bool was_there = storage->step != STORAGE_AWAY;

	storage->step = STORAGE_AWAY;
	storage->serial++;
	alarm_clear(storage->deadline);
	storage_fail_all(storage, STORAGE_GONE);
	if (was_there)
		storage->events.gone(storage->events.data);
}

static void storage_come(struct storage *storage)
{
	if (storage_present(storage))
		storage_control(storage, STORAGE_CONFIGURING, CABLE_CONFIGURE);
}

/* --- The cable --- */

static void storage_message(struct storage *storage, size_t size)
{
	const uint8_t *bytes = storage->message + sizeof(struct cable_head);
	struct cable_head head;

	if (size < sizeof(head))
		return;
	memcpy(&head, storage->message, sizeof(head));
	size -= sizeof(head);
	if (head.kind == CABLE_PLUGGED) {
		storage->plugged = true;
		storage_come(storage);
	} else if (head.kind == CABLE_UNPLUGGED) {
		storage->plugged = false;
		storage_leave(storage);
	} else if (head.serial != storage->serial) {
		return;
	} else if (storage->step == STORAGE_TAKING && head.kind == CABLE_DATA) {
		storage_taken(storage, bytes, size);
	} else if (storage->step == STORAGE_ASKING && head.kind == CABLE_DATA) {
		storage_status(storage, bytes, size);
	} else if (head.kind == CABLE_DONE &&
			(storage->step == STORAGE_COMMANDING || storage->step == STORAGE_GIVING)) {
		if (storage->step == STORAGE_GIVING)
			storage_given(storage, head.value);
		else
			storage_data_phase(storage);
	} else if (head.kind == CABLE_STALLED && storage->running &&
			storage->step >= STORAGE_COMMANDING && storage->step <= STORAGE_ASKING) {
		storage_stalled(storage);
	} else if (head.kind == CABLE_BABBLE) {
		storage_recover(storage);
	} else {
		storage_done(storage, head.kind);
	}
}

static gboolean storage_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct storage *storage = data;

	for (int i = 0; i < STORAGE_CABLE_BURST; i++) {
		ssize_t size = recv(fd, storage->message, sizeof(storage->message), MSG_DONTWAIT);

		if (size < 0 && (errno == EAGAIN || errno == EINTR))
			return G_SOURCE_CONTINUE;
		if (size <= 0) { /* no message is empty: pulled out */
			storage->reading = 0;
			storage->plugged = false;
			storage_leave(storage);
			return G_SOURCE_REMOVE;
		}
		storage_message(storage, (size_t)size);
	}
	return G_SOURCE_CONTINUE;
}

/* Commands that were given to a device that is not there. */
static void storage_late(void *data)
{
	struct storage *storage = data;

	if (storage->step == STORAGE_AWAY)
		storage_fail_all(storage, STORAGE_GONE);
}

struct storage *storage_new(int fd, unsigned int time_out, const struct storage_events *events)
{
	struct storage *storage = g_new0(struct storage, 1);

	storage->fd = fd;
	storage->time_out = time_out ? time_out : STORAGE_TIME_OUT;
	storage->events = *events;
	storage->deadline = alarm_new(storage_too_late, storage);
	storage->late = alarm_new(storage_late, storage);
	g_queue_init(&storage->requests);
	storage->reading = g_unix_fd_add(
			fd, G_IO_IN | G_IO_HUP | G_IO_ERR, storage_readable, storage);
	return storage;
}

void storage_power(struct storage *storage, bool on)
{
	if (!on && storage_present(storage))
		storage_say(storage, storage->step, CABLE_PORT_RESET, 0, NULL, 0);
	storage->powered = on;
	if (on)
		storage_come(storage);
	else
		storage_leave(storage);
}

void storage_unplug(struct storage *storage)
{
	storage_power(storage, false);
	if (storage->reading)
		g_source_remove(storage->reading);
	storage->reading = 0;
	storage->plugged = false;
	storage->fd = -1;
}

struct storage_request *storage_run(struct storage *storage, const struct storage_command *command)
{
	struct storage_request *request = g_new0(struct storage_request, 1);

	request->command = *command;
	g_queue_push_tail(&storage->requests, request);
	if (storage->step == STORAGE_AWAY)
		alarm_set(storage->late, 0);
	else
		storage_begin(storage);
	return request;
}

void storage_cancel(struct storage *storage, struct storage_request *request)
{
	bool under_way = storage->running && request == g_queue_peek_head(&storage->requests);

	if (!under_way) {
		if (g_queue_remove(&storage->requests, request))
			storage_request_free(request);
		return;
	}
	/* The device finishes it all the same. */
	request->copy = g_malloc0(MAX(request->command.size, 1));
	if (request->command.out)
		memcpy(request->copy, request->command.bytes, request->command.size);
	request->command.done = NULL;
	request->command.bytes = request->copy;
	if (!storage->sensing)
		storage->exchange.bytes = request->copy;
}

void storage_stats(const struct storage *storage, struct storage_stats *stats)
{
	*stats = storage->stats;
}

void storage_free(struct storage *storage)
{
	if (!storage)
		return;
	if (storage->reading)
		g_source_remove(storage->reading);
	g_queue_foreach(&storage->requests, (GFunc)(void (*)(void))storage_request_free, NULL);
	g_queue_clear(&storage->requests);
	alarm_free(storage->deadline);
	alarm_free(storage->late);
	g_free(storage);
}
