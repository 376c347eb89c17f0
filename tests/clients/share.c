/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/source.h"
#include "tests/clients/share_part.h"

#define ANSWER_MS 60000

struct share {
	GPid pid;
	int control;
	char reply[SHARE_PACKET];
};

/* --- Started copies --- */

static void share_view(const char *address, const char *image)
{
	struct client *client = client_open(&(struct client_settings){.address = address});

	client_wait(client, client_has_picture, NULL, 10000);
	client_share(client, image);
	for (;;)
		client_run(client, 1000);
}

void share_begin(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "--serve") == 0) {
		g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
		share_serve((unsigned int)atoi(argv[2]));
		exit(0);
	}
	if (argc == 4 && strcmp(argv[1], "--view") == 0)
		share_view(argv[2], argv[3]);
}

struct share *share_open(unsigned int viewers)
{
	struct share *share = g_new0(struct share, 1);
	g_autofree char *number = g_strdup_printf("%u", viewers);
	int pair[2];

	g_assert_cmpint(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), ==, 0);
	share->control = pair[0];
	share->pid = fork();
	g_assert_cmpint(share->pid, >=, 0);
	if (share->pid == 0) {
		int control = fcntl(pair[1], F_DUPFD_CLOEXEC, SHARE_CONTROL + 1);

		dup2(control, SHARE_CONTROL);
		execl("/proc/self/exe", "share", "--serve", number, NULL);
		_exit(127);
	}
	close(pair[1]);
	return share;
}

GPid share_start_client(struct share *share, unsigned int viewer, const char *image)
{
	const char *address = share_address(share, viewer);
	GPid pid = fork();

	g_assert_cmpint(pid, >=, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/proc/self/exe", "share", "--view", address, image, NULL);
		_exit(127);
	}
	return pid;
}

void share_close(struct share *share)
{
	int status;

	share_do(share, "quit");
	g_assert_cmpint(waitpid(share->pid, &status, 0), ==, share->pid);
	g_assert_cmpint(status, ==, 0);
	close(share->control);
	g_free(share);
}

GPid share_pid(const struct share *share)
{
	return share->pid;
}

/* --- Asking --- */

static gboolean share_late(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static gboolean share_answers(gint fd, GIOCondition condition, gpointer data)
{
	struct share *share = data;
	ssize_t count = recv(fd, share->reply, sizeof(share->reply) - 1, 0);

	if (count <= 0)
		g_error("the server has ended");
	share->reply[count] = '\0';
	return G_SOURCE_REMOVE;
}

const char *share_do(struct share *share, const char *format, ...)
{
	g_autofree char *command = NULL;
	bool late = false;
	va_list arguments;
	guint timer;

	va_start(arguments, format);
	command = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_assert_cmpint(send(share->control, command, strlen(command), MSG_NOSIGNAL), ==,
			strlen(command));
	share->reply[0] = '\0';
	timer = g_timeout_add(ANSWER_MS, share_late, &late);
	g_unix_fd_add(share->control, G_IO_IN | G_IO_HUP, share_answers, share);
	while (!share->reply[0] && !late)
		g_main_context_iteration(NULL, TRUE);
	if (late)
		g_error("the server does not answer \"%s\"", command);
	g_source_remove(timer);
	return share->reply;
}

const char *share_address(struct share *share, unsigned int viewer)
{
	return share_do(share, "address %u", viewer);
}

static bool share_has_disc(struct share *share)
{
	int state;

	return sscanf(share_do(share, "disc"), "%d", &state) == 1 && state == SOURCE_READY;
}

bool share_wait_disc(struct share *share, bool there, int ms)
{
	int64_t until = g_get_monotonic_time() + ms * (int64_t)1000;
	bool late;

	while (share_has_disc(share) != there) {
		if (g_get_monotonic_time() > until)
			return false;
		late = false;
		g_timeout_add(5, share_late, &late);
		while (!late)
			g_main_context_iteration(NULL, TRUE);
	}
	return true;
}
