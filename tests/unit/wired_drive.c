/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/unit/wired_drive.h"

static void wired_drive_ejected(void *data)
{
	struct wired_drive *wired = data;

	wired->ejected++;
}

static void wired_drive_connected(bool connected, void *data)
{
	struct wired_drive *wired = data;

	wired->connected = connected;
}

void wired_drive_pair(int fds[2])
{
	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds),
			==, 0);
}

void wired_drive_open(struct wired_drive *wired, enum scsi_kind kind, bool stall)
{
	const struct drive_settings settings = {
			.kind = kind,
			.identity = {"Maker", "Wired drive", "1", "0123456789AB"},
			.stall = stall,
	};
	const struct drive_events events = {.ejected = wired_drive_ejected, .data = wired};

	memset(wired, 0, sizeof(*wired));
	wired->drive = drive_new(&settings, &events);
	wired_drive_pair(wired->fds);
	wired->bus = wire_bus_open(wired->drive, wired->fds[0], wired_drive_connected, wired);
}

void wired_drive_insert(struct wired_drive *wired, const void *bytes, size_t size, bool writable)
{
	struct drive_medium medium;

	if (wired->medium.bytes)
		drive_eject(wired->drive, true);
	if (wired->medium.bytes)
		drive_host_medium_clear(&wired->medium);
	drive_host_medium_init(&wired->medium, size);
	if (bytes)
		memcpy(wired->medium.bytes, bytes, size);
	medium = drive_host_medium(&wired->medium, writable);
	g_assert_true(drive_insert(wired->drive, &medium));
}

void wired_drive_pull(struct wired_drive *wired)
{
	wire_bus_close(wired->bus);
	wired->bus = NULL;
}

void wired_drive_close(struct wired_drive *wired)
{
	wire_bus_close(wired->bus);
	drive_close(wired->drive);
	if (wired->medium.bytes)
		drive_host_medium_clear(&wired->medium);
	close(wired->fds[0]);
	close(wired->fds[1]);
}

static gboolean wired_drive_flag(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

void wired_drive_wait(const bool *flag, int seconds)
{
	bool late = false;
	guint limit = g_timeout_add_seconds(seconds, wired_drive_flag, &late);

	while (!*flag && !late)
		g_main_context_iteration(NULL, TRUE);
	g_assert_true(*flag);
	if (!late)
		g_source_remove(limit);
}

void wired_drive_run(int milliseconds)
{
	bool over = false;

	g_timeout_add(milliseconds, wired_drive_flag, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
}
