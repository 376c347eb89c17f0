/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What viewers cost: a console in a process of its own, fed with a film of encoded frames, and real
 * clients in theirs that read the number in each picture; then others' servers with the same film.
 * The first line is what the machine takes for one copy of the picture, to compare runs by.
 */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include "tools/bench/link.h"
#include "tools/bench/viewer_parts.h"

#define BENCH_START   10000 /* ms for a process to be there */
#define BENCH_PICTURE 20000 /* ms for the first picture, over a slow line */

struct options {
	gboolean all, callgrind, list, no_peers;
	int frames;
	char *only;
};

/* --- Processes --- */

char *bench_program(const char *name)
{
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(self);
	char *path = g_build_filename(folder, name, NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return path;
	g_free(path);
	return NULL;
}

pid_t bench_start(const struct bench *bench, const char *role, bool film, const char *const *words)
{
	g_autofree char *film_fd_text = g_strdup_printf("%d", film_fd(bench->film));
	g_autofree char *board_fd_text = g_strdup_printf("%d", bench->board_fd);
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	const char *argv[20] = {self, role};
	int count = 2;

	if (film)
		argv[count++] = film_fd_text;
	argv[count++] = board_fd_text;
	while (*words && count < 19)
		argv[count++] = *words++;
	return board_start(argv, !g_getenv("BENCH_VIEWER_SAYS"));
}

/* The measured process: a program without what the clients need. */
static pid_t bench_start_server(const struct bench *bench, const char *config)
{
	g_autofree char *program = bench_program("bench_console");
	g_autofree char *film_fd_text = g_strdup_printf("%d", film_fd(bench->film));
	g_autofree char *board_fd_text = g_strdup_printf("%d", bench->board_fd);
	const char *argv[12] = {0};
	int count = 0;

	for (int i = 0; bench->under && bench->under[i]; i++)
		argv[count++] = bench->under[i];
	argv[count++] = program;
	argv[count++] = film_fd_text;
	argv[count++] = board_fd_text;
	argv[count] = config;
	if (program)
		return board_start(argv, !g_getenv("BENCH_VIEWER_SAYS"));
	g_strlcpy(bench->board->wrong, "no bench_console beside this program",
			sizeof(bench->board->wrong));
	return 0;
}

const char *bench_wrong(const struct bench *bench)
{
	if (bench->board->wrong[0])
		return bench->board->wrong;
	for (int i = 0; i < BOARD_VIEWERS; i++)
		if (bench->board->viewers[i].wrong[0])
			return bench->board->viewers[i].wrong;
	return NULL;
}

bool bench_wait(const struct bench *bench, volatile int *condition, int least, int ms)
{
	for (int waited = 0; *condition < least && waited < ms && !bench_wrong(bench); waited += 10)
		g_usleep(10000);
	return *condition >= least && !bench_wrong(bench);
}

/* --- One setting --- */

static int64_t bench_film_ms(const struct bench *bench)
{
	return 1000LL * (film_end(bench->film) + bench->board->before) / bench->board->rate + 15000;
}

/* The server is there: viewers look, the film runs. */
static void bench_show(struct bench *bench, const struct setting *setting, const char *address)
{
	struct board *board = bench->board;
	g_autofree char *authority = g_build_filename(bench->folder, "cert.pem", NULL);
	pid_t viewers[BOARD_VIEWERS] = {0};
	bool going = true;

	for (int i = 0; i < setting->viewers; i++) {
		const char number[2] = {(char)('0' + i)};
		const char *const words[] = {
				number, address, setting->tls ? authority : NULL, NULL};

		viewers[i] = bench_start(bench, "--watch", false, words);
	}
	for (int i = 0; i < setting->viewers && going; i++)
		going = bench_wait(bench, &board->viewers[i].ready, 1, BENCH_PICTURE);
	if (going) {
		g_usleep(300000);
		if (setting->stopped)
			kill(viewers[setting->viewers - 1], SIGSTOP);
		board->go = 1;
		going = bench_wait(bench, &board->phase, FILM_PHASES, (int)bench_film_ms(bench));
		g_usleep(100000); /* until the viewers have heard of it */
	}
	if (!going && !bench_wrong(bench))
		g_strlcpy(board->wrong,
				board->go ? "the film came to no end"
					  : "a viewer never had the picture",
				sizeof(board->wrong));
	board->stop = 1;
	if (setting->stopped && viewers[setting->viewers - 1])
		kill(viewers[setting->viewers - 1], SIGCONT);
	for (int i = 0; i < setting->viewers; i++)
		board_end(viewers[i]);
}

void bench_serve(struct bench *bench, const struct setting *setting)
{
	struct board *board = bench->board;
	g_autofree char *config = bench_configure(bench, setting);
	pid_t server = bench_start_server(bench, config);
	g_autofree char *near = NULL;
	struct link *link = NULL;
	const char *colon;

	if (bench_wait(bench, &board->ready, 1, BENCH_START) &&
			(colon = strrchr(board->address, ':'))) {
		if (setting->rate > 0) {
			link = link_open((unsigned int)atoi(colon + 1), 2000LL * setting->delay,
					setting->rate * 1e6 / 8);
			near = g_strdup_printf("127.0.0.1:%u", link_port(link));
		}
		bench_show(bench, setting, near ? near : board->address);
	}
	board->stop = 1;
	board_end(server);
	link_close(link);
}

static bool bench_is_peer(const struct setting *setting)
{
	return setting->server != SETTING_DIRECT && setting->server != SETTING_LIBRARY;
}

static void bench_setting(struct bench *bench, const struct setting *setting, struct figures *out)
{
	bench->board = board_new(&bench->board_fd);
	bench->board->rate = BENCH_RATE;
	bench->board->selector = setting->selector;
	bench->board->moving = setting->rate > 0;
	bench->board->before = setting->selector ? 0 : BENCH_ADAPT * BENCH_RATE;
	if (bench_is_peer(setting))
		peers_run(bench, setting, out);
	else
		bench_serve(bench, setting);
	if (bench_wrong(bench))
		g_strlcpy(out->wrong, bench_wrong(bench), sizeof(out->wrong));
	else if (!out->wrong[0])
		figures_make(bench->board, setting, bench->frames, out);
	board_close(bench->board, bench->board_fd);
}

/* The film that a setting needs; settings with the same one should follow each other. */
static void bench_load(struct bench *bench, const struct setting *setting)
{
	struct film_look look = {
			.width = BENCH_WIDTH,
			.height = BENCH_HEIGHT,
			.codec = setting->codec,
			.chroma = setting->chroma,
			.selectors = {7, 4, 2},
			.frames = bench->frames,
	};

	if (setting->codec == CAPTURE_JPEG || setting->chroma == 444)
		look.selectors[1] = 0;
	if (bench->film && memcmp(&look, film_look(bench->film), sizeof(look)) == 0)
		return;
	film_free(bench->film);
	bench->film = film_new(&look);
}

/* --- All of them --- */

static bool bench_wanted(const struct setting *setting, const struct options *options)
{
	if (options->only)
		return strcmp(options->only, setting->name) == 0 ||
		       (strlen(options->only) > 1 && g_str_has_suffix(options->only, "*") &&
				       strncmp(options->only, setting->name,
						       strlen(options->only) - 1) == 0);
	return (options->all || !setting->more) && !(options->no_peers && bench_is_peer(setting));
}

static bool bench_same_film(const struct setting *a, const struct setting *b)
{
	return a->codec == b->codec && a->chroma == b->chroma;
}

/* By film, so that each is made once; the table is in this order too. */
static void bench_all(struct bench *bench, const struct options *options)
{
	struct figures *all = g_new0(struct figures, settings_count);
	bool *done = g_new0(bool, settings_count);

	table_head(bench->frames);
	for (int first = 0; first < settings_count; first++)
		for (int i = first; i < settings_count; i++) {
			if (done[i] || !bench_wanted(&settings[i], options) ||
					!bench_same_film(&settings[i], &settings[first]))
				continue;
			done[i] = true;
			bench_load(bench, &settings[i]);
			bench_setting(bench, &settings[i], &all[i]);
			table_setting(&settings[i], &all[i], &all[0], bench->frames);
		}
	table_goals(all, bench->frames);
	g_free(done);
	g_free(all);
}

static void bench_reference(void)
{
	size_t bytes = (size_t)BENCH_WIDTH * BENCH_HEIGHT * 4;
	void *from = g_malloc0(bytes), *to = g_malloc0(bytes);
	struct timespec before, after;

	memset(from, 1, bytes);
	memset(to, 2, bytes);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	for (int i = 0; i < 100; i++)
		memcpy((char *)to + i % 2, from, bytes - 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	printf("copying one picture takes %.2f ms of CPU here\n",
			((after.tv_sec - before.tv_sec) * 1e3 +
					(after.tv_nsec - before.tv_nsec) / 1e6) /
					100);
	g_free(from);
	g_free(to);
}

static int bench_count(struct bench *bench, const char *name)
{
	for (int i = 0; i < settings_count; i++)
		if (strcmp(settings[i].name, name) == 0 && !bench_is_peer(&settings[i])) {
			bench_load(bench, &settings[i]);
			return callgrind_run(bench, &settings[i]);
		}
	fprintf(stderr, "no setting of ours is called \"%s\"; see --list\n", name);
	return 2;
}

static bool bench_parse(int *argc, char ***argv, struct options *options)
{
	const GOptionEntry entries[] = {
			{"all", 0, 0, G_OPTION_ARG_NONE, &options->all,
					"All settings; takes about twice as long", NULL},
			{"only", 0, 0, G_OPTION_ARG_STRING, &options->only,
					"This setting, or those that begin so with a * at the end",
					"NAME"},
			{"no-peers", 0, 0, G_OPTION_ARG_NONE, &options->no_peers,
					"Not the servers of others", NULL},
			{"frames", 0, 0, G_OPTION_ARG_INT, &options->frames,
					"Frames of each content (60)", "N"},
			{"list", 0, 0, G_OPTION_ARG_NONE, &options->list, "List the settings",
					NULL},
			{"callgrind", 0, 0, G_OPTION_ARG_NONE, &options->callgrind,
					"Instructions a frame, counted by valgrind", NULL},
			G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new("- what viewers cost");
	GError *error = NULL;

	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		g_clear_error(&error);
		return false;
	}
	if (options->frames < 1 || options->frames > FILM_MOST) {
		fprintf(stderr, "1 to %d frames\n", FILM_MOST);
		return false;
	}
	return true;
}

static int bench_main(int argc, char **argv)
{
	struct options options = {0};
	struct bench bench = {0};
	g_autofree char *clean = NULL;
	int status = 0;

	for (int i = 1; i < argc; i++)
		options.callgrind |= strcmp(argv[i], "--callgrind") == 0;
	options.frames = options.callgrind ? 16 : 60;
	if (!bench_parse(&argc, &argv, &options))
		return 2;
	for (int i = 0; options.list && i < settings_count; i++)
		printf("%s%s\n", settings[i].name, settings[i].more ? " (with --all)" : "");
	if (options.list)
		return 0;
	bench.frames = options.frames;
	bench.folder = g_dir_make_tmp("bench-viewer-XXXXXX", NULL);
	bench_reference();
	if (options.callgrind) {
		status = bench_count(&bench, options.only ? options.only : settings[0].name);
	} else {
		bench_all(&bench, &options);
	}
	film_free(bench.film);
	clean = g_strdup_printf("rm -rf %s", bench.folder);
	g_spawn_command_line_sync(clean, NULL, NULL, NULL, NULL);
	g_free(bench.folder);
	g_free(options.only);
	return status;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && strcmp(argv[1], "--watch") == 0)
		return watch_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--http") == 0)
		return http_main(argc, argv);
	if (argc > 1 && strcmp(argv[1], "--feed") == 0)
		return feed_main(argc, argv);
	return bench_main(argc, argv);
}
