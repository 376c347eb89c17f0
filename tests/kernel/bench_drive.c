/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast the node reads an image: the file itself, one of the kernel's f_mass_storage drives with
 * it, and a drive of ours with it in memory and as the daemon has it, from a file, a web server and
 * an NBD server on this machine, through the cache. All in turns, so that what else the machine
 * does hits all alike. A table of the rates, direct (past the node's cache) and buffered, 128 KiB
 * at a time, medians and the best, and of our processor time; and one of how long the node waits
 * for reads as boots have them. Inside the lab:
 *	tests/kernel/run --steady -- tests/kernel/bench_drive [ROUNDS [MIB [CHUNK-KIB [DEPTH]]]]
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "gadget/drive_bus.h"
#include "media/file.h"
#include "media/nbd.h"
#include "media/web.h"
#include "src/feed.h"
#include "tests/kernel/bench_host.h"
#include "tests/kernel/drive_rig.h"
#include "tests/kernel/node.h"
#include "tools/bench/servers.h"

#define GADGET     "/sys/kernel/config/usb_gadget/bench"
#define ROUNDS_MAX 32
#define WEB_PORT   8099

static const struct bench_load bench_loads[] = {
		{"buffered", false, 128u << 10, 0, 0},
		{"direct", true, 128u << 10, 0, 0},
		{"2 KiB", true, 2u << 10, 32u << 10, 256},
		{"16 KiB", true, 16u << 10, 1u << 20, 512},
		{"64 KiB", true, 64u << 10, 12u << 20, 192},
};
#define LOADS G_N_ELEMENTS(bench_loads)
#define RATES 2 /* of the loads; of the others it is the waiting that counts */

enum bench_subject {
	BENCH_BARE,
	BENCH_KERNEL,
	BENCH_MEMORY,
	BENCH_FILE,
	BENCH_WEB,
	BENCH_NBD,
	BENCH_SUBJECTS
};

static const char *const bench_names[BENCH_SUBJECTS] = {"the file itself", "f_mass_storage",
		"ours, memory", "ours, file", "ours, http", "ours, nbd"};

struct bench_result {
	double rate[ROUNDS_MAX], median[ROUNDS_MAX], p95[ROUNDS_MAX];
	double used[ROUNDS_MAX]; /* processor, ms per MB */
};

struct bench {
	char folder[32], *image;
	size_t size;
	const uint8_t *bytes;
	struct drive_rig rig;
	char *device, *kernels;
	GPid web, nbd;
	struct feed *feeds[BENCH_SUBJECTS]; /* NULL: not to be had here */
	struct bench_result results[BENCH_SUBJECTS][LOADS];
};

/* --- a medium in memory, which has everything at hand */

static void *bench_medium_read(void *owner, uint64_t offset, size_t size, void *bytes,
		drive_done_fn done, void *data)
{
	const struct bench *bench = owner;

	memcpy(bytes, bench->bytes + offset, size);
	return NULL;
}

static const void *bench_medium_lend(void *owner, uint64_t offset, size_t size)
{
	const struct bench *bench = owner;

	return bench->bytes + offset;
}

static void bench_medium_give_back(void *owner, const void *bytes)
{
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

/* --- the sources */

static void bench_servers(struct bench *bench)
{
	g_autofree char *nbd = g_strdup_printf(
			"nbdkit -f -r -U %s/nbd file %s", bench->folder, bench->image);

	bench->web = servers_web(bench->folder, WEB_PORT);
	bench->nbd = servers_start(nbd);
}

static void bench_state(enum source_state state, const char *reason, void *data)
{
}

static void bench_failed(const char *reason, void *data)
{
	fprintf(stderr, "bench_drive: %s\n", reason);
}

static struct source *bench_source(
		const struct bench *bench, enum bench_subject subject, GError **error)
{
	g_autofree char *web = g_strdup_printf("http://127.0.0.1:%d/image", WEB_PORT);
	g_autofree char *nbd = g_strdup_printf("nbd+unix:///?socket=%s/nbd", bench->folder);

	if (subject == BENCH_WEB && bench->web)
		return web_open(&(struct web_settings){.url = web}, error);
	if (subject == BENCH_NBD && bench->nbd)
		return nbd_open(&(struct nbd_settings){.uri = nbd}, error);
	return subject == BENCH_FILE ? file_open(bench->image, false, error) : NULL;
}

static void bench_open_feed(struct bench *bench, enum bench_subject subject)
{
	const struct feed_events events = {.state = bench_state, .failed = bench_failed};
	const struct cache_limits limits = {CACHE_BYTES, CACHE_WINDOW};
	g_autoptr(GError) error = NULL;
	struct source *source = bench_source(bench, subject, &error);

	bench->feeds[subject] = source ? feed_new(source, &limits, &events, &error) : NULL;
	if (!bench->feeds[subject]) {
		fprintf(stderr, "bench_drive: %s: %s\n", bench_names[subject],
				error ? error->message : "no server");
		return;
	}
	node_wait(feed_source(bench->feeds[subject])->state == SOURCE_READY);
}

static bool bench_insert(struct bench *bench, enum bench_subject subject)
{
	struct drive_medium medium = {.size = bench->size,
			.read = bench_medium_read,
			.lend = bench_medium_lend,
			.give_back = bench_medium_give_back,
			.cancel = bench_medium_cancel,
			.owner = bench};

	if (subject < BENCH_MEMORY)
		return true;
	if (subject > BENCH_MEMORY && !bench->feeds[subject])
		return false;
	if (subject > BENCH_MEMORY)
		feed_medium(bench->feeds[subject], &medium);
	g_assert_true(drive_insert(bench->rig.drives[0], &medium));
	return true;
}

/* --- measuring */

static void bench_round(struct bench *bench, enum bench_subject subject, int round)
{
	const char *device = subject == BENCH_BARE     ? bench->image
			     : subject == BENCH_KERNEL ? bench->kernels
						       : bench->device;

	if (!bench_insert(bench, subject))
		return;
	for (size_t i = 0; i < LOADS; i++) {
		struct bench_result *result = &bench->results[subject][i];
		double before = bench_used(RUSAGE_SELF);
		struct bench_seen seen = bench_host(device, &bench_loads[i]);

		result->rate[round] = seen.rate;
		result->median[round] = seen.median;
		result->p95[round] = seen.p95;
		result->used[round] = (bench_used(RUSAGE_SELF) - before - seen.used) * 1e9 /
				      (double)bench->size;
	}
}

static int bench_compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return left < right ? -1 : left > right;
}

/* Sorts them. */
static double bench_median(double *values, int count)
{
	qsort(values, count, sizeof(*values), bench_compare);
	return values[count / 2];
}

static void bench_print(struct bench *bench, int rounds)
{
	printf("%-16s", "128 KiB, MB/s");
	for (size_t i = 0; i < RATES; i++)
		printf(" %8s   best  ratio  ms/MB", bench_loads[i].name);
	for (size_t i = RATES; i < LOADS; i++)
		printf("  %6s ms    p95", bench_loads[i].name);
	printf("\n");
	for (int subject = 0; subject < BENCH_SUBJECTS; subject++) {
		if (subject > BENCH_MEMORY && !bench->feeds[subject])
			continue;
		printf("%-16s", bench_names[subject]);
		for (size_t i = 0; i < LOADS; i++) {
			struct bench_result *result = &bench->results[subject][i];
			struct bench_result *kernels = &bench->results[BENCH_KERNEL][i];
			double rate = bench_median(result->rate, rounds);

			if (i < RATES)
				printf(" %8.1f %6.1f %6.2f %6.2f", rate, result->rate[rounds - 1],
						rate / bench_median(kernels->rate, rounds),
						bench_median(result->used, rounds));
			else
				printf("  %9.2f %6.2f", bench_median(result->median, rounds),
						bench_median(result->p95, rounds));
		}
		printf("\n");
	}
}

static void bench_make_image(struct bench *bench)
{
	int fd;

	strcpy(bench->folder, "/tmp/bench-XXXXXX");
	/* The web server reads as another user. */
	if (!mkdtemp(bench->folder) || chmod(bench->folder, 0755) < 0)
		g_error("no folder in /tmp");
	bench->image = g_build_filename(bench->folder, "image", NULL);
	fd = g_open(bench->image, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || ftruncate(fd, bench->size) < 0)
		g_error("no room for %zu bytes", bench->size);
	bench->bytes = mmap(NULL, bench->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	memset((void *)bench->bytes, 'x', bench->size);
	close(fd);
}

static void bench_tidy(struct bench *bench)
{
	g_autofree char *line = g_strdup_printf("rm -r %s", bench->folder);

	bench_kernel_end();
	drive_rig_close(&bench->rig);
	for (int subject = 0; subject < BENCH_SUBJECTS; subject++)
		feed_close(bench->feeds[subject]);
	servers_end(&bench->web);
	servers_end(&bench->nbd);
	munmap((void *)bench->bytes, bench->size);
	bench_shell(line);
	g_free(bench->image);
	g_free(bench->device);
	g_free(bench->kernels);
}

int main(int argc, char **argv)
{
	static const enum scsi_kind cd[] = {SCSI_CD};
	static struct bench bench;
	int rounds = argc > 1 ? atoi(argv[1]) : 5;
	struct drive_settings settings = {.kind = SCSI_CD,
			.identity = {"Rack", "Drive", "1", "0123456789AB"},
			.chunk = (size_t)(argc > 3 ? atoi(argv[3]) : 0) << 10,
			.depth = argc > 4 ? atoi(argv[4]) : 0};

	if (!node_there() || rounds < 1 || rounds > ROUNDS_MAX) {
		fprintf(stderr, "bench_drive: no virtual ports here: run by tests/kernel/run\n");
		return 77;
	}
	signal(SIGPIPE, SIG_IGN);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	bench.size = (size_t)(argc > 2 ? atoi(argv[2]) : 64) << 20;
	bench_make_image(&bench);
	bench_servers(&bench);
	drive_rig_open_with(&bench.rig, cd, 1, &settings);
	for (int subject = BENCH_FILE; subject < BENCH_SUBJECTS; subject++)
		bench_open_feed(&bench, subject);
	bench.device = drive_rig_device(&bench.rig, 0);
	bench_kernel_begin(bench.image);
	node_wait((bench.kernels = bench_kernel_device()) != NULL &&
			access(bench.kernels, F_OK) == 0);
	for (int round = 0; round < rounds; round++)
		for (int subject = 0; subject < BENCH_SUBJECTS; subject++)
			bench_round(&bench, subject, round);
	bench_print(&bench, rounds);
	bench_tidy(&bench);
	return 0;
}
