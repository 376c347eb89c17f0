/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A real SPICE client that reads the numbers in the pictures. */
#include <stdlib.h>
#include "tests/clients/client.h"
#include "tools/bench/viewer_parts.h"

#define WATCH_LONGEST 600000 /* ms */

struct watch {
	struct board *board;
	int viewer, phase;
};

static void watch_drawn(struct client *client, void *data)
{
	struct watch *watch = data;
	struct client_picture picture = client_picture(client);

	if (picture.pixels && picture.width == BENCH_WIDTH && picture.height == BENCH_HEIGHT)
		board_look(watch->board, watch->viewer, picture.pixels, picture.stride,
				picture.height);
}

static bool watch_over(struct client *client, void *data)
{
	struct watch *watch = data;

	board_follow(watch->board, watch->viewer, &watch->phase,
			client_read_bytes(client, CLIENT_DISPLAY));
	return watch->board->stop || client_is_gone(client, NULL);
}

int watch_main(int argc, char **argv)
{
	struct watch watch = {.phase = -1};
	struct client *client;

	if (argc != 5 && argc != 6)
		return 2;
	watch.board = board_open(atoi(argv[2]));
	watch.viewer = atoi(argv[3]);
	client = client_open(&(struct client_settings){
			.address = argv[4], .authority = argv[5], /* argv ends with NULL */
	});
	client_on_drawn(client, watch_drawn, &watch);
	client_wait(client, watch_over, &watch, WATCH_LONGEST);
	if (client_is_gone(client, NULL) && !watch.board->stop)
		g_strlcpy(watch.board->viewers[watch.viewer].wrong,
				client_error(client) ? client_error(client)
						     : "the server closed the connection",
				sizeof(watch.board->viewers[0].wrong));
	client_close(client);
	return 0;
}
