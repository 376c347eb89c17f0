/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <unistd.h>
#include "gadget/keyboard.h"
#include "gadget/usage.h"
#include "tests/unit/host.h"

#define ROLL_OVER USAGE_ROLL_OVER

struct fixture {
	struct host host;
	struct keyboard *keyboard;
	unsigned int leds;
	int leds_told, listening_told;
	bool listening;
};

static void fixture_leds(unsigned int leds, void *data)
{
	struct fixture *f = data;

	f->leds = leds;
	f->leds_told++;
}

static void fixture_listening(bool listening, void *data)
{
	struct fixture *f = data;

	f->listening = listening;
	f->listening_told++;
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	host_open(&f->host);
	f->keyboard = keyboard_new(f->host.device, fixture_leds, f);
	keyboard_on_listening(f->keyboard, fixture_listening, f);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	keyboard_close(f->keyboard);
	host_close(&f->host);
}

static void press(struct fixture *f, uint8_t usage)
{
	keyboard_key(f->keyboard, usage, true);
}

static void release(struct fixture *f, uint8_t usage)
{
	keyboard_key(f->keyboard, usage, false);
}

/* The next report has these modifiers and keys, the rest zero. */
#define assert_report(f, modifiers, ...)                                                  \
	do {                                                                              \
		const uint8_t report[KEYBOARD_REPORT_SIZE] = {modifiers, 0, __VA_ARGS__}; \
		uint8_t heard[64];                                                        \
		size_t heard_size = host_fetch(&(f)->host, heard, sizeof(heard));         \
                                                                                          \
		g_assert_cmpmem(heard, heard_size, report, sizeof(report));               \
	} while (0)

#define assert_silence(f) host_assert_hears_nothing(&(f)->host)

static void test_nothing_is_said_before_the_first_key(struct fixture *f, gconstpointer unused)
{
	assert_silence(f);
	keyboard_release_all(f->keyboard);
	assert_silence(f);
	g_assert_true(keyboard_listening(f->keyboard));
}

static void test_keys_are_in_order_of_press(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_A + 5);
	press(f, USAGE_A);
	press(f, USAGE_ENTER);
	assert_report(f, 0, USAGE_A + 5);
	assert_report(f, 0, USAGE_A + 5, USAGE_A);
	assert_report(f, 0, USAGE_A + 5, USAGE_A, USAGE_ENTER);
	release(f, USAGE_A);
	assert_report(f, 0, USAGE_A + 5, USAGE_ENTER);
	release(f, USAGE_A + 5);
	release(f, USAGE_ENTER);
	assert_report(f, 0, USAGE_ENTER);
	assert_report(f, 0, 0);
	assert_silence(f);
}

static void test_renewed_state_is_said_even_if_it_was(struct fixture *f, gconstpointer unused)
{
	keyboard_renew(f->keyboard);
	assert_report(f, 0, 0);
	press(f, USAGE_A);
	assert_report(f, 0, USAGE_A);
	keyboard_renew(f->keyboard);
	assert_report(f, 0, USAGE_A);
	assert_silence(f);
	keyboard_attach(f->keyboard, -1);
	keyboard_renew(f->keyboard); /* to nobody */
}

static void test_modifiers_have_a_bit_each(struct fixture *f, gconstpointer unused)
{
	unsigned int down = 0;

	for (int usage = USAGE_LEFT_CONTROL; usage <= USAGE_RIGHT_GUI; usage++) {
		press(f, usage);
		down |= 1 << (usage - USAGE_LEFT_CONTROL);
		assert_report(f, down, 0);
	}
	release(f, USAGE_RIGHT_CONTROL);
	assert_report(f, 0xef, 0);
}

static void test_repeats_are_ignored(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_A);
	press(f, USAGE_A);
	press(f, USAGE_LEFT_SHIFT);
	press(f, USAGE_LEFT_SHIFT);
	assert_report(f, 0, USAGE_A);
	assert_report(f, 2, USAGE_A);
	assert_silence(f);
	release(f, USAGE_A);
	release(f, USAGE_A);
	release(f, USAGE_ENTER);
	assert_report(f, 2, 0);
	assert_silence(f);
}

