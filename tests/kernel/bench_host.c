/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include "tests/kernel/bench_host.h"

#define HOST_PIECES 65536 /* whose times are kept */
#define HOST_TRIES  500   /* of 10 ms, to open a drive whose medium was just changed */

double bench_used(int who)
{
	struct rusage usage;

	getrusage(who, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

/* --- The thread that reads */

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

static bool host_read(int fd, void *bytes, const struct bench_load *load, struct bench_seen *seen)
{
	static double took[HOST_PIECES];
	int64_t began = g_get_monotonic_time(), before = began;
	unsigned int pieces = 0;
	uint64_t moved = 0;

	while (pieces < (load->count ? load->count : HOST_PIECES)) {
		ssize_t size = pread(fd, bytes, load->piece, (off_t)(load->at + moved));
		int64_t now = g_get_monotonic_time();

		if (size < 0)
			return false;
		if (size == 0)
			break;
		took[pieces++] = (double)(now - before) / 1e3;
		moved += (uint64_t)size;
		before = now;
	}
	if (pieces == 0)
		return false;
	qsort(took, pieces, sizeof(*took), host_compare);
	seen->rate = (double)moved / (double)(before - began);
	seen->median = took[pieces / 2];
	seen->p95 = took[pieces * 95 / 100];
	return true;
}

struct host {
	const char *device;
	const struct bench_load *load;
	struct bench_seen seen;
	bool read;
	gint over;
};

static gpointer host_work(gpointer data)
{
	struct host *host = data;
	int fd = host_open(host->device, host->load->direct);
	void *bytes = NULL;

	if (fd >= 0 && !posix_memalign(&bytes, 4096, host->load->piece) && host_forget())
		host->read = host_read(fd, bytes, host->load, &host->seen);
	free(bytes);
	if (fd >= 0)
		close(fd); /* which takes an answer of ours */
	host->seen.used = bench_used(RUSAGE_THREAD);
	g_atomic_int_set(&host->over, 1);
	g_main_context_wakeup(NULL);
	return NULL;
}

/* --- The one that waits for it */

struct bench_seen bench_host(const char *device, const struct bench_load *load)
{
	struct host host = {.device = device, .load = load};
	GThread *thread = g_thread_new("host", host_work, &host);

	while (!g_atomic_int_get(&host.over))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(thread);
	if (!host.read)
		g_error("reading %s failed", device);
	return host.seen;
}
