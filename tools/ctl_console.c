/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_console.h"
#include <stdio.h>
#include <string.h>
#include "src/console_api.h"
#include "tools/ctl_events.h"
#include "tools/ctl_viewers_text.h"

static enum ctl_exit console_ask(const struct ctl_client *client, enum console_api what,
		const json_t *values, void (*show)(const json_t *answer, FILE *out))
{
	struct ctl_answer answer;
	enum ctl_exit code = ctl_ask(client, &console_api[what], values, &answer);

	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE)
		show(answer.json, stdout);
	ctl_answer_clear(&answer);
	return code;
}

static enum ctl_exit console_viewers(const struct ctl_client *client, char **arguments, bool follow)
{
	return console_ask(client, CONSOLE_API_VIEWERS, NULL, ctl_print_viewers);
}

static enum ctl_exit console_quality(const struct ctl_client *client, char **arguments, bool follow)
{
	enum ctl_exit code;
	json_t *values;
	gint64 selector;

	if (!arguments[0])
		return console_ask(client, CONSOLE_API_QUALITY, NULL, ctl_print_quality);
	if (strcmp(arguments[0], "auto") == 0) {
		values = json_pack("{s:b}", "automatic", 1);
	} else if (g_ascii_string_to_signed(arguments[0], 10, 0, 11, &selector, NULL)) {
		values = json_pack("{s:I}", "selector", (json_int_t)selector);
	} else {
		fprintf(stderr,
				"spicerackctl: SELECTOR must be 0 (the coarsest) to 11, or auto, "
				"not \"%s\"\n",
				arguments[0]);
		return CTL_USAGE;
	}
	code = console_ask(client, CONSOLE_API_SET_QUALITY, values, ctl_print_quality);
	json_decref(values);
	return code;
}

static enum ctl_exit console_events(const struct ctl_client *client, char **arguments, bool follow)
{
	return ctl_events(client, follow);
}

static const struct ctl_console_command console_commands[CONSOLE_API_COUNT] = {
		[CONSOLE_API_VIEWERS] = {"viewers", 0, console_viewers},
		[CONSOLE_API_SET_QUALITY] = {"quality [SELECTOR|auto]", 1, console_quality},
		[CONSOLE_API_EVENTS] = {"events [-f]", 0, console_events},
};

const struct ctl_console_command *ctl_console_find(const struct http_route *route)
{
	for (size_t i = 0; i < CONSOLE_API_COUNT; i++)
		if (route == &console_api[i] && console_commands[i].run)
			return &console_commands[i];
	return NULL;
}
