/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_ask.h"
#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "tools/ctl_text.h"

#define CTL_TIMEOUT    10L       /* s; little that is asked takes that long */
#define CTL_SILENCE    60L       /* s; a stream has a comment more often */
#define CTL_REPLY_MOST (4 << 20) /* bytes */

struct ctl_reply {
	CURLcode code;
	long cause;  /* errno of a connection that failed */
	long status; /* HTTP's */
	GString *text;
	/* Of an answer without end: it goes there instead. */
	ctl_hear_fn hear;
	void *data;
	CURL *curl;
};

/* --- What is sent --- */

static void ctl_add_query(GString *path, const struct http_parameter *each, const json_t *values)
{
	char mark = '?';

	for (; each && each->name; each++) {
		const json_t *value = json_object_get(values, each->name);
		char *text = NULL;

		if (each->place != HTTP_IN_QUERY || !value)
			continue;
		text = json_dumps(value, JSON_ENCODE_ANY); /* a number, or true or false */
		g_string_append_printf(path, "%c%s=%s", mark, each->name, text ? text : "");
		free(text);
		mark = '&';
	}
}

/* The route's path with its {names} filled in, and the query. */
static char *ctl_path(const struct http_route *route, const json_t *values)
{
	GString *path = g_string_new(NULL);

	for (const char *at = route->path; *at;) {
		size_t plain = strcspn(at, "{");
		size_t length = at[plain] ? strcspn(at + plain, "}") : 0;
		g_autofree char *name = length ? g_strndup(at + plain + 1, length - 1) : NULL;
		bool rest = name && g_str_has_suffix(name, "...");
		const char *value;
		g_autofree char *escaped = NULL;

		if (rest)
			name[strlen(name) - 3] = '\0';
		value = name ? json_string_value(json_object_get(values, name)) : NULL;
		escaped = g_uri_escape_string(value ? value : "", rest ? "/,*" : NULL, TRUE);

		g_string_append_len(path, at, (gssize)plain);
		g_string_append(path, escaped);
		at += plain + length + (length ? 1 : 0);
	}
	ctl_add_query(path, route->parameters, values);
	return g_string_free(path, FALSE);
}

static void ctl_forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

/* What is not in the path, as JSON; "" when there is nothing. */
static char *ctl_body(const struct http_route *route, const json_t *values)
{
	const struct http_parameter *each = route->parameters;
	json_t *body = json_object();
	char *text;

	for (; each && each->name; each++)
		if (each->place == HTTP_IN_BODY && json_object_get(values, each->name))
			json_object_set(body, each->name, json_object_get(values, each->name));
	text = json_object_size(body) ? json_dumps(body, 0) : strdup("");
	json_decref(body);
	return text;
}

static size_t ctl_keep(char *bytes, size_t size, size_t count, void *data)
{
	struct ctl_reply *reply = data;
	long status = 0;

	curl_easy_getinfo(reply->curl, CURLINFO_RESPONSE_CODE, &status);
	if (reply->hear && status < 400) {
		reply->hear(bytes, size * count, reply->data);
		return size * count;
	}
	if (reply->text->len + size * count > CTL_REPLY_MOST)
		return 0;
	g_string_append_len(reply->text, bytes, (gssize)(size * count));
	return size * count;
}

/* An answer without end may take for ever, but is not silent. */
static void ctl_set_patience(const struct ctl_client *client, const struct ctl_reply *reply)
{
	if (reply->hear) {
		curl_easy_setopt(reply->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
		curl_easy_setopt(reply->curl, CURLOPT_LOW_SPEED_TIME, CTL_SILENCE);
	} else {
		curl_easy_setopt(reply->curl, CURLOPT_TIMEOUT,
				client->timeout ? client->timeout : CTL_TIMEOUT);
	}
}

/* Where a stream goes on; NULL: where values say. */
static struct curl_slist *ctl_set_place(const struct ctl_client *client, CURL *curl)
{
	g_autofree char *header = NULL;
	struct curl_slist *headers = NULL;

	if (!client->last_event)
		return NULL;
	header = g_strdup_printf("Last-Event-ID: %s", client->last_event);
	headers = curl_slist_append(NULL, header);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	return headers;
}

static void ctl_send(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, const char *socket, struct ctl_reply *reply)
{
	g_autofree char *path = ctl_path(route, values);
	g_autofree char *url = g_strdup_printf("http://localhost%s", path);
	char *body = ctl_body(route, values);
	CURL *curl = curl_easy_init();
	struct curl_slist *headers = NULL;

	g_string_truncate(reply->text, 0);
	reply->code = curl ? CURLE_OK : CURLE_OUT_OF_MEMORY;
	reply->curl = curl;
	if (curl) {
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
		ctl_set_patience(client, reply);
		headers = ctl_set_place(client, curl);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_keep);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
		if (route->method != HTTP_GET)
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_word(route->method));
		reply->code = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &reply->cause);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
		curl_easy_cleanup(curl);
		curl_slist_free_all(headers);
	}
	ctl_forget(body);
}

