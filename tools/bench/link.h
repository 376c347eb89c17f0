/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A long link in user space: passes TCP connections on, each way some milliseconds late, at any
 * rate. Works on a thread of its own.
 */
struct link;

/* target: "HOST:PORT"; delay: ms, one way. */
struct link *link_open(const char *target, int delay);

/* Where to connect instead. */
const char *link_address(const struct link *link);

void link_close(struct link *link); /* NULL is fine */
