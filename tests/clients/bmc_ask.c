/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A session of ours with any BMC of 127.0.0.1, to be tried on servers of others: comes up, asks,
 * and closes. bmc_ask PORT SUITE NAME PASSWORD REQUEST.., where a request is bytes in hexadecimal,
 * network function and command first: 0601 is Get Device ID. Says "up GUID", "code data" for each
 * answer, and "closed"; a refusal in words, with a status of 1.
 */
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include "rack/session_udp.h"

#define ASK_PATIENCE 60 /* s */

struct ask {
	GMainLoop *loop;
	struct session_udp *udp;
	char **requests; /* those that are left */
	int status;
};

static void ask_end(struct ask *ask, const char *why)
{
	puts(why);
	ask->status = 1;
	g_main_loop_quit(ask->loop);
}

static size_t ask_bytes(const char *text, uint8_t *out, size_t room)
{
	size_t size = 0;

	for (; size < room && g_ascii_isxdigit(text[0]) && g_ascii_isxdigit(text[1]); text += 2)
		out[size++] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 |
					g_ascii_xdigit_value(text[1]));
	return *text ? 0 : size;
}

static void ask_next(struct ask *ask)
{
	struct session_request request = {.netfn = 0};
	uint8_t bytes[64];
	size_t size;

	if (!*ask->requests) {
		session_udp_stop(ask->udp);
		return;
	}
	size = ask_bytes(*ask->requests++, bytes, sizeof(bytes));
	if (size < 2) {
		ask_end(ask, "no request");
		return;
	}
	request.netfn = bytes[0];
	request.command = bytes[1];
	request.data = bytes + 2;
	request.length = size - 2;
	if (!session_udp_ask(ask->udp, &request))
		ask_end(ask, "not up");
}

static void ask_print(const char *head, const uint8_t *bytes, size_t size)
{
	fputs(head, stdout);
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	putchar('\n');
}

static void ask_state(struct ask *ask, const struct session_event *event)
{
	switch (event->state) {
	case SESSION_UP:
		ask_print("up ", event->guid, RMCP_GUID);
		ask_next(ask);
		break;
	case SESSION_WAITING:
		ask_end(ask, session_cause_text(event->cause));
		break;
	case SESSION_STOPPED:
		puts("closed");
		g_main_loop_quit(ask->loop);
		break;
	default:
		break;
	}
}

static void ask_told(struct session_udp *udp, const struct session_event *event, void *data)
{
	struct ask *ask = data;
	char code[8];

	(void)udp;
	switch (event->kind) {
	case SESSION_STATE:
		ask_state(ask, event);
		break;
	case SESSION_ANSWER:
		g_snprintf(code, sizeof(code), "%02x ", event->code);
		ask_print(code, event->bytes, event->size);
		ask_next(ask);
		break;
	case SESSION_FAILED:
		puts("no answer");
		ask_next(ask);
		break;
	default:
		break;
	}
}

static gboolean ask_late(gpointer data)
{
	ask_end(data, "no end");
	return G_SOURCE_CONTINUE;
}

int main(int argc, char **argv)
{
	struct session_settings settings = {.privilege = SESSION_ADMINISTRATOR};
	g_autoptr(GError) error = NULL;
	struct ask ask = {.status = 0};

	if (argc < 5) {
		fprintf(stderr, "usage: bmc_ask PORT SUITE NAME PASSWORD REQUEST..\n");
		return 2;
	}
	settings.suite = strcmp(argv[2], "17") == 0 ? RMCP_SUITE_17 : RMCP_SUITE_3;
	g_strlcpy(settings.name, argv[3], sizeof(settings.name));
	g_strlcpy(settings.password, argv[4], sizeof(settings.password));
	ask.requests = argv + 5;
	ask.loop = g_main_loop_new(NULL, FALSE);
	ask.udp = session_udp_new("127.0.0.1", (uint16_t)g_ascii_strtoull(argv[1], NULL, 10),
			&settings, ask_told, &ask, &error);
	if (!ask.udp) {
		fprintf(stderr, "bmc_ask: %s\n", error->message);
		return 2;
	}
	g_timeout_add_seconds(ASK_PATIENCE, ask_late, &ask);
	g_main_loop_run(ask.loop);
	session_udp_free(ask.udp);
	g_main_loop_unref(ask.loop);
	return ask.status;
}
