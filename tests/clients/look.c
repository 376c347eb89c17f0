/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at a console until it is killed, for tests in shell: look ADDRESS */
#include "tests/clients/client.h"

int main(int argc, char **argv)
{
	struct client *client;

	if (argc != 2)
		return 2;
	client = client_open(&(struct client_settings){.address = argv[1]});
	client_run(client, 60000);
	client_close(client);
	return 0;
}
