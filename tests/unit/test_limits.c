/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <glib.h>
#include <netinet/in.h>
#include <string.h>
#include "spice/lockout.h"
#include "spice/limits.h"
#include "spice/peer.h"

#define SECOND 1000000

struct caller {
	struct limits_place *place; /* NULL: not in */
};

static void enter(struct limits *limits, struct caller *caller, const char *peer, int64_t now)
{
	caller->place = limits_enter(limits, peer, now, caller);
}

static void leave(struct limits *limits, struct caller *caller)
{
	if (caller->place)
		limits_leave(limits, caller->place);
	caller->place = NULL;
}

/* Lets one in as a listener does. */
static void come(struct limits *limits, struct caller *caller, const char *peer, int64_t now)
{
	struct caller *victim;

	while ((victim = limits_crowded(limits, peer)))
		leave(limits, victim);
	enter(limits, caller, peer, now);
}

static void close_all(struct limits *limits, struct caller *callers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		leave(limits, &callers[i]);
	g_assert_cmpint(limits_count(limits), ==, 0);
	limits_free(limits);
}

static void test_one_is_late_after_five_seconds(void)
{
	struct limits *limits = limits_new(4, 4);
	struct caller callers[2];

	g_assert_cmpint(limits_next(limits), ==, -1);
	g_assert_null(limits_late(limits, G_MAXINT64));
	enter(limits, &callers[0], "192.0.2.1:1", 7);
	enter(limits, &callers[1], "192.0.2.2:1", SECOND);
	limits_spoke(limits, callers[0].place);
	g_assert_cmpint(limits_next(limits), ==, 5 * SECOND + 7);
	g_assert_null(limits_late(limits, 5 * SECOND + 6));
	g_assert_true(limits_late(limits, 5 * SECOND + 7) == &callers[0]);
	leave(limits, &callers[0]);
	g_assert_cmpint(limits_next(limits), ==, 6 * SECOND);
	close_all(limits, callers, 2);
}

static void test_the_oldest_silent_one_of_an_address_makes_room(void)
{
	struct limits *limits = limits_new(100, 2);
	struct caller callers[4] = {0};

	come(limits, &callers[0], "192.0.2.2:1", 0);
	come(limits, &callers[1], "192.0.2.1:1", 1);
	come(limits, &callers[2], "192.0.2.1:2", 2);
	come(limits, &callers[3], "192.0.2.1:3", 3);
	g_assert_nonnull(callers[0].place);
	g_assert_null(callers[1].place);
	g_assert_nonnull(callers[2].place);
	g_assert_nonnull(callers[3].place);
	close_all(limits, callers, 4);
}

static void test_who_spoke_stays_while_silent_ones_come(void)
{
	struct limits *limits = limits_new(100, 4);
	struct caller speaker = {0}, flood[500] = {0};

	come(limits, &speaker, "192.0.2.1:1", 0);
	limits_spoke(limits, speaker.place);
	for (size_t i = 0; i < G_N_ELEMENTS(flood); i++)
		come(limits, &flood[i], "192.0.2.1:2", 1);
	g_assert_nonnull(speaker.place);
	g_assert_cmpint(limits_count(limits), ==, 4);
	leave(limits, &speaker);
	close_all(limits, flood, G_N_ELEMENTS(flood));
}

static void test_when_all_spoke_the_oldest_makes_room(void)
{
	struct limits *limits = limits_new(100, 2);
	struct caller callers[3] = {0};

	for (int i = 0; i < 3; i++) {
		come(limits, &callers[i], "192.0.2.1:1", i);
		limits_spoke(limits, callers[i].place);
		limits_spoke(limits, callers[i].place);
	}
	g_assert_null(callers[0].place);
	g_assert_nonnull(callers[1].place);
	g_assert_nonnull(callers[2].place);
	close_all(limits, callers, 3);
}

