/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_drives.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "src/drives_api.h"
#include "tools/ctl_drives_text.h"
#include "tools/ctl_options.h"
#include "tools/ctl_secret.h"

#define POLL_MS  200
#define WATCH_MS 1000

static enum ctl_exit ctl_wrong(const char *sentence)
{
	fprintf(stderr, "spicerackctl: %s\n", sentence);
	return CTL_USAGE;
}

/* --- Options --- */

bool ctl_drives_misplaced(const struct ctl_drives_options *options, const char *command)
{
	const struct {
		const char *name, *commands;
		bool given;
	} all[] = {
			{"--as", "insert", options->as},
			{"--rw", "insert", options->read_write},
			{"--overlay", "insert", options->overlay},
			{"--user", "insert", options->user},
			{"--password-file", "insert password", options->password_file},
			{"--token-file", "insert", options->token_file},
			{"--ca", "insert", options->ca_file},
			{"--insecure", "insert", options->insecure},
			{"--persistent", "insert", options->persistent},
			{"--force", "eject", options->force},
			{"--wait", "insert eject", options->wait},
			{"--watch", "drives", options->watch},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++) {
		if (!all[i].given || strstr(all[i].commands, command))
			continue;
		fprintf(stderr, "spicerackctl: %s does not go with %s\n", all[i].name, command);
		return true;
	}
	return false;
}

void ctl_drives_options_clear(struct ctl_drives_options *options)
{
	g_free(options->as);
	g_free(options->user);
	g_free(options->password_file);
	g_free(options->token_file);
	g_free(options->ca_file);
}

/* --- What is inserted --- */

/* Of this machine, as the console is: relative to where we are, not to where it is. */
static char *ctl_whole_path(const char *path)
{
	return g_canonicalize_filename(path, NULL);
}

static char *ctl_source(const char *given)
{
	g_autofree char *scheme = g_uri_parse_scheme(given);

	return scheme ? g_strdup(given) : ctl_whole_path(given);
}

/* Everybody on this machine can read a command line. */
static bool ctl_has_password(const char *source)
{
	const char *server = strstr(source, "://");
	const char *at, *colon;

	if (!server)
		return false;
	server += 3;
	at = memchr(server, '@', strcspn(server, "/?#"));
	colon = at ? memchr(server, ':', (size_t)(at - server)) : NULL;
	return colon != NULL;
}

static bool ctl_has_user(const char *source)
{
	const char *server = strstr(source, "://");

	return server && memchr(server + 3, '@', strcspn(server + 3, "/?#"));
}

/* From the file or, where there is a use for it, from the environment. */
static bool ctl_add_secret(json_t *values, const char *name, const char *file, const char *variable,
		bool wanted)
{
	char *secret;

	if (!file && (!wanted || !g_getenv(variable)))
		return true;
	secret = file ? ctl_secret_read(file) : g_strdup(g_getenv(variable));
	if (!secret)
		return false;
	ctl_secret_put(values, name, secret);
	return true;
}

static bool ctl_add_secrets(
		json_t *values, const char *source, const struct ctl_drives_options *options)
{
	bool user = options->user || ctl_has_user(source);
	bool web = g_ascii_strncasecmp(source, "http", 4) == 0;

	return ctl_add_secret(values, "password", options->password_file, "SPICERACK_PASSWORD",
			       user) &&
	       ctl_add_secret(values, "token", options->token_file, "SPICERACK_TOKEN",
			       web && !user);
}

static void ctl_add_options(json_t *values, const struct ctl_drives_options *options)
{
	if (options->as)
		json_object_set_new(values, "as", json_string(options->as));
	if (options->read_write || options->overlay)
		json_object_set_new(values, "write",
				json_string(options->overlay ? "overlay" : "read-write"));
	if (options->user)
		json_object_set_new(values, "user", json_string(options->user));
	if (options->ca_file) {
		g_autofree char *path = ctl_whole_path(options->ca_file);

		json_object_set_new(values, "ca_file", json_string(path));
	}
	if (options->insecure)
		json_object_set_new(values, "insecure", json_true());
	if (options->persistent)
		json_object_set_new(values, "persistent", json_true());
}

