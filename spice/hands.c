/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include "spice/hands.h"

#define USAGES 256

struct hands {
	struct hands_events events;
	GPtrArray *all;               /* of struct hand, not owned */
	unsigned int holders[USAGES]; /* of each key */
	bool given;                   /* to one alone: */
	const struct hand *owner;     /* NULL: to nobody */
	bool absolute;                /* how the mouse was used last */
	int x, y;                     /* where, if so */
};

struct hand {
	struct hands *hands;
	uint32_t keys[USAGES / 32]; /* held, a bit for each usage */
	unsigned int buttons;       /* held */
	/* Held too, and up for the node: pressed while these hands did not count. */
	uint32_t idle_keys[USAGES / 32];
	unsigned int idle_buttons;
	int64_t heard;
};

static bool hand_has(const struct hand *hand, int usage)
{
	return hand->keys[usage / 32] >> usage % 32 & 1;
}

static bool hand_has_idle(const struct hand *hand, int usage)
{
	return hand->idle_keys[usage / 32] >> usage % 32 & 1;
}

static bool hand_counts(const struct hand *hand)
{
	return !hand->hands->given || hand->hands->owner == hand;
}

static bool hand_holds(const struct hand *hand)
{
	uint32_t any = hand->buttons;

	for (int i = 0; i < USAGES / 32; i++)
		any |= hand->keys[i];
	return any != 0;
}

static unsigned int hands_buttons(const struct hands *hands)
{
	unsigned int buttons = 0;

	for (guint i = 0; i < hands->all->len; i++)
		buttons |= ((const struct hand *)g_ptr_array_index(hands->all, i))->buttons;
	return buttons;
}

struct hands *hands_new(const struct hands_events *events)
{
	struct hands *hands = g_new0(struct hands, 1);

	hands->events = *events;
	hands->all = g_ptr_array_new();
	return hands;
}

void hands_free(struct hands *hands)
{
	if (!hands)
		return;
	g_ptr_array_unref(hands->all);
	g_free(hands);
}

struct hand *hand_new(struct hands *hands)
{
	struct hand *hand = g_new0(struct hand, 1);

	hand->hands = hands;
	g_ptr_array_add(hands->all, hand);
	return hand;
}

void hand_free(struct hand *hand)
{
	if (!hand)
		return;
	if (hand_holds(hand))
		hand_release(hand);
	if (hand->hands->owner == hand)
		hand->hands->owner = NULL;
	g_ptr_array_remove(hand->hands->all, hand);
	g_free(hand);
}

/* What the others still hold stays down. */
static void hand_key_up(struct hand *hand, int usage)
{
	struct hands *hands = hand->hands;

	if (hand_has(hand, usage)) {
		hand->keys[usage / 32] &= ~(1u << usage % 32);
		hands->holders[usage]--;
	}
	if (hands->holders[usage] == 0)
		hands->events.key((uint8_t)usage, false, hands->events.data);
}

/* Takes note of what does not reach the node. Whether that is so. */
static bool hand_key_idles(struct hand *hand, int usage, bool down)
{
	const bool idle = hand_has_idle(hand, usage);
	const uint32_t bit = 1u << usage % 32;

	if (!down)
		hand->idle_keys[usage / 32] &= ~bit;
	else if (!hand_counts(hand))
		hand->idle_keys[usage / 32] |= bit;
	return idle || !hand_counts(hand);
}

void hand_key(struct hand *hand, uint8_t usage, bool down, int64_t now)
{
	struct hands *hands = hand->hands;

	hand->heard = now;
	if (hand_key_idles(hand, usage, down))
		return;
	if (!down) {
		hand_key_up(hand, usage);
		return;
	}
	if (!hand_has(hand, usage)) {
		hand->keys[usage / 32] |= 1u << usage % 32;
		hands->holders[usage]++;
	}
	hands->events.key(usage, true, hands->events.data);
}

