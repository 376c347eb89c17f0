/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gadget/ffs_command.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "gadget/turn.h"

#define COMMAND_PACKET  1024   /* of the fastest bus */
#define COMMAND_SIGNAL  SIGURG /* ends a read; ignored where nobody cares for it */
#define COMMAND_STOP_US 1000   /* between two, as one may come before the read has begun */

enum command_state {
	COMMAND_IDLE,
	COMMAND_AWAITED, /* the thread is to read */
	COMMAND_READING,
	COMMAND_HERE, /* to be told */
};

struct ffs_command {
	int out;
	ffs_command_fn arrived;
	void *data;
	GThread *thread;
	pthread_t reader; /* the same */
	bool closing;     /* denies its turn */
	GMutex lock;      /* for what follows */
	GCond changed;
	enum command_state state;
	bool waiting; /* the thread, for changed; telling nobody is a system call too */
	bool stopping, ending;
	size_t size;
	uint8_t *bytes; /* an arrival, or own */
	uint8_t own[COMMAND_PACKET];
};

/* --- The thread --- */

/* False: it shall end. */
static bool command_begin(struct ffs_command *command)
{
	bool begun;

	g_mutex_lock(&command->lock);
	command->reader = pthread_self();
	while (command->state != COMMAND_AWAITED && !command->ending) {
		command->waiting = true;
		g_cond_wait(&command->changed, &command->lock);
	}
	command->waiting = false;
	begun = !command->ending;
	if (begun)
		command->state = COMMAND_READING;
	g_mutex_unlock(&command->lock);
	return begun;
}

static long command_read(struct ffs_command *command)
{
	ssize_t size = read(command->out, command->bytes, command->size);
	long result = size < 0 ? -errno : (long)size;

	g_mutex_lock(&command->lock);
	command->state = result == -EINTR && !command->stopping ? COMMAND_AWAITED : COMMAND_HERE;
	if (command->stopping)
		g_cond_broadcast(&command->changed);
	g_mutex_unlock(&command->lock);
	return result;
}

/* It may have been stopped meanwhile, but nobody does so in our turn. */
static bool command_here(struct ffs_command *command)
{
	bool here;

	g_mutex_lock(&command->lock);
	here = command->state == COMMAND_HERE;
	if (here)
		command->state = COMMAND_IDLE;
	g_mutex_unlock(&command->lock);
	return here;
}

static gpointer command_work(gpointer data)
{
	struct ffs_command *command = data;

	while (command_begin(command)) {
		long size = command_read(command);

		if (!turn_take(&command->closing))
			break;
		if (command_here(command))
			command->arrived(command->bytes, size, command->data);
		turn_leave();
	}
	return NULL;
}

/* --- Those who wait --- */

void ffs_command_await(struct ffs_command *command, size_t size, uint8_t *arrival)
{
	g_mutex_lock(&command->lock);
	if (command->state == COMMAND_IDLE) {
		command->state = COMMAND_AWAITED;
		command->size = MIN(size, COMMAND_PACKET);
		command->bytes = arrival ? arrival : command->own;
		memset(command->bytes, 0, command->size);
		if (command->waiting)
			g_cond_broadcast(&command->changed);
	}
	g_mutex_unlock(&command->lock);
}

void ffs_command_stop(struct ffs_command *command)
{
	g_mutex_lock(&command->lock);
	command->stopping = true;
	while (command->state == COMMAND_READING) {
		pthread_kill(command->reader, COMMAND_SIGNAL);
		g_cond_wait_until(&command->changed, &command->lock,
				g_get_monotonic_time() + COMMAND_STOP_US);
	}
	command->stopping = false;
	command->state = COMMAND_IDLE;
	g_mutex_unlock(&command->lock);
}

/* --- Coming and going --- */

static void command_interrupt(int number)
{
}

struct ffs_command *ffs_command_new(int out, ffs_command_fn arrived, void *data, GError **error)
{
	const struct sigaction interrupt = {.sa_handler = command_interrupt}; /* no SA_RESTART */
	struct ffs_command *command = g_new0(struct ffs_command, 1);

	command->out = out;
	command->arrived = arrived;
	command->data = data;
	g_mutex_init(&command->lock);
	g_cond_init(&command->changed);
	sigaction(COMMAND_SIGNAL, &interrupt, NULL);
	turn_begin();
	command->thread = g_thread_try_new("drive", command_work, command, error);
	if (command->thread)
		return command;
	g_prefix_error(error, "a drive cannot have a thread: ");
	ffs_command_close(command);
	return NULL;
}

void ffs_command_close(struct ffs_command *command)
{
	if (!command)
		return;
	ffs_command_stop(command);
	turn_deny(&command->closing);
	g_mutex_lock(&command->lock);
	command->ending = true;
	g_cond_broadcast(&command->changed);
	g_mutex_unlock(&command->lock);
	if (command->thread)
		g_thread_join(command->thread);
	g_mutex_clear(&command->lock);
	g_cond_clear(&command->changed);
	g_free(command);
}
