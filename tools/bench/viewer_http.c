/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A browser's part with a server of motion JPEG: reads the parts of the stream, decodes each and
 * reads its number. And who feeds the server's video device.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "decoder/decoder.h"
#include "tools/bench/feed.h"
#include "tools/bench/film_play.h"
#include "tools/bench/viewer_parts.h"

#define HTTP_ROOM (16u << 20)

struct http {
	struct board *board;
	int viewer, phase, fd;
	struct decoder *decoder;
	unsigned long bytes;
	char *data; /* what has come and is not looked at; ends with a 0 */
	size_t used;
};

static int http_connect(const char *address)
{
	const char *colon = strrchr(address, ':');
	struct sockaddr_in to = {.sin_family = AF_INET,
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
			.sin_port = htons(colon ? (uint16_t)atoi(colon + 1) : 0)};
	static const char request[] = "GET /stream HTTP/1.1\r\nHost: bench\r\n\r\n";
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 &&
			write(fd, request, strlen(request)) == (ssize_t)strlen(request))
		return fd;
	close(fd);
	return -1;
}

static void http_show(struct http *http, const char *data, size_t size)
{
	const struct decoder_frame frame = {
			.data = (const uint8_t *)data,
			.size = size,
			.codec = DECODER_JPEG,
			.width = BENCH_WIDTH,
			.height = BENCH_HEIGHT,
	};
	const struct picture *picture = decoder_picture(http->decoder);
	struct decoder_result result;

	if (decoder_decode(http->decoder, &frame, &result))
		board_look(http->board, http->viewer, picture->pixels, picture->stride,
				picture->height);
}

/* Shows a part of the stream when all of it is there. */
static bool http_part(struct http *http)
{
	static const char length[] = "Content-Length:", end[] = "\r\n\r\n";
	const char *field = strstr(http->data, length);
	const char *body = field ? strstr(field, end) : NULL;
	size_t size, head;

	if (!body)
		return false;
	size = strtoul(field + strlen(length), NULL, 10);
	head = (size_t)(body - http->data) + strlen(end);
	if (http->used < head + size)
		return false;
	http_show(http, http->data + head, size);
	http->used -= head + size;
	memmove(http->data, http->data + head + size, http->used + 1);
	return true;
}

static bool http_read(struct http *http)
{
	struct pollfd wait = {.fd = http->fd, .events = POLLIN};
	ssize_t got;

	if (poll(&wait, 1, 20) <= 0)
		return true;
	got = read(http->fd, http->data + http->used, HTTP_ROOM - 1 - http->used);
	if (got <= 0)
		return false;
	http->bytes += (unsigned long)got;
	http->used += (size_t)got;
	http->data[http->used] = 0;
	while (http_part(http))
		;
	return true;
}

int http_main(int argc, char **argv)
{
	struct http http = {.phase = -1};

	if (argc != 5)
		return 2;
	http.board = board_open(atoi(argv[2]));
	http.viewer = atoi(argv[3]);
	http.decoder = decoder_new();
	http.data = g_malloc0(HTTP_ROOM);
	http.fd = http_connect(argv[4]);
	while (!http.board->stop && http_read(&http))
		board_follow(http.board, http.viewer, &http.phase, http.bytes);
	if (!http.board->stop)
		g_strlcpy(http.board->viewers[http.viewer].wrong, "the stream ended",
				sizeof(http.board->viewers[0].wrong));
	close(http.fd);
	decoder_free(http.decoder);
	g_free(http.data);
	return 0;
}

/* --- The device's frames --- */

struct feed {
	struct film *film;
	int fd;
};

static void feed_frame(const struct capture_frame *frame, int number, void *data)
{
	struct feed *feed = data;
	struct feed_frame told;

	(void)number;
	if (!frame)
		return;
	told = (struct feed_frame){film_offset(feed->film, frame), frame->size};
	/* Where nobody reads any more, the viewer finds out. */
	if (write(feed->fd, &told, sizeof(told)) < 0)
		return;
}

int feed_main(int argc, char **argv)
{
	struct feed feed;
	struct board *board;
	struct film_play *play;

	if (argc != 5)
		return 2;
	feed.film = film_open(atoi(argv[2]));
	board = board_open(atoi(argv[3]));
	feed.fd = atoi(argv[4]);
	fcntl(feed.fd, F_SETFL, O_NONBLOCK);
	play = film_play_start(feed.film, board, feed_frame, &feed);
	while (!board->stop)
		g_main_context_iteration(NULL, TRUE);
	film_play_stop(play);
	film_free(feed.film);
	return 0;
}
