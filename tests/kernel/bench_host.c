/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/kernel/bench_host.h"

#define HOST_PIECES 65536 /* whose times are kept */
#define HOST_TRIES  500   /* of 10 ms, to open a drive whose medium was just changed */

/* --- The process that reads */

static int host_open(const char *device, bool direct)
{
	int fd = -1;

	for (int i = 0; fd < 0 && i < HOST_TRIES; i++) {
		if (i > 0)
			g_usleep(10000);
		fd = open(device, O_RDONLY | O_CLOEXEC | (direct ? O_DIRECT : 0));
		if (fd < 0 && errno == EINVAL)
			direct = false; /* a file system that has no such thing */
	}
	return fd;
}

static int host_compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static bool host_forget(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, "3", 1) == 1;

	close(fd);
	return done;
}

static int host_read_all(const char *device, const struct bench_load *load)
{
	static double took[HOST_PIECES];
	int fd = host_open(device, load->direct);
	struct bench_seen seen = {0};
	unsigned int pieces = 0;
	uint64_t moved = 0;
	void *bytes;
	int64_t began, before;

	if (fd < 0 || posix_memalign(&bytes, 4096, load->piece) || !host_forget())
		return 1;
	began = before = g_get_monotonic_time();
	while (pieces < (load->count ? load->count : HOST_PIECES)) {
		ssize_t size = pread(fd, bytes, load->piece, (off_t)(load->at + moved));
		int64_t now = g_get_monotonic_time();

		if (size < 0)
			return 1;
		if (size == 0)
			break;
		took[pieces++] = (double)(now - before) / 1e3;
		moved += (uint64_t)size;
		before = now;
	}
	if (pieces == 0)
		return 1;
	qsort(took, pieces, sizeof(*took), host_compare);
	seen.rate = (double)moved / (double)(before - began);
	seen.median = took[pieces / 2];
	seen.p95 = took[pieces * 95 / 100];
	return write(STDOUT_FILENO, &seen, sizeof(seen)) == sizeof(seen) ? 0 : 1;
}

bool bench_host_main(int argc, char **argv)
{
	struct bench_load load = {0};

	if (argc != 7 || strcmp(argv[1], "--host") != 0)
		return false;
	load.direct = atoi(argv[3]);
	load.piece = strtoul(argv[4], NULL, 10);
	load.at = strtoul(argv[5], NULL, 10);
	load.count = (unsigned int)atoi(argv[6]);
	exit(host_read_all(argv[2], &load));
}

/* --- The process that waits for it */

static void host_over(GPid pid, gint status, gpointer data)
{
	*(bool *)data = true;
}

struct bench_seen bench_host(const char *device, const struct bench_load *load)
{
	g_autofree char *piece = g_strdup_printf("%zu", load->piece);
	g_autofree char *at = g_strdup_printf("%" PRIu64, load->at);
	g_autofree char *count = g_strdup_printf("%u", load->count);
	const char *const argv[] = {"/proc/self/exe", "--host", device, load->direct ? "1" : "0",
			piece, at, count, NULL};
	g_autoptr(GError) error = NULL;
	struct bench_seen seen;
	bool over = false;
	int out;
	ssize_t size;
	GPid pid;

	if (!g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
			    NULL, &pid, NULL, &out, NULL, &error))
		g_error("%s", error->message);
	/* Not only until it has told: closing the drive takes an answer of ours. */
	g_child_watch_add(pid, host_over, &over);
	while (!over)
		g_main_context_iteration(NULL, TRUE);
	size = read(out, &seen, sizeof(seen));
	close(out);
	if (size != sizeof(seen))
		g_error("reading %s failed", device);
	return seen;
}
