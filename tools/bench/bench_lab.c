/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the console takes between a client and the node's kernel, on the kernel's own drivers. Run
 * it inside the lab: tests/kernel/run -- tools/bench/bench_lab. The machine is emulated, so that
 * only what stands in one table can be compared.
 */
#include <fcntl.h>
#include <linux/input.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "tests/kernel/bmc.h"
#include "tests/kernel/node.h"

#define STARTS 5
#define KEYS   400
#define MODES  8

static const char configuration[] = "[capture]\nquality = 7\n";

static int by_size(const void *one, const void *other)
{
	double a = *(const double *)one, b = *(const double *)other;

	return (a > b) - (a < b);
}

static void print_line(const char *what, double *ms, int count)
{
	qsort(ms, count, sizeof(*ms), by_size);
	printf("%-44s %8.2f %8.2f %8.2f  ms\n", what, ms[count / 2], ms[count * 95 / 100],
			ms[count - 1]);
}

static double since(int64_t from)
{
	return (g_get_monotonic_time() - from) / 1000.0;
}

/* --- From the daemon's start to a keyboard that the node can see --- */

static bool bound(void)
{
	g_autofree char *udc = NULL;

	return g_file_get_contents("/sys/class/udc/dummy_udc.0/function", &udc, NULL, NULL) &&
	       *udc && *udc != '\n';
}

static void measure_starts(void)
{
	double ms[STARTS];

	for (int i = 0; i < STARTS; i++) {
		struct bmc bmc;
		int64_t from = g_get_monotonic_time();

		bmc_open(&bmc, configuration);
		while (!bound())
			g_usleep(1000);
		ms[i] = since(from);
		bmc_wait(&bmc, bmc_said(&bmc, "listening"), 20000);
		bmc_close(&bmc);
	}
	print_line("start to bound keyboard", ms, STARTS);
}

/* --- From a key at the client to the node's input event --- */

static double measure_key(struct bmc *bmc, int code, bool down)
{
	int64_t from = g_get_monotonic_time();
	struct input_event event;

	client_key(bmc->client, code, down);
	while (!node_event(bmc->keyboard, EV_KEY, &event, 5000))
		g_error("a key was lost");
	return event.input_event_sec * 1000.0 + event.input_event_usec / 1000.0 - from / 1000.0;
}

static void measure_keys(struct bmc *bmc, const char *what)
{
	static double ms[2 * KEYS];

	ioctl(bmc->keyboard, EVIOCSCLOCKID, &(int){CLOCK_MONOTONIC});
	for (int i = 0; i < KEYS; i++) {
		ms[2 * i] = measure_key(bmc, KEY_Q + i % 10, true);
		node_pass(3);
		ms[2 * i + 1] = measure_key(bmc, KEY_Q + i % 10, false);
		node_pass(3);
	}
	print_line(what, ms, 2 * KEYS);
}

/* --- From the driver's word that the mode changed to the right picture at the client --- */

static int64_t event_time(int fd)
{
	struct v4l2_event event;

	if (ioctl(fd, VIDIOC_DQEVENT, &event) < 0)
		return 0;
	return event.timestamp.tv_sec * (int64_t)1000000 + event.timestamp.tv_nsec / 1000;
}

static void measure_modes(struct bmc *bmc)
{
	const char *device = g_getenv("LAB_ASPEED");
	int fd = open(device ? device : "/dev/video0", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	double ms[MODES];

	ioctl(fd, VIDIOC_SUBSCRIBE_EVENT,
			&(struct v4l2_event_subscription){.type = V4L2_EVENT_SOURCE_CHANGE});
	for (int i = 0; i < MODES; i++) {
		int width = i % 2 ? 1024 : 1280, height = i % 2 ? 768 : 1024;
		unsigned int number = 0;
		int64_t changed = 0;

		feed_stay(bmc->feed, i + 1);
		feed_mode(bmc->feed, width, height, NULL);
		bmc_wait(bmc, (changed = event_time(fd)) != 0, 10000);
		bmc_wait(bmc,
				bmc_psnr(bmc, FEED_DESKTOP, width, height, &number) > 30 &&
						number == (unsigned int)i + 1,
				10000);
		ms[i] = since(changed);
	}
	close(fd);
	print_line("source change to the right picture", ms, MODES);
}

int main(void)
{
	struct bmc bmc;

	if (!node_there() || access(FEED_DEVICE, F_OK) < 0) {
		fputs("no virtual ports or no video engine here: run by tests/kernel/run\n",
				stderr);
		return 1;
	}
	printf("%-44s %8s %8s %8s\n", "", "median", "p95", "max");
	measure_starts();
	bmc_open(&bmc, configuration);
	feed_mode(bmc.feed, 1024, 768, NULL);
	feed_stay(bmc.feed, 1);
	bmc_look(&bmc);
	bmc_plug(&bmc);
	measure_keys(&bmc, "key at the client to the node's event, still");
	feed_stay(bmc.feed, -1);
	measure_keys(&bmc, "the same while the picture moves");
	measure_modes(&bmc);
	bmc_close(&bmc);
	return 0;
}
