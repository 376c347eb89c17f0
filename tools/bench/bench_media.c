/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast a host reads images over long links: real servers behind a relay that has a delay and a
 * rate, and a reader that asks for one piece after the other, as firmware and kernels do. Each
 * pattern is read through the cache, then without it ("plain": one request of the source for each
 * read), then from nbdkit's curl plugin, which has one request in flight and no read-ahead
 * ("peer").
 */
#include <curl/curl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "media/cache.h"
#include "media/file.h"
#include "media/nbd.h"
#include "media/web.h"
#include "tools/bench/link.h"
#include "tools/bench/servers.h"

#define BENCH_IMAGE (128u << 20)
#define BENCH_LARGE (128u << 10)
#define BENCH_MBIT  125000.0 /* bytes per second */

struct bench_link {
	int rtt; /* ms */
	int mbit;
};

static const struct bench_link bench_links[] = {
		{0, 0}, {20, 100}, {50, 100}, {80, 100}, {200, 100}, {80, 2}};

/* What was seen of boots; see the sizes that each firmware asks for. count 0: to the end. */
struct bench_part {
	uint32_t size, count;
	uint64_t at;
};

static const struct bench_pattern {
	const char *name;
	struct bench_part parts[4];
} bench_patterns[] = {
		{"sequential 128 KiB", {{BENCH_LARGE, 0, 0}}},
		{"GRUB 16 KiB", {{2048, 6, 32768}, {16384, 0, 1 << 20}}},
		{"ISOLINUX 64 KiB", {{2048, 19, 32768}, {65536, 0, 2 << 20}}},
		{"EDK2 2-64 KiB",
				{{2048, 72, 32768}, {32768, 138, 1 << 20}, {65536, 220, 8 << 20}}},
};

struct bench {
	char *folder, *image;
	uint8_t *content;
	unsigned int web_port, nbd_port;
	GPid web, nbd, peer;
	char *peer_socket;
	double seconds; /* of a run, at most */
};

/* --- Servers --- */

static void bench_servers(struct bench *bench)
{
	g_autofree char *nbd = NULL;

	bench->web_port = 20000 + (unsigned int)getpid() % 10000 * 2;
	bench->nbd_port = bench->web_port + 1;
	nbd = g_strdup_printf(
			"nbdkit -f -r -i 127.0.0.1 -p %u file %s", bench->nbd_port, bench->image);
	bench->web = servers_web(bench->folder, bench->web_port);
	bench->nbd = servers_start(nbd);
	bench->peer_socket = g_build_filename(bench->folder, "peer", NULL);
	g_usleep(500000); /* until they listen; sources would wait by themselves */
}

static void bench_peer(struct bench *bench, unsigned int port)
{
	g_autofree char *line = g_strdup_printf(
			"nbdkit -f -r -U %s curl url=http://127.0.0.1:%u/image", bench->peer_socket,
			port);

	servers_end(&bench->peer);
	g_unlink(bench->peer_socket);
	bench->peer = servers_start(line);
	for (int i = 0; i < 1000 && !g_file_test(bench->peer_socket, G_FILE_TEST_EXISTS); i++)
		g_usleep(1000);
}

/* --- A host that reads --- */

struct bench_read {
	bool ended;
	bool good;
};

static void bench_done(const GError *error, void *data)
{
	struct bench_read *read = data;

	read->ended = true;
	read->good = error == NULL;
	if (error)
		fprintf(stderr, "bench: %s\n", error->message);
}

static bool bench_await(const struct bench *bench, struct source *source, uint64_t offset,
		uint32_t size, uint8_t *bytes)
{
	struct bench_read read = {0};

	source_read(source, offset, size, bytes, bench_done, &read);
	while (!read.ended)
		g_main_context_iteration(NULL, TRUE);
	if (read.good && memcmp(bytes, bench->content + offset, size) != 0) {
		fprintf(stderr, "bench: wrong bytes at %" G_GUINT64_FORMAT "\n", offset);
		exit(1);
	}
	return read.good;
}

struct bench_result {
	double rate;  /* bytes per second */
	double worst; /* milliseconds, of one read */
};

/* Closes the source. NULL: it could not be opened. */
static struct bench_result bench_run(const struct bench *bench, struct source *source,
		const struct bench_pattern *pattern)
{
	static uint8_t bytes[BENCH_LARGE];
	struct bench_result result = {0};
	uint64_t moved = 0;
	int64_t start, now;

	if (!source)
		return result;
	while (source->state != SOURCE_READY && source->state != SOURCE_FAILED)
		g_main_context_iteration(NULL, TRUE);
	start = now = g_get_monotonic_time();
	for (size_t i = 0; i < G_N_ELEMENTS(pattern->parts); i++) {
		const struct bench_part *part = &pattern->parts[i];
		uint64_t at = part->at;

		for (uint32_t k = 0; part->size && (k < part->count || part->count == 0); k++) {
			int64_t before = now;

			if (at + part->size > BENCH_IMAGE || now - start > bench->seconds * 1e6 ||
					!bench_await(bench, source, at, part->size, bytes))
				break;
			now = g_get_monotonic_time();
			result.worst = MAX(result.worst, (double)(now - before) / 1e3);
			moved += part->size;
			at += part->size;
		}
	}
	result.rate = (double)moved * 1e6 / (double)MAX(now - start, 1);
	source_close(source);
	return result;
}

