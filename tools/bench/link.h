/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A long link in user space: a TCP relay on 127.0.0.1 with a round trip time and a rate, on a
 * thread of its own. All connections share the rate of a direction, as on a line; a connection is
 * there after one round trip. What is on the line takes no memory of the peers: no lost packets,
 * and no window but theirs.
 */
#include <stdint.h>

struct link;

/* port: of the server on 127.0.0.1. rtt: microseconds; rate: bytes per second, 0: any. */
struct link *link_open(unsigned int port, int64_t rtt, double rate);
unsigned int link_port(const struct link *link);
void link_close(struct link *link); /* NULL is fine */
