/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Puts a film on an X server's screen, what has changed of each picture only: peer_put FILM BOARD,
 * with the numbers of descriptors. For servers that show a screen of X.
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XShm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include "decoder/decoder.h"
#include "tools/bench/film_play.h"

struct put {
	Display *display;
	Window window;
	GC gc;
	XImage *image;
	XShmSegmentInfo segment;
	struct decoder *decoder;
	struct board *board;
};

static bool put_open(struct put *put, int width, int height)
{
	int screen;
	XSetWindowAttributes attributes = {.override_redirect = True};

	put->display = XOpenDisplay(NULL);
	if (!put->display)
		return false;
	screen = DefaultScreen(put->display);
	put->window = XCreateWindow(put->display, RootWindow(put->display, screen), 0, 0, width,
			height, 0, CopyFromParent, InputOutput, CopyFromParent, CWOverrideRedirect,
			&attributes);
	XMapRaised(put->display, put->window);
	put->gc = XCreateGC(put->display, put->window, 0, NULL);
	put->image = XShmCreateImage(put->display, DefaultVisual(put->display, screen), 24, ZPixmap,
			NULL, &put->segment, width, height);
	if (!put->image || put->image->bits_per_pixel != 32)
		return false;
	put->segment.shmid = shmget(
			IPC_PRIVATE, (size_t)put->image->bytes_per_line * height, IPC_CREAT | 0600);
	put->segment.shmaddr = put->image->data = shmat(put->segment.shmid, NULL, 0);
	XShmAttach(put->display, &put->segment);
	XSync(put->display, False);
	shmctl(put->segment.shmid, IPC_RMID, NULL);
	return true;
}

static void put_rectangle(
		struct put *put, const struct picture *picture, int x, int y, int width, int height)
{
	if (x + width > picture->width)
		width = picture->width - x;
	if (y + height > picture->height)
		height = picture->height - y;
	for (int row = y; row < y + height; row++)
		memcpy(put->image->data + (size_t)row * put->image->bytes_per_line + 4 * x,
				picture->pixels + (size_t)row * picture->stride + x, 4 * width);
	XShmPutImage(put->display, put->window, put->gc, put->image, x, y, x, y, width, height,
			False);
}

/* The changed part of a row of units. */
static void put_row(struct put *put, const struct picture *picture, const struct damage *damage,
		int row)
{
	const uint8_t *map = damage->map + (size_t)row * damage->columns;
	int first = 0, end = damage->columns;

	while (first < end && !map[first])
		first++;
	while (end > first && !map[end - 1])
		end--;
	if (first < end)
		put_rectangle(put, picture, first * damage->unit, row * damage->unit,
				(end - first) * damage->unit, damage->unit);
}

static void put_frame(const struct capture_frame *frame, int number, void *data)
{
	struct put *put = data;
	const struct picture *picture = decoder_picture(put->decoder);
	const struct damage *damage = decoder_damage(put->decoder);
	struct decoder_result result;
	struct decoder_frame input;

	if (!frame)
		return;
	input = (struct decoder_frame){
			.data = frame->data,
			.size = frame->size,
			.codec = frame->codec == CAPTURE_JPEG ? DECODER_JPEG : DECODER_AJPG,
			.width = frame->width,
			.height = frame->height,
			.chroma = frame->chroma,
			.selector = frame->selector,
			.second_selector = frame->second_selector,
	};
	if (!decoder_decode(put->decoder, &input, &result))
		return;
	/* What decoding takes is the film's, not the server's. */
	put->board->handed[number] = g_get_monotonic_time();
	if (result.resized) {
		put_rectangle(put, picture, 0, 0, picture->width, picture->height);
	} else {
		for (int row = 0; damage->count && row < damage->rows; row++)
			put_row(put, picture, damage, row);
	}
	XSync(put->display, False);
}

int main(int argc, char **argv)
{
	struct put put = {0};
	struct film *film;
	struct film_play *play;

	if (argc != 3)
		return 2;
	film = film_open(atoi(argv[1]));
	put.board = board_open(atoi(argv[2]));
	put.decoder = decoder_new();
	if (!put_open(&put, film_look(film)->width, film_look(film)->height)) {
		g_strlcpy(put.board->wrong, "nothing can be put on the X server's screen",
				sizeof(put.board->wrong));
		return 1;
	}
	play = film_play_start(film, put.board, put_frame, &put);
	put.board->ready = 1;
	while (!put.board->stop)
		g_main_context_iteration(NULL, TRUE);
	film_play_stop(play);
	XCloseDisplay(put.display);
	decoder_free(put.decoder);
	film_free(film);
	return 0;
}