static void test_who_has_most_silent_ones_makes_room_for_others(void)
{
	struct limits *limits = limits_new(5 + LIMITS_TOGETHER, 2 * LIMITS_TOGETHER);
	struct caller callers[6 + LIMITS_TOGETHER] = {0};

	come(limits, &callers[0], "192.0.2.2:1", 0);
	for (int i = 1; i <= LIMITS_TOGETHER + 1; i++)
		come(limits, &callers[i], "192.0.2.1:1", i);
	for (int i = 2; i <= 4; i++) {
		g_autofree char *peer = g_strdup_printf("192.0.2.%d:1", i);

		come(limits, &callers[i + LIMITS_TOGETHER], peer, i + 100);
	}
	g_assert_cmpint(limits_count(limits), ==, 5 + LIMITS_TOGETHER);
	come(limits, &callers[5 + LIMITS_TOGETHER], "192.0.2.5:1", 200);
	g_assert_null(callers[1].place);
	g_assert_nonnull(callers[0].place);
	g_assert_cmpint(limits_count(limits), ==, 5 + LIMITS_TOGETHER);
	/* Of equals the oldest. */
	g_assert_true(limits_crowded(limits, "192.0.2.6:1") == &callers[0]);
	close_all(limits, callers, G_N_ELEMENTS(callers));
}

static void test_the_channels_of_a_viewer_are_no_more_than_one_connection(void)
{
	struct limits *limits = limits_new(16, 8);
	struct caller viewer[LIMITS_TOGETHER] = {0}, flood[30] = {0};

	for (int i = 0; i < 30; i++) {
		g_autofree char *peer = g_strdup_printf("192.0.2.%d:1", i);

		if (i == 20)
			for (int j = 0; j < LIMITS_TOGETHER; j++) {
				come(limits, &viewer[j], "198.51.100.1:1", i);
				limits_spoke(limits, viewer[j].place);
			}
		come(limits, &flood[i], peer, i);
		limits_spoke(limits, flood[i].place);
	}
	for (int j = 0; j < LIMITS_TOGETHER; j++) {
		g_assert_nonnull(viewer[j].place);
		leave(limits, &viewer[j]);
	}
	close_all(limits, flood, 30);
}

/* From everywhere, or from where the viewer is. */
static void check_newcomers_among_handshakes(struct limits *limits, bool everywhere)
{
	struct caller viewer[3] = {0}, flood[64] = {0};

	for (int i = 0; i < 64; i++) {
		g_autofree char *peer = g_strdup_printf("192.0.2.%d:1", everywhere ? i : 0);

		if (i >= 60 && i < 63)
			come(limits, &viewer[i - 60], "192.0.2.0:1", i);
		come(limits, &flood[i], peer, i);
		limits_spoke(limits, flood[i].place);
	}
	for (int i = 0; i < 3; i++) {
		g_assert_nonnull(viewer[i].place);
		leave(limits, &viewer[i]);
	}
	close_all(limits, flood, 64);
}

static void test_who_has_just_come_stays_while_handshakes_go_on(void)
{
	check_newcomers_among_handshakes(limits_new(16, 16), true);
	check_newcomers_among_handshakes(limits_new(16, 8), false);
}

static void test_handshakes_outlive_a_flood_from_everywhere(void)
{
	struct limits *limits = limits_new(16, 8);
	struct caller viewer[8] = {0}, flood[500] = {0};

	for (int i = 0; i < 8; i++) {
		come(limits, &viewer[i], "198.51.100.1:1", 0);
		limits_spoke(limits, viewer[i].place);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(flood); i++) {
		char peer[PEER_TEXT];

		g_snprintf(peer, sizeof(peer), "192.0.%zu.%zu:5", i / 200, i % 200);
		come(limits, &flood[i], peer, 1);
	}
	for (int i = 0; i < 8; i++)
		g_assert_nonnull(viewer[i].place);
	for (int i = 0; i < 8; i++)
		leave(limits, &viewer[i]);
	close_all(limits, flood, G_N_ELEMENTS(flood));
}