static void test_what_is_no_key_is_ignored(struct fixture *f, gconstpointer unused)
{
	for (int usage = 0; usage < 256; usage++) {
		if (usage < USAGE_KEY_MIN || usage > USAGE_KEY_MAX)
			press(f, usage);
	}
	assert_silence(f);
}

static void test_seventh_key_is_roll_over(struct fixture *f, gconstpointer unused)
{
	for (int usage = USAGE_A; usage < USAGE_A + 6; usage++) {
		uint8_t bytes[64];

		press(f, usage);
		g_assert_cmpuint(host_fetch(&f->host, bytes, sizeof(bytes)), ==,
				KEYBOARD_REPORT_SIZE);
	}
	press(f, USAGE_LEFT_SHIFT);
	assert_report(f, 2, USAGE_A, USAGE_A + 1, USAGE_A + 2, USAGE_A + 3, USAGE_A + 4,
			USAGE_A + 5);
	press(f, USAGE_A + 6);
	assert_report(f, 2, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER);
	press(f, USAGE_A + 7);
	assert_silence(f);
	release(f, USAGE_A + 7);
	assert_silence(f);
	release(f, USAGE_LEFT_SHIFT);
	assert_report(f, 0, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER, ROLL_OVER);
	release(f, USAGE_A);
	assert_report(f, 0, USAGE_A + 1, USAGE_A + 2, USAGE_A + 3, USAGE_A + 4, USAGE_A + 5,
			USAGE_A + 6);
}

static void test_every_key_at_once_comes_back_to_rest(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[64], last = 1;
	size_t size;

	for (int usage = USAGE_KEY_MIN; usage <= USAGE_KEY_MAX; usage++)
		press(f, usage);
	for (int usage = USAGE_KEY_MAX; usage >= USAGE_KEY_MIN; usage--)
		release(f, usage);
	while ((size = host_fetch(&f->host, bytes, sizeof(bytes))) > 0) {
		last = 0;
		for (size_t i = 0; i < size; i++)
			last |= bytes[i];
	}
	g_assert_cmpuint(last, ==, 0);
}

static void test_tap_between_two_polls_is_heard(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->host);
	press(f, USAGE_A);
	release(f, USAGE_A);
	press(f, USAGE_A);
	release(f, USAGE_A);
	g_assert_true(keyboard_listening(f->keyboard));
	assert_report(f, 0, USAGE_A);
	assert_report(f, 0, 0);
	assert_report(f, 0, USAGE_A);
	assert_report(f, 0, 0);
	assert_silence(f);
}

static void test_too_many_changes_end_in_the_newest_state(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[64] = {0};
	size_t reports = 0;

	host_stuff(&f->host);
	for (int i = 0; i < KEYBOARD_WAITING; i++) {
		press(f, USAGE_A + i % 20);
		release(f, USAGE_A + i % 20);
	}
	press(f, USAGE_ENTER);
	while (host_fetch(&f->host, bytes, sizeof(bytes)) > 0)
		reports++;
	g_assert_cmpuint(reports, ==, KEYBOARD_WAITING);
	g_assert_cmpuint(bytes[2], ==, USAGE_ENTER);
}

static void test_release_all_drops_what_was_not_fetched(struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_LEFT_SHIFT);
	assert_report(f, 2, 0);
	host_stuff(&f->host);
	press(f, USAGE_A);
	press(f, USAGE_A + 1);
	release(f, USAGE_A);
	keyboard_release_all(f->keyboard);
	assert_report(f, 0, 0);
	assert_silence(f);
	press(f, USAGE_A + 1);
	assert_report(f, 0, USAGE_A + 1);
}

static void test_release_all_of_keys_never_heard_says_nothing(
		struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->host);
	press(f, USAGE_A);
	keyboard_release_all(f->keyboard);
	assert_silence(f);
}

