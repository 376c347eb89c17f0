/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/clients/stage.h"
#include "tests/clients/stage_part.h"

/* One started copy of the test program and the channel to it. */
struct part {
	GPid pid;
	int control;
};

struct stage {
	struct part part;
	struct stage_screen *screen;
	int screen_fd;
	char *address;
	char reply[STAGE_PACKET];
	GString *events;
};

struct extra {
	struct part part;
};

static struct part part_start(
		int screen_fd, const char *role, const char *first, const char *second)
{
	struct part part;
	int pair[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
	part.control = pair[0];
	part.pid = fork();
	g_assert_cmpint(part.pid, >=, 0);
	if (part.pid == 0) {
		/* Out of the way first: either may have the number of the other's target. */
		int control = fcntl(pair[1], F_DUPFD_CLOEXEC, STAGE_SCREEN + 1);
		int screen = fcntl(screen_fd, F_DUPFD_CLOEXEC, STAGE_SCREEN + 1);

		dup2(control, STAGE_CONTROL);
		dup2(screen, STAGE_SCREEN);
		execl("/proc/self/exe", "stage", role, first, second, NULL);
		_exit(127);
	}
	close(pair[1]);
	return part;
}

/* Returns false when the part has ended or says nothing for so long. */
static bool part_read(const struct part *part, char packet[STAGE_PACKET], int ms)
{
	struct pollfd pollfd = {.fd = part->control, .events = POLLIN};
	ssize_t count;

	if (poll(&pollfd, 1, ms) <= 0)
		return false;
	count = recv(part->control, packet, STAGE_PACKET - 1, 0);
	if (count <= 0)
		return false;
	packet[count] = '\0';
	return true;
}

static void part_send(const struct part *part, const char *packet)
{
	g_assert_cmpint(send(part->control, packet, strlen(packet), MSG_NOSIGNAL), ==,
			strlen(packet));
}

static void stage_take(struct stage *stage, const char *event)
{
	g_string_append_printf(stage->events, "%s%s", stage->events->len ? " " : "", event);
}

const char *stage_do(struct stage *stage, const char *format, ...)
{
	g_autofree char *command = NULL;
	char packet[STAGE_PACKET];
	va_list arguments;

	va_start(arguments, format);
	command = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	part_send(&stage->part, command);
	do {
		if (!part_read(&stage->part, packet, 30000))
			g_error("the server does not answer \"%s\"", command);
		if (packet[0] != '=')
			stage_take(stage, packet);
	} while (packet[0] != '=');
	strcpy(stage->reply, packet + 1);
	return stage->reply;
}

const char *stage_peek(struct stage *stage)
{
	char packet[STAGE_PACKET];

	while (part_read(&stage->part, packet, 0))
		stage_take(stage, packet);
	return stage->events->str;
}

char *stage_events(struct stage *stage)
{
	char *events = g_strdup(stage_peek(stage));

	g_string_truncate(stage->events, 0);
	return events;
}

struct stage *stage_open(const char *password, bool lossless)
{
	struct stage *stage = g_new0(struct stage, 1);

	stage->screen_fd = memfd_create("screen", MFD_CLOEXEC);
	g_assert_cmpint(ftruncate(stage->screen_fd, sizeof(*stage->screen)), ==, 0);
	stage->screen = mmap(
			NULL, sizeof(*stage->screen), PROT_READ, MAP_SHARED, stage->screen_fd, 0);
	g_assert_true(stage->screen != MAP_FAILED);
	stage->events = g_string_new(NULL);
	stage->part = part_start(stage->screen_fd, STAGE_SERVE, password ? password : "",
			lossless ? "lossless" : "lossy");
	stage->address = g_strdup(stage_do(stage, "address"));
	return stage;
}

void stage_close(struct stage *stage)
{
	int status;

	stage_do(stage, "quit");
	g_assert_cmpint(waitpid(stage->part.pid, &status, 0), ==, stage->part.pid);
	g_assert_cmpint(status, ==, 0);
	close(stage->part.control);
	munmap(stage->screen, sizeof(*stage->screen));
	close(stage->screen_fd);
	g_string_free(stage->events, TRUE);
	g_free(stage->address);
	g_free(stage);
}

const char *stage_address(const struct stage *stage)
{
	return stage->address;
}

bool stage_same(struct stage *stage, struct client *client)
{
	return stage_psnr(stage, client) == 99;
}

double stage_psnr(struct stage *stage, struct client *client)
{
	struct client_picture picture = client_picture(client);

	return picture.pixels ? stage_screen_psnr(stage->screen, &picture) : 0;
}

struct extra *stage_extra(struct stage *stage)
{
	struct extra *extra = g_new0(struct extra, 1);

	extra->part = part_start(stage->screen_fd, STAGE_VIEW, stage->address, "");
	return extra;
}

GPid extra_pid(const struct extra *extra)
{
	return extra->part.pid;
}

static bool extra_ask(struct extra *extra, const char *question, int ms)
{
	g_autofree char *command = g_strdup_printf("%s %d", question, ms);
	char packet[STAGE_PACKET];

	part_send(&extra->part, command);
	return part_read(&extra->part, packet, ms + 5000) && strcmp(packet, "=yes") == 0;
}

bool extra_wait_picture(struct extra *extra, int ms)
{
	return extra_ask(extra, "picture", ms);
}

bool extra_wait_same(struct extra *extra, int ms)
{
	return extra_ask(extra, "same", ms);
}

void extra_kill(struct extra *extra)
{
	kill(extra->part.pid, SIGKILL);
	waitpid(extra->part.pid, NULL, 0);
	close(extra->part.control);
	g_free(extra);
}
