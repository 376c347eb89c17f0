/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/web_loop.h"
#include <glib-unix.h>
#include <glib.h>

struct web_loop {
	CURLM *multi;
	GHashTable *watches; /* of a socket: its GSource */
	guint timer;
	web_loop_done_fn done;
	void *data;
};

static void web_loop_deliver(struct web_loop *loop)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(loop->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			loop->done(message->easy_handle, message->data.result, loop->data);
}

static gboolean web_loop_ready(gint fd, GIOCondition condition, gpointer data)
{
	struct web_loop *loop = data;
	int mask = 0, running;

	if (condition & (G_IO_IN | G_IO_HUP))
		mask |= CURL_CSELECT_IN;
	if (condition & G_IO_OUT)
		mask |= CURL_CSELECT_OUT;
	if (condition & (G_IO_ERR | G_IO_NVAL))
		mask |= CURL_CSELECT_ERR;
	curl_multi_socket_action(loop->multi, fd, mask, &running);
	web_loop_deliver(loop);
	return G_SOURCE_CONTINUE; /* if the watch is still wanted; else it is destroyed already */
}

static void web_loop_unwatch(gpointer watch)
{
	g_source_destroy(watch);
	g_source_unref(watch);
}

static int web_loop_socket(
		CURL *easy, curl_socket_t fd, int what, void *data, void *unused G_GNUC_UNUSED)
{
	struct web_loop *loop = data;
	GIOCondition condition = 0;
	GSource *watch;

	(void)easy;
	g_hash_table_remove(loop->watches, GINT_TO_POINTER(fd));
	if (what == CURL_POLL_REMOVE)
		return 0;
	if (what & CURL_POLL_IN)
		condition |= G_IO_IN;
	if (what & CURL_POLL_OUT)
		condition |= G_IO_OUT;
	watch = g_unix_fd_source_new(fd, condition | G_IO_ERR | G_IO_HUP);
	g_source_set_callback(watch, G_SOURCE_FUNC(web_loop_ready), loop, NULL);
	g_source_attach(watch, NULL);
	g_hash_table_insert(loop->watches, GINT_TO_POINTER(fd), watch);
	return 0;
}

static gboolean web_loop_time(gpointer data)
{
	struct web_loop *loop = data;
	int running;

	loop->timer = 0; /* the library sets the next one from within */
	curl_multi_socket_action(loop->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	web_loop_deliver(loop);
	return G_SOURCE_REMOVE;
}

static int web_loop_timer(CURLM *multi, long milliseconds, void *data)
{
	struct web_loop *loop = data;

	(void)multi;
	if (loop->timer)
		g_source_remove(loop->timer);
	loop->timer = milliseconds < 0 ? 0 : g_timeout_add(milliseconds, web_loop_time, loop);
	return 0;
}

struct web_loop *web_loop_open(long connections, web_loop_done_fn done, void *data)
{
	CURLM *multi;
	struct web_loop *loop;

	/* The library counts: what it sets up, OpenSSL's part above all, is there from the first
	 * image of a web server on. */
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return NULL;
	multi = curl_multi_init();
	if (!multi) {
		curl_global_cleanup();
		return NULL;
	}
	loop = g_new0(struct web_loop, 1);
	loop->multi = multi;
	loop->watches = g_hash_table_new_full(NULL, NULL, NULL, web_loop_unwatch);
	loop->done = done;
	loop->data = data;
	curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, web_loop_socket);
	curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, loop);
	curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, web_loop_timer);
	curl_multi_setopt(multi, CURLMOPT_TIMERDATA, loop);
	curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections);
	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
	curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
	return loop;
}

void web_loop_add(struct web_loop *loop, CURL *easy)
{
	curl_multi_add_handle(loop->multi, easy);
}

void web_loop_remove(struct web_loop *loop, CURL *easy)
{
	curl_multi_remove_handle(loop->multi, easy);
}

void web_loop_close(struct web_loop *loop)
{
	if (!loop)
		return;
	curl_multi_cleanup(loop->multi); /* still tells of sockets and timers */
	g_hash_table_destroy(loop->watches);
	if (loop->timer)
		g_source_remove(loop->timer);
	g_free(loop);
	curl_global_cleanup();
}
