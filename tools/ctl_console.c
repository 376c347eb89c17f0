/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_console.h"
#include <stdio.h>
#include <string.h>
#include "src/console_api.h"
#include "src/control_api.h"
#include "src/drives_api.h"
#include "src/evidence_api.h"
#include "src/tickets_api.h"
#include "tools/ctl_control.h"
#include "tools/ctl_drives.h"
#include "tools/ctl_events.h"
#include "tools/ctl_evidence.h"
#include "tools/ctl_keys.h"
#include "tools/ctl_password.h"
#include "tools/ctl_text.h"
#include "tools/ctl_ticket.h"
#include "tools/ctl_viewers_text.h"

static enum ctl_exit console_status(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &console_api[CONSOLE_API_STATUS], NULL, ctl_print_status);
}

static enum ctl_exit console_wake(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &console_api[CONSOLE_API_WAKE], NULL, ctl_print_wake);
}

static enum ctl_exit console_disconnect(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values = json_object();

	json_object_set_new(values, "viewer", json_string(arguments[0]));
	return ctl_ask_and_show(
			client, &console_api[CONSOLE_API_DISCONNECT], values, ctl_print_disconnect);
}

static enum ctl_exit console_viewers(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &console_api[CONSOLE_API_VIEWERS], NULL, ctl_print_viewers);
}

static enum ctl_exit console_quality(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values;
	gint64 selector;

	if (!arguments[0])
		return ctl_ask_and_show(
				client, &console_api[CONSOLE_API_QUALITY], NULL, ctl_print_quality);
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
	return ctl_ask_and_show(
			client, &console_api[CONSOLE_API_SET_QUALITY], values, ctl_print_quality);
}

static enum ctl_exit console_control(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values = json_object();

	json_object_set_new(values, "act", json_string(arguments[0]));
	json_object_set_new(values, "viewer", json_string(arguments[1]));
	return ctl_ask_and_show(client, &control_api[CONTROL_API_ORDER], values, ctl_print_control);
}

/* In the order of the help. */
static const struct ctl_command console_commands[] = {
		{.route = &console_api[CONSOLE_API_STATUS], .run = console_status},
		{.route = &console_api[CONSOLE_API_WAKE], .run = console_wake},
		{
				.route = &console_api[CONSOLE_API_DISCONNECT],
				.takes = "VIEWER",
				.least = 1,
				.most = 1,
				.run = console_disconnect,
		},
		{
				.route = &console_api[CONSOLE_API_PASSWORD],
				.misused = ctl_password_misused,
				.run = ctl_password,
		},
		{.route = &console_api[CONSOLE_API_VIEWERS], .run = console_viewers},
		{
				.route = &console_api[CONSOLE_API_SET_QUALITY],
				.takes = "[SELECTOR|auto]",
				.most = 1,
				.run = console_quality,
		},
		{.route = &console_api[CONSOLE_API_EVENTS], .takes = "[-f]", .run = ctl_events},
		{
				.route = &control_api[CONTROL_API_ORDER],
				.takes = "ACT VIEWER",
				.least = 2,
				.most = 2,
				.run = console_control,
		},
		{.route = &drives_api[DRIVES_API_LIST], .run = ctl_drives},
		{
				.route = &drives_api[DRIVES_API_INSERT],
				.takes = "DRIVE SOURCE",
				.least = 2,
				.most = 2,
				.run = ctl_drives_insert,
		},
		{
				.route = &drives_api[DRIVES_API_EJECT],
				.takes = "DRIVE",
				.least = 1,
				.most = 1,
				.run = ctl_drives_eject,
		},
		{
				.route = &evidence_api[EVIDENCE_API_SCREENSHOT],
				.takes = "FILE",
				.least = 1,
				.most = 1,
				.run = ctl_screenshot,
		},
		{.route = &evidence_api[EVIDENCE_API_STATUS], .run = ctl_recording},
		{
				.route = &evidence_api[EVIDENCE_API_SAVE],
				.takes = "FILE",
				.least = 1,
				.most = 1,
				.run = ctl_recording_save,
		},
		{.route = &evidence_api[EVIDENCE_API_FREEZE], .run = ctl_recording_freeze},
		{.route = &evidence_api[EVIDENCE_API_RESUME], .run = ctl_recording_resume},
		{
				.word = "keys",
				.help = "Presses keys on the node, such as ctrl+alt+del f2:2000.",
				.takes = "CHORD...",
				.least = 1,
				.most = G_MAXSIZE,
				.misused = ctl_keys_misused,
				.run = ctl_keys,
		},
		{
				.word = "type",
				.help = "Types a text on the node; -: from standard input.",
				.takes = "TEXT",
				.most = 1,
				.misused = ctl_type_misused,
				.run = ctl_type,
		},
		{.route = &tickets_api[TICKETS_API_MAKE], .run = ctl_ticket},
};

/* Of a console that was left out nobody can be asked anything. */
const struct ctl_commands ctl_console_commands = {
		console_commands,
#ifdef WITH_CONSOLE
		G_N_ELEMENTS(console_commands),
#else
		0,
#endif
};
