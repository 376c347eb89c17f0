/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A VNC client that reads the numbers in the pictures: peer_vnc BOARD VIEWER HOST:PORT. */
#include <glib.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <rfb/rfbclient.h>
#include <stdlib.h>
#include <sys/socket.h>
#include "tools/bench/board.h"

struct vnc {
	struct board *board;
	int viewer, phase;
};

static void vnc_drawn(rfbClient *client)
{
	struct vnc *vnc = rfbClientGetClientData(client, NULL);

	board_look(vnc->board, vnc->viewer, (const uint32_t *)(const void *)client->frameBuffer,
			client->width, client->height);
}

static unsigned long vnc_bytes(const rfbClient *client)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);

	getsockopt(client->sock, IPPROTO_TCP, TCP_INFO, &info, &size);
	return info.tcpi_bytes_received;
}

static bool vnc_turn(rfbClient *client)
{
	int ready = WaitForMessage(client, 20000);

	return ready == 0 || (ready > 0 && HandleRFBServerMessage(client));
}

int main(int argc, char **argv)
{
	struct vnc vnc = {.phase = -1};
	rfbClient *client;
	int count = 2;
	char *words[] = {argv[0], argc == 4 ? argv[3] : NULL, NULL};

	if (argc != 4)
		return 2;
	vnc.board = board_open(atoi(argv[1]));
	vnc.viewer = atoi(argv[2]);
	client = rfbGetClient(8, 3, 4);
	client->FinishedFrameBufferUpdate = vnc_drawn;
	client->canHandleNewFBSize = TRUE;
	rfbClientSetClientData(client, NULL, &vnc);
	if (!rfbInitClient(client, &count, words)) {
		g_strlcpy(vnc.board->viewers[vnc.viewer].wrong, "the VNC server lets nobody in",
				sizeof(vnc.board->viewers[0].wrong));
		return 1;
	}
	while (!vnc.board->stop && vnc_turn(client))
		board_follow(vnc.board, vnc.viewer, &vnc.phase, vnc_bytes(client));
	if (!vnc.board->stop)
		g_strlcpy(vnc.board->viewers[vnc.viewer].wrong, "the VNC server hung up",
				sizeof(vnc.board->viewers[0].wrong));
	rfbClientCleanup(client);
	return 0;
}
