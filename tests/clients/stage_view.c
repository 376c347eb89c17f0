/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include "tests/clients/stage_part.h"

static double channel_error(uint32_t a, uint32_t b, int shift)
{
	int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);

	return difference * difference;
}

double stage_screen_psnr(const struct stage_screen *screen, const struct client_picture *picture)
{
	double sum = 0;

	if (picture->width != screen->width || picture->height != screen->height)
		return 0;
	for (int y = 0; y < picture->height; y++) {
		const uint32_t *a = screen->pixels + (size_t)y * screen->stride;
		const uint32_t *b = picture->pixels + (size_t)y * picture->stride;

		for (int x = 0; x < picture->width; x++)
			sum += channel_error(a[x], b[x], 0) + channel_error(a[x], b[x], 8) +
			       channel_error(a[x], b[x], 16);
	}
	if (sum == 0)
		return 99;
	return 10 * log10(255.0 * 255.0 * 3 * picture->width * picture->height / sum);
}

static bool view_is_same(struct client *client, void *data)
{
	struct client_picture picture = client_picture(client);

	return picture.pixels && stage_screen_psnr(data, &picture) == 99;
}

void stage_view(const char *address)
{
	struct client *client = client_open(&(struct client_settings){.address = address});
	struct stage_screen *screen = mmap(
			NULL, sizeof(*screen), PROT_READ, MAP_SHARED, STAGE_SCREEN, 0);
	char packet[STAGE_PACKET];

	for (;;) {
		ssize_t count = recv(STAGE_CONTROL, packet, sizeof(packet) - 1, MSG_DONTWAIT);
		bool met;
		int ms;

		if (count < 0 && errno == EAGAIN) {
			client_run(client, 10);
			continue;
		}
		if (count <= 0)
			break;
		packet[count] = '\0';
		if (sscanf(packet, "picture %d", &ms) == 1)
			met = client_wait(client, client_has_picture, NULL, ms);
		else if (sscanf(packet, "same %d", &ms) == 1)
			met = client_wait(client, view_is_same, screen, ms);
		else
			met = false;
		send(STAGE_CONTROL, met ? "=yes" : "=no", met ? 4 : 3, MSG_NOSIGNAL);
	}
	client_close(client);
}

void stage_test_init(int *argc, char ***argv)
{
	g_test_init(argc, argv, NULL);
	g_log_set_always_fatal(G_LOG_FATAL_MASK);
}

void stage_begin(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc != 4)
		return;
	if (strcmp(argv[1], STAGE_SERVE) == 0) {
		g_log_set_always_fatal(G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL);
		stage_serve(*argv[2] ? argv[2] : NULL, strcmp(argv[3], "lossless") == 0);
	} else if (strcmp(argv[1], STAGE_VIEW) == 0) {
		stage_view(argv[2]);
	} else {
		return;
	}
	exit(0);
}
