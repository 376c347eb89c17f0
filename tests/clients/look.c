/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looks at a console until it is killed, for tests in shell: look ADDRESS [IMAGE]. Shares the image
 * as a CD, where one is named, and says so; SIGUSR1: not any more.
 */
#include <glib-unix.h>
#include <stdio.h>
#include "tests/clients/client.h"

static gboolean share_no_more(gpointer client)
{
	client_unshare(client);
	return G_SOURCE_REMOVE;
}

int main(int argc, char **argv)
{
	struct client *client;

	if (argc != 2 && argc != 3)
		return 2;
	client = client_open(&(struct client_settings){.address = argv[1]});
	/* Before the channels are there nothing can be shared. */
	if (argc == 3 && client_wait(client, client_has_picture, NULL, 20000)) {
		puts("sharing");
		fflush(stdout);
		client_share(client, argv[2]);
		g_unix_signal_add(SIGUSR1, share_no_more, client);
	}
	client_run(client, 60000);
	client_close(client);
	return 0;
}
