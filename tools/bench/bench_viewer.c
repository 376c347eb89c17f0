/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a viewer costs: a console with its own process, fed with encoded frames, and a real client
 * on loopback that reads the number in each picture. CPU per frame with decoding, bytes on the
 * wire, time from a frame's arrival to its first rectangle on the client, memory. The first line is
 * what the machine takes for one copy of the picture, to compare runs by.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "src/console.h"
#include "src/console_config.h"
#include "src/node.h"
#include "tests/clients/client.h"
#include "tools/bench/film.h"
#include "tools/bench/scenes.h"

#define BENCH_WIDTH  1920
#define BENCH_HEIGHT 1080
#define BENCH_RATE   30
#define BENCH_FRAMES 90 /* of each phase */

/* What the processes tell each other. */
struct bench_board {
	volatile int ready, done;
	volatile int phase;                   /* at hand; -1 before the first */
	volatile double cpu[FILM_PHASES + 1]; /* of the server, seconds, as the phase began */
	volatile double wall[FILM_PHASES + 1];
	volatile long resident; /* of the server, KiB, without the film */
};

struct bench {
	struct film *film;
	struct bench_board *board;
	GMainLoop *loop;
	int64_t *seen; /* when the client first saw a number */
	unsigned long bytes[FILM_PHASES + 1];
	int phase; /* as the client knows it */
};

static double bench_cpu(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec +
	       usage.ru_stime.tv_usec / 1e6;
}

static long bench_resident(void)
{
	g_autofree char *text = NULL;
	const char *all, *shared;

	if (!g_file_get_contents("/proc/self/status", &text, NULL, NULL))
		return 0;
	all = strstr(text, "VmRSS:");
	shared = strstr(text, "RssShmem:");
	return all && shared ? atol(all + 6) - atol(shared + 9) : 0;
}

/* --- The server --- */

static void bench_phase(enum film_phase phase, void *data)
{
	struct bench *bench = data;
	struct bench_board *board = bench->board;

	board->cpu[phase] = bench_cpu();
	board->wall[phase] = g_get_monotonic_time() / 1e6;
	if (bench_resident() > board->resident)
		board->resident = bench_resident();
	board->phase = phase;
	if (phase == FILM_PHASES)
		g_main_loop_quit(bench->loop);
}

static int bench_serve(struct bench *bench, const char *address, bool lossless)
{
	g_autofree char *listen = g_strdup(address);
	char *addresses[] = {listen, NULL};
	struct node *node;
	struct console_config config = {0};
	struct console *console;
	GError *error = NULL;

	console_config_defaults(&config);
	g_strfreev(config.listen);
	config.listen = g_strdupv(addresses);
	config.image = lossless ? CONSOLE_IMAGE_LOSSLESS : CONSOLE_IMAGE_JPEG;
	bench->loop = g_main_loop_new(NULL, FALSE);
	node = node_new(film_play(bench->film, BENCH_RATE, bench_phase, bench));
	console = console_open(&config, node, &error);
	if (!console) {
		fprintf(stderr, "%s\n", error->message);
		return 1;
	}
	bench->board->ready = 1;
	g_main_loop_run(bench->loop);
	while (!bench->board->done)
		g_main_context_iteration(NULL, TRUE);
	console_close(console);
	node_close(node);
	g_main_loop_unref(bench->loop);
	console_config_clear(&config);
	return 0;
}

/* --- The client --- */

static void bench_drawn(struct client *client, void *data)
{
	struct bench *bench = data;
	struct client_picture picture = client_picture(client);
	int number;

	if (!picture.pixels || picture.width != BENCH_WIDTH)
		return;
	number = scene_read_mark(picture.pixels, picture.stride);
	if (number < 0 || number > FILM_STILL * film_frames(bench->film) || bench->seen[number])
		return;
	bench->seen[number] = g_get_monotonic_time();
}

static bool bench_look(struct client *client, void *data)
{
	struct bench *bench = data;
	int phase = bench->board->phase;

	if (phase != bench->phase && phase >= 0) {
		/* What is still under way belongs to the phase before; a few rectangles. */
		for (int i = bench->phase + 1; i <= phase; i++)
			bench->bytes[i] = client_read_bytes(client, CLIENT_DISPLAY);
		bench->phase = phase;
	}
	return phase == FILM_PHASES;
}

static int bench_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct bench_times {
	int shown;
	double median, p95; /* milliseconds from a frame's arrival to its first rectangle */
	double decode;      /* median of what decoding has of it */
};

static struct bench_times bench_times(const struct bench *bench, int first, int frames)
{
	double *late = g_new0(double, frames), *decode = g_new0(double, frames);
	struct bench_times times = {0};