/* --- What comes back --- */

static enum ctl_exit ctl_unreachable(
		const struct ctl_client *client, const struct ctl_reply *reply, const char *socket)
{
	const char *what = client->rack ? "rack" : "console";
	g_autofree char *remedy = NULL;

	if (client->quiet)
		return CTL_UNREACHABLE;
	if (reply->code != CURLE_COULDNT_CONNECT) {
		fprintf(stderr, "spicerackctl: the %s on %s does not answer: %s\n", what, socket,
				curl_easy_strerror(reply->code));
		return CTL_UNREACHABLE;
	}
	if (reply->cause == ENOENT || reply->cause == ECONNREFUSED)
		remedy = g_strdup_printf(
				"; start spicerack-%s, or say where it is with --socket", what);
	else if (reply->cause == EACCES || reply->cause == EPERM)
		remedy = g_strdup_printf(
				"; be root, or of the socket's group ([api] mode in %s.conf)",
				what);
	fprintf(stderr, "spicerackctl: no %s on %s: %s%s\n", what, socket,
			reply->cause ? g_strerror((int)reply->cause) : "no connection",
			remedy ? remedy : "");
	return CTL_UNREACHABLE;
}

/* The sentence of an error; NULL: it has none. */
static const char *ctl_message(const json_t *answer)
{
	return json_string_value(json_object_get(json_object_get(answer, "error"), "message"));
}

static enum ctl_exit ctl_hear(const struct ctl_client *client, const struct ctl_reply *reply,
		struct ctl_answer *answer)
{
	json_t *json = json_loads(reply->text->str, 0, NULL);

	if (json && reply->status < 400) {
		answer->json = json;
		answer->text = g_strdup(reply->text->str);
		return CTL_FINE;
	} else {
		const char *message = ctl_message(json);
		g_autofree char *line = ctl_plain(message ? message : "the answer makes no sense");

		if (client->json && json)
			fputs(reply->text->str, stdout);
		fprintf(stderr, "spicerackctl: %s: %s\n", client->command, line);
		json_decref(json);
		return CTL_FAILED;
	}
}

bool ctl_listens(char *const *sockets)
{
	bool listens = false;

	for (; *sockets && !listens; sockets++) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

		if (fd < 0)
			break;
		listens = g_strlcpy(address.sun_path, *sockets, sizeof(address.sun_path)) <
					  sizeof(address.sun_path) &&
			  connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
		close(fd);
	}
	return listens;
}

/* Asks the first socket on which somebody listens. */
static enum ctl_exit ctl_find(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, struct ctl_reply *reply)
{
	char **socket = client->sockets;

	for (;; socket++) {
		ctl_send(client, route, values, *socket, reply);
		if (reply->code != CURLE_COULDNT_CONNECT || !socket[1])
			break;
	}
	return reply->code == CURLE_OK ? CTL_FINE : ctl_unreachable(client, reply, *socket);
}

enum ctl_exit ctl_ask(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, struct ctl_answer *answer)
{
	struct ctl_reply reply = {.text = g_string_new(NULL)};
	enum ctl_exit code = ctl_find(client, route, values, &reply);

	*answer = (struct ctl_answer){0};
	if (code == CTL_FINE)
		code = ctl_hear(client, &reply, answer);
	g_string_free(reply.text, TRUE);
	return code;
}

enum ctl_exit ctl_listen(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, ctl_hear_fn hear, void *data)
{
	struct ctl_reply reply = {.text = g_string_new(NULL), .hear = hear, .data = data};
	struct ctl_answer answer = {0};
	enum ctl_exit code = ctl_find(client, route, values, &reply);

	if (code == CTL_FINE && reply.status >= 400)
		code = ctl_hear(client, &reply, &answer);
	ctl_answer_clear(&answer);
	g_string_free(reply.text, TRUE);
	return code;
}

void ctl_answer_clear(struct ctl_answer *answer)
{
	json_decref(answer->json);
	g_free(answer->text);
	*answer = (struct ctl_answer){0};
}

enum ctl_exit ctl_ask_and_show(const struct ctl_client *client, const struct http_route *route,
		json_t *values, void (*show)(const json_t *answer, FILE *out))
{
	struct ctl_answer answer;
	enum ctl_exit code = ctl_ask(client, route, values, &answer);

	json_decref(values);
	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE && show)
		show(answer.json, stdout);
	ctl_answer_clear(&answer);
	return code;
}
