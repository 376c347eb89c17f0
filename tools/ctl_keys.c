/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_keys.h"
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "src/keys_api.h"
#include "tools/ctl_options.h"

#define TEXT_MOST  16384  /* bytes; the console takes no more */
#define PATIENCE_S 86400L /* the slowest rate and the longest text take less */
#define LOOK_MS    250
#define STOP_MS    50

/* --- Options --- */

bool ctl_keys_misplaced(const struct ctl_keys_options *options, const char *command)
{
	const char *name = options->layout ? "--layout"
			   : options->file ? "--file"
			   : options->rate ? "--rate"
					   : NULL;

	if (!name || strcmp(command, "keys") == 0 || strcmp(command, "type") == 0)
		return false;
	fprintf(stderr, "spicerackctl: %s does not go with %s\n", name, command);
	return true;
}

static bool ctl_wrong(const char *sentence)
{
	fprintf(stderr, "spicerackctl: %s\n", sentence);
	return true;
}

static bool ctl_rate_misused(const struct ctl_options *options)
{
	return options->keys.rate < 0 && ctl_wrong("--rate is 1 or more");
}

bool ctl_keys_misused(char *const *arguments, const struct ctl_options *options)
{
	if (options->keys.file)
		return ctl_wrong("--file does not go with keys");
	if (ctl_rate_misused(options))
		return true;
	return !*arguments && ctl_wrong("something is missing; it is keys CHORD...");
}

bool ctl_type_misused(char *const *arguments, const struct ctl_options *options)
{
	if (ctl_rate_misused(options))
		return true;
	if (options->keys.file && *arguments)
		return ctl_wrong("it is either a text or --file");
	if (!options->keys.file && !*arguments)
		return ctl_wrong(
				"something is missing; it is type TEXT, type - or type --file FILE");
	if (*arguments && arguments[1])
		return ctl_wrong("a text is one argument: put it in quotes");
	return false;
}

void ctl_keys_options_clear(struct ctl_keys_options *options)
{
	g_free(options->layout);
	g_free(options->file);
}

/* --- What is typed --- */

