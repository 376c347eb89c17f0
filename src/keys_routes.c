/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/keys_routes.h"
#include <string.h>
#include "src/audit.h"
#include "src/console.h"
#include "src/keys.h"
#include "src/keys_api.h"
#include "src/layout.h"
#include "src/routes_part.h"
#include "src/suggest.h"
#include "src/typing.h"

#define ACCEPTED      202
#define BAD_REQUEST   400
#define CONFLICT      409
#define UNPROCESSABLE 422 /* RFC 9110, 15.5.21: understood, and cannot be done */

#define LACKS_SAID 8 /* characters in the sentence; the list has all */

/* --- Status --- */

static json_t *routes_keys(const struct keys_status *status)
{
	json_t *json = json_pack("{s:s, s:I, s:o, s:I, s:I, s:s?}", "state",
			keys_state_word(status->state), "id", (json_int_t)status->id, "kind",
			status->id ? json_string(status->text ? "text" : "keys") : json_null(),
			"total", (json_int_t)status->all, "typed", (json_int_t)status->typed,
			"reason", status->reason);

	if (status->id)
		routes_moment(json, "since", "age_ms", status->since);
	if (status->until)
		json_object_set_new(json, "took_ms",
				json_integer((status->until - status->since) / 1000));
	return json;
}

static json_t *routes_layouts(void)
{
	const struct layout *layout;
	json_t *list = json_array();

	for (size_t i = 0; (layout = layout_at(i)); i++)
		json_array_append_new(list, json_pack("{s:s, s:s}", "name", layout_name(layout),
							    "title", layout_title(layout)));
	return list;
}

/* --- What a layout lacks --- */

/* As a sentence shows it: what cannot be seen by its number. */
static char *routes_character(gunichar character)
{
	if (g_unichar_isgraph(character) && !g_unichar_ismark(character)) {
		char text[8] = "";

		g_unichar_to_utf8(character, text);
		return g_strdup_printf("\"%s\"", text);
	}
	return g_strdup_printf("U+%04X", character);
}

static char *routes_lacks_sentence(const struct layout *layout, const GArray *lacks)
{
	GString *text = g_string_new(NULL);

	g_string_printf(text, "nothing was typed: layout \"%s\" lacks ", layout_name(layout));
	for (guint i = 0; i < lacks->len && i < LACKS_SAID; i++) {
		const struct typing_lack *lack = &g_array_index(lacks, struct typing_lack, i);
		g_autofree char *shown = routes_character(lack->character);

		g_string_append_printf(text, "%s%s (line %u, column %u)", i ? ", " : "", shown,
				lack->line, lack->column);
	}
	if (lacks->len > LACKS_SAID)
		g_string_append_printf(text, " and %u more", lacks->len - LACKS_SAID);
	return g_string_free(text, FALSE);
}

static json_t *routes_lacks_list(const GArray *lacks)
{
	json_t *list = json_array();

	for (guint i = 0; i < lacks->len; i++) {
		const struct typing_lack *lack = &g_array_index(lacks, struct typing_lack, i);
		char text[8] = "";

		g_unichar_to_utf8(lack->character, text);
		json_array_append_new(list,
				json_pack("{s:s, s:i, s:i, s:i, s:i}", "character", text,
						"position", lack->position, "line", lack->line,
						"column", lack->column, "times", lack->times));
	}
	return list;
}

/* An error as all are, and the list in it. */
static void routes_lack(struct http_answer *answer, const struct layout *layout, GArray *lacks)
{
	g_autofree char *sentence = routes_lacks_sentence(layout, lacks);

	answer->status = UNPROCESSABLE;
	answer->json = json_pack("{s:{s:i, s:s, s:o}}", "error", "code", UNPROCESSABLE, "message",
			sentence, "characters", routes_lacks_list(lacks));
	g_array_unref(lacks);
}

/* --- What is given --- */

static const char *routes_string(const json_t *values, const char *name)
{
	return json_string_value(json_object_get(values, name));
}