static void test_stalled_node_hears_only_the_newest_state(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->host);
	for (int usage = USAGE_A; usage < USAGE_A + 5; usage++) {
		press(f, usage);
		release(f, usage);
	}
	press(f, USAGE_ENTER);
	host_wait(!keyboard_listening(f->keyboard));
	g_assert_cmpint(f->listening_told, ==, 1);
	g_assert_false(f->listening);
	release(f, USAGE_ENTER);
	press(f, USAGE_SPACE);
	assert_report(f, 0, USAGE_SPACE);
	assert_silence(f);
	g_assert_true(keyboard_listening(f->keyboard));
	g_assert_cmpint(f->listening_told, ==, 2);
	g_assert_true(f->listening);
	press(f, USAGE_A);
	release(f, USAGE_A);
	assert_report(f, 0, USAGE_SPACE, USAGE_A);
	assert_report(f, 0, USAGE_SPACE);
}

static void test_stalled_node_hears_nothing_when_nothing_changed(
		struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->host);
	press(f, USAGE_A);
	host_wait(!keyboard_listening(f->keyboard));
	release(f, USAGE_A);
	assert_silence(f);
	g_assert_true(keyboard_listening(f->keyboard));
}

static void test_absent_node_is_seen_and_nothing_old_is_told(
		struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_LEFT_SHIFT);
	assert_report(f, 2, 0);
	host_leave(&f->host);
	press(f, USAGE_A);
	g_assert_false(keyboard_listening(f->keyboard));
	release(f, USAGE_A);
	press(f, USAGE_ENTER);
	release(f, USAGE_LEFT_SHIFT);
	host_settle();
	host_return(&f->host);
	host_wait(keyboard_listening(f->keyboard));
	assert_report(f, 0, USAGE_ENTER);
	assert_silence(f);
	press(f, USAGE_A);
	assert_report(f, 0, USAGE_ENTER, USAGE_A);
}

static void test_absent_node_is_noticed_without_a_key(struct fixture *f, gconstpointer unused)
{
	host_leave(&f->host);
	host_wait(!keyboard_listening(f->keyboard));
	host_return(&f->host);
	host_wait(keyboard_listening(f->keyboard));
	assert_report(f, 0, 0);
	assert_silence(f);
}

static void test_held_key_is_told_again_to_a_node_that_came_back(
		struct fixture *f, gconstpointer unused)
{
	press(f, USAGE_DELETE);
	assert_report(f, 0, USAGE_DELETE);
	host_leave(&f->host);
	host_wait(!keyboard_listening(f->keyboard));
	host_return(&f->host);
	host_wait(keyboard_listening(f->keyboard));
	assert_report(f, 0, USAGE_DELETE);
	assert_silence(f);
}

/* Each turn of the loop that had something to do counts; a poll that returns at once has no end. */
static void test_absent_node_costs_no_busy_loop(struct fixture *f, gconstpointer unused)
{
	int64_t until = g_get_monotonic_time() + G_USEC_PER_SEC / 2;
	int turns = 0;

	host_leave(&f->host);
	press(f, USAGE_A);
	while (g_get_monotonic_time() < until) {
		if (g_main_context_iteration(NULL, FALSE))
			turns++;
		else
			g_usleep(1000);
	}
	g_assert_cmpint(turns, <, 20);
	g_assert_false(keyboard_listening(f->keyboard));
}

static void test_attached_channel_starts_with_every_key_up(struct fixture *f, gconstpointer unused)
{
	struct host other;
	uint8_t bytes[64];

	press(f, USAGE_LEFT_ALT);
	press(f, USAGE_A);
	host_open(&other);
	keyboard_attach(f->keyboard, other.device);
	g_assert_cmpuint(host_fetch(&other, bytes, sizeof(bytes)), ==, 0);
	press(f, USAGE_A);
	host_assert_hears(&other, 0, 0, USAGE_A, 0, 0, 0, 0, 0);
	keyboard_attach(f->keyboard, -1);
	g_assert_false(keyboard_listening(f->keyboard));
	press(f, USAGE_ENTER);
	keyboard_attach(f->keyboard, f->host.device);
	g_assert_true(keyboard_listening(f->keyboard));
	press(f, USAGE_SPACE);
	assert_report(f, 4, 0);
	assert_report(f, 4, USAGE_A);
	assert_report(f, 0, USAGE_SPACE);
	host_close(&other);
}

