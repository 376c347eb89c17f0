/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/usb/functionfs.h>
#include <string.h>
#include <unistd.h>
#include "gadget/ffs_bulk.h"
#include "gadget/ffs_bus.h"

/* USB Mass Storage Bulk-Only Transport 1.0, 3.1 and 3.2: requests of the class to the interface */
#define FFS_RESET        0xff
#define FFS_MAX_LUN      0xfe
#define FFS_CLASS_OUT    (USB_DIR_OUT | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define FFS_CLASS_IN     (USB_DIR_IN | USB_TYPE_CLASS | USB_RECIP_INTERFACE)
#define FFS_EVENTS       4   /* as many as the kernel keeps */
#define FFS_HALT_MS      20  /* between halting endpoints again that the host may have cleared */
#define FFS_ANSWER_TRIES 500 /* of 1 ms: another holds ep0 for a moment */

enum ffs_halt { FFS_HALT_IN = 1, FFS_HALT_OUT = 2 };

struct ffs_bus {
	struct drive_bus bus;
	struct ffs ffs; /* the caller's */
	struct ffs_bulk *bulk;
	ffs_bus_replug_fn replug;
	void *data;
	guint watch;
	struct ffs_answer *answer; /* under way; then nobody watches */
	bool enabled;
	unsigned int halting; /* enum ffs_halt: could not be halted yet */
	guint halt_timer;
};

static struct ffs_bus *ffs_bus_of(struct drive_bus *bus)
{
	return (struct ffs_bus *)bus; /* its first member */
}

/* --- Halting --- */

static void ffs_bus_halt_now(struct ffs_bus *bus)
{
	if (bus->halting & FFS_HALT_IN && ffs_bulk_halt(bus->bulk, true))
		bus->halting &= ~FFS_HALT_IN;
	if (bus->halting & FFS_HALT_OUT && ffs_bulk_halt(bus->bulk, false))
		bus->halting &= ~FFS_HALT_OUT;
}

/*
 * FunctionFS has no endpoints that stay halted, nor does it tell when the host clears one: after a
 * bad command they are halted again and again until the host resets (BOT, 6.6.1). Nothing is queued
 * there meanwhile, so that a host in between just waits.
 */
static gboolean ffs_bus_halt_again(gpointer data)
{
	struct ffs_bus *bus = data;
	bool stay = bus->bus.drive && drive_bus_halted(&bus->bus);

	if (stay)
		bus->halting = FFS_HALT_IN | FFS_HALT_OUT;
	ffs_bus_halt_now(bus);
	if (stay || bus->halting)
		return G_SOURCE_CONTINUE;
	bus->halt_timer = 0;
	return G_SOURCE_REMOVE;
}

static void ffs_bus_halt(struct ffs_bus *bus, enum ffs_halt endpoint)
{
	bus->halting |= endpoint;
	ffs_bus_halt_now(bus);
	if (!bus->halt_timer)
		bus->halt_timer = g_timeout_add(FFS_HALT_MS, ffs_bus_halt_again, bus);
}

/* --- What the drive wants --- */

static void ffs_bus_receive(struct drive_bus *bus, void *bytes, size_t size)
{
	ffs_bulk_receive(ffs_bus_of(bus)->bulk, bytes, size);
}

static void ffs_bus_send(struct drive_bus *bus, const void *bytes, size_t size)
{
	ffs_bulk_send(ffs_bus_of(bus)->bulk, bytes, size);
	/* After the status the host sends the next command, and nothing else (BOT, 3.3). */
	if (size == BOT_CSW_SIZE && !memcmp(bytes, "USBS", 4))
		ffs_bulk_expect(ffs_bus_of(bus)->bulk);
}

static void ffs_bus_cancel(struct drive_bus *bus)
{
	ffs_bulk_cancel(ffs_bus_of(bus)->bulk);
	ffs_bus_of(bus)->halting = 0;
}

static void ffs_bus_keep(struct drive_bus *bus)
{
	ffs_bulk_keep(ffs_bus_of(bus)->bulk);
}

static void ffs_bus_commit(struct drive_bus *bus)
{
	ffs_bulk_commit(ffs_bus_of(bus)->bulk);
}

static void ffs_bus_stall_in(struct drive_bus *bus)
{
	ffs_bus_halt(ffs_bus_of(bus), FFS_HALT_IN);
}

static void ffs_bus_stall_out(struct drive_bus *bus)
{
	ffs_bus_halt(ffs_bus_of(bus), FFS_HALT_OUT);
}

