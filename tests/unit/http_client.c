/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/unit/http_client.h"

/* --- A thread's work while the main context goes round --- */

struct errand {
	void (*work)(void *data);
	void *data;
	gint done;
};

static gpointer errand_thread(gpointer data)
{
	struct errand *errand = data;

	errand->work(errand->data);
	g_atomic_int_set(&errand->done, 1);
	g_main_context_wakeup(NULL);
	return NULL;
}

static void errand_run(void (*work)(void *data), void *data)
{
	struct errand errand = {work, data, 0};
	GThread *thread = g_thread_new("client", errand_thread, &errand);

	while (!g_atomic_int_get(&errand.done))
		g_main_context_iteration(NULL, TRUE);
	g_thread_join(thread);
}

/* --- libcurl --- */

static size_t client_keep(char *bytes, size_t size, size_t count, void *data)
{
	g_string_append_len(data, bytes, size * count);
	return size * count;
}

static CURL *client_easy(const char *socket, const char *path, GString *body)
{
	CURL *curl = curl_easy_init();
	g_autofree char *url = g_strdup_printf("http://localhost%s", path);

	g_assert_nonnull(curl);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, client_keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	return curl;
}

struct asking {
	const struct http_ask *ask;
	struct http_reply *reply;
	size_t sent;
};

static size_t client_upload(char *room, size_t size, size_t count, void *data)
{
	struct asking *asking = data;
	size_t most = MIN(size * count, asking->ask->size - asking->sent);

	memcpy(room, asking->ask->body + asking->sent, most);
	asking->sent += most;
	return most;
}

static void client_by_tcp(CURL *curl, const struct http_ask *ask)
{
	g_autofree char *url = NULL;

	if (!ask->base)
		return;
	url = g_strconcat(ask->base, ask->path, NULL);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, NULL);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_URL, url);
	if (ask->ca)
		curl_easy_setopt(curl, CURLOPT_CAINFO, ask->ca);
	if (ask->user) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
		curl_easy_setopt(curl, CURLOPT_USERPWD, ask->user);
	} else if (ask->bearer) {
		curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
		curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, ask->bearer);
	}
}

static void client_ask(void *data)
{
	struct asking *asking = data;
	const struct http_ask *ask = asking->ask;
	GString *body = g_string_new(NULL), *headers = g_string_new(NULL);
	struct curl_slist *extra = NULL;
	CURL *curl = client_easy(ask->socket, ask->path, body);

	client_by_tcp(curl, ask);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, client_keep);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, headers);
	if (strcmp(ask->method, "HEAD") == 0)
		curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	if (ask->body && ask->chunked) {
		extra = curl_slist_append(extra, "Transfer-Encoding: chunked");
		curl_easy_setopt(curl, CURLOPT_POST, 1L);
		curl_easy_setopt(curl, CURLOPT_READFUNCTION, client_upload);
		curl_easy_setopt(curl, CURLOPT_READDATA, asking);
	} else if (ask->body) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)ask->size);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body);
	}
	extra = curl_slist_append(extra, ask->expect ? "Expect: 100-continue" : "Expect:");
	for (const char *const *each = ask->headers; each && *each; each++)
		extra = curl_slist_append(extra, *each);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, extra);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
	asking->reply->code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &asking->reply->status);
	curl_slist_free_all(extra);
	curl_easy_cleanup(curl);
	asking->reply->body = g_string_free(body, FALSE);
	asking->reply->headers = g_string_free(headers, FALSE);
}

struct http_reply *http_client_ask(const struct http_ask *given)
{
	struct http_ask ask = *given;
	struct http_reply *reply = g_new0(struct http_reply, 1);
	struct asking asking = {.ask = &ask, .reply = reply};

	if (ask.body && !ask.size)
		ask.size = strlen(ask.body);
	errand_run(client_ask, &asking);
	reply->json = json_loads(reply->body, JSON_DECODE_ANY, NULL);
	return reply;
}

struct http_reply *http_client_get(const char *socket, const char *path)
{
	return http_client_ask(&(struct http_ask){.socket = socket, .method = "GET", .path = path});
}

const char *http_reply_message(const struct http_reply *reply)
{
	const char *message = NULL;

	json_unpack(reply->json, "{s:{s:s}}", "error", "message", &message);
	return message;
}

void http_reply_free(struct http_reply *reply)
{
	json_decref(reply->json);
	g_free(reply->headers);
	g_free(reply->body);
	g_free(reply);
}

struct crowd {
	const char *socket, *path;
	int count, good;
};

static void client_crowd(void *data)
{
	struct crowd *crowd = data;
	CURLM *multi = curl_multi_init();
	g_autofree CURL **handles = g_new(CURL *, crowd->count);
	GString *body = g_string_new(NULL);
	int left = 0;

	curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)crowd->count);
	for (int i = 0; i < crowd->count; i++) {
		handles[i] = client_easy(crowd->socket, crowd->path, body);
		curl_easy_setopt(handles[i], CURLOPT_FRESH_CONNECT, 1L);
		curl_multi_add_handle(multi, handles[i]);
	}
	do {
		curl_multi_perform(multi, &left);
		if (left)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	} while (left);
	for (int i = 0; i < crowd->count; i++) {
		long status = 0;

		curl_easy_getinfo(handles[i], CURLINFO_RESPONSE_CODE, &status);
		crowd->good += status == 200;
		curl_multi_remove_handle(multi, handles[i]);
		curl_easy_cleanup(handles[i]);
	}
	curl_multi_cleanup(multi);
	g_string_free(body, TRUE);
}

int http_client_crowd(const char *socket, const char *path, int count)
{
	struct crowd crowd = {socket, path, count, 0};

	errand_run(client_crowd, &crowd);
	return crowd.good;
}

static void client_twice(void *data)
{
	struct crowd *crowd = data;
	GString *body = g_string_new(NULL);
	CURL *curl = client_easy(crowd->socket, crowd->path, body);

	for (int i = 0; i < 2; i++) {
		long connects = 0;

		g_assert_cmpint(curl_easy_perform(curl), ==, CURLE_OK);
		curl_easy_getinfo(curl, CURLINFO_NUM_CONNECTS, &connects);
		crowd->count += connects;
	}
	curl_easy_cleanup(curl);
	g_string_free(body, TRUE);
}

int http_client_twice(const char *socket, const char *path)
{
	struct crowd crowd = {socket, path, 0, 0};

	errand_run(client_twice, &crowd);
	return crowd.count;
}

/* --- Sockets --- */

int http_client_connect(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	return fd;
}

void http_client_say(int fd, const char *text)
{
	g_assert_cmpint(send(fd, text, strlen(text), MSG_NOSIGNAL), ==, strlen(text));
}

static gboolean client_again(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_CONTINUE;
}

char *http_client_hear(int fd, const char *until)
{
	GString *heard = g_string_new(NULL);
	char part[4096];
	bool tick = false;
	guint timer = g_timeout_add(10, client_again, &tick);
	ssize_t got;

	while ((got = recv(fd, part, sizeof(part), 0)) != 0) {
		if (got > 0)
			g_string_append_len(heard, part, got);
		else if (errno != EAGAIN)
			break;
		if (until && strstr(heard->str, until))
			break;
		g_main_context_iteration(NULL, got < 0);
	}
	g_source_remove(timer);
	return g_string_free(heard, FALSE);
}
