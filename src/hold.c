/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/hold.h"

/* Times: 0 is not yet. */
struct member {
	unsigned int viewer;
	int64_t heard; /* touched something, or came */
	bool asks;
	int64_t asked;   /* when it began to */
	int64_t pressed; /* while it asks: the last time */
	int64_t deaf;    /* until then it cannot ask */
	bool idle;       /* that was told */
};

struct hold {
	struct hold_settings settings;
	struct hold_events events;
	GArray *members;     /* of struct member, in the order they came */
	GArray *asking;      /* their numbers, in the order they asked */
	unsigned int holder; /* 0: nobody */
	int64_t since;       /* it is */
};

/* --- Who is there --- */

static struct member *hold_member(const struct hold *hold, unsigned int viewer)
{
	for (guint i = 0; i < hold->members->len; i++) {
		struct member *member = &g_array_index(hold->members, struct member, i);

		if (member->viewer == viewer)
			return member;
	}
	return NULL;
}

static void hold_forget_request(struct hold *hold, struct member *member)
{
	member->asks = false;
	for (guint i = 0; i < hold->asking->len; i++) {
		if (g_array_index(hold->asking, unsigned int, i) == member->viewer) {
			g_array_remove_index(hold->asking, i);
			return;
		}
	}
}

unsigned int hold_asking(const struct hold *hold, size_t index)
{
	return index < hold->asking->len ? g_array_index(hold->asking, unsigned int, index) : 0;
}

/* --- Taking, asking, leaving --- */

static void hold_take(struct hold *hold, struct member *member, enum hold_why why, int64_t now)
{
	const unsigned int former = hold->holder;

	hold_forget_request(hold, member);
	hold->holder = member->viewer;
	hold->since = now;
	hold->events.taken(member->viewer, former, why, hold->events.data);
}

/* The holder holds it no more. */
static void hold_pass(struct hold *hold, enum hold_why why, int64_t now)
{
	const unsigned int former = hold->holder, next = hold_asking(hold, 0);

	if (next) {
		hold_take(hold, hold_member(hold, next), why, now);
		return;
	}
	hold->holder = 0;
	hold->events.released(former, why, hold->events.data);
}

static void hold_ask(struct hold *hold, struct member *member, int64_t now)
{
	if (now < member->deaf)
		return;
	member->pressed = now;
	if (member->asks)
		return;
	member->asks = true;
	member->asked = now;
	g_array_append_val(hold->asking, member->viewer);
	hold->events.asked(member->viewer, hold->events.data);
}

static void hold_withdraw(struct hold *hold, struct member *member, enum hold_why why)
{
	hold_forget_request(hold, member);
	hold->events.withdrawn(member->viewer, why, hold->events.data);
}

void hold_join(struct hold *hold, unsigned int viewer, int64_t now)
{
	const struct member member = {.viewer = viewer, .heard = now};

	g_array_append_val(hold->members, member);
}

void hold_leave(struct hold *hold, unsigned int viewer, int64_t now)
{
	struct member *member = hold_member(hold, viewer);

	if (!member)
		return;
	if (member->asks)
		hold_withdraw(hold, member, HOLD_WHY_LEFT);
	for (guint i = 0; i < hold->members->len; i++) {
		if (g_array_index(hold->members, struct member, i).viewer == viewer) {
			g_array_remove_index(hold->members, i);
			break;
		}
	}
	if (viewer == hold->holder)
		hold_pass(hold, HOLD_WHY_LEFT, now);
}

void hold_touch(struct hold *hold, unsigned int viewer, enum hold_touch touch, int64_t now)
{
	struct member *member = hold_member(hold, viewer);

	if (!member)
		return;
	member->heard = now;
	if (hold->settings.control == HOLD_SHARED || viewer == hold->holder || touch == HOLD_MOVE)
		return;
	if (hold->holder == 0)
		hold_take(hold, member, HOLD_WHY_TOUCHED, now);
	else if (touch == HOLD_PRESS && hold->settings.control == HOLD_LATEST)
		hold_take(hold, member, HOLD_WHY_TOUCHED, now);
	else if (touch == HOLD_PRESS && hold->settings.control == HOLD_ASK)
		hold_ask(hold, member, now);
}

/* --- An operator's word --- */

enum hold_answer hold_give(struct hold *hold, unsigned int viewer, int64_t now)
{
	struct member *member = hold_member(hold, viewer);

	if (hold->settings.control == HOLD_SHARED)
		return HOLD_IS_SHARED;
	if (!member)
		return HOLD_NO_VIEWER;
	if (viewer != hold->holder)
		hold_take(hold, member, HOLD_WHY_GIVEN, now);
	return HOLD_DONE;
}

static enum hold_answer hold_asker(
		const struct hold *hold, unsigned int viewer, struct member **member)
{
	*member = hold_member(hold, viewer);
	if (hold->settings.control == HOLD_SHARED)
		return HOLD_IS_SHARED;
	if (!*member)
		return HOLD_NO_VIEWER;
	return (*member)->asks ? HOLD_DONE : HOLD_NO_REQUEST;
}