static void ffs_bus_replug(struct drive_bus *bus)
{
	ffs_bus_of(bus)->replug(ffs_bus_of(bus)->data);
}

static const struct drive_bus_ops ffs_bus_ops = {
		.receive = ffs_bus_receive,
		.send = ffs_bus_send,
		.cancel = ffs_bus_cancel,
		.keep = ffs_bus_keep,
		.commit = ffs_bus_commit,
		.stall_in = ffs_bus_stall_in,
		.stall_out = ffs_bus_stall_out,
		.replug = ffs_bus_replug,
};

/* --- What the endpoints tell --- */

static void ffs_bus_received(size_t size, void *data)
{
	struct ffs_bus *bus = data;

	if (bus->bus.drive)
		drive_bus_received(&bus->bus, size);
}

static void ffs_bus_sent(void *data)
{
	struct ffs_bus *bus = data;

	if (bus->bus.drive)
		drive_bus_sent(&bus->bus);
}

static void ffs_bus_broken(void *data)
{
	struct ffs_bus *bus = data;

	if (bus->bus.drive)
		drive_bus_broken(&bus->bus);
}

/* --- Control requests --- */

struct ffs_answer {
	struct ffs_bus *bus; /* main thread only; NULL: closed meanwhile */
	int ep0;             /* of its own */
	bool max_lun;
};

static void ffs_bus_watch(struct ffs_bus *bus);

static gboolean ffs_bus_answered(gpointer data)
{
	struct ffs_answer *answer = data;

	if (answer->bus) {
		answer->bus->answer = NULL;
		ffs_bus_watch(answer->bus);
	}
	g_free(answer);
	return G_SOURCE_REMOVE;
}

/* The kernel returns when the host has taken the answer, or the bus was reset. */
static gpointer ffs_bus_answer(gpointer data)
{
	struct ffs_answer *answer = data;
	uint8_t last = 0; /* logical unit */

	for (int i = 0; i < FFS_ANSWER_TRIES; i++) {
		ssize_t result = answer->max_lun ? write(answer->ep0, &last, 1)
						 : read(answer->ep0, &last, 0);

		if (result >= 0 || errno != EAGAIN)
			break;
		g_usleep(1000);
	}
	close(answer->ep0);
	g_idle_add_full(G_PRIORITY_HIGH, ffs_bus_answered, answer, NULL);
	return NULL;
}

/* Nobody reads events meanwhile: with a request pending that would be an answer to it, a refusal.
 */
static bool ffs_bus_answer_begin(struct ffs_bus *bus, bool max_lun)
{
	struct ffs_answer *answer = g_new(struct ffs_answer, 1);
	GThread *thread;

	answer->bus = bus;
	answer->ep0 = fcntl(bus->ffs.ep0, F_DUPFD_CLOEXEC, 0);
	answer->max_lun = max_lun;
	thread = answer->ep0 >= 0 ? g_thread_try_new("ep0", ffs_bus_answer, answer, NULL) : NULL;
	if (thread) {
		bus->answer = answer;
		g_thread_unref(thread);
		return true;
	}
	if (answer->ep0 >= 0)
		close(answer->ep0);
	g_free(answer);
	return false;
}

/* I/O in the wrong direction refuses, and does not wait for the host. */
static void ffs_bus_refuse(struct ffs_bus *bus, const struct usb_ctrlrequest *setup)
{
	uint8_t byte = 0;
	ssize_t unused = setup->bRequestType & USB_DIR_IN ? read(bus->ffs.ep0, &byte, 1)
							  : write(bus->ffs.ep0, &byte, 1);

	(void)unused;
}

static void ffs_bus_setup(struct ffs_bus *bus, const struct usb_ctrlrequest *setup)
{
	bool max_lun = setup->bRequestType == FFS_CLASS_IN && setup->bRequest == FFS_MAX_LUN &&
		       setup->wValue == 0 && le16toh(setup->wLength) >= 1;
	bool reset = setup->bRequestType == FFS_CLASS_OUT && setup->bRequest == FFS_RESET &&
		     setup->wValue == 0 && setup->wLength == 0;

	if (reset) {
		bus->halting = 0;
		if (bus->bus.drive)
			drive_bus_reset(&bus->bus);
	}
	if (!(max_lun || reset) || !ffs_bus_answer_begin(bus, max_lun))
		ffs_bus_refuse(bus, setup);
}

/* --- Events --- */

