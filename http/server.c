/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "http/loop.h"
#include "http/server_part.h"
#include "http/stream.h"
#include "http/tcp.h"

#define SERVER_CONNECTIONS 256
#define SERVER_TIMEOUT     15 /* s */
#define SERVER_BODY        (64 * 1024)
#define SERVER_COMMENTS    15          /* s */
#define SERVER_MEMORY      (16 * 1024) /* bytes for a connection: its headers, and buffers */
#define SERVER_MEMORY_TLS  (32 * 1024)

/* Of the connections to a TCP address, so many may come from one other end. */
#define SERVER_CONNECTIONS_EACH 32

/* GnuTLS: what it holds for safe, less what is older than TLS 1.2. */
static char server_ciphers[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* --- Routes of its own --- */

static const struct http_route server_routes[] = {
		{
				.method = HTTP_GET,
				.path = "/api/v1",
				.role = HTTP_READ,
				.help = "Lists what can be asked.",
		},
		{
				.method = HTTP_GET,
				.path = "/api/v1/openapi.json",
				.role = HTTP_READ,
				.help = "Describes the same as an OpenAPI document.",
		},
};

static bool server_list(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const struct http_server *server = data;

	answer->json = http_describe_list(
			&server->limits.about, (void *)server->words->data, server->words->len);
	return true;
}

static bool server_openapi(const struct http_request *request, struct http_answer *answer,
		void *data, GError **error)
{
	const struct http_server *server = data;

	answer->json = http_describe_openapi(
			&server->limits.about, (void *)server->words->data, server->words->len);
	return true;
}

static const http_handler_fn server_handlers[] = {server_list, server_openapi};

G_STATIC_ASSERT(G_N_ELEMENTS(server_routes) == G_N_ELEMENTS(server_handlers));

/* --- Listeners --- */

/* Escapes are decoded by http_target_parse, which tells a wrong one. */
static size_t listener_leave_escapes(void *data, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

/* What the library says while it starts is the reason why it does not; later it is but noise. */
static void listener_hear(void *data, const char *format, va_list args) G_GNUC_PRINTF(2, 0);

static void listener_hear(void *data, const char *format, va_list args)
{
	struct server_listener *listener = data;

	if (!listener->complaint)
		return;
	g_string_vprintf(listener->complaint, format, args);
	g_strdelimit(g_strchomp(listener->complaint->str), "\n", ' ');
}

static void listener_close(gpointer data)
{
	struct server_listener *listener = data;

	http_socket_remove(&listener->socket);
	if (listener->source) {
		g_source_destroy(listener->source);
		g_source_unref(listener->source);
	}
	if (listener->daemon)
		MHD_stop_daemon(listener->daemon); /* closes the socket */
	else if (listener->socket.fd >= 0)
		close(listener->socket.fd);
	if (listener->key)
		explicit_bzero(listener->key, strlen(listener->key));
	g_free(listener->key);
	g_free(listener->certificate);
	g_free(listener->address);
	g_free(listener);
}

static bool listener_start(struct server_listener *listener, GError **error)
{
	const struct http_settings *limits = &listener->server->limits;
	const struct MHD_OptionItem tls[] = {
			{MHD_OPTION_HTTPS_MEM_CERT, 0, listener->certificate},
			{MHD_OPTION_HTTPS_MEM_KEY, 0, listener->key},
			{MHD_OPTION_HTTPS_PRIORITIES, 0, server_ciphers},
			{MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
	const unsigned int flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
				   (listener->key ? MHD_USE_TLS : 0);
	g_autoptr(GString) complaint = g_string_new("libmicrohttpd does not start");

	listener->complaint = complaint;
	listener->daemon = MHD_start_daemon(flags, 0, NULL, NULL, exchange_request, listener,
			MHD_OPTION_EXTERNAL_LOGGER, listener_hear, listener,
			MHD_OPTION_LISTEN_SOCKET, listener->socket.fd, MHD_OPTION_CONNECTION_LIMIT,
			limits->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
			listener->socket.path ? 0 : SERVER_CONNECTIONS_EACH,
			MHD_OPTION_CONNECTION_TIMEOUT, limits->timeout,
			MHD_OPTION_CONNECTION_MEMORY_LIMIT,
			(size_t)(listener->key ? SERVER_MEMORY_TLS : SERVER_MEMORY),
			MHD_OPTION_URI_LOG_CALLBACK, exchange_begins, listener,
			MHD_OPTION_NOTIFY_COMPLETED, exchange_ends, listener,
			MHD_OPTION_UNESCAPE_CALLBACK, listener_leave_escapes, NULL,
			MHD_OPTION_ARRAY, listener->key ? tls : plain, MHD_OPTION_END);
	listener->complaint = NULL;
	if (listener->daemon)
		listener->source = http_loop_attach(listener->daemon);
	if (!listener->source)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "no API on %s: %s%s",
				listener->address, complaint->str,
				listener->key ? " Are certificate and key PEM files that belong "
						"together?"
					      : "");
	return listener->source != NULL;
}

static struct server_listener *listener_new(struct http_server *server)
{
	struct server_listener *listener = g_new0(struct server_listener, 1);

	listener->server = server;
	listener->socket.fd = -1;
	return listener;
}

static bool listener_keep(struct server_listener *listener, bool good)
{
	if (good)
		g_ptr_array_add(listener->server->listeners, listener);
	else
		listener_close(listener);
	return good;
}

/* --- TLS --- */

static char *listener_read(const char *address, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	char *text = NULL;

	if (g_file_get_contents(path, &text, NULL, &cause))
		return text;
	g_set_error(error, cause->domain, cause->code, "no API on %s: %s", address, cause->message);
	return NULL;
}

static bool listener_load(
		struct server_listener *listener, const struct http_tcp *tcp, GError **error)
{
	if (!tcp->certificate || !tcp->key)
		return true;
	listener->certificate = listener_read(tcp->address, tcp->certificate, error);
	if (!listener->certificate)
		return false;
	listener->key = listener_read(tcp->address, tcp->key, error);
	return listener->key != NULL;
}

static bool listener_is_safe(const struct server_listener *listener, const struct http_tcp *tcp,
		bool loopback, GError **error)
{
	const char *wrong = NULL;

	if (!tcp->auth)
		wrong = "who reached it could do everything; it needs to know who may come in";
	else if (!listener->key && !loopback && !tcp->allow_plain)
		wrong = "passwords would go over the network in clear; it needs a certificate and a key";
	if (wrong)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_PERM, "no API on %s: %s",
				tcp->address, wrong);
	return !wrong;
}

/* --- The server --- */

struct http_server *http_server_new(const struct http_settings *settings)
{
	struct http_server *server = g_new0(struct http_server, 1);

	server->limits = *settings;
	if (!settings->connections)
		server->limits.connections = SERVER_CONNECTIONS;
	if (!settings->timeout)
		server->limits.timeout = SERVER_TIMEOUT;
	if (!settings->body)
		server->limits.body = SERVER_BODY;
	if (!settings->comments)
		server->limits.comments = SERVER_COMMENTS;
	server->listeners = g_ptr_array_new_with_free_func(listener_close);
	server->tables = g_array_new(FALSE, FALSE, sizeof(struct server_table));
	server->words = g_array_new(FALSE, FALSE, sizeof(struct http_table));
	server->styles = g_ptr_array_new();
	g_queue_init(&server->waiting);
	g_queue_init(&server->streams);
	http_server_add(server, server_routes, server_handlers, G_N_ELEMENTS(server_routes),
			server);
	return server;
}

void http_server_add(struct http_server *server, const struct http_route *routes,
		const http_handler_fn *handlers, size_t count, void *data)
{
	const struct server_table table = {routes, handlers, count, data};
	const struct http_table words = {routes, count};

	g_array_append_val(server->tables, table);
	g_array_append_val(server->words, words);
}

void http_server_style(struct http_server *server, const struct http_style *style)
{
	g_ptr_array_add(server->styles, (void *)style);
}

bool http_server_listen(struct http_server *server, const char *socket, mode_t mode, GError **error)
{
	struct server_listener *listener = listener_new(server);

	listener->address = g_strdup(socket);
	return listener_keep(listener, http_socket_open(&listener->socket, socket, mode, error) &&
						       listener_start(listener, error));
}

bool http_server_listen_tcp(struct http_server *server, const struct http_tcp *tcp, GError **error)
{
	struct server_listener *listener = listener_new(server);
	bool loopback = false;

	listener->auth = tcp->auth;
	if (!listener_load(listener, tcp, error))
		return listener_keep(listener, false);
	listener->socket.fd = http_tcp_open(tcp->address, &loopback, &listener->address, error);
	return listener_keep(listener,
			listener->socket.fd >= 0 &&
					listener_is_safe(listener, tcp, loopback, error) &&
					listener_start(listener, error));
}

const char *http_server_address(const struct http_server *server)
{
	const GPtrArray *all = server->listeners;

	return all->len ? ((struct server_listener *)g_ptr_array_index(all, all->len - 1))->address
			: NULL;
}

void http_server_close(struct http_server *server)
{
	if (!server)
		return;
	while (!g_queue_is_empty(&server->waiting))
		exchange_abandon(g_queue_peek_head(&server->waiting));
	for (GList *each = server->streams.head; each; each = each->next)
		stream_abandon(each->data);
	for (guint i = 0; i < server->listeners->len; i++) {
		struct server_listener *listener = g_ptr_array_index(server->listeners, i);

		MHD_run(listener->daemon); /* those that waited hear why */
	}
	g_ptr_array_unref(server->listeners);
	g_array_unref(server->tables);
	g_array_unref(server->words);
	g_ptr_array_unref(server->styles);
	g_free(server);
}