static const struct layout *routes_layout(const json_t *values, GError **error)
{
	const char *name = routes_string(values, "layout"), *near = NULL;
	const struct layout *layout = layout_find(name ? name : "us"), *each;
	g_autoptr(GString) all = g_string_new(NULL);

	if (layout)
		return layout;
	for (size_t i = 0; (each = layout_at(i)); i++) {
		near = suggest_nearer(name, near, layout_name(each));
		g_string_append_printf(all, "%s%s", i ? ", " : "", layout_name(each));
	}
	g_set_error(error, HTTP_ERROR, BAD_REQUEST, "there is no layout \"%s\"; there are %s%s%s%s",
			name, all->str, near ? "; did you mean \"" : "", near ? near : "",
			near ? "\"?" : "");
	return NULL;
}

/* NULL and no error: the answer says why. */
static struct typing *routes_typing(
		const json_t *values, struct http_answer *answer, GError **error)
{
	const char *chords = routes_string(values, "keys"), *text = routes_string(values, "text");
	const struct layout *layout = routes_layout(values, error);
	g_autoptr(GError) cause = NULL;
	struct typing *typing = NULL;
	GArray *lacks = NULL;

	if (!layout)
		return NULL;
	if (!chords == !text) {
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST,
				"it takes either keys or text, as in {\"keys\": \"ctrl+alt+del\"}");
		return NULL;
	}
	typing = chords ? typing_chords(layout, chords, &cause)
			: typing_text(layout, text, &lacks, &cause);
	if (lacks)
		routes_lack(answer, layout, lacks);
	else if (!typing)
		g_set_error_literal(error, HTTP_ERROR, BAD_REQUEST, cause->message);
	return typing;
}

/* --- Handlers --- */

static void routes_typed(const struct keys_status *status, const GError *error, void *data)
{
	struct http_answer answer = {.status = 200};
	g_autoptr(GError) fault = NULL;

	if (error) {
		fault = g_error_new_literal(HTTP_ERROR, CONFLICT, error->message);
		http_later_fail(data, fault);
		return;
	}
	answer.json = routes_keys(status);
	http_later_answer(data, &answer);
}

/* Who it was; what, is nobody's business. */
static void routes_say(const struct http_request *request, struct console *console,
		const struct keys_status *status)
{
	const struct audit_who who = audit_who_asks(request);

	audit_tell(console_audit(console), AUDIT_TEXT_TYPED, &who,
			json_pack("{s:s}", "kind", status->text ? "text" : "keys"));
}

static bool routes_type(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	const json_t *wait = json_object_get(request->values, "wait");
	const json_t *rate = json_object_get(request->values, "rate");
	struct typing *typing = routes_typing(request->values, answer, error);
	bool later = !wait || json_is_true(wait);
	g_autoptr(GError) cause = NULL;
	struct http_later *promise;
	struct keys_status status;

	if (!typing)
		return !*error;
	promise = later ? http_answer_later(request) : NULL;
	if (!keys_begin(console_keys(data), typing,
			    rate ? (unsigned int)json_integer_value(rate) : TYPIST_RATE,
			    promise ? routes_typed : NULL, promise, &cause)) {
		g_autoptr(GError) fault = g_error_new_literal(HTTP_ERROR, CONFLICT, cause->message);

		if (promise)
			http_later_fail(promise, fault);
		else
			g_propagate_error(error, g_steal_pointer(&fault));
		return promise;
	}
	keys_status(console_keys(data), &status);
	routes_say(request, data, &status);
	if (!promise) {
		answer->status = ACCEPTED;
		answer->json = routes_keys(&status);
	}
	return true;
}

static bool routes_show(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct keys_status status;

	keys_status(console_keys(data), &status);
	answer->json = routes_keys(&status);
	json_object_set_new(answer->json, "layouts", routes_layouts());
	return true;
}

static bool routes_stop(const struct http_request *request, struct http_answer *answer, void *data,
		GError **error)
{
	struct keys_status status;

	keys_stop(console_keys(data));
	keys_status(console_keys(data), &status);
	answer->json = routes_keys(&status);
	return true;
}

static const http_handler_fn routes_handlers[KEYS_API_COUNT] = {
		[KEYS_API_TYPE] = routes_type,
		[KEYS_API_SHOW] = routes_show,
		[KEYS_API_STOP] = routes_stop,
};

void keys_routes_add(struct http_server *server, struct console *console)
{
	http_server_add(server, keys_api, routes_handlers, KEYS_API_COUNT, console);
}