static enum ctl_exit ctl_fill_insert(
		json_t *values, const char *given, const struct ctl_drives_options *options)
{
	g_autofree char *source = ctl_source(given);

	if (options->read_write && options->overlay)
		return ctl_wrong("--rw and --overlay exclude each other");
	if (ctl_has_password(source))
		return ctl_wrong(
				"everybody here can see a password on the command line; take it "
				"out of the address and use --password-file or SPICERACK_PASSWORD");
	if (!g_utf8_validate(source, -1, NULL))
		return ctl_wrong("the source is not UTF-8");
	json_object_set_new(values, "source", json_string(source));
	ctl_add_options(values, options);
	return ctl_add_secrets(values, source, options) ? CTL_FINE : CTL_USAGE;
}

/* --- Waiting --- */

/* Whether it has come to an end, and to which. */
static bool ctl_is_over(const json_t *drive, bool insert, enum ctl_exit *code)
{
	const char *state = json_string_value(json_object_get(drive, "state"));
	bool empty = g_strcmp0(state, "empty") == 0;
	bool failed = g_strcmp0(state, "failed") == 0;

	*code = (insert ? empty || failed : !empty) ? CTL_FAILED : CTL_FINE;
	return insert ? g_strcmp0(state, "opening") != 0 : empty;
}

/* Asks until it is over; answer: the last one, replaced. */
static enum ctl_exit ctl_wait(const struct ctl_client *client, const json_t *values, bool insert,
		struct ctl_answer *answer)
{
	bool terminal = !client->json && isatty(STDERR_FILENO);
	enum ctl_exit code;

	while (!ctl_is_over(answer->json, insert, &code)) {
		if (terminal)
			ctl_draw_drive(answer->json, stderr);
		g_usleep(POLL_MS * 1000);
		ctl_answer_clear(answer);
		code = ctl_ask(client, &drives_api[DRIVES_API_SHOW], values, answer);
		if (code != CTL_FINE)
			return code;
	}
	if (terminal)
		ctl_draw_end(stderr);
	return code;
}

static enum ctl_exit ctl_change(const struct ctl_client *client, const struct http_route *route,
		const json_t *values, const struct ctl_drives_options *options)
{
	bool insert = route == &drives_api[DRIVES_API_INSERT];
	struct ctl_answer answer;
	enum ctl_exit code = ctl_ask(client, route, values, &answer);

	if (code == CTL_FINE && options->wait)
		code = ctl_wait(client, values, insert, &answer);
	if (answer.text && client->json)
		fputs(answer.text, stdout);
	else if (answer.json)
		ctl_print_drive(answer.json, code == CTL_FINE ? stdout : stderr);
	ctl_answer_clear(&answer);
	return code;
}

/* --- The commands --- */

enum ctl_exit ctl_drives(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	bool watch = options->drives.watch;
	enum ctl_exit code;

	do {
		struct ctl_answer answer;

		code = ctl_ask(client, &drives_api[DRIVES_API_LIST], NULL, &answer);
		if (code != CTL_FINE)
			return code;
		if (watch && !client->json && isatty(STDOUT_FILENO))
			ctl_clear_screen(stdout);
		if (client->json)
			fputs(answer.text, stdout);
		else
			ctl_print_drives(answer.json, stdout);
		ctl_answer_clear(&answer);
		fflush(stdout);
		if (watch)
			g_usleep(WATCH_MS * 1000);
	} while (watch);
	return code;
}

enum ctl_exit ctl_drives_insert(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values = json_pack("{s:s?}", "drive", arguments[0]);
	enum ctl_exit code = ctl_fill_insert(values, arguments[1], &options->drives);

	if (code == CTL_FINE)
		code = ctl_change(client, &drives_api[DRIVES_API_INSERT], values, &options->drives);
	json_decref(values);
	return code;
}

enum ctl_exit ctl_drives_eject(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values = json_pack("{s:s?}", "drive", arguments[0]);
	enum ctl_exit code;

	if (options->drives.force)
		json_object_set_new(values, "force", json_true());
	code = ctl_change(client, &drives_api[DRIVES_API_EJECT], values, &options->drives);
	json_decref(values);
	return code;
}
