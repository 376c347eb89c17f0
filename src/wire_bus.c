/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include "gadget/bot.h"
#include "gadget/drive_bus.h"
#include "sim/cable.h"
#include "src/wire_bus.h"

#define WIRE_SENDS (BOT_DEPTH_MAX + 4) /* all slots, an empty packet, a CSW */

struct wire_send {
	const uint8_t *bytes;
	size_t size, at;
};

struct wire_bus {
	struct drive_bus bus; /* first */
	int fd;               /* the caller's */
	guint reading, writing, later;
	void (*connected)(bool connected, void *data);
	void *data;
	bool working, configured, replug;
	bool halted_in, halted_out;

	/* Bulk OUT: what the host sends, and where the drive wants it. */
	bool out;
	uint32_t out_serial;
	uint8_t out_bytes[CABLE_PART];
	size_t out_size, out_at;
	uint8_t *into;
	size_t into_size, into_at;

	/* Bulk IN: what the host asks for, and what the drive has. */
	bool in;
	uint32_t in_serial;
	size_t in_left;
	struct wire_send sends[WIRE_SENDS];
	unsigned int sends_first, sends_count;

	uint8_t message[sizeof(struct cable_head) + CABLE_PART];
};

static struct wire_bus *wire_bus_of(struct drive_bus *bus)
{
	return (struct wire_bus *)bus;
}

