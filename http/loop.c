/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <microhttpd.h>
#include "http/loop.h"

struct http_loop {
	GSource base;
	struct MHD_Daemon *daemon; /* not ours */
	gpointer tag;              /* of its epoll descriptor */
};

/* ms until the daemon wants to run whatever its sockets do; -1: no need. */
static gint loop_timeout(const struct http_loop *loop)
{
	MHD_UNSIGNED_LONG_LONG timeout;

	if (MHD_get_timeout(loop->daemon, &timeout) != MHD_YES)
		return -1;
	return (gint)MIN(timeout, G_MAXINT);
}

static gboolean loop_prepare(GSource *source, gint *timeout)
{
	*timeout = loop_timeout((struct http_loop *)source);
	return *timeout == 0;
}

static gboolean loop_check(GSource *source)
{
	struct http_loop *loop = (struct http_loop *)source;

	return g_source_query_unix_fd(source, loop->tag) != 0 || loop_timeout(loop) == 0;
}

static gboolean loop_dispatch(GSource *source, GSourceFunc unused, gpointer data)
{
	struct MHD_Daemon *daemon = ((struct http_loop *)source)->daemon;

	g_source_set_ready_time(source, -1);
	MHD_run(daemon);
	MHD_run(daemon); /* looks for more clients again, when the first time let one go */
	return G_SOURCE_CONTINUE;
}

GSource *http_loop_attach(struct MHD_Daemon *daemon)
{
	static GSourceFuncs functions = {
			.prepare = loop_prepare,
			.check = loop_check,
			.dispatch = loop_dispatch,
	};
	const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
	GSource *source;
	struct http_loop *loop;

	if (!info)
		return NULL;
	source = g_source_new(&functions, sizeof(struct http_loop));
	loop = (struct http_loop *)source;
	loop->daemon = daemon;
	loop->tag = g_source_add_unix_fd(source, info->epoll_fd, G_IO_IN);
	g_source_attach(source, NULL);
	return source;
}

void http_loop_wake(GSource *source)
{
	g_source_set_ready_time(source, 0);
}
