/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/hold.h"

#define S ((int64_t)G_USEC_PER_SEC)

struct fixture {
	struct hold *hold;
	GString *said;
};

static void said_taken(unsigned int viewer, unsigned int former, enum hold_why why, void *data)
{
	g_string_append_printf(data, "%u<%u:%s ", viewer, former, hold_why_word(why));
}

static void said_released(unsigned int viewer, enum hold_why why, void *data)
{
	g_string_append_printf(data, "0<%u:%s ", viewer, hold_why_word(why));
}

static void said_asked(unsigned int viewer, void *data)
{
	g_string_append_printf(data, "%u? ", viewer);
}

static void said_withdrawn(unsigned int viewer, enum hold_why why, void *data)
{
	g_string_append_printf(data, "%u!%s ", viewer, hold_why_word(why));
}

static void said_idle(unsigned int viewer, void *data)
{
	g_string_append_printf(data, "%u-idle ", viewer);
}

static void open_hold(struct fixture *f, const struct hold_settings *settings)
{
	f->said = g_string_new(NULL);
	f->hold = hold_new(settings, &(struct hold_events){
						     .taken = said_taken,
						     .released = said_released,
						     .asked = said_asked,
						     .withdrawn = said_withdrawn,
						     .idle = said_idle,
						     .data = f->said,
				     });
}

static void close_hold(struct fixture *f)
{
	hold_free(f->hold);
	g_string_free(f->said, TRUE);
}

/* --- A table of stories --- */

/*
 * A story is words: "+V" joins, "-V" leaves, "V" presses, "Vm" moves, "Vl" presses a lock key, "Vg"
 * is given it, "Vy" and "Vn" are granted and denied, "@S" is the time in seconds from then on, and
 * what it has brought is done.
 */
struct story {
	const char *name;
	struct hold_settings settings;
	const char *does, *says;
};

static const struct story stories[] = {
		{"who shares it holds nothing", {HOLD_SHARED, 5 * S, 5 * S, 0},
				"+1 +2 1 2 2l @100 -1", ""},
		{"shared input cannot be given", {HOLD_SHARED, 0, 0, 0}, "+1 +2 1g 1y 1n",
				"= = = "},
		{"the first press takes it", {HOLD_NEVER, 0, 0, 0}, "+1 +2 1m 2m 2",
				"2<0:touched "},
		{"a lock key takes it from nobody but nobody", {HOLD_LATEST, 0, 0, 0},
				"+1 +2 1l 2l 2m 2", "1<0:touched 2<1:touched "},
		{"the latest takes it over", {HOLD_LATEST, 0, 0, 0}, "+1 +2 +3 1 2 2 3 1",
				"1<0:touched 2<1:touched 3<2:touched 1<3:touched "},
		{"never is never", {HOLD_NEVER, 0, 0, 0}, "+1 +2 1 2 2l @9999 2", "1<0:touched "},
		{"never but when the holder leaves", {HOLD_NEVER, 0, 0, 0}, "+1 +2 1 2 -1 2m 2",
				"1<0:touched 0<1:left 2<0:touched "},
		{"or was idle", {HOLD_NEVER, 60 * S, 0, 0}, "+1 +2 1 @59 2 1m @118 2 @119 2",
				"1<0:touched 0<1:idle 2<0:touched "},
		{"or somebody says so", {HOLD_NEVER, 0, 0, 0}, "+1 +2 1 2g 2g 1 3g",
				"1<0:touched 2<1:given = "},
		{"to whom it was given keeps it as long as another", {HOLD_NEVER, 60 * S, 0, 0},
				"+1 +2 1 @59 2g @118 @119", "1<0:touched 2<1:given 0<2:idle "},
		{"who asks is told once", {HOLD_ASK, 0, 0, 0}, "+1 +2 1 2 2 2 1",
				"1<0:touched 2? "},
		{"silence grants", {HOLD_ASK, 0, 30 * S, 0}, "+1 +2 1 @20 2 @49 @50",
				"1<0:touched 2? 2<1:silence "},
		{"a holder at work is not silent", {HOLD_ASK, 0, 30 * S, 0},
				"+1 +2 1 2 @20 1m @49 @50", "1<0:touched 2? 2<1:silence "},
		{"the first asks first", {HOLD_ASK, 0, 30 * S, 0}, "+1 +2 +3 1 3 2 @30 @59 @60",
				"1<0:touched 3? 2? 3<1:silence 2<3:silence "},
		{"an operator grants", {HOLD_ASK, 0, 0, 0}, "+1 +2 +3 1 2y 2 3 3y 2n 2n",
				"1<0:touched = 2? 3? 3<1:granted 2!denied = "},
		{"who was denied is deaf for a while", {HOLD_ASK, 0, 0, 0},
				"+1 +2 1 2 2n 2 @29 2 @30 2", "1<0:touched 2? 2!denied 2? "},
		{"what is not repeated lapses", {HOLD_ASK, 0, 0, 0}, "+1 +2 1 2 @100 2 @219 1 @220",
				"1<0:touched 2? 2!lapsed "},
		{"but not before it could be granted", {HOLD_ASK, 0, 300 * S, 0},
				"+1 +2 1 2 @299 @300", "1<0:touched 2? 2<1:silence "},
		{"who leaves asks no more", {HOLD_ASK, 0, 30 * S, 0}, "+1 +2 1 2 -2 @30 -1",
				"1<0:touched 2? 2!left 0<1:left "},
		{"the holder leaves it to who asks", {HOLD_ASK, 0, 0, 0}, "+1 +2 +3 1 2 3 -1 -2",
				"1<0:touched 2? 3? 2<1:left 3<2:left "},
		{"so does an idle one", {HOLD_ASK, 20 * S, 0, 0}, "+1 +2 1 2 @20 @39 @40",
				"1<0:touched 2? 2<1:idle 0<2:idle "},
		{"whom it is given asks no more", {HOLD_ASK, 0, 0, 0}, "+1 +2 1 2 2g 1 2g",
				"1<0:touched 2? 2<1:given 1? "},
		{"the silent one is sent away, once", {HOLD_SHARED, 0, 0, 60 * S},
				"+1 @30 +2 1m @89 2m @90 @91 -1 @149", "1-idle 2-idle "},
		{"whoever is not there does nothing", {HOLD_LATEST, 0, 0, 0}, "1 +1 -2 -1 1 1g",
				"= "},
};

