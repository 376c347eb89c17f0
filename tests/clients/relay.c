/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A long line to a server, until its standard input ends: relay PORT ROUND-TRIP-MS MBIT/S. Prints
 * the port at its near end.
 */
#include <stdio.h>
#include <stdlib.h>
#include "tools/bench/link.h"

int main(int argc, char **argv)
{
	struct link *link;

	if (argc != 4)
		return 2;
	link = link_open((unsigned int)atoi(argv[1]), (int64_t)(atof(argv[2]) * 1000),
			atof(argv[3]) * 1e6 / 8);
	printf("%u\n", link_port(link));
	fflush(stdout);
	while (getchar() != EOF)
		;
	link_close(link);
	return 0;
}