/* told: drive_bus_enabled or drive_bus_resumed. */
static void ffs_bus_up(struct ffs_bus *bus, void (*told)(struct drive_bus *, size_t))
{
	size_t packet = ffs_packet(&bus->ffs);

	if (!packet) /* gone again, which is told next */
		return;
	bus->enabled = true;
	ffs_bulk_set_arrival(bus->bulk, bus->bus.arrival);
	ffs_bulk_up(bus->bulk, packet);
	if (bus->bus.drive)
		told(&bus->bus, packet);
}

static void ffs_bus_enabled(struct ffs_bus *bus)
{
	ffs_bus_up(bus, drive_bus_enabled);
}

static void ffs_bus_disabled(struct ffs_bus *bus)
{
	bus->halting = 0;
	bus->enabled = false;
	if (bus->bus.drive)
		drive_bus_disabled(&bus->bus);
	ffs_bulk_down(bus->bulk);
}

/* Events of a kind are merged while nobody reads them, so each is taken as a state. */
static void ffs_bus_event(struct ffs_bus *bus, const struct usb_functionfs_event *event)
{
	switch (event->type) {
	case FUNCTIONFS_ENABLE:
		ffs_bus_enabled(bus);
		break;
	case FUNCTIONFS_DISABLE:
	case FUNCTIONFS_UNBIND:
		ffs_bus_disabled(bus);
		break;
	case FUNCTIONFS_RESUME:
		ffs_bulk_resume(bus->bulk);
		break;
	case FUNCTIONFS_SETUP:
		ffs_bus_setup(bus, &event->u.setup);
		break;
	default: /* BIND, SUSPEND: seen in the port's state */
		break;
	}
}

static gboolean ffs_bus_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct ffs_bus *bus = data;
	struct usb_functionfs_event events[FFS_EVENTS];
	ssize_t size = read(fd, events, sizeof(events));
	bool gone = size < 0 && errno == EBADFD; /* not: a request that the host took back */

	for (ssize_t i = 0; i < size / (ssize_t)sizeof(events[0]); i++)
		ffs_bus_event(bus, &events[i]);
	if (!bus->answer && !gone)
		return G_SOURCE_CONTINUE;
	bus->watch = 0;
	/* The function is gone; the hub sees that its port is not bound. */
	if (gone)
		ffs_bus_disabled(bus);
	return G_SOURCE_REMOVE;
}

/* Before the endpoints' ends: what they say is void when the configuration changed. */
static void ffs_bus_watch(struct ffs_bus *bus)
{
	bus->watch = g_unix_fd_add_full(G_PRIORITY_HIGH, bus->ffs.ep0,
			G_IO_IN | G_IO_ERR | G_IO_HUP, ffs_bus_ready, bus, NULL);
}

/* --- Coming and going --- */

struct ffs_bus *ffs_bus_new(
		const struct ffs *ffs, ffs_bus_replug_fn replug, void *data, GError **error)
{
	struct ffs_bus *bus = g_new0(struct ffs_bus, 1);
	const struct ffs_bulk_events events = {
			.received = ffs_bus_received,
			.sent = ffs_bus_sent,
			.broken = ffs_bus_broken,
			.data = bus,
	};

	bus->bus.ops = &ffs_bus_ops;
	bus->ffs = *ffs;
	bus->replug = replug;
	bus->data = data;
	bus->bulk = ffs_bulk_new(ffs->in, ffs->out, &events, error);
	if (bus->bulk)
		return bus;
	g_free(bus);
	return NULL;
}

struct drive_bus *ffs_bus_drive(struct ffs_bus *bus)
{
	return &bus->bus;
}

void ffs_bus_start(struct ffs_bus *bus)
{
	bool configured = ffs_packet(&bus->ffs) > 0;

	/* What is still to be read tells more, that it was just configured for one. */
	if (ffs_bus_ready(bus->ffs.ep0, G_IO_IN, bus) == G_SOURCE_CONTINUE)
		ffs_bus_watch(bus);
	if (configured && !bus->enabled)
		ffs_bus_up(bus, drive_bus_resumed);
}

void ffs_bus_close(struct ffs_bus *bus)
{
	if (!bus)
		return;
	if (bus->watch)
		g_source_remove(bus->watch);
	if (bus->answer)
		bus->answer->bus = NULL;
	if (bus->halt_timer)
		g_source_remove(bus->halt_timer);
	ffs_bulk_close(bus->bulk);
	g_free(bus);
}
