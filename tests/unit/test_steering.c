/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/console.h"
#include "src/steering.h"

/* An engine that notes what it is told, and links as the test wants them. */
struct fixture {
	struct capture capture;
	struct capture_quality told;
	int tells;
	struct quality_link link;
	size_t links;
	struct console_quality said;
	int says;
	struct steering *steering;
};

static void engine_adjust(struct capture *capture, const struct capture_quality *quality)
{
	struct fixture *f = (struct fixture *)capture;

	f->told = *quality;
	f->tells++;
}

static const struct capture_ops engine_ops = {.adjust = engine_adjust};
static const struct capture_ops other_ops = {0};

static size_t fixture_links(struct quality_link *links, size_t most, void *data)
{
	struct fixture *f = data;

	g_assert_cmpuint(most, >, 0);
	links[0] = f->link;
	return f->links;
}

static void fixture_changed(const struct console_quality *quality, void *data)
{
	struct fixture *f = data;

	f->said = *quality;
	f->says++;
}

static void fixture_open(struct fixture *f, const struct capture_ops *ops, bool links)
{
	const struct steering_events events = {fixture_links, fixture_changed, f};
	const struct steering_settings settings = {
			.capture = &f->capture,
			.quality = {.selector = 7, .chroma = 420, .hq_selector = -1},
			.adaptive = true,
			.links = links,
	};

	*f = (struct fixture){.capture.ops = ops, .links = 1};
	f->steering = steering_new(&settings, &events);
	steering_codec(f->steering, CAPTURE_AJPG);
}

static struct console_quality fixture_now(struct fixture *f)
{
	struct console_quality quality;

	steering_read(f->steering, &quality);
	return quality;
}

/* Until the engine is told so many times in all, or not for so long. */
static void fixture_turn(struct fixture *f, int tells, int seconds)
{
	int64_t end = g_get_monotonic_time() + seconds * G_TIME_SPAN_SECOND;

	while (f->tells < tells && g_get_monotonic_time() < end) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(10000);
	}
}

static void test_slow_link_is_followed_until_nobody_looks(void)
{
	struct fixture f;

	fixture_open(&f, &engine_ops, true);
	g_assert_true(fixture_now(&f).automatic);
	f.link = (struct quality_link){.round_trip = 400, .behind = true};
	steering_watched(f.steering, true);
	fixture_turn(&f, 1, 60);
	g_assert_cmpint(f.told.selector, ==, 4);
	g_assert_cmpint(f.told.chroma, ==, 420);
	g_assert_cmpint(f.said.selector, ==, 4);
	g_assert_cmpint(f.said.best, ==, 7);
	steering_watched(f.steering, false);
	g_assert_cmpint(f.told.selector, ==, 7);
	steering_free(f.steering);
}

static void test_what_is_set_stays(void)
{
	struct fixture f;

	fixture_open(&f, &engine_ops, true);
	f.link = (struct quality_link){.round_trip = 400, .behind = true};
	steering_watched(f.steering, true);
	g_assert_true(steering_set(f.steering, 9, NULL));
	g_assert_cmpint(f.told.selector, ==, 9);
	g_assert_false(f.said.automatic);
	fixture_turn(&f, 2, 3);
	g_assert_cmpint(f.tells, ==, 1);
	steering_watched(f.steering, false);
	g_assert_cmpint(fixture_now(&f).selector, ==, 9);
	g_assert_true(steering_follow(f.steering, NULL));
	g_assert_cmpint(f.told.selector, ==, 7);
	g_assert_true(fixture_now(&f).automatic);
	steering_free(f.steering);
}

static void test_same_quality_by_somebody_else_is_said(void)
{
	struct fixture f;

	fixture_open(&f, &engine_ops, true);
	g_assert_true(steering_set(f.steering, 7, NULL));
	g_assert_cmpint(f.says, ==, 1);
	g_assert_cmpint(f.tells, ==, 0);
	g_assert_true(steering_set(f.steering, 7, NULL));
	g_assert_cmpint(f.says, ==, 1);
	steering_free(f.steering);
}

static void test_another_configuration_is_told(void)
{
	struct capture_quality quality = {.selector = 7, .chroma = 444, .hq_selector = 9};
	struct fixture f;

	fixture_open(&f, &engine_ops, true);
	steering_configure(f.steering, &quality, false);
	g_assert_cmpint(f.told.chroma, ==, 444);
	g_assert_cmpint(f.told.hq_selector, ==, 9);
	g_assert_false(fixture_now(&f).automatic);
	quality.selector = 2;
	steering_configure(f.steering, &quality, true);
	g_assert_cmpint(f.told.selector, ==, 2);
	g_assert_cmpint(f.tells, ==, 2);
	steering_free(f.steering);
}

static void test_what_cannot_be_is_refused(void)
{
	struct fixture f;
	GError *error = NULL;

	fixture_open(&f, &other_ops, true);
	g_assert_false(fixture_now(&f).known);
	g_assert_false(steering_set(f.steering, 3, &error));
	g_assert_error(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE);
	g_clear_error(&error);
	steering_free(f.steering);
	fixture_open(&f, &engine_ops, false);
	g_assert_false(fixture_now(&f).automatic);
	g_assert_false(steering_follow(f.steering, &error));
	g_assert_error(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE);
	g_clear_error(&error);
	g_assert_true(steering_set(f.steering, 3, NULL));
	steering_free(f.steering);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/steering/" #name, test_##name)
	TEST(slow_link_is_followed_until_nobody_looks);
	TEST(what_is_set_stays);
	TEST(same_quality_by_somebody_else_is_said);
	TEST(another_configuration_is_told);
	TEST(what_cannot_be_is_refused);
	return g_test_run();
}