static void ctl_forget(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

/* All there is, up to one byte more than is allowed; without buffers that would keep it. */
static char *ctl_read_all(int fd)
{
	char *text = g_malloc(TEXT_MOST + 2);
	size_t size = 0;
	ssize_t got;

	while (size <= TEXT_MOST && (got = read(fd, text + size, TEXT_MOST + 1 - size)) > 0)
		size += (size_t)got;
	text[size] = '\0';
	if (strlen(text) == size)
		return text;
	explicit_bzero(text, size);
	g_free(text);
	return NULL;
}

/* NULL, and said why. */
static char *ctl_text_of(const char *path)
{
	bool input = strcmp(path, "-") == 0;
	FILE *file = input ? stdin : fopen(path, "re");
	const char *name = input ? "standard input" : path;
	char *text;

	if (!file) {
		fprintf(stderr, "spicerackctl: %s: %m\n", path);
		return NULL;
	}
	text = ctl_read_all(fileno(file));
	if (!input)
		fclose(file);
	if (!text)
		fprintf(stderr, "spicerackctl: %s: it has zero bytes\n", name);
	else if (strlen(text) > TEXT_MOST)
		fprintf(stderr, "spicerackctl: %s: it has more than %d bytes\n", name, TEXT_MOST);
	else if (!g_utf8_validate(text, -1, NULL))
		fprintf(stderr, "spicerackctl: %s: it is not UTF-8\n", name);
	else
		return text;
	ctl_forget(text);
	return NULL;
}

/* Takes what is to be typed; NULL: why there is nothing has been said. */
static json_t *ctl_values(const char *name, char *what, const struct ctl_keys_options *options)
{
	json_t *values;

	if (!what)
		return NULL;
	if (!g_utf8_validate(what, -1, NULL)) {
		ctl_wrong("what is to be typed is not UTF-8");
		ctl_forget(what);
		return NULL;
	}
	values = json_pack("{s:s}", name, what);
	ctl_forget(what);
	if (options->layout)
		json_object_set_new(values, "layout", json_string(options->layout));
	if (options->rate)
		json_object_set_new(values, "rate", json_integer(options->rate));
	return values;
}

/* --- Asking, and looking meanwhile --- */

struct ctl_work {
	const struct ctl_client *client;
	const json_t *values;
	struct ctl_answer answer;
	enum ctl_exit code;
	gint over;
};

static gpointer ctl_work(gpointer data)
{
	struct ctl_work *work = data;
	struct ctl_client client = *work->client;

	client.timeout = PATIENCE_S;
	work->code = ctl_ask(&client, &keys_api[KEYS_API_TYPE], work->values, &work->answer);
	g_atomic_int_set(&work->over, 1);
	return NULL;
}

static volatile sig_atomic_t ctl_interrupted;

static void ctl_interrupt(int number)
{
	ctl_interrupted = number;
}

static void ctl_stop(const struct ctl_client *client)
{
	struct ctl_client quiet = *client;
	struct ctl_answer answer;

	quiet.quiet = true;
	ctl_ask(&quiet, &keys_api[KEYS_API_STOP], NULL, &answer);
	ctl_answer_clear(&answer);
}

static void ctl_look(const struct ctl_client *client)
{
	struct ctl_client quiet = *client;
	struct ctl_answer answer;
	json_int_t total = 0, typed = 0;

	quiet.quiet = true;
	if (ctl_ask(&quiet, &keys_api[KEYS_API_SHOW], NULL, &answer) == CTL_FINE &&
			json_unpack(answer.json, "{s:I, s:I}", "total", &total, "typed", &typed) ==
					0)
		fprintf(stderr, "\r%" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " ", typed,
				total);
	ctl_answer_clear(&answer);
}

/* The answer comes when all is typed: until then an interrupt stops the typing, not only us. */
static void ctl_attend(struct ctl_work *work)
{
	const struct sigaction catch = {.sa_handler = ctl_interrupt};
	bool terminal = !work->client->json && isatty(STDERR_FILENO), drawn = false;
	struct sigaction before[2];
	GThread *thread;

	sigaction(SIGINT, &catch, &before[0]);
	sigaction(SIGTERM, &catch, &before[1]);
	thread = g_thread_new("keys", ctl_work, work);
	for (unsigned int turn = 1; !g_atomic_int_get(&work->over); turn++) {
		g_usleep(10000); /* chords are short */
		if (ctl_interrupted && turn % (STOP_MS / 10) == 0) {
			ctl_stop(work->client); /* again: it may not have begun yet */
		} else if (terminal && turn % (LOOK_MS / 10) == 0) {
			ctl_look(work->client);
			drawn = true;
		}
	}
	g_thread_join(thread);
	if (drawn)
		fputs("\r\033[K", stderr);
	sigaction(SIGINT, &before[0], NULL);
	sigaction(SIGTERM, &before[1], NULL);
}

/* What is left of it here. */
static void ctl_values_forget(json_t *values)
{
	const char *names[] = {"text", "keys"};

	for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
		const char *text = json_string_value(json_object_get(values, names[i]));

		if (text)
			explicit_bzero((char *)text, strlen(text));
	}
	json_decref(values);
}

/* Takes values; NULL: why there are none has been said. */
static enum ctl_exit ctl_send(const struct ctl_client *client, json_t *values)
{
	struct ctl_work work = {.client = client, .values = values};

	if (!values)
		return CTL_USAGE;
	ctl_attend(&work);
	ctl_values_forget(values);
	if (work.code == CTL_FINE && client->json)
		fputs(work.answer.text, stdout);
	ctl_answer_clear(&work.answer);
	return work.code;
}

/* --- The commands --- */

enum ctl_exit ctl_keys(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_send(client, ctl_values("keys", g_strjoinv(" ", arguments), &options->keys));
}

enum ctl_exit ctl_type(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	const char *file = options->keys.file;
	bool input = !file && strcmp(arguments[0], "-") == 0;
	char *text = file || input ? ctl_text_of(file ? file : "-") : g_strdup(arguments[0]);

	return ctl_send(client, ctl_values("text", text, &options->keys));
}
