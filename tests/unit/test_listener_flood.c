/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Many at once, and those who guess passwords. */
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/listener_rig.h"

#define FLOOD 500

struct flood {
	int fds[FLOOD];
	int count;
};

/* All from loopback addresses: of one, or each of another. */
static void flood(struct flood *flood, const struct listener *listener, bool one, const char *words)
{
	for (flood->count = 0; flood->count < FLOOD; flood->count++) {
		g_autofree char *from = g_strdup_printf("127.0.%d.%d",
				one ? 0 : 1 + flood->count / 200, one ? 1 : 1 + flood->count % 200);

		flood->fds[flood->count] = rig_call_from(listener, from, words, strlen(words));
	}
}

static int flood_open(const struct flood *flood)
{
	int open = 0;

	for (int i = 0; i < flood->count; i++)
		open += !rig_closes(flood->fds[i], 0);
	return open;
}

static void flood_end(struct flood *flood)
{
	while (flood->count > 0)
		close(flood->fds[--flood->count]);
}

/* Waits until no more than that are open. */
static void assert_open(const struct flood *flood, int most)
{
	for (int i = 0; i < 100 && flood_open(flood) > most; i++)
		g_usleep(10000);
	g_assert_cmpint(flood_open(flood), <=, most);
}

static void assert_viewer_arrives(
		struct listener *listener, struct arrivals *arrivals, const char *from)
{
	const gint64 begin = g_get_monotonic_time();
	int before = arrivals->count, fd = rig_view_from(listener, from);

	rig_run(arrivals, before + 1, 1000);
	g_assert_cmpint(arrivals->count, ==, before + 1);
	g_test_message("a viewer arrived after %.1f ms",
			(double)(g_get_monotonic_time() - begin) / 1000);
	close(fd);
}

static void test_a_viewer_gets_in_among_silent_ones_from_its_address(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	struct flood silent;
	const char *last;

	flood(&silent, listener, true, "");
	assert_viewer_arrives(listener, &arrivals, "127.0.0.1");
	assert_open(&silent, LISTENER_PENDING_PER_ADDRESS);
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "do not say what they want"));
	flood_end(&silent);
	rig_close(listener, &arrivals);
}

static void test_a_viewer_gets_in_among_half_said_ones_from_everywhere(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	struct flood half;

	flood(&half, listener, false, "REDQ");
	assert_viewer_arrives(listener, &arrivals, "127.0.0.1");
	assert_viewer_arrives(listener, &arrivals, "127.0.1.1");
	assert_open(&half, LISTENER_PENDING_MOST);
	rig_warned(NULL);
	flood_end(&half);
	rig_close(listener, &arrivals);
}

/* A client's further channels come together, and begin a round trip after they connect. */
static void check_channels_arrive(struct listener *listener, struct arrivals *arrivals)
{
	const int before = arrivals->count;
	uint8_t bytes[LINK_BYTES];
	int fds[4];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = rig_call_from(listener, "127.0.0.1", "", 0);
	g_usleep(20000);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		rig_link(7, 2, (uint8_t)i, bytes);
		g_assert_cmpint(send(fds[i], bytes, sizeof(bytes), MSG_NOSIGNAL), ==,
				sizeof(bytes));
	}
	rig_run(arrivals, before + 4, 1000);
	g_assert_cmpint(arrivals->count, ==, before + 4);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
}

