/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/typist.h"
#include <glib.h>
#include "src/typing.h"

#define LOOK_US    2000 /* between two looks at whether the node has taken a key */
#define LEAST_US   1000 /* from one key to the next */
#define SECOND_US  1000000
#define CAPS_LOCK  0x39
#define LEFT_SHIFT 0xe1
#define USAGES     256

enum typist_phase {
	TYPIST_IDLE,
	TYPIST_UNLOCKING, /* presses Caps Lock */
	TYPIST_DARKENING, /* waits for its light to go out */
	TYPIST_TYPING,
	TYPIST_LOCKING, /* presses it again */
};

static const struct typing_step typist_tap[] = {
		{.usage = CAPS_LOCK, .down = true},
		{.usage = CAPS_LOCK, .down = false, .ends = true},
};

static const struct typing_step typist_shift_tap[] = {
		{.usage = LEFT_SHIFT, .down = true},
		{.usage = CAPS_LOCK, .down = true},
		{.usage = CAPS_LOCK, .down = false},
		{.usage = LEFT_SHIFT, .down = false, .ends = true},
};

struct typist {
	struct typist_events events;
	enum typist_phase phase;
	struct typing *typing; /* NULL: none */
	int64_t interval;      /* from one character to the next, us */
	bool caps;             /* is lit */
	bool relock;           /* it was, before the text */
	int64_t due;
	int64_t dark_by;
	/* What is being pressed: of typing, or of Caps Lock. */
	const struct typing_step *steps;
	size_t count, at;
	int64_t pace; /* of this character's steps, us */
	bool begins;  /* with the next step a character begins */
	bool owed;    /* the last step ended one, which the node may not have taken yet */
	bool down[USAGES];
	unsigned int all, typed;
};

struct typist *typist_new(const struct typist_events *events)
{
	struct typist *typist = g_new0(struct typist, 1);

	typist->events = *events;
	return typist;
}

bool typist_busy(const struct typist *typist)
{
	return typist->phase != TYPIST_IDLE;
}

void typist_caps(struct typist *typist, bool lit)
{
	typist->caps = lit;
}

void typist_count(const struct typist *typist, unsigned int *all, unsigned int *typed)
{
	*all = typist->all;
	*typed = typist->typed;
}

static void typist_key(struct typist *typist, uint8_t usage, bool down)
{
	typist->down[usage] = down;
	typist->events.key(usage, down, typist->events.data);
}

static void typist_drop(struct typist *typist)
{
	for (int usage = 0; usage < USAGES; usage++)
		if (typist->down[usage])
			typist_key(typist, (uint8_t)usage, false);
	typing_free(typist->typing);
	typist->typing = NULL;
	typist->steps = NULL;
	typist->phase = TYPIST_IDLE;
}

static void typist_end(struct typist *typist, enum typist_end end)
{
	typist_drop(typist);
	typist->events.ended(end, typist->events.data);
}

static void typist_press(struct typist *typist, enum typist_phase phase,
		const struct typing_step *steps, size_t count)
{
	typist->phase = phase;
	typist->steps = steps;
	typist->count = count;
	typist->at = 0;
	typist->begins = true;
	typist->owed = false;
}

static void typist_press_caps(struct typist *typist, enum typist_phase phase)
{
	if (typist->typing->caps_with_shift)
		typist_press(typist, phase, typist_shift_tap, G_N_ELEMENTS(typist_shift_tap));
	else
		typist_press(typist, phase, typist_tap, G_N_ELEMENTS(typist_tap));
}

static void typist_press_text(struct typist *typist)
{
	typist_press(typist, TYPIST_TYPING, typist->typing->steps, typist->typing->count);
}

void typist_begin(struct typist *typist, struct typing *typing, unsigned int rate)
{
	typist->typing = typing;
	typist->interval = SECOND_US / CLAMP(rate, 1, TYPIST_RATE_MAX);
	typist->all = typing->units;
	typist->typed = 0;
	typist->due = 0;
	typist->relock = typing->text && typist->caps;
	if (typist->relock)
		typist_press_caps(typist, TYPIST_UNLOCKING);
	else
		typist_press_text(typist);
}

/* Each character has the same time, whatever number of keys it takes. */
static int64_t typist_pace(const struct typist *typist)
{
	size_t end = typist->at;

	while (end < typist->count && !typist->steps[end].ends)
		end++;
	return MAX(typist->interval / (int64_t)(end - typist->at + 1), LEAST_US);
}

/* Late by a little is made up for, by much is not: keys must not run into each other. */
static void typist_wait(struct typist *typist, int64_t wait, int64_t now)
{
	typist->due = MAX(typist->due + wait, now + MAX(wait / 2, LEAST_US));
}

static void typist_step(struct typist *typist, int64_t now)
{
	const struct typing_step *step = &typist->steps[typist->at];

	if (typist->begins)
		typist->pace = typist_pace(typist);
	typist->begins = typist->owed = step->ends;
	typist->at++;
	if (step->usage)
		typist_key(typist, step->usage, step->down);
	if (step->wait)
		typist->due = now + step->wait * INT64_C(1000);
	else
		typist_wait(typist, typist->pace, now);
}

/* All keys of a phase were taken. */
static void typist_next(struct typist *typist, int64_t now)
{
	switch (typist->phase) {
	case TYPIST_UNLOCKING:
		typist->phase = TYPIST_DARKENING;
		typist->dark_by = now + TYPIST_LIGHT_MS * INT64_C(1000);
		break;
	case TYPIST_DARKENING:
		if (!typist->caps)
			typist_press_text(typist);
		else if (now >= typist->dark_by)
			typist_end(typist, TYPIST_LOCKED);
		else
			typist->due = now + LOOK_US;
		break;
	case TYPIST_TYPING:
		if (typist->relock)
			typist_press_caps(typist, TYPIST_LOCKING);
		else
			typist_end(typist, TYPIST_DONE);
		break;
	case TYPIST_LOCKING:
		typist_end(typist, TYPIST_DONE);
		break;
	case TYPIST_IDLE:
		break;
	}
}

int64_t typist_tick(struct typist *typist, int64_t now)
{
	while (typist->phase != TYPIST_IDLE && typist->due <= now) {
		if (!typist->events.hears(typist->events.data)) {
			typist_end(typist, TYPIST_DEAF);
			break;
		}
		if (!typist->events.heard(typist->events.data)) {
			typist->due = now + LOOK_US;
			break;
		}
		if (typist->owed && typist->phase == TYPIST_TYPING)
			typist->typed++;
		typist->owed = false;
		if (typist->phase != TYPIST_DARKENING && typist->at < typist->count)
			typist_step(typist, now);
		else
			typist_next(typist, now);
	}
	return typist->phase == TYPIST_IDLE ? 0 : typist->due;
}

void typist_stop(struct typist *typist)
{
	if (typist_busy(typist))
		typist_end(typist, TYPIST_STOPPED);
}

void typist_free(struct typist *typist)
{
	if (!typist)
		return;
	typist_drop(typist);
	g_free(typist);
}