static int64_t tell(struct fixture *f, const char *word, int64_t now)
{
	enum hold_answer answer = HOLD_DONE;
	char *rest;
	unsigned int viewer;

	if (*word == '@') {
		now = (atoi(word + 1) + 1) * S;
		hold_tick(f->hold, now);
		return now;
	}
	viewer = (unsigned int)strtoul(word + (*word == '+' || *word == '-'), &rest, 10);
	if (*word == '+')
		hold_join(f->hold, viewer, now);
	else if (*word == '-')
		hold_leave(f->hold, viewer, now);
	else if (*rest == 'g')
		answer = hold_give(f->hold, viewer, now);
	else if (*rest == 'y')
		answer = hold_grant(f->hold, viewer, now);
	else if (*rest == 'n')
		answer = hold_deny(f->hold, viewer, now);
	else
		hold_touch(f->hold, viewer,
				*rest == 'm'   ? HOLD_MOVE
				: *rest == 'l' ? HOLD_LOCK
					       : HOLD_PRESS,
				now);
	if (answer != HOLD_DONE)
		g_string_append(f->said, "= ");
	return now;
}

static void test_story(gconstpointer data)
{
	const struct story *story = data;
	g_auto(GStrv) words = g_strsplit(story->does, " ", -1);
	struct fixture f;
	int64_t now = S;

	open_hold(&f, &story->settings);
	for (char **word = words; *word; word++)
		now = tell(&f, *word, now);
	g_assert_cmpstr(f.said->str, ==, story->says);
	close_hold(&f);
}

static void test_it_says_when_to_look_again(void)
{
	const struct hold_settings settings = {HOLD_ASK, 60 * S, 30 * S, 600 * S};
	struct fixture f;

	open_hold(&f, &settings);
	g_assert_cmpint(hold_next(f.hold), ==, 0);
	hold_join(f.hold, 1, 1 * S);
	hold_join(f.hold, 2, 2 * S);
	g_assert_cmpint(hold_next(f.hold), ==, 601 * S);
	hold_touch(f.hold, 1, HOLD_PRESS, 10 * S);
	g_assert_cmpint(hold_next(f.hold), ==, 70 * S);
	hold_touch(f.hold, 2, HOLD_PRESS, 20 * S);
	g_assert_cmpint(hold_next(f.hold), ==, 50 * S);
	hold_touch(f.hold, 1, HOLD_MOVE, 45 * S);
	g_assert_cmpint(hold_next(f.hold), ==, 75 * S);
	hold_tick(f.hold, 75 * S);
	g_assert_cmpuint(hold_holder(f.hold), ==, 2);
	g_assert_cmpint(hold_next(f.hold), ==, 135 * S);
	close_hold(&f);
}

/* --- A random walk --- */

#define VIEWERS 5