/* Whether that reaches the node. */
static bool hand_press(struct hand *hand, int wheel, unsigned int buttons)
{
	const struct hands *hands = hand->hands;

	if (!hand_counts(hand)) {
		hand->idle_buttons = buttons;
		return !hands->owner && !buttons && !wheel;
	}
	hand->idle_buttons &= buttons;
	hand->buttons = buttons & ~hand->idle_buttons;
	return true;
}

void hand_pointer(struct hand *hand, int x, int y, int wheel, unsigned int buttons, int64_t now)
{
	struct hands *hands = hand->hands;

	hand->heard = now;
	if (!hand_press(hand, wheel, buttons))
		return;
	hands->absolute = true;
	hands->x = x;
	hands->y = y;
	hands->events.pointer(x, y, wheel, hands_buttons(hands), hands->events.data);
}

void hand_mouse(struct hand *hand, int dx, int dy, int wheel, unsigned int buttons, int64_t now)
{
	struct hands *hands = hand->hands;

	hand->heard = now;
	if (!hand_press(hand, wheel, buttons))
		return;
	hands->absolute = false;
	hands->events.mouse(dx, dy, wheel, hands_buttons(hands), hands->events.data);
}

bool hand_presses_key(const struct hand *hand, uint8_t usage, bool down)
{
	return down && !hand_has(hand, usage) && !hand_has_idle(hand, usage);
}

bool hand_presses_buttons(const struct hand *hand, unsigned int buttons, int wheel)
{
	return wheel || (buttons & ~(hand->buttons | hand->idle_buttons));
}

/* With others about, what they did just now must not get lost: one thing after the other. */
static void hand_let_go(struct hand *hand)
{
	struct hands *hands = hand->hands;
	unsigned int before = hands_buttons(hands), after;

	for (int usage = 0; usage < USAGES; usage++)
		if (hand_has(hand, usage))
			hand_key_up(hand, usage);
	hand->buttons = 0;
	after = hands_buttons(hands);
	if (after == before)
		return;
	if (hands->absolute)
		hands->events.pointer(hands->x, hands->y, 0, after, hands->events.data);
	else
		hands->events.mouse(0, 0, 0, after, hands->events.data);
}

/* What it holds will be up for the node, and counts again when it was let go of. */
static void hand_idle(struct hand *hand)
{
	for (int i = 0; i < USAGES / 32; i++)
		hand->idle_keys[i] |= hand->keys[i];
	hand->idle_buttons |= hand->buttons;
	hand_let_go(hand);
}

void hands_give(struct hands *hands, struct hand *hand)
{
	if (hands->given && hands->owner == hand)
		return;
	for (guint i = 0; i < hands->all->len; i++) {
		struct hand *other = g_ptr_array_index(hands->all, i);

		if (other != hand)
			hand_idle(other);
	}
	hands->given = true;
	hands->owner = hand;
}

void hands_share(struct hands *hands)
{
	hands->given = false;
	hands->owner = NULL;
}

void hand_release(struct hand *hand)
{
	struct hands *hands = hand->hands;

	for (int i = 0; i < USAGES / 32; i++)
		hand->idle_keys[i] = 0;
	hand->idle_buttons = 0;
	if (hands->all->len > 1) {
		hand_let_go(hand);
		return;
	}
	for (int usage = 0; usage < USAGES; usage++)
		hands->holders[usage] = 0;
	for (int i = 0; i < USAGES / 32; i++)
		hand->keys[i] = 0;
	hand->buttons = 0;
	hands->events.release_all(hands->events.data);
}

int hands_tire(struct hands *hands, int64_t limit, int64_t now, int64_t *next)
{
	int tired = 0;

	*next = 0;
	for (guint i = 0; i < hands->all->len; i++) {
		struct hand *hand = g_ptr_array_index(hands->all, i);
		int64_t end = hand->heard + limit;

		if (!hand_holds(hand))
			continue;
		if (end <= now) {
			hand_release(hand);
			tired++;
		} else if (*next == 0 || end < *next) {
			*next = end;
		}
	}
	return tired;
}
