/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_ask.h"
#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "tools/ctl_text.h"

#define CTL_TIMEOUT    10L       /* s; nothing that is asked takes that long */
#define CTL_REPLY_MOST (4 << 20) /* bytes */

struct ctl_reply {
	CURLcode code;
	long cause;  /* errno of a connection that failed */
	long status; /* HTTP's */
	GString *text;
};

/* --- What is sent --- */

/* The route's path with its {names} filled in. */
static char *ctl_path(const struct http_route *route, const json_t *values)
{
	GString *path = g_string_new(NULL);

	for (const char *at = route->path; *at;) {
		size_t plain = strcspn(at, "{");
		size_t length = at[plain] ? strcspn(at + plain, "}") : 0;
		g_autofree char *name = length ? g_strndup(at + plain + 1, length - 1) : NULL;
		const char *value = name ? json_string_value(json_object_get(values, name)) : NULL;
		g_autofree char *escaped = g_uri_escape_string(value ? value : "", NULL, TRUE);

		g_string_append_len(path, at, (gssize)plain);
		g_string_append(path, escaped);
		at += plain + length + (length ? 1 : 0);
	}
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
	GString *text = data;

	if (text->len + size * count > CTL_REPLY_MOST)
		return 0;
	g_string_append_len(text, bytes, (gssize)(size * count));
	return size * count;
}

static void ctl_send(const struct http_route *route, const json_t *values, const char *socket,
		struct ctl_reply *reply)
{
	g_autofree char *path = ctl_path(route, values);
	g_autofree char *url = g_strdup_printf("http://localhost%s", path);
	char *body = ctl_body(route, values);
	CURL *curl = curl_easy_init();

	g_string_truncate(reply->text, 0);
	reply->code = curl ? CURLE_OK : CURLE_OUT_OF_MEMORY;
	if (curl) {
		curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
		curl_easy_setopt(curl, CURLOPT_URL, url);
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
		curl_easy_setopt(curl, CURLOPT_TIMEOUT, CTL_TIMEOUT);
		curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_keep);
		curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply->text);
		if (route->method != HTTP_GET)
			curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_word(route->method));
		reply->code = curl_easy_perform(curl);
		curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &reply->cause);
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
		curl_easy_cleanup(curl);
	}
	ctl_forget(body);
}

/* --- What comes back --- */

static enum ctl_exit ctl_unreachable(const struct ctl_reply *reply, const char *socket)
{
	const char *remedy = "";

	if (reply->code != CURLE_COULDNT_CONNECT) {
		fprintf(stderr, "spicerackctl: the console on %s does not answer: %s\n", socket,
				curl_easy_strerror(reply->code));
		return CTL_UNREACHABLE;
	}
	if (reply->cause == ENOENT || reply->cause == ECONNREFUSED)
		remedy = "; start spicerack-console, or say where it is with --socket";
	else if (reply->cause == EACCES || reply->cause == EPERM)
		remedy = "; be root, or of the socket's group ([api] mode in console.conf)";
	fprintf(stderr, "spicerackctl: no console on %s: %s%s\n", socket,
			reply->cause ? g_strerror((int)reply->cause) : "no connection", remedy);
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

enum ctl_exit ctl_ask(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, struct ctl_answer *answer)
{
	struct ctl_reply reply = {.text = g_string_new(NULL)};
	char **socket = client->sockets;
	enum ctl_exit code;

	for (;; socket++) {
		ctl_send(route, values, *socket, &reply);
		if (reply.code != CURLE_COULDNT_CONNECT || !socket[1])
			break;
	}
	*answer = (struct ctl_answer){0};
	code = reply.code == CURLE_OK ? ctl_hear(client, &reply, answer)
				      : ctl_unreachable(&reply, *socket);
	g_string_free(reply.text, TRUE);
	return code;
}

void ctl_answer_clear(struct ctl_answer *answer)
{
	json_decref(answer->json);
	g_free(answer->text);
	*answer = (struct ctl_answer){0};
}
