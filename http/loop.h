/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Lets the default main context drive libmicrohttpd's epoll mode ("external" polling). */
#include <glib.h>

struct MHD_Daemon;

/* NULL when the daemon has no epoll descriptor. Destroy and unref before the daemon is stopped. */
GSource *http_loop_attach(struct MHD_Daemon *daemon);

/* Has the daemon run soon: it does not notice by itself that a connection was resumed. */
void http_loop_wake(GSource *source);
