/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A console of a simulated node with an API, real viewers beside it, and what is asked of its keys.
 * All of it is for one test program.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "tests/clients/desk.h"
#include "tests/clients/stage.h"
#include "tests/unit/http_client.h"

#define PATH "/api/v1/console/keys"
#define LONG 30000 /* ms; a loaded machine under sanitizers takes less */
#define CAPS 4     /* SPICE_KEYBOARD_MODIFIER_FLAGS_CAPS_LOCK */

/* A console whose node boots meanwhile, for all tests of its layout. */
struct fixture {
	const char *layout;
	char *folder, *socket;
	struct desk *desk;
	struct client *client, *other; /* NULL: not there */
	json_int_t typed, took;        /* characters and chords, ms */
};

static void fixture_open(struct fixture *f, const char *layout)
{
	g_autofree char *configuration = NULL;

	f->layout = layout;
	f->folder = g_dir_make_tmp("keys-XXXXXX", NULL);
	f->socket = g_build_filename(f->folder, "api.sock", NULL);
	configuration = g_strdup_printf("[capture]\nsource = simulate\n[simulate]\nlayout = %s\n"
					"[api]\nsocket = %s\n",
			layout, f->socket);
	f->desk = desk_open(configuration);
}

static void fixture_close(struct fixture *f)
{
	desk_close(f->desk);
	unlink(f->socket);
	rmdir(f->folder);
	g_free(f->socket);
	g_free(f->folder);
}

static struct client *come_in(struct fixture *f)
{
	struct client *client = client_open(
			&(struct client_settings){.address = desk_address(f->desk)});

	g_assert_true(client_wait(client, client_has_pointer, NULL, LONG));
	return client;
}

/* --- Conditions; time passes for the clients too, where there are any --- */

typedef bool (*condition_fn)(struct fixture *f, gconstpointer data);

static bool wait_for(struct fixture *f, condition_fn holds, gconstpointer data)
{
	gint64 end = g_get_monotonic_time() + LONG * G_GINT64_CONSTANT(1000);
	bool good;

	while (!(good = holds(f, data)) && g_get_monotonic_time() < end) {
		g_usleep(5000);
		while (g_main_context_iteration(NULL, FALSE))
			;
	}
	return good;
}

static bool at_prompt(struct fixture *f, gconstpointer data)
{
	return strchr(desk_state(f->desk)->text, '$') != NULL;
}

static bool in_text(struct fixture *f, gconstpointer data)
{
	return strstr(desk_state(f->desk)->text, data) != NULL;
}

static bool holds(struct fixture *f, int usage)
{
	return desk_state(f->desk)->input.keys[usage / 8] >> usage % 8 & 1;
}

static bool holds_just(struct fixture *f, gconstpointer data)
{
	int usage = GPOINTER_TO_INT(data), count = 0;

	for (int each = 0; each < 256; each++)
		count += holds(f, each);
	return usage ? count == 1 && holds(f, usage) : count == 0;
}

static bool is_lit(struct fixture *f, gconstpointer data)
{
	return client_locks(f->client) == GPOINTER_TO_INT(data) &&
	       (!f->other || client_locks(f->other) == GPOINTER_TO_INT(data));
}

/* --- Asking --- */

static struct http_reply *ask(struct fixture *f, const char *method, const char *body)
{
	return http_client_ask(&(struct http_ask){
			.socket = f->socket, .method = method, .path = PATH, .body = body});
}

static const char *state_of(const struct http_reply *reply)
{
	return json_string_value(json_object_get(reply->json, "state"));
}

static void assert_done(struct fixture *f, json_t *body)
{
	char *text = json_dumps(body, 0);
	struct http_reply *reply = ask(f, "POST", text);

	if (reply->status != 200)
		g_error("%ld: %s", reply->status, reply->body);
	g_assert_cmpstr(state_of(reply), ==, "done");
	g_assert_cmpint(json_integer_value(json_object_get(reply->json, "typed")), ==,
			json_integer_value(json_object_get(reply->json, "total")));
	f->typed += json_integer_value(json_object_get(reply->json, "typed"));
	f->took += json_integer_value(json_object_get(reply->json, "took_ms"));
	http_reply_free(reply);
	free(text);
	json_decref(body);
}

static void types(struct fixture *f, const char *text, const char *layout)
{
	assert_done(f, json_pack("{s:s, s:s, s:i}", "text", text, "layout", layout, "rate", 200));
}

static void assert_refused(struct fixture *f, const char *body, long status, const char *why)
{
	struct http_reply *reply = ask(f, "POST", body);

	if (reply->status != status)
		g_error("%s: %ld, not %ld: %s", body, reply->status, status, reply->body);
	if (!strstr(http_reply_message(reply), why))
		g_error("%s: \"%s\" is not told in \"%s\"", body, why, http_reply_message(reply));
	http_reply_free(reply);
}

/* So that there is time for something else meanwhile. */
static void begin_long(struct fixture *f)
{
	g_autofree char *text = g_strnfill(240, 'b');
	g_autofree char *body = g_strdup_printf(
			"{\"text\": \"%s\", \"wait\": false, \"rate\": 20}", text);
	struct http_reply *reply = ask(f, "POST", body);

	g_assert_cmpint(reply->status, ==, 202);
	g_assert_cmpstr(state_of(reply), ==, "typing");
	http_reply_free(reply);
}

static void stop(struct fixture *f)
{
	struct http_reply *reply = ask(f, "DELETE", NULL);

	g_assert_cmpint(reply->status, ==, 200);
	g_assert_cmpstr(state_of(reply), ==, "stopped");
	http_reply_free(reply);
}

/* Each test begins at the prompt, with nothing behind it, and ends alone. */
static void test_begin(struct fixture *f)
{
	g_assert_true(wait_for(f, at_prompt, NULL));
	g_assert_cmpstr(desk_state(f->desk)->typed, ==, "");
}

static void test_end(struct fixture *f)
{
	client_close(g_steal_pointer(&f->client));
	client_close(g_steal_pointer(&f->other));
	g_assert_true(wait_for(f, holds_just, GINT_TO_POINTER(0)));
	assert_done(f, json_pack("{s:s}", "keys", "ctrl+u"));
}
