/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include "sim/alarm.h"
#include "sim/storage_private.h"

#define STORAGE_CONTROL_TIME 5000 /* ms for a control request: USB 2.0, 9.2.6.1 */
#define STORAGE_CABLE_BURST  32   /* messages before others have their turn */

void storage_say(struct storage *storage, enum storage_step step, enum cable_kind kind,
		uint32_t value, const void *bytes, size_t size)
{
	struct cable_head head = {kind, ++storage->serial, value};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)bytes, size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};

	storage->step = step;
	sendmsg(storage->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void storage_control(struct storage *storage, enum storage_step step, enum cable_kind kind)
{
	unsigned int most = MIN(storage->time_out, STORAGE_CONTROL_TIME);

	alarm_set(storage->deadline, g_get_monotonic_time() + (int64_t)most * STORAGE_MILLI);
	storage_say(storage, step, kind, 0, NULL, 0);
}

void storage_reset_port(struct storage *storage)
{
	storage->stats.port_resets++;
	storage_control(storage, STORAGE_RESETTING, CABLE_PORT_RESET);
}

void storage_recover(struct storage *storage)
{
	storage->stats.recoveries++;
	storage_say(storage, storage->step, CABLE_ABORT, 0, NULL, 0);
	storage_control(storage, STORAGE_RECOVERING, CABLE_BULK_RESET);
}

void storage_request_free(gpointer data)
{
	struct storage_request *request = data;

	g_free(request->copy);
	g_free(request);
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
	} else if (storage_exchange_message(storage, &head, bytes, size)) {
		return;
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