enum hold_answer hold_grant(struct hold *hold, unsigned int viewer, int64_t now)
{
	struct member *member;
	enum hold_answer answer = hold_asker(hold, viewer, &member);

	if (answer == HOLD_DONE)
		hold_take(hold, member, HOLD_WHY_GRANTED, now);
	return answer;
}

enum hold_answer hold_deny(struct hold *hold, unsigned int viewer, int64_t now)
{
	struct member *member;
	enum hold_answer answer = hold_asker(hold, viewer, &member);

	if (answer == HOLD_DONE) {
		member->deaf = now + HOLD_DEAF;
		hold_withdraw(hold, member, HOLD_WHY_DENIED);
	}
	return answer;
}

/* --- Time --- */

/* When the holder has been silent for long enough; 0: never. */
static int64_t hold_release_time(const struct hold *hold)
{
	const struct member *holder = hold_member(hold, hold->holder);

	if (!holder || !hold->settings.release)
		return 0;
	return MAX(holder->heard, hold->since) + hold->settings.release;
}

/* When the first request is granted; 0: there is none, or never by itself. */
static int64_t hold_answer_time(const struct hold *hold)
{
	const struct member *holder = hold_member(hold, hold->holder);
	const struct member *first = hold_member(hold, hold_asking(hold, 0));

	if (!holder || !first || !hold->settings.answer)
		return 0;
	return MAX(MAX(holder->heard, hold->since), first->asked) + hold->settings.answer;
}

static int64_t hold_lapse_time(const struct hold *hold, const struct member *member)
{
	return member->asks ? member->pressed + MAX(HOLD_STANDS, 2 * hold->settings.answer) : 0;
}

static int64_t hold_idle_time(const struct hold *hold, const struct member *member)
{
	return hold->settings.idle && !member->idle ? member->heard + hold->settings.idle : 0;
}

static bool is_over(int64_t time, int64_t now)
{
	return time && time <= now;
}

void hold_tick(struct hold *hold, int64_t now)
{
	for (guint i = 0; i < hold->members->len; i++) {
		struct member *member = &g_array_index(hold->members, struct member, i);

		if (is_over(hold_lapse_time(hold, member), now))
			hold_withdraw(hold, member, HOLD_WHY_LAPSED);
	}
	if (is_over(hold_answer_time(hold), now))
		hold_take(hold, hold_member(hold, hold_asking(hold, 0)), HOLD_WHY_SILENCE, now);
	if (is_over(hold_release_time(hold), now))
		hold_pass(hold, HOLD_WHY_IDLE, now);
	for (guint i = 0; i < hold->members->len; i++) {
		struct member *member = &g_array_index(hold->members, struct member, i);

		if (is_over(hold_idle_time(hold, member), now)) {
			member->idle = true;
			hold->events.idle(member->viewer, hold->events.data);
		}
	}
}

static int64_t earlier(int64_t a, int64_t b)
{
	return !a || (b && b < a) ? b : a;
}

int64_t hold_next(const struct hold *hold)
{
	int64_t next = earlier(hold_release_time(hold), hold_answer_time(hold));

	for (guint i = 0; i < hold->members->len; i++) {
		const struct member *member = &g_array_index(hold->members, struct member, i);

		next = earlier(next, hold_lapse_time(hold, member));
		next = earlier(next, hold_idle_time(hold, member));
	}
	return next;
}

/* --- All of it --- */

struct hold *hold_new(const struct hold_settings *settings, const struct hold_events *events)
{
	struct hold *hold = g_new0(struct hold, 1);

	hold->settings = *settings;
	hold->events = *events;
	hold->members = g_array_new(FALSE, FALSE, sizeof(struct member));
	hold->asking = g_array_new(FALSE, FALSE, sizeof(unsigned int));
	return hold;
}

void hold_free(struct hold *hold)
{
	if (!hold)
		return;
	g_array_unref(hold->members);
	g_array_unref(hold->asking);
	g_free(hold);
}

unsigned int hold_holder(const struct hold *hold)
{
	return hold->holder;
}

enum hold_control hold_control(const struct hold *hold)
{
	return hold->settings.control;
}

const char *hold_control_word(enum hold_control control)
{
	static const char *const words[] = {
			[HOLD_SHARED] = "shared",
			[HOLD_LATEST] = "latest",
			[HOLD_ASK] = "ask",
			[HOLD_NEVER] = "never",
	};

	return words[control];
}

const char *hold_why_word(enum hold_why why)
{
	static const char *const words[] = {
			[HOLD_WHY_TOUCHED] = "touched",
			[HOLD_WHY_SILENCE] = "silence",
			[HOLD_WHY_GRANTED] = "granted",
			[HOLD_WHY_GIVEN] = "given",
			[HOLD_WHY_DENIED] = "denied",
			[HOLD_WHY_IDLE] = "idle",
			[HOLD_WHY_LEFT] = "left",
			[HOLD_WHY_LAPSED] = "lapsed",
	};

	return words[why];
}