static void test_a_network_of_ipv6_counts_as_one(void)
{
	struct limits *limits = limits_new(100, 1);
	struct caller callers[3] = {0};

	come(limits, &callers[0], "[2001:db8::1]:1", 0);
	come(limits, &callers[1], "[2001:db8:0:1::1]:1", 1);
	come(limits, &callers[2], "[2001:db8::ffff:2]:9", 2);
	g_assert_null(callers[0].place);
	g_assert_nonnull(callers[1].place);
	close_all(limits, callers, 3);
}

static void test_a_unix_socket_counts_in_all_only(void)
{
	struct limits *limits = limits_new(3, 1);
	struct caller callers[4] = {0};

	for (int i = 0; i < 3; i++)
		come(limits, &callers[i], "local", i);
	g_assert_cmpint(limits_count(limits), ==, 3);
	come(limits, &callers[3], "local", 3);
	g_assert_null(callers[0].place);
	close_all(limits, callers, 4);
}

static void test_passwords_may_be_mistyped_thrice(void)
{
	struct lockout *lockout = lockout_new();
	const char *peer = "192.0.2.1:1";

	for (int i = 0; i < 3; i++)
		g_assert_cmpint(lockout_wrong(lockout, peer, i), ==, 0);
	g_assert_cmpint(lockout_left(lockout, peer, 3), ==, 0);
	g_assert_cmpint(lockout_wrong(lockout, peer, 3), ==, SECOND);
	lockout_free(lockout);
}

static void test_each_wrong_password_more_doubles_the_wait_up_to_a_minute(void)
{
	struct lockout *lockout = lockout_new();
	int64_t now = 0;

	for (int i = 0; i < 3; i++)
		lockout_wrong(lockout, "192.0.2.1:1", now);
	for (int seconds = 1; seconds < 100; seconds *= 2) {
		const int64_t wait = MIN(seconds, 60) * (int64_t)SECOND;

		/* Of whichever port. */
		g_assert_cmpint(lockout_wrong(lockout, "192.0.2.1:77", now), ==, wait);
		g_assert_cmpint(lockout_left(lockout, "192.0.2.1:78", now), ==, wait);
		g_assert_cmpint(lockout_left(lockout, "192.0.2.1:78", now + wait - 1), ==, 1);
		g_assert_cmpint(lockout_left(lockout, "192.0.2.1:78", now + wait), ==, 0);
		g_assert_cmpint(lockout_left(lockout, "192.0.2.2:78", now), ==, 0);
		now += wait;
	}
	for (int i = 0; i < 100; i++)
		g_assert_cmpint(lockout_wrong(lockout, "192.0.2.1:1", now), ==, 60 * SECOND);
	lockout_free(lockout);
}

static void test_a_right_password_and_time_make_good(void)
{
	struct lockout *lockout = lockout_new();

	for (int i = 0; i < 5; i++)
		lockout_wrong(lockout, "192.0.2.1:1", 0);
	lockout_right(lockout, "192.0.2.1:2");
	lockout_right(lockout, "192.0.2.9:2");
	g_assert_cmpint(lockout_left(lockout, "192.0.2.1:1", 0), ==, 0);
	g_assert_cmpint(lockout_wrong(lockout, "192.0.2.1:1", 0), ==, 0);
	for (int i = 0; i < 5; i++)
		lockout_wrong(lockout, "192.0.2.1:1", 0);
	g_assert_cmpint(lockout_wrong(lockout, "192.0.2.1:1", 600 * (int64_t)SECOND), ==, 0);
	lockout_free(lockout);
}

static void test_a_unix_socket_is_never_refused(void)
{
	struct lockout *lockout = lockout_new();

	for (int i = 0; i < 100; i++)
		g_assert_cmpint(lockout_wrong(lockout, "local", 0), ==, 0);
	g_assert_cmpint(lockout_left(lockout, "local", 0), ==, 0);
	lockout_free(lockout);
}

