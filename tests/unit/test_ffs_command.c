/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host's commands, of which a pipe has the part: each is told once, or not at all when stopped.
 */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include "gadget/ffs_command.h"

#define PACKET 512
#define MANY   2000

struct fixture {
	int host, device;
	struct ffs_command *command;
	uint8_t arrival[PACKET];
	uint8_t last;
	long size;
	unsigned int told;
	bool onward; /* each asks for the next */
};

static void on_arrived(const uint8_t *bytes, long size, void *data)
{
	struct fixture *f = data;

	f->last = bytes[0]; /* emptied before */
	f->size = size;
	f->told++;
	if (f->onward)
		ffs_command_await(f->command, PACKET, f->arrival);
	g_main_context_wakeup(NULL);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	int ends[2];

	g_assert_cmpint(pipe(ends), ==, 0);
	f->device = ends[0];
	f->host = ends[1];
	f->command = ffs_command_new(f->device, on_arrived, f, NULL);
	g_assert_nonnull(f->command);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	ffs_command_close(f->command);
	close(f->device);
	if (f->host >= 0)
		close(f->host);
}

static void host_sends(struct fixture *f, uint8_t byte)
{
	g_assert_cmpint(write(f->host, &byte, 1), ==, 1);
}

static void wait_told(struct fixture *f, unsigned int count)
{
	while (f->told < count)
		g_main_context_iteration(NULL, TRUE);
}

/* What is there would have been told. */
static void pass(void)
{
	for (int i = 0; i < 20; i++) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(1000);
	}
}

static void one_is_told_when_it_comes(struct fixture *f, gconstpointer unused)
{
	f->arrival[1] = 9; /* of one before */
	ffs_command_await(f->command, PACKET, f->arrival);
	ffs_command_await(f->command, PACKET, f->arrival);
	pass();
	host_sends(f, 7);
	wait_told(f, 1);
	g_assert_cmpint(f->size, ==, 1);
	g_assert_cmpint(f->last, ==, 7);
	g_assert_cmpint(f->arrival[0], ==, 7);
	g_assert_cmpint(f->arrival[1], ==, 0);
	host_sends(f, 8);
	pass();
	g_assert_cmpint(f->told, ==, 1); /* nobody awaits it */
}

static void each_asks_for_the_next(struct fixture *f, gconstpointer unused)
{
	f->onward = true;
	ffs_command_await(f->command, PACKET, NULL);
	for (unsigned int i = 1; i <= MANY; i++) {
		host_sends(f, (uint8_t)i);
		wait_told(f, i);
		g_assert_cmpint(f->last, ==, (uint8_t)i);
	}
}

static void a_stopped_one_is_not_told(struct fixture *f, gconstpointer unused)
{
	ffs_command_await(f->command, PACKET, f->arrival);
	pass();
	ffs_command_stop(f->command);
	host_sends(f, 1);
	pass();
	g_assert_cmpint(f->told, ==, 0);
	ffs_command_await(f->command, PACKET, f->arrival);
	wait_told(f, 1);
	g_assert_cmpint(f->last, ==, 1);
}

/* Whatever came before belongs to those before: what is told is never older than the last stop. */
static void it_is_stopped_at_any_moment(struct fixture *f, gconstpointer unused)
{
	for (unsigned int i = 0; i < MANY; i++) {
		uint8_t rest[PACKET];
		unsigned int told;

		ffs_command_await(f->command, PACKET, f->arrival);
		host_sends(f, 0);
		for (unsigned int spin = 0; spin < i % 50; spin++)
			g_thread_yield();
		ffs_command_stop(f->command);
		told = f->told;
		host_sends(f, 1); /* so that this does not wait */
		g_assert_cmpint(read(f->device, rest, sizeof(rest)), >=, 1);
		ffs_command_await(f->command, PACKET, f->arrival);
		host_sends(f, 2);
		wait_told(f, told + 1);
		g_assert_cmpint(f->told, ==, told + 1);
		g_assert_cmpint(f->last, ==, 2);
	}
}

static void failures_are_told(struct fixture *f, gconstpointer unused)
{
	ffs_command_close(f->command);
	close(f->device);
	f->device = open("/", O_RDONLY | O_CLOEXEC);
	f->command = ffs_command_new(f->device, on_arrived, f, NULL);
	ffs_command_await(f->command, PACKET, NULL);
	wait_told(f, 1);
	g_assert_cmpint(f->size, ==, -EISDIR);
}

static void closing_does_not_wait_for_the_host(struct fixture *f, gconstpointer unused)
{
	ffs_command_await(f->command, PACKET, f->arrival);
	pass(); /* the rest is the fixture's */
}

static void closing_drops_what_came(struct fixture *f, gconstpointer unused)
{
	ffs_command_await(f->command, PACKET, f->arrival);
	host_sends(f, 1);
	g_usleep(20000); /* the thread waits for the turn */
}

#define ADD(test) \
	g_test_add("/ffs_command/" #test, struct fixture, NULL, fixture_open, test, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(one_is_told_when_it_comes);
	ADD(each_asks_for_the_next);
	ADD(a_stopped_one_is_not_told);
	ADD(it_is_stopped_at_any_moment);
	ADD(failures_are_told);
	ADD(closing_does_not_wait_for_the_host);
	ADD(closing_drops_what_came);
	return g_test_run();
}
