/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* A program that is run for its exit status, and killed when it takes too long. Main thread only.
 */
#include <glib.h>
#include <stdbool.h>

struct command;

enum command_end {
	COMMAND_ENDED,   /* status: its exit status */
	COMMAND_KILLED,  /* by a signal; status: which */
	COMMAND_TIMEOUT, /* by us */
};

/* said: the first line that it wrote to standard error, "" for none. Frees the command behind it.
 */
typedef void (*command_done_fn)(enum command_end end, int status, const char *said, void *data);

/*
 * Runs it with nothing as its input, standard output thrown away, in a process group of its own.
 * environment: NULL-terminated, "NAME=value". NULL and error (G_SPAWN_ERROR): cannot be run.
 */
struct command *command_run(char **argv, char **environment, unsigned int timeout,
		command_done_fn done, void *data, GError **error);

/* Kills it; nobody is told. NULL is fine. */
void command_stop(struct command *command);
