/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How long a key takes from keyboard_key to the node's input device, beside a bare write of the
 * same report to the same channel, in turns: median and 95th percentile of each, and their ratio.
 * Also the times of starting. Runs inside the lab:
 *	tests/kernel/run -- tests/kernel/bench_hub [KEYS]
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include "gadget/usage.h"
#include "tests/kernel/node.h"
#include "tests/kernel/rig.h"

#define UDC "dummy_udc.0"

static int64_t bench_now(void)
{
	return g_get_monotonic_time();
}

static void bench_wait(int fd, int value)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	struct input_event event;

	for (;;) {
		while (read(fd, &event, sizeof(event)) == sizeof(event))
			if (event.type == EV_KEY && event.value == value)
				return;
		if (poll(&poll_fd, 1, 5000) == 0)
			g_error("a key did not arrive");
	}
}

/* Lets the main loop see what it will, so that neither way pays for it. */
static void bench_settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_usleep(2000);
}

static int bench_compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;

	return left < right ? -1 : left > right;
}

static void bench_print(const char *name, int64_t *times, int count)
{
	qsort(times, count, sizeof(*times), bench_compare);
	printf("%-9s median %6.3f ms  p95 %6.3f ms  most %6.3f ms\n", name, times[count / 2] / 1e3,
			times[count * 95 / 100] / 1e3, times[count - 1] / 1e3);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000, fd, channel;
	int64_t *ours, *bare;
	struct rig rig;

	if (!node_there() || count < 1) {
		fprintf(stderr, "bench_hub: no virtual ports here: run by tests/kernel/run\n");
		return 77;
	}
	for (int i = 0; i < 5; i++) {
		rig_open(&rig, NULL);
		node_wait(rig.open == HUB_FUNCTIONS);
		printf("start to bound keyboard %6.1f ms%s\n", rig.bound / 1e3,
				i ? "" : " (with modules to load)");
		if (i < 4)
			rig_close(&rig);
	}
	node_wait(rig_node(&rig) == UDC_CONFIGURED);
	node_wait((fd = node_input(UDC, NODE_KEYBOARD)) >= 0);
	channel = open("/dev/hidg0", O_RDWR | O_NONBLOCK | O_CLOEXEC); /* the first function made */
	ours = g_new(int64_t, count);
	bare = g_new(int64_t, count);
	for (int i = 0; i < count; i++) {
		const uint8_t report[KEYBOARD_REPORT_SIZE] = {0, 0, USAGE_A},
			      none[KEYBOARD_REPORT_SIZE] = {0};
		int64_t began = bench_now();

		keyboard_key(rig.keyboard, USAGE_A, true);
		bench_wait(fd, 1);
		ours[i] = bench_now() - began;
		bench_settle();
		keyboard_key(rig.keyboard, USAGE_A, false);
		bench_wait(fd, 0);
		bench_settle();

		began = bench_now();
		if (write(channel, report, sizeof(report)) != sizeof(report))
			g_error("a bare write fails");
		bench_wait(fd, 1);
		bare[i] = bench_now() - began;
		bench_settle();
		if (write(channel, none, sizeof(none)) != sizeof(none))
			g_error("a bare write fails");
		bench_wait(fd, 0);
		bench_settle();
	}
	bench_print("keyboard", ours, count);
	bench_print("bare", bare, count);
	printf("ratio     median %6.2f     p95 %6.2f\n", (double)ours[count / 2] / bare[count / 2],
			(double)ours[count * 95 / 100] / bare[count * 95 / 100]);
	close(channel);
	close(fd);
	rig_close(&rig);
	g_free(ours);
	g_free(bare);
	return 0;
}
