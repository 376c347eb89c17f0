/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast the node reads a drive of ours beside one of the kernel's f_mass_storage with the same
 * file in it, in turns: direct (O_DIRECT, 128 KiB at a time) and through the node's cache, and the
 * processor time that our process takes. Medians of the rounds, and their ratio. Inside the lab:
 *	tests/kernel/run -- tests/kernel/bench_drive [ROUNDS [MIB [CHUNK-KIB [DEPTH]]]]
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "gadget/drive_bus.h"
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"

#define GADGET     "/sys/kernel/config/usb_gadget/bench"
#define ROUNDS_MAX 32

/* --- a medium in memory, which has everything at hand */

struct bench_medium {
	const uint8_t *bytes;
};

static void *bench_medium_read(void *owner, uint64_t offset, size_t size, void *bytes,
		drive_done_fn done, void *data)
{
	const struct bench_medium *medium = owner;

	memcpy(bytes, medium->bytes + offset, size);
	return NULL;
}

static void bench_medium_cancel(void *owner, void *request)
{
}

/* --- the kernel's drive */

static void bench_shell(const char *command)
{
	if (system(command))
		g_error("%s: failed", command);
}

static void bench_kernel_begin(const char *path)
{
	char *command = g_strdup_printf(
			"mkdir " GADGET " && cd " GADGET
			" && echo 0x1d6b >idVendor && echo 0x0104 >idProduct && "
			"mkdir functions/mass_storage.0 configs/c.1 && "
			"cd functions/mass_storage.0/lun.0 && echo 1 >cdrom && "
			"echo 1 >ro && echo 1 >removable && echo %s >file && cd " GADGET
			" && ln -s functions/mass_storage.0 configs/c.1 && "
			"echo dummy_udc.6 >UDC",
			path);

	bench_shell(command);
	g_free(command);
}

static void bench_kernel_end(void)
{
	bench_shell("cd " GADGET " && echo >UDC && rm configs/c.1/mass_storage.0 && "
		    "rmdir configs/c.1 functions/mass_storage.0 && cd .. && rmdir " GADGET);
}

/* --- measuring */

static gboolean bench_awake(gpointer data)
{
	return G_SOURCE_CONTINUE;
}

/* MB/s */
static double bench_read(const char *device, bool direct, size_t size)
{
	char *command = g_strdup_printf("echo 3 >/proc/sys/vm/drop_caches; exec dd if=%s "
					"of=/dev/null bs=128k %s 2>/dev/null",
			device, direct ? "iflag=direct" : "");
	int64_t began = g_get_monotonic_time();
	pid_t child = fork();
	int status;
	guint wake;

	if (!child) {
		execl("/bin/sh", "sh", "-c", command, NULL);
		_exit(127);
	}
	wake = g_timeout_add(5, bench_awake, NULL); /* to look whether it is over */
	while (waitpid(child, &status, WNOHANG) == 0)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(wake);
	g_free(command);
	if (status)
		g_error("reading %s failed", device);
	return (double)size / (g_get_monotonic_time() - began);
}

static int bench_compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

static double bench_median(double *values, int count)
{
	qsort(values, count, sizeof(*values), bench_compare);
	return values[count / 2];
}

static double bench_used(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
	       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static char *bench_kernel_device(void)
{
	char *device = NULL;

	for (int i = 0; i < 2 && !device; i++) {
		char *path = g_strdup_printf("/sys/block/sr%d", i), *real = realpath(path, NULL);

		if (real && strstr(real, "dummy_hcd.6"))
			device = g_strdup_printf("/dev/sr%d", i);
		free(real);
		g_free(path);
	}
	return device;
}

int main(int argc, char **argv)
{
	static const enum scsi_kind cd[] = {SCSI_CD};
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	size_t size = (size_t)(argc > 2 ? atoi(argv[2]) : 128) << 20;
	struct drive_settings settings = {.kind = SCSI_CD,
			.identity = {"Rack", "Drive", "1", "0123456789AB"},
			.chunk = (size_t)(argc > 3 ? atoi(argv[3]) : 0) << 10,
			.depth = argc > 4 ? atoi(argv[4]) : 0};
	struct bench_medium medium = {0};
	struct drive_medium inserted = {.size = size,
			.read = bench_medium_read,
			.cancel = bench_medium_cancel,
			.owner = &medium};
	double ours[2][ROUNDS_MAX], kernels[2][ROUNDS_MAX], used[2] = {0};
	char path[] = "/tmp/bench-XXXXXX", *device, *other;
	struct drive_rig rig;
	int fd;

	if (!node_there() || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "bench_drive: no virtual ports here: run by tests/kernel/run\n");
		return 77;
	}
	fd = mkstemp(path);
	if (fd < 0 || ftruncate(fd, size) < 0)
		g_error("no room for %zu bytes", size);
	medium.bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset((void *)medium.bytes, 'x', size);
	drive_rig_open_with(&rig, cd, 1, &settings);
	g_assert_true(drive_insert(rig.drives[0], &inserted));
	device = drive_rig_device(&rig, 0);
	bench_kernel_begin(path);
	node_wait((other = bench_kernel_device()) != NULL && access(other, F_OK) == 0);
	for (int i = 0; i < rounds; i++)
		for (int direct = 0; direct < 2; direct++) {
			double before = bench_used();

			ours[direct][i] = bench_read(device, direct, size);
			used[direct] += (bench_used() - before) / rounds;
			kernels[direct][i] = bench_read(other, direct, size);
		}
	for (int direct = 0; direct < 2; direct++) {
		double mine = bench_median(ours[direct], rounds);
		double theirs = bench_median(kernels[direct], rounds);

		printf("%-8s  drive %6.1f MB/s  f_mass_storage %6.1f MB/s  ratio %.2f  processor "
		       "%.2f s\n",
				direct ? "direct" : "buffered", mine, theirs, mine / theirs,
				used[direct]);
	}
	g_free(other);
	g_free(device);
	bench_kernel_end();
	drive_rig_close(&rig);
	munmap((void *)medium.bytes, size);
	close(fd);
	unlink(path);
	return 0;
}
