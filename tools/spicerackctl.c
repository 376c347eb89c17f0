/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks a running console over its API. The commands are the routes that have a word for it. */
#include <curl/curl.h>
#include <errno.h>
#include <glib.h>
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include "src/api_path.h"
#include "src/console_api.h"
#include "src/suggest.h"
#include "tools/ctl_text.h"

enum ctl_exit {
	CTL_FINE = 0,
	CTL_FAILED = 1, /* the daemon says no */
	CTL_USAGE = 2,
	CTL_UNREACHABLE = 3,
};

#define CTL_TIMEOUT    10L       /* s; nothing that is asked takes that long */
#define CTL_REPLY_MOST (4 << 20) /* bytes */

struct ctl_options {
	char *socket;
	char **words; /* the command, and what belongs to it */
	gboolean json, version;
};

/* How an answer is shown to people; those without a line here are shown as JSON. */
static const struct {
	const char *command;
	void (*print)(const json_t *answer, FILE *out);
} ctl_printers[] = {
		{"status", ctl_print_status},
		{"wake", ctl_print_wake},
};

/* --- Commands --- */

static const struct http_route *ctl_find(const char *word)
{
	for (size_t i = 0; i < G_N_ELEMENTS(console_api); i++)
		if (g_strcmp0(console_api[i].command, word) == 0)
			return &console_api[i];
	return NULL;
}

static char *ctl_commands(void)
{
	GString *text = g_string_new("Commands:\n");

	for (size_t i = 0; i < G_N_ELEMENTS(console_api); i++)
		if (console_api[i].command)
			g_string_append_printf(text, "  %-12s %s\n", console_api[i].command,
					console_api[i].help);
	g_string_append(text, "  help         Shows this.\n\n"
			      "Exit status: 0 done, 1 refused, 2 wrong usage, 3 nobody answers.");
	return g_string_free(text, FALSE);
}

static enum ctl_exit ctl_unknown(const char *word)
{
	const char *near = suggest_nearer(word, NULL, "help");

	for (size_t i = 0; i < G_N_ELEMENTS(console_api); i++)
		if (console_api[i].command)
			near = suggest_nearer(word, near, console_api[i].command);
	if (near)
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; did you mean \"%s\"?\n",
				word, near);
	else
		fprintf(stderr, "spicerackctl: unknown command \"%s\"; spicerackctl help lists them\n",
				word);
	return CTL_USAGE;
}

/* --- A request --- */

struct ctl_reply {
	CURLcode code;
	long cause;  /* errno of a connection that failed */
	long status; /* HTTP's */
	GString *text;
};

static size_t ctl_keep(char *bytes, size_t size, size_t count, void *data)
{
	GString *text = data;

	if (text->len + size * count > CTL_REPLY_MOST)
		return 0;
	g_string_append_len(text, bytes, size * count);
	return size * count;
}

static void ctl_ask(const struct http_route *route, const char *socket, struct ctl_reply *reply)
{
	g_autofree char *url = g_strdup_printf("http://localhost%s", route->path);
	CURL *curl = curl_easy_init();

	g_string_truncate(reply->text, 0);
	reply->code = curl ? CURLE_OK : CURLE_OUT_OF_MEMORY;
	if (!curl)
		return;
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, CTL_TIMEOUT);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ctl_keep);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply->text);
	if (route->method != HTTP_GET)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_word(route->method));
	reply->code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_OS_ERRNO, &reply->cause);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply->status);
	curl_easy_cleanup(curl);
}

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

static void ctl_show(const struct http_route *route, const json_t *answer)
{
	for (size_t i = 0; i < G_N_ELEMENTS(ctl_printers); i++) {
		if (strcmp(ctl_printers[i].command, route->command) == 0) {
			ctl_printers[i].print(answer, stdout);
			return;
		}
	}
	json_dumpf(answer, stdout, JSON_INDENT(2));
	putchar('\n');
}

static enum ctl_exit ctl_tell(
		const struct http_route *route, const struct ctl_reply *reply, bool json)
{
	json_t *answer = json_loads(reply->text->str, 0, NULL);
	enum ctl_exit code = CTL_FINE;

	if (json && answer)
		fputs(reply->text->str, stdout);
	if (!answer || reply->status >= 400) {
		const char *message = ctl_message(answer);
		g_autofree char *line = ctl_plain(message ? message : "the answer makes no sense");

		fprintf(stderr, "spicerackctl: %s: %s\n", route->command, line);
		code = CTL_FAILED;
	} else if (!json) {
		ctl_show(route, answer);
	}
	json_decref(answer);
	return code;
}

/* The first of the sockets on which somebody listens has the word. */
static enum ctl_exit ctl_run(const struct http_route *route, char **sockets, bool json)
{
	struct ctl_reply reply = {.text = g_string_new(NULL)};
	enum ctl_exit code;
	int i = 0;

	for (;; i++) {
		ctl_ask(route, sockets[i], &reply);
		if (reply.code != CURLE_COULDNT_CONNECT || !sockets[i + 1])
			break;
	}
	if (reply.code == CURLE_OK)
		code = ctl_tell(route, &reply, json);
	else
		code = ctl_unreachable(&reply, sockets[i]);
	g_string_free(reply.text, TRUE);
	return code;
}

/* --- The command line --- */

static enum ctl_exit ctl_do(const struct ctl_options *options, GOptionContext *context)
{
	const char *word = options->words ? options->words[0] : NULL;
	const struct http_route *route = ctl_find(word ? word : "");
	g_auto(GStrv) sockets = NULL;

	if (!word || strcmp(word, "help") == 0) {
		g_autofree char *help = g_option_context_get_help(context, TRUE, NULL);

		fputs(help, word ? stdout : stderr);
		return word ? CTL_FINE : CTL_USAGE;
	}
	if (!route)
		return ctl_unknown(word);
	if (options->words[1]) {
		fprintf(stderr, "spicerackctl: %s takes nothing; what is \"%s\"?\n", word,
				options->words[1]);
		return CTL_USAGE;
	}
	sockets = options->socket ? g_strdupv((char *[]){options->socket, NULL})
				  : api_paths_to_ask();
	return ctl_run(route, sockets, options->json);
}

int main(int argc, char **argv)
{
	struct ctl_options options = {0};
	const GOptionEntry entries[] = {
			{"socket", 0, 0, G_OPTION_ARG_FILENAME, &options.socket,
					"Ask the console that listens here", "PATH"},
			{"json", 0, 0, G_OPTION_ARG_NONE, &options.json,
					"Print the answer as it came", NULL},
			{"version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Show the version",
					NULL},
			{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.words, "",
					"COMMAND"},
			G_OPTION_ENTRY_NULL,
	};
	GOptionContext *context = g_option_context_new("- ask a spicerack-console");
	g_autofree char *commands = ctl_commands();
	g_autoptr(GError) error = NULL;
	enum ctl_exit code;

	setlocale(LC_CTYPE, "");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_description(context, commands);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "spicerackctl: %s; spicerackctl help lists what there is\n",
				error->message);
		code = CTL_USAGE;
	} else if (options.version) {
		puts(PACKAGE_STRING);
		code = CTL_FINE;
	} else {
		code = ctl_do(&options, context);
	}
	g_option_context_free(context);
	g_strfreev(options.words);
	g_free(options.socket);
	curl_global_cleanup();
	return code;
}