static struct source *bench_cached(struct source *source)
{
	struct cache *cache = source ? cache_new(source, NULL, NULL) : NULL;

	return cache ? cache_source(cache) : NULL;
}

static struct source *bench_open(const struct bench *bench, const char *kind, unsigned int port)
{
	g_autofree char *address = NULL;
	g_autoptr(GError) error = NULL;
	struct source *source;

	if (strcmp(kind, "file") == 0) {
		source = file_open(bench->image, false, &error);
	} else if (strcmp(kind, "web") == 0) {
		address = g_strdup_printf("http://127.0.0.1:%u/image", port);
		source = web_open(&(struct web_settings){.url = address}, &error);
	} else if (strcmp(kind, "nbd") == 0) {
		address = g_strdup_printf("nbd://127.0.0.1:%u/", port);
		source = nbd_open(&(struct nbd_settings){.uri = address}, &error);
	} else {
		address = g_strdup_printf("nbd+unix:///?socket=%s", bench->peer_socket);
		source = nbd_open(&(struct nbd_settings){.uri = address}, &error);
	}
	if (!source)
		fprintf(stderr, "bench: %s\n", error->message);
	return source;
}

static void bench_row(struct bench *bench, const struct bench_link *set, const char *kind,
		const struct bench_pattern *pattern)
{
	const unsigned int server = strcmp(kind, "nbd") == 0 ? bench->nbd_port : bench->web_port;
	const double line = set->mbit * BENCH_MBIT;
	struct link *link = link_open(server, set->rtt * 1000, line);
	struct bench_result cached, plain, peer = {0};
	g_autofree char *title = g_strdup_printf("%3d ms %3d Mbit/s %s", set->rtt, set->mbit, kind);

	cached = bench_run(bench, bench_cached(bench_open(bench, kind, link_port(link))), pattern);
	plain = bench_run(bench, bench_open(bench, kind, link_port(link)), pattern);
	if (strcmp(kind, "web") == 0) {
		bench_peer(bench, link_port(link));
		peer = bench_run(bench, bench_open(bench, "peer", 0), pattern);
		servers_end(&bench->peer);
	}
	printf("%-23s %-19s %8.2f", title, pattern->name, cached.rate / 1e6);
	if (line > 0)
		printf(" %6.0f %%", cached.rate / line * 100);
	else
		printf(" %8s", "-");
	printf(" %9.0f %8.2f %7.1fx", cached.worst, plain.rate / 1e6, cached.rate / plain.rate);
	if (peer.rate > 0)
		printf(" %8.2f %7.1fx", peer.rate / 1e6, cached.rate / peer.rate);
	printf("\n");
	fflush(stdout);
	link_close(link);
}

static void bench_make_image(struct bench *bench)
{
	uint64_t state = 1;

	bench->folder = g_dir_make_tmp("bench-XXXXXX", NULL);
	bench->image = g_build_filename(bench->folder, "image", NULL);
	bench->content = g_malloc(BENCH_IMAGE);
	for (size_t i = 0; i < BENCH_IMAGE; i += 8) {
		state = state * 6364136223846793005u + 1442695040888963407u;
		memcpy(bench->content + i, &state, 8);
	}
	g_file_set_contents(bench->image, (const char *)bench->content, BENCH_IMAGE, NULL);
}

static void bench_tidy(struct bench *bench)
{
	g_autofree char *line = g_strdup_printf("rm -rf %s", bench->folder);

	servers_end(&bench->web);
	servers_end(&bench->nbd);
	g_spawn_command_line_sync(line, NULL, NULL, NULL, NULL);
	g_free(bench->folder);
	g_free(bench->image);
	g_free(bench->content);
	g_free(bench->peer_socket);
}

int main(int argc, char **argv)
{
	static const char *const kinds[] = {"web", "nbd"};
	struct bench bench = {.seconds = argc > 1 ? atof(argv[1]) : 6};
	const int only = argc > 2 ? atoi(argv[2]) : -1; /* round trip time, ms */
	const struct bench_link none = {0, 0};

	signal(SIGPIPE, SIG_IGN);
	g_unsetenv("http_proxy");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	bench_make_image(&bench);
	bench_servers(&bench);
	printf("%-23s %-19s %8s %8s %9s %8s %8s %8s %8s\n", "link, source", "pattern", "MB/s",
			"of link", "worst ms", "plain", "gain", "peer", "gain");
	for (size_t p = 0; only < 0 && p < G_N_ELEMENTS(bench_patterns); p++)
		bench_row(&bench, &none, "file", &bench_patterns[p]);
	for (size_t l = 0; l < G_N_ELEMENTS(bench_links); l++) {
		for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
			for (size_t p = 0; p < G_N_ELEMENTS(bench_patterns); p++) {
				if (only < 0 || bench_links[l].rtt == only)
					bench_row(&bench, &bench_links[l], kinds[k],
							&bench_patterns[p]);
			}
		}
	}
	bench_tidy(&bench);
	return 0;
}
