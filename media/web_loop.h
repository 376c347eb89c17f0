/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * libcurl's transfers on the default main context: no thread, and nothing wakes while no transfer
 * is under way. Connections are kept between transfers.
 */
#include <curl/curl.h>

struct web_loop;

/* A transfer came to its end by itself; it is still to be removed. Must not close the loop. */
typedef void (*web_loop_done_fn)(CURL *easy, CURLcode code, void *data);

/*
 * connections: at most so many to one host. Returns NULL when there is no memory. libcurl is set up
 * as long as there is a loop; handles are made, and end, within that time.
 */
struct web_loop *web_loop_open(long connections, web_loop_done_fn done, void *data);

/* Begins a transfer at the next turn of the main loop; the handle stays the caller's. */
void web_loop_add(struct web_loop *loop, CURL *easy);

/* Ends a transfer at once, whatever it waits for; its connection goes unless it has ended. */
void web_loop_remove(struct web_loop *loop, CURL *easy);

void web_loop_close(struct web_loop *loop); /* NULL is fine; all transfers must be removed */
