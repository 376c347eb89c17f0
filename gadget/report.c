/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <unistd.h>
#include "gadget/report.h"

/* More output reports than this wait for the next turn of the main loop. */
#define REPORT_READS 16

enum report_node {
	REPORT_LISTENS,
	REPORT_STALLS,
	REPORT_AWAY,
};

struct report {
	int fd; /* the caller's; -1: none */
	size_t size;
	struct report_events events;
	enum report_node node;
	bool anew;   /* the node was away and has heard nothing since */
	bool socket; /* or a device */
	bool deaf;   /* reading failed or met the end: it would return at once, for ever */
	GIOCondition condition; /* watched for */
	guint watch;
	guint timer;   /* listening: until it counts as stalled; away: until the next try */
	guint delay;   /* before the next try, ms */
	int64_t taken; /* when the node last made room, us */
	int64_t tried; /* when an away node was last tried, us */
};

static gboolean report_ready(gint fd, GIOCondition condition, gpointer data);

static void report_watch(struct report *report, GIOCondition condition)
{
	if (report->watch && report->condition == condition)
		return;
	if (report->watch)
		g_source_remove(report->watch);
	report->condition = condition;
	/* Even a watch for nothing reports errors, so an idle channel has none at all. */
	report->watch = condition ? g_unix_fd_add(report->fd, condition, report_ready, report) : 0;
}

static GIOCondition report_input(const struct report *report)
{
	return report->deaf ? 0 : G_IO_IN;
}

static void report_timer_stop(struct report *report)
{
	if (report->timer)
		g_source_remove(report->timer);
	report->timer = 0;
}

static void report_node(struct report *report, enum report_node node)
{
	bool listened = report_listening(report);

	report->node = node;
	if (node != REPORT_LISTENS)
		report->events.forget(report->events.data);
	if (report->events.listening && listened != report_listening(report))
		report->events.listening(!listened, report->events.data);
}

static gboolean report_stalled(gpointer data)
{
	struct report *report = data;

	report->timer = 0;
	report_node(report, REPORT_STALLS);
	return G_SOURCE_REMOVE;
}

static gboolean report_try(gpointer data);

static void report_away(struct report *report)
{
	report_timer_stop(report);
	if (report->node != REPORT_AWAY)
		report->delay = REPORT_PROBE_MIN_MS;
	report->anew = true;
	report->deaf = false;
	report->tried = g_get_monotonic_time();
	report->timer = g_timeout_add(report->delay, report_try, report);
	report_node(report, REPORT_AWAY);
}

static void report_held_back(struct report *report)
{
	int64_t left = report->taken + REPORT_STALL_MS * 1000 - g_get_monotonic_time();

	report_watch(report, report_input(report) | G_IO_OUT);
	if (report->node == REPORT_AWAY) {
		/* A node without room is one that a host has configured. */
		report_timer_stop(report);
		left = 0;
	}
	if (report->node == REPORT_STALLS || report->timer)
		return;
	if (left <= 0)
		report_node(report, REPORT_STALLS);
	else
		report->timer = g_timeout_add(left / 1000 + 1, report_stalled, report);
}

static ssize_t report_write(struct report *report, const uint8_t *bytes)
{
	ssize_t size;

	do {
		/* A socket's write would raise SIGPIPE when the other end has gone. */
		size = report->socket ? send(report->fd, bytes, report->size, MSG_NOSIGNAL)
				      : write(report->fd, bytes, report->size);
	} while (size < 0 && errno == EINTR);
	return size;
}

/* Sends what there is; returns whether the node took any. */
static bool report_send(struct report *report)
{
	uint8_t bytes[REPORT_MAX];
	bool any = false;

	while (report->events.next(bytes, report->anew, report->events.data)) {
		if (report_write(report, bytes) < 0) {
			if (errno == EAGAIN)
				report_held_back(report);
			else
				report_away(report);
			return any;
		}
		any = true;
		report->anew = false;
		report->taken = g_get_monotonic_time();
		report_timer_stop(report);
		report->events.taken(report->events.data);
		report_node(report, REPORT_LISTENS);
	}
	report_timer_stop(report);
	report_watch(report, report_input(report));
	return any;
}

