/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/keys.h"
#include "gadget/keyboard.h"
#include "src/events.h"
#include "src/input.h"
#include "src/log.h"
#include "src/typing.h"

struct keys {
	struct input *input;   /* not ours */
	struct events *events; /* not ours */
	struct typist *typist;
	struct keys_status status;
	keys_ended_fn ended; /* NULL: nobody asks */
	void *data;
	GSource *timer; /* always there; ready while something is typed */
	bool closing;
};

GQuark keys_error_quark(void)
{
	return g_quark_from_static_string("keys-error");
}

const char *keys_state_word(enum keys_state state)
{
	static const char *const words[] = {
			[KEYS_IDLE] = "idle",
			[KEYS_TYPING] = "typing",
			[KEYS_DONE] = "done",
			[KEYS_STOPPED] = "stopped",
			[KEYS_FAILED] = "failed",
	};

	return words[state];
}

static void keys_publish(struct keys *keys, const char *type)
{
	const struct keys_status *status = &keys->status;
	json_t *data = json_pack("{s:s}", "kind", status->text ? "text" : "keys");

	if (status->until)
		json_object_update_new(data,
				json_pack("{s:s, s:s?}", "state", keys_state_word(status->state),
						"reason", status->reason));
	events_publish(keys->events, type, data);
}

/* --- The typist's hands --- */

static void keys_key(uint8_t usage, bool down, void *data)
{
	input_type(((struct keys *)data)->input, usage, down);
}

static bool keys_hears(void *data)
{
	return input_hears(((struct keys *)data)->input);
}

static bool keys_heard(void *data)
{
	return input_heard(((struct keys *)data)->input);
}

static void keys_over(struct keys *keys, enum keys_state state, const char *reason)
{
	struct keys_status status;
	keys_ended_fn ended = keys->ended;
	g_autoptr(GError) error = NULL;

	input_untake(keys->input);
	keys->status.state = state;
	keys->status.reason = reason;
	keys->status.until = g_get_monotonic_time();
	keys->ended = NULL;
	keys_status(keys, &status);
	keys_publish(keys, "typing.ended");
	/* How long it is may tell too much of a secret. */
	if (reason)
		log_line(LOG_LINE_WARNING, "console: typing stopped before its end: %s", reason);
	if (reason)
		g_set_error(&error, KEYS_ERROR, KEYS_ERROR_STOPPED,
				"typed %u of %u %s, then stopped: %s", status.typed, status.all,
				status.text ? "characters" : "chords", reason);
	if (ended)
		ended(&status, error, keys->data);
}

static void keys_ended(enum typist_end end, void *data)
{
	switch (end) {
	case TYPIST_DONE:
		keys_over(data, KEYS_DONE, NULL);
		break;
	case TYPIST_DEAF:
		keys_over(data, KEYS_FAILED, "the node does not take keys any more");
		break;
	case TYPIST_LOCKED:
		keys_over(data, KEYS_FAILED, "Caps Lock is lit on the node and does not go out");
		break;
	case TYPIST_STOPPED:
		keys_over(data, KEYS_STOPPED,
				((struct keys *)data)->closing ? "the console ends"
							       : "somebody stopped it");
		break;
	}
}

/* --- Time --- */

static gboolean keys_dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
	return callback(data);
}

static void keys_run(struct keys *keys)
{
	int64_t due = typist_tick(keys->typist, g_get_monotonic_time());

	g_source_set_ready_time(keys->timer, due ? due : -1);
}

static gboolean keys_due(gpointer data)
{
	keys_run(data);
	return G_SOURCE_CONTINUE;
}

/* A timer in microseconds: those in milliseconds would be late by half a key. */
static GSource *keys_timer(struct keys *keys)
{
	static GSourceFuncs functions = {.dispatch = keys_dispatch};
	GSource *timer = g_source_new(&functions, sizeof(GSource));

	g_source_set_callback(timer, keys_due, keys, NULL);
	g_source_attach(timer, NULL);
	return timer;
}

/* --- The owner's end --- */

struct keys *keys_new(struct input *input, struct events *events)
{
	struct keys *keys = g_new0(struct keys, 1);
	const struct typist_events hands = {
			.key = keys_key,
			.hears = keys_hears,
			.heard = keys_heard,
			.ended = keys_ended,
			.data = keys,
	};

	keys->input = input;
	keys->events = events;
	keys->typist = typist_new(&hands);
	keys->timer = keys_timer(keys);
	return keys;
}

static bool keys_can(const struct keys *keys, GError **error)
{
	const char *why = NULL;

	if (typist_busy(keys->typist))
		why = "something is being typed already";
	else if (!input_hears(keys->input))
		why = "the node takes no keys: it has no keyboard of ours, or does not listen";
	if (why)
		g_set_error_literal(error, KEYS_ERROR, KEYS_ERROR_STATE, why);
	return !why;
}

bool keys_begin(struct keys *keys, struct typing *typing, unsigned int rate, keys_ended_fn ended,
		void *data, GError **error)
{
	if (!keys_can(keys, error)) {
		typing_free(typing);
		return false;
	}
	keys->status = (struct keys_status){
			.state = KEYS_TYPING,
			.id = keys->status.id + 1,
			.text = typing->text,
			.since = g_get_monotonic_time(),
	};
	keys->ended = ended;
	keys->data = data;
	keys_publish(keys, "typing.begun");
	input_take(keys->input);
	typist_begin(keys->typist, typing, rate);
	g_source_set_ready_time(keys->timer, 0);
	return true;
}

void keys_stop(struct keys *keys)
{
	typist_stop(keys->typist);
}

void keys_leds(struct keys *keys, unsigned int leds)
{
	typist_caps(keys->typist, leds & KEYBOARD_CAPS_LOCK);
}

void keys_status(const struct keys *keys, struct keys_status *out)
{
	*out = keys->status;
	typist_count(keys->typist, &out->all, &out->typed);
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	keys->closing = true;
	typist_stop(keys->typist);
	typist_free(keys->typist);
	g_source_destroy(keys->timer);
	g_source_unref(keys->timer);
	g_free(keys);
}