/* What does not fit is lost, and the host times out; but it never has so much under way. */
static bool wire_bus_say(struct wire_bus *wire, enum cable_kind kind, uint32_t serial,
		uint32_t value, const void *bytes, size_t size)
{
	struct cable_head head = {kind, serial, value};
	struct iovec parts[] = {{&head, sizeof(head)}, {(void *)(uintptr_t)bytes, size}};
	struct msghdr message = {.msg_iov = parts, .msg_iovlen = size > 0 ? 2 : 1};

	return sendmsg(wire->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0 ||
	       (errno != EAGAIN && errno != EINTR && errno != ENOBUFS);
}

/* --- Bulk endpoints --- */

/* The drive's request ends when it is full, to the end of a packet, or by a short packet. */
static bool wire_bus_take(struct wire_bus *wire)
{
	size_t room, take, fits;
	bool ends;

	if (wire->out && wire->halted_out) {
		wire->out = false;
		wire_bus_say(wire, CABLE_STALLED, wire->out_serial, 0, NULL, 0);
		return true;
	}
	if (!wire->out || !wire->into)
		return false;
	room = (wire->into_size + CABLE_PACKET - 1) / CABLE_PACKET * CABLE_PACKET - wire->into_at;
	take = MIN(room, wire->out_size - wire->out_at);
	if (wire->into_at < wire->into_size) {
		fits = MIN(take, wire->into_size - wire->into_at);
		memcpy(wire->into + wire->into_at, wire->out_bytes + wire->out_at, fits);
	}
	wire->into_at += take;
	wire->out_at += take;
	ends = take == room || take % CABLE_PACKET != 0 || take == 0;
	if (wire->out_at == wire->out_size) {
		wire->out = false;
		wire_bus_say(wire, CABLE_DONE, wire->out_serial, wire->out_at, NULL, 0);
	}
	if (ends) {
		wire->into = NULL;
		drive_bus_received(&wire->bus, wire->into_at);
	}
	return true;
}

static gboolean wire_bus_writable(gint fd, GIOCondition condition, gpointer data);

static bool wire_bus_give(struct wire_bus *wire)
{
	struct wire_send *send = &wire->sends[wire->sends_first];
	size_t size;

	if (wire->in && wire->halted_in) {
		wire->in = false;
		wire_bus_say(wire, CABLE_STALLED, wire->in_serial, 0, NULL, 0);
		return true;
	}
	if (!wire->in || wire->sends_count == 0)
		return false;
	size = MIN(send->size - send->at, CABLE_PART);
	if (size > wire->in_left)
		size = wire->in_left / CABLE_PACKET * CABLE_PACKET;
	if (size == 0 && send->size > send->at) {
		wire->in = false;
		wire_bus_say(wire, CABLE_BABBLE, wire->in_serial, 0, NULL, 0);
		return true;
	}
	if (!wire_bus_say(wire, CABLE_DATA, wire->in_serial, 0, send->bytes + send->at, size)) {
		if (!wire->writing)
			wire->writing = g_unix_fd_add(wire->fd, G_IO_OUT, wire_bus_writable, wire);
		return false;
	}
	send->at += size;
	wire->in_left -= size;
	if (wire->in_left == 0 || size % CABLE_PACKET != 0 || size == 0)
		wire->in = false;
	if (send->at == send->size) {
		wire->sends_first = (wire->sends_first + 1) % WIRE_SENDS;
		wire->sends_count--;
		drive_bus_sent(&wire->bus);
	}
	return true;
}

static void wire_bus_drop(struct wire_bus *wire)
{
	wire->sends_first = wire->sends_count = 0;
	wire->into = NULL;
}

static void wire_bus_set_configured(struct wire_bus *wire, bool configured)
{
	if (wire->configured == configured)
		return;
	wire->configured = configured;
	if (wire->connected)
		wire->connected(configured, wire->data);
}

static void wire_bus_unconfigure(struct wire_bus *wire)
{
	wire->in = wire->out = false;
	wire->halted_in = wire->halted_out = false;
	if (wire->configured && wire->bus.drive)
		drive_bus_disabled(&wire->bus);
	wire_bus_set_configured(wire, false);
}

/* What the drive asks for meanwhile is done in the same turn. */
static void wire_bus_work(struct wire_bus *wire)
{
	bool moved = true;

	if (wire->working)
		return;
	wire->working = true;
	if (wire->replug) {
		wire->replug = false;
		wire_bus_unconfigure(wire);
		wire_bus_say(wire, CABLE_UNPLUGGED, 0, 0, NULL, 0);
		wire_bus_say(wire, CABLE_PLUGGED, 0, 0, NULL, 0);
	}
	while (moved && wire->bus.drive) {
		moved = wire_bus_take(wire);
		moved |= wire->bus.drive && wire_bus_give(wire);
	}
	wire->working = false;
}

static gboolean wire_bus_writable(gint fd, GIOCondition condition, gpointer data)
{
	struct wire_bus *wire = data;

	wire->writing = 0;
	wire_bus_work(wire);
	return G_SOURCE_REMOVE;
}

/* --- What the host says --- */

static void wire_bus_control(struct wire_bus *wire, const struct cable_head *head)
{
	enum cable_kind answer = CABLE_DONE;

	switch (head->kind) {
	case CABLE_PORT_RESET:
		wire_bus_unconfigure(wire);
		break;
	case CABLE_CONFIGURE:
		wire_bus_unconfigure(wire);
		drive_bus_enabled(&wire->bus, CABLE_PACKET);
		wire_bus_set_configured(wire, true);
		break;
	case CABLE_MAX_LUN: /* 0: one unit */
		break;
	case CABLE_BULK_RESET:
		wire->in = wire->out = false;
		drive_bus_reset(&wire->bus);
		break;
	/* After a bad CBW an endpoint halts anew until the reset: BOT, 6.6.1. */
	case CABLE_CLEAR_IN:
		wire->halted_in = drive_bus_halted(&wire->bus);
		break;
	case CABLE_CLEAR_OUT:
		wire->halted_out = drive_bus_halted(&wire->bus);
		break;
	default:
		answer = CABLE_STALLED;
		break;
	}
	wire_bus_say(wire, answer, head->serial, 0, NULL, 0);
}

static void wire_bus_message(struct wire_bus *wire, size_t size)
{
	struct cable_head head;

	if (size < sizeof(head) || !wire->bus.drive)
		return;
	memcpy(&head, wire->message, sizeof(head));
	size -= sizeof(head);
	switch (head.kind) {
	case CABLE_IN:
		wire->in = wire->configured;
		wire->in_serial = head.serial;
		wire->in_left = head.value;
		break;
	case CABLE_OUT:
		wire->out = wire->configured;
		wire->out_serial = head.serial;
		wire->out_size = size;
		wire->out_at = 0;
		memcpy(wire->out_bytes, wire->message + sizeof(head), size);
		break;
	case CABLE_ABORT:
		wire->in = wire->out = false;
		break;
	default:
		wire_bus_control(wire, &head);
		break;
	}
	wire_bus_work(wire);
}

static gboolean wire_bus_readable(gint fd, GIOCondition condition, gpointer data)
{
	struct wire_bus *wire = data;
	ssize_t size = recv(fd, wire->message, sizeof(wire->message), MSG_DONTWAIT);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (size <= 0) { /* no message is empty: the node is gone */
		wire->reading = 0;
		wire_bus_unconfigure(wire);
		return G_SOURCE_REMOVE;
	}
	wire_bus_message(wire, (size_t)size);
	return G_SOURCE_CONTINUE;
}

/* --- What the drive says: it is not to be called back before it has returned --- */

static gboolean wire_bus_go_on(gpointer data)
{
	struct wire_bus *wire = data;

	wire->later = 0;
	wire_bus_work(wire);
	return G_SOURCE_REMOVE;
}

static void wire_bus_work_later(struct wire_bus *wire)
{
	if (!wire->working && !wire->later)
		wire->later = g_idle_add_full(G_PRIORITY_DEFAULT, wire_bus_go_on, wire, NULL);
}

static void wire_bus_receive(struct drive_bus *bus, void *bytes, size_t size)
{
	struct wire_bus *wire = wire_bus_of(bus);

	wire->into = bytes;
	wire->into_size = size;
	wire->into_at = 0;
	wire_bus_work_later(wire);
}

static void wire_bus_send(struct drive_bus *bus, const void *bytes, size_t size)
{
	struct wire_bus *wire = wire_bus_of(bus);
	unsigned int at = (wire->sends_first + wire->sends_count) % WIRE_SENDS;

	g_return_if_fail(wire->sends_count < WIRE_SENDS);
	wire->sends[at] = (struct wire_send){bytes, size, 0};
	wire->sends_count++;
	wire_bus_work_later(wire);
}

static void wire_bus_cancel(struct drive_bus *bus)
{
	wire_bus_drop(wire_bus_of(bus));
}

static void wire_bus_stall_in(struct drive_bus *bus)
{
	wire_bus_of(bus)->halted_in = true;
	wire_bus_work_later(wire_bus_of(bus));
}

static void wire_bus_stall_out(struct drive_bus *bus)
{
	wire_bus_of(bus)->halted_out = true;
	wire_bus_work_later(wire_bus_of(bus));
}

static void wire_bus_replug(struct drive_bus *bus)
{
	wire_bus_of(bus)->replug = true;
	wire_bus_work_later(wire_bus_of(bus));
}

static const struct drive_bus_ops wire_bus_ops = {
		.receive = wire_bus_receive,
		.send = wire_bus_send,
		.cancel = wire_bus_cancel,
		.stall_in = wire_bus_stall_in,
		.stall_out = wire_bus_stall_out,
		.replug = wire_bus_replug,
};

struct wire_bus *wire_bus_open(struct drive *drive, int fd,
		void (*connected)(bool connected, void *data), void *data)
{
	struct wire_bus *wire = g_new0(struct wire_bus, 1);

	wire->connected = connected;
	wire->data = data;
	wire->bus.ops = &wire_bus_ops;
	wire->fd = fd;
	wire->reading = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, wire_bus_readable, wire);
	drive_attach(drive, &wire->bus);
	wire_bus_say(wire, CABLE_PLUGGED, 0, 0, NULL, 0);
	return wire;
}

void wire_bus_close(struct wire_bus *wire)
{
	if (!wire)
		return;
	wire_bus_unconfigure(wire);
	if (wire->bus.drive)
		drive_detach(wire->bus.drive);
	wire_bus_say(wire, CABLE_UNPLUGGED, 0, 0, NULL, 0);
	if (wire->reading)
		g_source_remove(wire->reading);
	if (wire->writing)
		g_source_remove(wire->writing);
	if (wire->later)
		g_source_remove(wire->later);
	g_free(wire);
}