	for (int i = 0; i < frames; i++) {
		decode[i] = film_decode_ms(bench->film, first + i);
		if (bench->seen[first + i])
			late[times.shown++] = (bench->seen[first + i] -
							      film_time(bench->film, first + i)) /
					      1e3;
	}
	qsort(late, times.shown, sizeof(*late), bench_compare);
	qsort(decode, frames, sizeof(*decode), bench_compare);
	times.decode = decode[frames / 2];
	if (times.shown) {
		times.median = late[times.shown / 2];
		times.p95 = late[times.shown * 95 / 100];
	}
	g_free(late);
	g_free(decode);
	return times;
}

static void bench_report_phase(const struct bench *bench, enum film_phase phase)
{
	const struct bench_board *board = bench->board;
	int frames = film_frames(bench->film);
	struct bench_times times = bench_times(bench, film_first(bench->film, phase), frames);

	printf("%-12s %4d/%d %13.2f %10.1f %10.2f %10.2f %13.2f\n", film_phase_names[phase],
			times.shown, frames,
			(board->cpu[phase + 1] - board->cpu[phase]) * 1e3 / frames,
			(bench->bytes[phase + 1] - bench->bytes[phase]) / 1e3 / frames,
			times.median, times.p95, times.decode);
}

static void bench_report(const struct bench *bench)
{
	const struct bench_board *board = bench->board;
	double still = board->wall[FILM_PHASES] - board->wall[FILM_STILL];
	int mixed = FILM_MOTION * film_frames(bench->film);
	struct bench_times times = bench_times(bench, film_first(bench->film, FILM_TYPING), mixed);

	printf("%-12s %7s %13s %10s %10s %10s %13s\n", "content", "shown", "CPU ms/frame",
			"KB/frame", "median ms", "p95 ms", "of it decode");
	for (int phase = FILM_TYPING; phase < FILM_STILL; phase++)
		bench_report_phase(bench, phase);
	printf("desktop mix (the first three): %.2f ms CPU a frame; median %.2f ms, %.2f of it decoding\n",
			(board->cpu[FILM_MOTION] - board->cpu[FILM_TYPING]) * 1e3 / mixed,
			times.median, times.decode);
	printf("still: %.2f %% CPU, %lu bytes in %.1f s\n",
			(board->cpu[FILM_PHASES] - board->cpu[FILM_STILL]) * 100 / still,
			bench->bytes[FILM_PHASES] - bench->bytes[FILM_STILL], still);
	printf("server's resident memory: %.1f MB\n", board->resident / 1024.0);
}

static void bench_reference(void)
{
	size_t bytes = (size_t)BENCH_WIDTH * BENCH_HEIGHT * 4;
	void *from = g_malloc0(bytes), *to = g_malloc0(bytes);
	double start;

	memcpy(to, from, bytes);
	start = bench_cpu();
	for (int i = 0; i < 100; i++)
		memcpy((char *)to + i % 2, from, bytes - 1);
	printf("%dx%d at %d fps; copying one picture takes %.2f ms of CPU here\n", BENCH_WIDTH,
			BENCH_HEIGHT, BENCH_RATE, (bench_cpu() - start) * 10);
	g_free(from);
	g_free(to);
}

int main(int argc, char **argv)
{
	bool lossless = argc > 1 && strcmp(argv[1], "--lossless") == 0;
	g_autofree char *address = g_strdup_printf("127.0.0.1:%d", 20000 + getpid() % 20000);
	struct bench bench = {.phase = -1};
	struct client *client;
	pid_t server;

	bench.board = mmap(NULL, sizeof(*bench.board), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bench.board->phase = -1;
	bench_reference();
	bench.film = film_new(BENCH_WIDTH, BENCH_HEIGHT, 7, BENCH_FRAMES);
	bench.seen = g_new0(int64_t, 1 + FILM_STILL * BENCH_FRAMES);
	fflush(stdout);
	server = fork();
	if (server == 0)
		_exit(bench_serve(&bench, address, lossless));
	while (!bench.board->ready && waitpid(server, NULL, WNOHANG) == 0)
		g_usleep(10000);
	client = client_open(&(struct client_settings){.address = address});
	client_on_drawn(client, bench_drawn, &bench);
	if (client_wait(client, bench_look, &bench, 60000))
		bench_report(&bench);
	else
		printf("the client never saw the end: %s\n", client_error(client));
	bench.board->done = 1;
	client_close(client);
	waitpid(server, NULL, 0);
	film_free(bench.film);
	g_free(bench.seen);
	return 0;
}