static void test_channels_get_in_among_half_done_handshakes(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	struct flood half;

	for (int one = 0; one < 2; one++) {
		flood(&half, listener, one, "GET / HTTP/1.1\r\nHost: ");
		assert_open(&half, LISTENER_PENDING_MOST);
		check_channels_arrive(listener, &arrivals);
		flood_end(&half);
	}
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

static void test_who_has_spoken_is_heard_before_it_has_to_go(void)
{
	const char *const addresses[] = {"127.0.0.1:0", NULL};
	const struct listener_settings settings = {.addresses = addresses,
			.plain = true,
			.pending_most = 1,
			.pending_per_address = 1};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	uint8_t bytes[LINK_BYTES];

	rig_link(0, 1, 0, bytes);
	for (int i = 0; i < 1000; i++) {
		int viewer = rig_call(listener, ""), next;

		g_usleep(i % 100);
		g_assert_cmpint(send(viewer, bytes, sizeof(bytes), MSG_NOSIGNAL), ==,
				sizeof(bytes));
		next = rig_call(listener, "");
		rig_run(&arrivals, i + 1, 1000);
		g_assert_cmpint(arrivals.count, ==, i + 1);
		close(next);
		close(viewer);
	}
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

static void test_an_address_has_only_its_share(void)
{
	const char *const addresses[] = {"127.0.0.1:0", NULL};
	const struct listener_settings settings = {.addresses = addresses,
			.plain = true,
			.pending_most = 8,
			.pending_per_address = 4};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	int others[4];
	struct flood silent;

	for (int i = 0; i < 4; i++)
		others[i] = rig_call_from(listener, "127.0.0.2", "", 0);
	flood(&silent, listener, true, "");
	assert_open(&silent, 4);
	for (int i = 0; i < 4; i++) {
		g_assert_false(rig_closes(others[i], 0));
		close(others[i]);
	}
	rig_warned(NULL);
	flood_end(&silent);
	rig_close(listener, &arrivals);
}

static void test_those_that_wait_for_a_busy_main_thread_are_limited_too(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	uint8_t bytes[LINK_BYTES];
	struct flood all = {.count = 0};
	int other;

	rig_link(0, 1, 0, bytes);
	other = rig_view_from(listener, "127.0.0.2");
	for (; all.count < FLOOD; all.count++)
		all.fds[all.count] = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	assert_open(&all, LISTENER_PENDING_PER_ADDRESS);
	g_assert_false(rig_closes(other, 0));
	rig_run(&arrivals, FLOOD, 300);
	g_assert_cmpint(arrivals.count, ==, LISTENER_PENDING_PER_ADDRESS + 1);
	flood_end(&all);
	close(other);
	rig_close(listener, &arrivals);
}

/* Two channels that name that connection. */
static void call_channels(const struct listener *listener, uint32_t connection, int fds[2])
{
	uint8_t bytes[LINK_BYTES];

	for (uint8_t i = 0; i < 2; i++) {
		rig_link(connection, 2 + i, 0, bytes);
		fds[i] = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	}
}

static void close_channels(const int fds[2])
{
	close(fds[0]);
	close(fds[1]);
}

static void test_channels_of_a_viewer_do_not_give_way_to_strangers(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int before[2], unknown[2], after[2];
	uint8_t bytes[LINK_BYTES];
	struct flood all = {.count = 0};

	listener_viewer(listener, 77, true);
	listener_viewer(listener, 78, true);
	listener_viewer(listener, 78, false);
	call_channels(listener, 77, before);
	call_channels(listener, 78, unknown);
	rig_link(0, 1, 0, bytes);
	for (; all.count < FLOOD; all.count++)
		all.fds[all.count] = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	assert_open(&all, LISTENER_PENDING_PER_ADDRESS);
	call_channels(listener, 77, after);
	g_assert_true(rig_closes(unknown[0], 500) && rig_closes(unknown[1], 500));
	g_usleep(50000);
	/* They come first. */
	for (int i = 1; i <= 4; i++) {
		rig_run(&arrivals, i, 1000);
		g_assert_cmpint(arrivals.last.greeting.connection, ==, 77);
	}
	rig_run(&arrivals, FLOOD, 300);
	g_assert_cmpint(arrivals.count, ==, 4 + LISTENER_PENDING_PER_ADDRESS);
	flood_end(&all);
	close_channels(before);
	close_channels(unknown);
	close_channels(after);
	rig_close(listener, &arrivals);
}

static void test_those_that_left_before_the_main_thread_had_time_do_not_arrive(void)
{
	const int before = rig_descriptors();
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int fd;

	for (int i = 0; i < 20; i++)
		close(rig_view(listener));
	fd = rig_view(listener);
	rig_run(&arrivals, 2, 200);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	rig_close(listener, &arrivals);
	g_assert_cmpint(rig_descriptors(), ==, before);
}

static int deliveries;

static gboolean count_turns(gpointer turns)
{
	++*(int *)turns;
	return G_SOURCE_CONTINUE;
}

static void deliver_slowly(const struct listener_client *client, void *data)
{
	close(client->fd);
	deliveries++;
}

static void test_the_main_loop_goes_on_between_arrivals(void)
{
	const char *const addresses[] = {"127.0.0.1:0", NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};
	struct listener *listener = listener_open(&settings, deliver_slowly, NULL, NULL);
	int turns = 0, fds[16];
	guint source = g_timeout_add(0, count_turns, &turns);

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		fds[i] = rig_view(listener);
	g_usleep(100000);
	while (deliveries < (int)G_N_ELEMENTS(fds))
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(turns, >=, (int)G_N_ELEMENTS(fds) - 1);
	g_source_remove(source);
	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
	listener_close(listener);
}

static void test_an_address_that_guesses_passwords_is_refused_for_a_while(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	const char *last;
	int fd;

	for (int i = 0; i < 3; i++)
		listener_wrong_password(listener, "127.0.0.7:1000");
	assert_viewer_arrives(listener, &arrivals, "127.0.0.7");
	g_assert_cmpint(rig_warned(NULL), ==, 0);
	listener_wrong_password(listener, "127.0.0.7:1001");
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "127.0.0.7:1001: wrong password again"));
	g_assert_nonnull(strstr(last, "refused for 1 s"));
	fd = rig_view_from(listener, "127.0.0.7");
	g_assert_true(rig_closes(fd, 500));
	close(fd);
	assert_viewer_arrives(listener, &arrivals, "127.0.0.8");
	rig_run(&arrivals, 100, 1100);
	assert_viewer_arrives(listener, &arrivals, "127.0.0.7");
	listener_wrong_password(listener, "127.0.0.7:1001");
	listener_right_password(listener, "127.0.0.7:1002");
	assert_viewer_arrives(listener, &arrivals, "127.0.0.7");
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

static void test_who_waited_while_the_address_was_refused_is_refused(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	uint8_t bytes[LINK_BYTES];
	int fd = rig_call(listener, "RE");

	rig_run(&arrivals, 1, 50);
	for (int i = 0; i < 4; i++)
		listener_wrong_password(listener, "127.0.0.1:1");
	rig_link(0, 1, 0, bytes);
	g_assert_cmpint(send(fd, bytes + 2, sizeof(bytes) - 2, 0), ==, sizeof(bytes) - 2);
	g_assert_true(rig_closes(fd, 500));
	g_assert_cmpint(arrivals.count, ==, 0);
	close(fd);
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

static void test_a_unix_socket_is_not_refused_for_wrong_passwords(void)
{
	g_autofree char *directory = g_dir_make_tmp("listener-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "socket", NULL);
	g_autofree char *address = g_strconcat("unix:", path, NULL);
	struct arrivals arrivals;
	struct listener *listener = rig_open_at(address, &arrivals);
	uint8_t bytes[LINK_BYTES];
	int fd;

	for (int i = 0; i < 20; i++)
		listener_wrong_password(listener, "local");
	fd = rig_call_path(path, "");
	rig_link(0, 1, 0, bytes);
	g_assert_cmpint(send(fd, bytes, sizeof(bytes), 0), ==, sizeof(bytes));
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpstr(arrivals.last.peer, ==, "local");
	g_assert_cmpint(rig_warned(NULL), ==, 0);
	close(fd);
	rig_close(listener, &arrivals);
	rmdir(directory);
}

static gpointer come_and_go(gpointer data)
{
	const struct listener *listener = data;

	for (int i = 0; i < 500; i++) {
		int fd = i % 3 ? rig_view(listener) : rig_call(listener, i % 2 ? "RE" : "");

		if (i % 5)
			rig_closes(fd, 1);
		close(fd);
	}
	return NULL;
}

static void test_threads_do_not_get_in_each_others_way(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	GThread *callers[2];

	for (size_t i = 0; i < G_N_ELEMENTS(callers); i++)
		callers[i] = g_thread_new("caller", come_and_go, listener);
	for (int i = 0; i < 300; i++) {
		g_autofree char *peer = g_strdup_printf("127.9.0.%d:1", i % 20);

		rig_run(&arrivals, G_MAXINT, 1);
		listener_wrong_password(listener, peer);
		if (i % 3 == 0)
			listener_right_password(listener, peer);
		g_assert_true(listener_reload(listener, NULL));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(callers); i++)
		g_thread_join(callers[i]);
	rig_run(&arrivals, G_MAXINT, 50);
	g_assert_cmpint(arrivals.count, >, 0);
	rig_warned(NULL);
	rig_close(listener, &arrivals);
}

int main(int argc, char **argv)
{
	rig_init(&argc, &argv);
#define TEST(name) g_test_add_func("/listener/" #name, test_##name)
	TEST(a_viewer_gets_in_among_silent_ones_from_its_address);
	TEST(a_viewer_gets_in_among_half_said_ones_from_everywhere);
	TEST(channels_get_in_among_half_done_handshakes);
	TEST(who_has_spoken_is_heard_before_it_has_to_go);
	TEST(an_address_has_only_its_share);
	TEST(those_that_wait_for_a_busy_main_thread_are_limited_too);
	TEST(channels_of_a_viewer_do_not_give_way_to_strangers);
	TEST(those_that_left_before_the_main_thread_had_time_do_not_arrive);
	TEST(the_main_loop_goes_on_between_arrivals);
	TEST(an_address_that_guesses_passwords_is_refused_for_a_while);
	TEST(who_waited_while_the_address_was_refused_is_refused);
	TEST(a_unix_socket_is_not_refused_for_wrong_passwords);
	TEST(threads_do_not_get_in_each_others_way);
	return g_test_run();
}