static void test_lights_follow_the_node(struct fixture *f, gconstpointer unused)
{
	host_say(&f->host, (const uint8_t[]){0}, 1);
	g_assert_cmpint(f->leds_told, ==, 0);
	host_say(&f->host, (const uint8_t[]){KEYBOARD_CAPS_LOCK}, 1);
	g_assert_cmpuint(f->leds, ==, KEYBOARD_CAPS_LOCK);
	host_say(&f->host, (const uint8_t[]){KEYBOARD_CAPS_LOCK}, 1);
	g_assert_cmpint(f->leds_told, ==, 1);
	host_say(&f->host, (const uint8_t[]){0xff}, 1);
	g_assert_cmpuint(f->leds, ==, 7);
	keyboard_attach(f->keyboard, -1);
	g_assert_cmpuint(f->leds, ==, 0);
}

static void test_lights_with_an_id_or_padding_are_understood(
		struct fixture *f, gconstpointer unused)
{
	const uint8_t padded[64] = {KEYBOARD_NUM_LOCK};
	const uint8_t with_id[] = {0, KEYBOARD_SCROLL_LOCK};

	host_say(&f->host, padded, sizeof(padded));
	g_assert_cmpuint(f->leds, ==, KEYBOARD_NUM_LOCK);
	host_say(&f->host, with_id, sizeof(with_id));
	g_assert_cmpuint(f->leds, ==, KEYBOARD_SCROLL_LOCK);
}

static void test_lights_still_follow_when_nobody_fetches(struct fixture *f, gconstpointer unused)
{
	host_stuff(&f->host);
	press(f, USAGE_CAPS_LOCK);
	host_say(&f->host, (const uint8_t[]){KEYBOARD_CAPS_LOCK}, 1);
	g_assert_cmpuint(f->leds, ==, KEYBOARD_CAPS_LOCK);
	assert_report(f, 0, USAGE_CAPS_LOCK);
}

/* The kernel refuses to read from an endpoint that the node is taking away just then. */
static void test_lights_follow_again_after_a_read_that_failed(
		struct fixture *f, gconstpointer unused)
{
	const uint8_t lights[] = {KEYBOARD_CAPS_LOCK};
	int channel = dup(f->host.device), folder = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	g_assert_cmpint(dup2(folder, f->host.device), ==, f->host.device);
	host_settle();
	g_assert_cmpint(dup2(channel, f->host.device), ==, f->host.device);
	close(channel);
	close(folder);
	host_say(&f->host, lights, sizeof(lights));
	host_settle();
	g_assert_cmpuint(f->leds, ==, 0);
	keyboard_renew(f->keyboard);
	host_wait(f->leds == KEYBOARD_CAPS_LOCK);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                      \
	g_test_add("/keyboard/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	g_test_init(&argc, &argv, NULL);
	TEST(nothing_is_said_before_the_first_key);
	TEST(keys_are_in_order_of_press);
	TEST(renewed_state_is_said_even_if_it_was);
	TEST(modifiers_have_a_bit_each);
	TEST(repeats_are_ignored);
	TEST(what_is_no_key_is_ignored);
	TEST(seventh_key_is_roll_over);
	TEST(every_key_at_once_comes_back_to_rest);
	TEST(tap_between_two_polls_is_heard);
	TEST(too_many_changes_end_in_the_newest_state);
	TEST(release_all_drops_what_was_not_fetched);
	TEST(release_all_of_keys_never_heard_says_nothing);
	TEST(stalled_node_hears_only_the_newest_state);
	TEST(stalled_node_hears_nothing_when_nothing_changed);
	TEST(absent_node_is_seen_and_nothing_old_is_told);
	TEST(absent_node_is_noticed_without_a_key);
	TEST(held_key_is_told_again_to_a_node_that_came_back);
	TEST(absent_node_costs_no_busy_loop);
	TEST(attached_channel_starts_with_every_key_up);
	TEST(lights_follow_the_node);
	TEST(lights_with_an_id_or_padding_are_understood);
	TEST(lights_still_follow_when_nobody_fetches);
	TEST(lights_follow_again_after_a_read_that_failed);
	return g_test_run();
}
