/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The measured process: a console as the daemon opens it, with a film for its node's picture:
 * bench_console FILM BOARD CONFIG, with the numbers of descriptors.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "src/console.h"
#include "src/console_config.h"
#include "src/heap.h"
#include "src/log.h"
#include "src/node.h"
#include "tools/bench/film_play.h"

static gboolean serve_tick(gpointer data)
{
	const struct board *board = data;

	return !board->stop;
}

static void serve_done(void *data)
{
	(void)data;
}

static void serve_run(struct board *board, const struct console_config *config, struct film *film)
{
	struct node *node = node_new(film_capture(film, board, serve_done, NULL));
	GError *error = NULL;
	struct console *console = console_open(config, node, &error);

	if (console) {
		g_strlcpy(board->address, console_address(console), sizeof(board->address));
		board->measured[0] = getpid();
		board->ready = 1;
		/* Only after the end: a timer would count. */
		while (board->phase != FILM_PHASES && !board->stop)
			g_main_context_iteration(NULL, TRUE);
		g_timeout_add(20, serve_tick, board);
		while (!board->stop)
			g_main_context_iteration(NULL, TRUE);
		console_close(console);
	} else {
		g_strlcpy(board->wrong, error->message, sizeof(board->wrong));
		board->ready = 1;
		g_clear_error(&error);
	}
	node_close(node);
}

int main(int argc, char **argv)
{
	struct console_config config = {0};
	struct film *film;
	struct board *board;
	GError *error = NULL;

	if (argc != 4)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	heap_give_pictures_back();
	film = film_open(atoi(argv[1]));
	board = board_open(atoi(argv[2]));
	if (console_config_load(&config, argv[3], &error)) {
		serve_run(board, &config, film);
	} else {
		g_strlcpy(board->wrong, error->message, sizeof(board->wrong));
		board->ready = 1;
		g_clear_error(&error);
	}
	console_config_clear(&config);
	film_free(film);
	return 0;
}
