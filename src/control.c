/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/audit.h"
#include "src/console.h"
#include "src/console_config.h"
#include "src/control.h"
#include "src/events.h"

G_STATIC_ASSERT((int)HOLD_MOVE == (int)VIEWERS_MOVED);
G_STATIC_ASSERT((int)HOLD_LOCK == (int)VIEWERS_LOCKED);
G_STATIC_ASSERT((int)HOLD_PRESS == (int)VIEWERS_PRESSED);

struct control {
	struct viewers *viewers; /* not ours, these three */
	struct audit *audit;
	struct events *events;
	struct hold *hold;
	const struct audit_who *orders; /* whose word is being done; NULL: nobody's */
	guint timer;                    /* until time has brought something */
	int64_t due;                    /* when it ends */
};

/* --- Time --- */

static void control_wait(struct control *control);

static gboolean control_tick(gpointer data)
{
	struct control *control = data;

	control->timer = 0;
	hold_tick(control->hold, g_get_monotonic_time());
	control_wait(control);
	return G_SOURCE_REMOVE;
}

/* One that comes too early looks again: nothing is re-armed for each touch. */
static void control_wait(struct control *control)
{
	const int64_t next = hold_next(control->hold);

	if (!next || (control->timer && control->due <= next))
		return;
	if (control->timer)
		g_source_remove(control->timer);
	control->due = next;
	control->timer = g_timeout_add((guint)(MAX(next - g_get_monotonic_time(), 0) / 1000 + 1),
			control_tick, control);
}

/* --- What was decided --- */

/* The operator whose word it is, or the viewer himself; NULL: he is gone. */
static const struct audit_who *control_who(
		const struct control *control, unsigned int viewer, struct audit_who *who)
{
	struct viewers_one one;

	if (control->orders)
		return control->orders;
	for (size_t i = 0; viewers_read(control->viewers, i, &one); i++) {
		if (one.viewer == viewer) {
			*who = audit_who_looks(viewer, one.peer, one.encrypted);
			return who;
		}
	}
	return NULL;
}

static void control_tell(struct control *control, enum audit_event event, unsigned int viewer,
		json_t *details)
{
	struct audit_who who;

	events_publish(control->events, audit_event_word(event), json_copy(details));
	audit_tell(control->audit, event, control_who(control, viewer, &who), details);
}

static void control_taken(unsigned int viewer, unsigned int former, enum hold_why why, void *data)
{
	struct control *control = data;

	viewers_give(control->viewers, viewer);
	control_tell(control, AUDIT_CONTROL_TAKEN, viewer,
			json_pack("{s:I, s:o, s:s}", "holder", (json_int_t)viewer, "former",
					former ? json_integer(former) : json_null(), "why",
					hold_why_word(why)));
}

static void control_released(unsigned int viewer, enum hold_why why, void *data)
{
	struct control *control = data;

	viewers_give(control->viewers, VIEWERS_NOBODY);
	control_tell(control, AUDIT_CONTROL_RELEASED, viewer,
			json_pack("{s:I, s:s}", "former", (json_int_t)viewer, "why",
					hold_why_word(why)));
}

static void control_asked(unsigned int viewer, void *data)
{
	struct control *control = data;

	control_tell(control, AUDIT_CONTROL_ASKED, viewer,
			json_pack("{s:I, s:I}", "asker", (json_int_t)viewer, "holder",
					(json_int_t)hold_holder(control->hold)));
}

static void control_withdrawn(unsigned int viewer, enum hold_why why, void *data)
{
	control_tell(data, AUDIT_CONTROL_WITHDRAWN, viewer,
			json_pack("{s:I, s:s}", "asker", (json_int_t)viewer, "why",
					hold_why_word(why)));
}

static void control_idle(unsigned int viewer, void *data)
{
	struct control *control = data;

	audit_tell(control->audit, AUDIT_VIEWER_DISMISSED, NULL,
			json_pack("{s:I, s:s}", "dismissed", (json_int_t)viewer, "why", "idle"));
	viewers_drop(control->viewers, viewer);
}

/* --- What happens --- */

void control_joined(struct control *control, unsigned int viewer)
{
	hold_join(control->hold, viewer, g_get_monotonic_time());
	control_wait(control);
}

void control_left(struct control *control, unsigned int viewer)
{
	hold_leave(control->hold, viewer, g_get_monotonic_time());
	control_wait(control);
}

void control_touched(struct control *control, unsigned int viewer, enum viewers_touch touch)
{
	hold_touch(control->hold, viewer, (enum hold_touch)touch, g_get_monotonic_time());
	control_wait(control);
}

const char *control_order_word(enum control_order order)
{
	static const char *const words[CONTROL_ORDERS] = {
			[CONTROL_GIVE] = "give",
			[CONTROL_GRANT] = "grant",
			[CONTROL_DENY] = "deny",
	};

	return words[order];
}

typedef enum hold_answer (*control_order_fn)(struct hold *hold, unsigned int viewer, int64_t now);

bool control_order(struct control *control, enum control_order order, unsigned int viewer,
		const struct audit_who *who, GError **error)
{
	static const control_order_fn orders[CONTROL_ORDERS] = {
			[CONTROL_GIVE] = hold_give,
			[CONTROL_GRANT] = hold_grant,
			[CONTROL_DENY] = hold_deny,
	};
	enum hold_answer answer;

	control->orders = who;
	answer = orders[order](control->hold, viewer, g_get_monotonic_time());
	control->orders = NULL;
	control_wait(control);
	switch (answer) {
	case HOLD_DONE:
		return true;
	case HOLD_IS_SHARED:
		g_set_error_literal(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE,
				"all viewers have the input together (control = shared in "
				"[input])");
		return false;
	case HOLD_NO_VIEWER:
		g_set_error(error, CONSOLE_ERROR, CONSOLE_ERROR_UNKNOWN,
				"there is no viewer %u that could have the input", viewer);
		return false;
	case HOLD_NO_REQUEST:
		g_set_error(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE,
				"viewer %u does not ask for the input", viewer);
		return false;
	}
	return false;
}

const struct hold *control_hold(const struct control *control)
{
	return control->hold;
}

/* --- All of it --- */

struct control *control_new(const struct console_config *config, struct viewers *viewers,
		struct audit *audit, struct events *events)
{
	struct control *control = g_new0(struct control, 1);
	const struct hold_settings settings = {
			.control = config->control,
			.release = (int64_t)config->release * G_USEC_PER_SEC,
			.answer = (int64_t)config->answer * G_USEC_PER_SEC,
			.idle = (int64_t)config->idle * G_USEC_PER_SEC,
	};
	const struct hold_events heard = {
			.taken = control_taken,
			.released = control_released,
			.asked = control_asked,
			.withdrawn = control_withdrawn,
			.idle = control_idle,
			.data = control,
	};

	control->viewers = viewers;
	control->audit = audit;
	control->events = events;
	control->hold = hold_new(&settings, &heard);
	viewers_give(viewers, config->control == HOLD_SHARED ? 0 : VIEWERS_NOBODY);
	return control;
}

void control_free(struct control *control)
{
	if (!control)
		return;
	if (control->timer)
		g_source_remove(control->timer);
	hold_free(control->hold);
	g_free(control);
}
