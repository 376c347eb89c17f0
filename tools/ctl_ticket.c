/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_ticket.h"
#include <stdio.h>
#include <string.h>
#include "src/tickets_api.h"
#include "tools/ctl_options.h"

#define GROUP "virt-viewer" /* remote-viewer(1), CONNECTION FILE */

static const char *ctl_ticket_text(const json_t *answer, const char *name)
{
	return json_string_value(json_object_get(answer, name));
}

static void ctl_ticket_put(GKeyFile *file, const char *key, const char *text)
{
	if (text)
		g_key_file_set_string(file, GROUP, key, text);
}

/* Without a port for clear text the client has no choice but TLS. */
static void ctl_ticket_put_port(GKeyFile *file, const json_t *answer)
{
	const json_t *tls = json_object_get(answer, "tls_port");
	const json_t *port = json_is_integer(tls) ? tls : json_object_get(answer, "port");

	g_key_file_set_integer(file, GROUP, port == tls ? "tls-port" : "port",
			(int)json_integer_value(port));
}

static char *ctl_ticket_file(const json_t *answer, const char *host)
{
	const char *name = ctl_ticket_text(answer, "name");
	const char *right = ctl_ticket_text(answer, "right");
	bool view = g_strcmp0(right, "view") == 0;
	g_autofree char *title = g_strdup_printf(
			"%s%s", name ? name : "console", view ? " (looking only)" : "");
	GKeyFile *file = g_key_file_new();
	char *text;

	if (!host)
		host = ctl_ticket_text(answer, "host");
	ctl_ticket_put(file, "type", "spice");
	ctl_ticket_put(file, "host", host ? host : g_get_host_name());
	ctl_ticket_put_port(file, answer);
	ctl_ticket_put(file, "password", ctl_ticket_text(answer, "ticket"));
	ctl_ticket_put(file, "title", title);
	g_key_file_set_integer(file, GROUP, "delete-this-file", 1);
	ctl_ticket_put(file, "ca", ctl_ticket_text(answer, "ca"));
	ctl_ticket_put(file, "host-subject", ctl_ticket_text(answer, "subject"));
	text = g_key_file_to_data(file, NULL, NULL);
	g_key_file_free(file);
	return text;
}

static enum ctl_exit ctl_ticket_print(const json_t *answer, const char *host)
{
	g_autofree char *text = NULL;

	if (json_is_null(json_object_get(answer, "port")) &&
			json_is_null(json_object_get(answer, "tls_port"))) {
		fputs("spicerackctl: ticket: this console listens on no TCP port, which is what a "
		      "viewer's file can name; the ticket is for nobody\n",
				stderr);
		return CTL_FAILED;
	}
	text = ctl_ticket_file(answer, host);
	fputs(text, stdout);
	explicit_bzero(text, strlen(text));
	return CTL_FINE;
}

enum ctl_exit ctl_ticket(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	json_t *values = json_object();
	struct ctl_answer answer;
	enum ctl_exit code;

	if (options->seconds)
		json_object_set_new(values, "seconds", json_integer(options->seconds));
	if (options->ticket.view)
		json_object_set_new(values, "view", json_true());
	code = ctl_ask(client, &tickets_api[TICKETS_API_MAKE], values, &answer);
	json_decref(values);
	if (code == CTL_FINE && client->json)
		fputs(answer.text, stdout);
	else if (code == CTL_FINE)
		code = ctl_ticket_print(answer.json, options->ticket.host);
	ctl_answer_clear(&answer);
	return code;
}

bool ctl_ticket_misplaced(const struct ctl_ticket_options *options, const char *command)
{
	const char *wrong = options->view ? "--view" : options->host ? "--host" : NULL;

	if (!wrong || strcmp(command, "ticket") == 0)
		return false;
	fprintf(stderr, "spicerackctl: %s does not go with %s\n", wrong, command);
	return true;
}

void ctl_ticket_options_clear(struct ctl_ticket_options *options)
{
	g_free(options->host);
}