static gboolean report_try(gpointer data)
{
	struct report *report = data;

	report->timer = 0;
	report->delay = MIN(report->delay * 2, REPORT_PROBE_MAX_MS);
	report_send(report);
	return G_SOURCE_REMOVE;
}

void report_flush(struct report *report)
{
	int64_t since = g_get_monotonic_time() - report->tried;

	if (report->fd < 0)
		return;
	if (report->condition & G_IO_OUT)
		return; /* the watch will tell */
	if (report->node == REPORT_AWAY) {
		/* Some drivers log each refused write: the timer tries, soon. */
		if (since < REPORT_PROBE_MIN_MS * 1000)
			return;
		report->delay = REPORT_PROBE_MIN_MS;
	}
	report_send(report);
}

static void report_read(struct report *report)
{
	uint8_t bytes[64];

	for (int i = 0; i < REPORT_READS; i++) {
		ssize_t size = read(report->fd, bytes, sizeof(bytes));

		if (size < 0 && errno == EINTR)
			continue;
		/* A host may send an empty report through hidg; on a socket it means the end. */
		if (size == 0 ? report->socket : size < 0 && errno != EAGAIN)
			report->deaf = true;
		if (size <= 0)
			break;
		if (report->events.output)
			report->events.output(
					bytes, MIN((size_t)size, REPORT_MAX), report->events.data);
	}
}

static gboolean report_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct report *report = data;

	if (condition & G_IO_IN) {
		report_read(report);
		report_watch(report, report_input(report) | (report->condition & G_IO_OUT));
	}
	if (condition & (G_IO_HUP | G_IO_ERR | G_IO_NVAL)) {
		/* Poll reports these for as long as they last, asked or not. */
		report_watch(report, 0);
		report_away(report);
	} else if (condition & G_IO_OUT) {
		report_watch(report, report_input(report));
		report->taken = g_get_monotonic_time();
		report_timer_stop(report);
		if (!report_send(report) && report->condition & G_IO_OUT) {
			/* Some controllers say that they are writable and refuse all the same. */
			report_watch(report, report_input(report));
			report_away(report);
		} else if (report->node == REPORT_STALLS) {
			report_node(report, REPORT_LISTENS);
		}
	} else if (report->node == REPORT_AWAY) {
		report_send(report); /* it speaks, so it may listen */
	}
	return G_SOURCE_CONTINUE;
}

struct report *report_new(int fd, size_t size, const struct report_events *events)
{
	struct report *report = g_new0(struct report, 1);

	g_assert(size <= REPORT_MAX);
	report->fd = -1;
	report->size = size;
	report_attach(report, fd);
	report->events = *events;
	return report;
}

void report_attach(struct report *report, int fd)
{
	int type;
	socklen_t length = sizeof(type);
	bool listened = report_listening(report);

	report_timer_stop(report);
	report_watch(report, 0);
	report->fd = fd;
	report->node = REPORT_LISTENS;
	report->anew = false;
	report->deaf = false;
	report->taken = g_get_monotonic_time();
	report->socket = fd >= 0 && getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
	if (fd >= 0)
		report_watch(report, G_IO_IN);
	if (report->events.listening && listened != report_listening(report))
		report->events.listening(!listened, report->events.data);
}

void report_renew(struct report *report)
{
	if (report->fd < 0)
		return;
	report->anew = true;
	if (report->deaf) {
		/* The kernel refuses reads while the node takes a device away; this one is back. */
		report->deaf = false;
		report_watch(report, report->condition | G_IO_IN);
	}
	report_flush(report);
}

bool report_listening(const struct report *report)
{
	return report->fd >= 0 && report->node == REPORT_LISTENS;
}

void report_close(struct report *report)
{
	if (!report)
		return;
	report_timer_stop(report);
	report_watch(report, 0);
	g_free(report);
}
