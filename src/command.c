/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/command.h"

#define COMMAND_SAID 512 /* bytes of standard error that are kept */

struct command {
	GPid pid; /* also its process group's */
	guint watch, timer, listen;
	int error; /* its standard error; -1: closed */
	char said[COMMAND_SAID + 1];
	size_t length;
	bool late;
	command_done_fn done; /* NULL: nobody waits */
	void *data;
};

/* In the child, before the program: only what is safe behind fork(). */
static void command_prepare(gpointer unused)
{
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
}

static void command_free(struct command *command)
{
	if (command->watch)
		g_source_remove(command->watch);
	if (command->timer)
		g_source_remove(command->timer);
	if (command->listen)
		g_source_remove(command->listen);
	if (command->error >= 0)
		close(command->error);
	g_spawn_close_pid(command->pid);
	g_free(command);
}

/* Takes what is there; more than fits is read and dropped. */
static bool command_hear(struct command *command)
{
	char part[256];
	ssize_t got;

	while ((got = read(command->error, part, sizeof(part))) > 0) {
		size_t room = MIN((size_t)got, COMMAND_SAID - command->length);

		memcpy(command->said + command->length, part, room);
		command->length += room;
	}
	return got < 0 && (errno == EAGAIN || errno == EINTR);
}

static gboolean command_says(gint fd, GIOCondition condition, gpointer data)
{
	struct command *command = data;

	if (command_hear(command))
		return G_SOURCE_CONTINUE;
	command->listen = 0;
	return G_SOURCE_REMOVE;
}

static void command_ended(GPid pid, gint status, gpointer data)
{
	struct command *command = data;
	g_autofree char *said = NULL;
	enum command_end end = COMMAND_ENDED;
	int code = WEXITSTATUS(status);

	command->watch = 0;
	command_hear(command);
	command->said[strcspn(command->said, "\r\n")] = '\0';
	said = g_utf8_make_valid(g_strstrip(command->said), -1);
	if (command->late) {
		end = COMMAND_TIMEOUT;
	} else if (!WIFEXITED(status)) {
		end = COMMAND_KILLED;
		code = WTERMSIG(status);
	}
	if (command->done)
		command->done(end, code, said, command->data);
	command_free(command);
}

static gboolean command_is_late(gpointer data)
{
	struct command *command = data;

	command->timer = 0;
	command->late = true;
	kill(-command->pid, SIGKILL);
	return G_SOURCE_REMOVE;
}

struct command *command_run(char **argv, char **environment, unsigned int timeout,
		command_done_fn done, void *data, GError **error)
{
	struct command *command = g_new0(struct command, 1);

	command->error = -1;
	if (!g_spawn_async_with_pipes(NULL, argv, environment,
			    G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					    G_SPAWN_STDOUT_TO_DEV_NULL,
			    command_prepare, NULL, &command->pid, NULL, NULL, &command->error,
			    error)) {
		g_free(command);
		return NULL;
	}
	fcntl(command->error, F_SETFL, O_NONBLOCK);
	fcntl(command->error, F_SETFD, FD_CLOEXEC);
	command->done = done;
	command->data = data;
	command->watch = g_child_watch_add(command->pid, command_ended, command);
	command->timer = g_timeout_add_seconds(timeout, command_is_late, command);
	command->listen = g_unix_fd_add(command->error, G_IO_IN | G_IO_HUP, command_says, command);
	return command;
}

/* The child must still be waited for, which its watch does when it ends. */
void command_stop(struct command *command)
{
	if (!command)
		return;
	command->done = NULL;
	kill(-command->pid, SIGKILL);
}