static void test_many_addresses_are_forgotten_longest_quiet_first(void)
{
	struct lockout *lockout = lockout_new();

	for (int i = 0; i < 5; i++) {
		lockout_wrong(lockout, "192.0.2.1:1", i);
		lockout_wrong(lockout, "192.0.2.2:1", i);
	}
	for (int i = 0; i < LOCKOUT_ADDRESSES - 1; i++) {
		char peer[PEER_TEXT];

		g_snprintf(peer, sizeof(peer), "10.0.%d.%d:5", i / 200, i % 200);
		lockout_wrong(lockout, peer, 6);
	}
	g_assert_cmpint(lockout_left(lockout, "192.0.2.1:1", 6), ==, 0);
	g_assert_cmpint(lockout_left(lockout, "192.0.2.2:1", 6), >, 0);
	lockout_free(lockout);
}

static void assert_v6(const char *address, int port, const char *text)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	char described[PEER_TEXT];

	g_assert_cmpint(inet_pton(AF_INET6, address, &v6.sin6_addr), ==, 1);
	peer_describe((struct sockaddr *)&v6, sizeof(v6), described);
	g_assert_cmpstr(described, ==, text);
}

static void test_peers_are_described(void)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(51342)};
	struct sockaddr nobody = {.sa_family = AF_UNIX};
	char text[PEER_TEXT];

	inet_pton(AF_INET, "192.0.2.7", &v4.sin_addr);
	peer_describe((struct sockaddr *)&v4, sizeof(v4), text);
	g_assert_cmpstr(text, ==, "192.0.2.7:51342");
	peer_describe(&nobody, sizeof(nobody.sa_family), text);
	g_assert_cmpstr(text, ==, "local");
	peer_describe(&nobody, 0, text);
	g_assert_cmpstr(text, ==, "local");
	assert_v6("2001:db8::7", 1, "[2001:db8::7]:1");
	assert_v6("::ffff:192.0.2.7", 65535, "192.0.2.7:65535");
}

static void assert_key(const char *peer, const char *expected)
{
	char key[PEER_TEXT];

	peer_key(peer, key);
	g_assert_cmpstr(key, ==, expected);
}

static void test_peers_count_by_address_or_network(void)
{
	assert_key("192.0.2.7:51342", "192.0.2.7");
	assert_key("192.0.2.7", "192.0.2.7");
	assert_key("[2001:db8:1:2:3:4:5:6]:1", "2001:db8:1:2::/64");
	assert_key("[fe80::1%eth0]:1", "fe80::/64");
	assert_key("[::ffff:192.0.2.7]:1", "192.0.2.7");
	assert_key("local", "local");
	assert_key("unknown", "unknown");
	assert_key("", "");
	assert_key("[", "[");
	assert_key("[not an address at all, and longer than any of them is]:1",
			"[not an address at all, and longer than any of them is]");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/limits/" #name, test_##name)
	TEST(one_is_late_after_five_seconds);
	TEST(the_oldest_silent_one_of_an_address_makes_room);
	TEST(who_spoke_stays_while_silent_ones_come);
	TEST(when_all_spoke_the_oldest_makes_room);
	TEST(who_has_most_silent_ones_makes_room_for_others);
	TEST(the_channels_of_a_viewer_are_no_more_than_one_connection);
	TEST(who_has_just_come_stays_while_handshakes_go_on);
	TEST(handshakes_outlive_a_flood_from_everywhere);
	TEST(a_network_of_ipv6_counts_as_one);
	TEST(a_unix_socket_counts_in_all_only);
	TEST(passwords_may_be_mistyped_thrice);
	TEST(each_wrong_password_more_doubles_the_wait_up_to_a_minute);
	TEST(a_right_password_and_time_make_good);
	TEST(a_unix_socket_is_never_refused);
	TEST(many_addresses_are_forgotten_longest_quiet_first);
	TEST(peers_are_described);
	TEST(peers_count_by_address_or_network);
	return g_test_run();
}
