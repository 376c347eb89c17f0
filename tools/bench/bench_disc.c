/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How fast a disc is read that a stock client shares: at the source, on loopback and through a link
 * of some delay, in pieces of a cache's block and in single reads of a boot loader's sizes. The
 * first line is a plain copy of the image through a socket, to compare runs by.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/clients/share.h"
#include "tools/bench/link.h"

#define IMAGE_SIZE (64u << 20)
#define ROUNDS     3

struct bench {
	char *image;
	char *digest;
};

static void *feed(void *data)
{
	static uint8_t block[65536];
	int fd = *(int *)data;

	for (size_t left = IMAGE_SIZE; left > 0;) {
		ssize_t sent = send(fd, block, sizeof(block), MSG_NOSIGNAL);

		if (sent <= 0)
			break;
		left -= MIN((size_t)sent, left);
	}
	return NULL;
}

static double copy_rate(void)
{
	static uint8_t block[65536];
	int pair[2];
	pthread_t thread;
	int64_t began = g_get_monotonic_time();
	size_t got = 0;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return 0;
	pthread_create(&thread, NULL, feed, &pair[0]);
	while (got < IMAGE_SIZE) {
		ssize_t count = recv(pair[1], block, sizeof(block), 0);

		if (count <= 0)
			break;
		got += (size_t)count;
	}
	pthread_join(thread, NULL);
	close(pair[0]);
	close(pair[1]);
	return (double)got / (double)(g_get_monotonic_time() - began);
}

/* MB a second; the best of some rounds. */
static double read_rate(struct share *share, size_t size, size_t piece, unsigned int depth)
{
	double best = 0;

	for (int i = 0; i < ROUNDS; i++) {
		const char *answer = share_do(share, "sum 0 %zu %zu %u", size, piece, depth);
		long took = 0;

		if (sscanf(answer, "%*s %ld", &took) != 1 || g_str_has_prefix(answer, "error"))
			g_error("%s", answer);
		best = MAX(best, (double)size / (double)took);
	}
	return best;
}

/* Where the viewer connects for a round trip of so many milliseconds; g_free. */
static char *through(struct link *link, struct share *share)
{
	return link ? g_strdup_printf("127.0.0.1:%u", link_port(link))
		    : g_strdup(share_address(share, 0));
}

static void measure(const struct bench *bench, int delay)
{
	struct share *share = share_open(1);
	const char *port = strrchr(share_address(share, 0), ':');
	struct link *link = delay ? link_open((unsigned int)atoi(port + 1), 2 * delay * 1000, 0)
				  : NULL;
	g_autofree char *address = through(link, share);
	struct client *client = client_open(&(struct client_settings){.address = address});

	if (!client_wait(client, client_has_picture, NULL, 20000))
		g_error("no picture");
	client_share(client, bench->image);
	if (!share_wait_disc(share, true, 20000))
		g_error("no disc");
	printf("%3d ms round trip: 8 x 64 KiB %7.1f MB/s", 2 * delay,
			read_rate(share, delay ? 8 << 20 : IMAGE_SIZE, 65536, 8));
	fflush(stdout);
	printf(", 1 x 64 KiB %7.2f, 1 x 16 KiB %7.2f, 1 x 2 KiB %6.3f\n",
			read_rate(share, delay ? 1 << 20 : IMAGE_SIZE, 65536, 1),
			read_rate(share, delay ? 256 << 10 : 16 << 20, 16384, 1),
			read_rate(share, delay ? 32 << 10 : 2 << 20, 2048, 1));
	if (!delay) {
		const char *answer = share_do(share, "sum 0 %u 65536 8", IMAGE_SIZE);

		if (!g_str_has_prefix(answer, bench->digest))
			g_error("read wrong: %s", answer);
	}
	client_close(client);
	link_close(link);
	share_close(share);
}

int main(int argc, char **argv)
{
	struct bench bench = {0};
	g_autofree guint32 *bytes = g_malloc(IMAGE_SIZE);
	g_autoptr(GRand) random = g_rand_new_with_seed(1);

	share_begin(argc, argv);
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
	for (size_t i = 0; i < IMAGE_SIZE / sizeof(*bytes); i++)
		bytes[i] = g_rand_int(random);
	bench.digest = g_compute_checksum_for_data(
			G_CHECKSUM_SHA256, (const guchar *)bytes, IMAGE_SIZE);
	close(g_file_open_tmp("disc-XXXXXX.iso", &bench.image, NULL));
	if (!g_file_set_contents(bench.image, (const char *)bytes, IMAGE_SIZE, NULL))
		g_error("no room for an image");
	printf("%u MiB of noise, best of %d; a socket alone: %.0f MB/s\n", IMAGE_SIZE >> 20, ROUNDS,
			copy_rate());
	measure(&bench, 0);
	measure(&bench, 5);
	measure(&bench, 20);
	unlink(bench.image);
	g_free(bench.image);
	g_free(bench.digest);
	return 0;
}
