/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/keepalive.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/socket.h>

#define IDLE       5 /* s */
#define INTERVAL   2
#define PROBES     3
#define SILENCE_MS 12000

void keepalive_set(int fd)
{
	const struct {
		int level, name, value;
	} options[] = {
			{SOL_SOCKET, SO_KEEPALIVE, 1},
			{IPPROTO_TCP, TCP_KEEPIDLE, IDLE},
			{IPPROTO_TCP, TCP_KEEPINTVL, INTERVAL},
			{IPPROTO_TCP, TCP_KEEPCNT, PROBES},
			{IPPROTO_TCP, TCP_USER_TIMEOUT, SILENCE_MS},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		setsockopt(fd, options[i].level, options[i].name, &options[i].value,
				sizeof(options[i].value));
}