struct walk {
	struct hold *hold;
	unsigned int holder; /* by what was told */
	bool here[VIEWERS + 1], asks[VIEWERS + 1], idle[VIEWERS + 1];
};

static void walk_taken(unsigned int viewer, unsigned int former, enum hold_why why, void *data)
{
	struct walk *walk = data;

	g_assert_cmpuint(former, ==, walk->holder);
	g_assert_cmpuint(viewer, !=, former);
	g_assert_true(walk->here[viewer]);
	walk->holder = viewer;
	walk->asks[viewer] = false;
}

static void walk_released(unsigned int viewer, enum hold_why why, void *data)
{
	struct walk *walk = data;

	g_assert_cmpuint(viewer, ==, walk->holder);
	walk->holder = 0;
}

static void walk_asked(unsigned int viewer, void *data)
{
	struct walk *walk = data;

	g_assert_false(walk->asks[viewer]);
	g_assert_cmpuint(viewer, !=, walk->holder);
	walk->asks[viewer] = true;
}

static void walk_withdrawn(unsigned int viewer, enum hold_why why, void *data)
{
	struct walk *walk = data;

	g_assert_true(walk->asks[viewer]);
	walk->asks[viewer] = false;
}

static void walk_idle(unsigned int viewer, void *data)
{
	struct walk *walk = data;

	g_assert_true(walk->here[viewer] && !walk->idle[viewer]);
	walk->idle[viewer] = true;
}

static void walk_check(const struct walk *walk, enum hold_control control)
{
	size_t asking = 0;

	g_assert_cmpuint(hold_holder(walk->hold), ==, walk->holder);
	g_assert_true(walk->holder == 0 || walk->here[walk->holder]);
	g_assert_true(walk->holder == 0 || control != HOLD_SHARED);
	for (unsigned int i = 1; i <= VIEWERS; i++) {
		g_assert_true(!walk->asks[i] || (walk->here[i] && control == HOLD_ASK));
		asking += walk->asks[i];
	}
	for (size_t i = 0; i < asking; i++)
		g_assert_true(walk->asks[hold_asking(walk->hold, i)]);
	g_assert_cmpuint(hold_asking(walk->hold, asking), ==, 0);
	g_assert_true(asking == 0 || walk->holder != 0);
}

static void walk_step(struct walk *walk, int64_t now)
{
	unsigned int viewer = (unsigned int)g_test_rand_int_range(1, VIEWERS + 1);

	switch (g_test_rand_int_range(0, 12)) {
	case 0:
		if (!walk->here[viewer]) {
			walk->here[viewer] = true;
			walk->idle[viewer] = false;
			hold_join(walk->hold, viewer, now);
		}
		break;
	case 1:
		walk->here[viewer] = false; /* nothing may be its any more */
		hold_leave(walk->hold, viewer, now);
		break;
	case 2:
		hold_give(walk->hold, viewer, now);
		break;
	case 3:
		hold_grant(walk->hold, viewer, now);
		break;
	case 4:
		hold_deny(walk->hold, viewer, now);
		break;
	case 5:
		hold_tick(walk->hold, now);
		g_assert_true(hold_next(walk->hold) == 0 || hold_next(walk->hold) > now);
		break;
	default:
		hold_touch(walk->hold, viewer, (enum hold_touch)g_test_rand_int_range(0, 3), now);
	}
}

static void test_there_is_one_holder_at_most(void)
{
	for (int round = 0; round < 40; round++) {
		const struct hold_settings settings = {
				.control = (enum hold_control)(round % 4),
				.release = round & 4 ? 20 * S : 0,
				.answer = round & 8 ? 10 * S : 0,
				.idle = round & 16 ? 60 * S : 0,
		};
		struct walk walk = {0};
		int64_t now = S;

		walk.hold = hold_new(&settings, &(struct hold_events){
								.taken = walk_taken,
								.released = walk_released,
								.asked = walk_asked,
								.withdrawn = walk_withdrawn,
								.idle = walk_idle,
								.data = &walk,
						});
		for (int step = 0; step < 3000; step++) {
			now += g_test_rand_int_range(0, (int)(4 * S));
			walk_step(&walk, now);
			walk_check(&walk, settings.control);
		}
		hold_free(walk.hold);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(stories); i++) {
		g_autofree char *path = g_strconcat("/hold/", stories[i].name, NULL);

		g_test_add_data_func(path, &stories[i], test_story);
	}
	g_test_add_func("/hold/it_says_when_to_look_again", test_it_says_when_to_look_again);
	g_test_add_func("/hold/there_is_one_holder_at_most", test_there_is_one_holder_at_most);
	return g_test_run();
}
