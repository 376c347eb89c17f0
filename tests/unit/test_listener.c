/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is handed over, and what is closed. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "tests/unit/listener_rig.h"

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	getsockopt(fd, level, name, &value, &length);
	return value;
}

static void test_a_client_that_speaks_spice_arrives_with_all_it_said(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	const struct listener_client *client = &arrivals.last;
	uint8_t bytes[LINK_BYTES], said[2 * LINK_BYTES];
	int fd;

	rig_link(0x89abcdef, 2, 3, bytes);
	fd = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpint(recv(client->fd, said, sizeof(said), 0), ==, sizeof(bytes));
	g_assert_cmpmem(said, sizeof(bytes), bytes, sizeof(bytes));
	g_assert_cmpint(client->greeting.kind, ==, GREETING_SPICE);
	g_assert_cmphex(client->greeting.connection, ==, 0x89abcdef);
	g_assert_cmpint(client->greeting.channel_type, ==, 2);
	g_assert_cmpint(client->greeting.channel_id, ==, 3);
	g_assert_false(client->encrypted);
	g_assert_false(client->websocket);
	g_assert_cmpint(option(client->fd, IPPROTO_TCP, TCP_NODELAY), !=, 0);
	g_assert_cmpint(option(client->fd, SOL_SOCKET, SO_SNDBUF), ==,
			2 * 64 * 1024); /* Linux doubles */
	g_assert_cmpint(fcntl(client->fd, F_GETFL) & O_NONBLOCK, !=, 0);
	g_assert_cmpint(fcntl(client->fd, F_GETFD) & FD_CLOEXEC, !=, 0);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_client_is_known_by_its_address_and_port(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int fd = rig_view_from(listener, "127.0.0.9");
	struct sockaddr_in own;
	socklen_t length = sizeof(own);
	g_autofree char *peer = NULL;

	g_assert_cmpint(getsockname(fd, (struct sockaddr *)&own, &length), ==, 0);
	peer = g_strdup_printf("127.0.0.9:%d", ntohs(own.sin_port));
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpstr(arrivals.last.peer, ==, peer);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_beginning_in_pieces_is_waited_for(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	uint8_t bytes[LINK_BYTES];
	int fd = rig_call(listener, "RE");

	rig_link(0, 1, 0, bytes);
	rig_run(&arrivals, 1, 150);
	g_assert_cmpint(send(fd, bytes + 2, 19, 0), ==, 19);
	rig_run(&arrivals, 1, 150);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_false(rig_closes(fd, 0));
	g_assert_cmpint(send(fd, bytes + 21, 1, 0), ==, 1);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_another_protocol_is_closed_at_once(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	uint8_t bytes[LINK_BYTES];
	int ssh = rig_call(listener, "SSH-2.0-"), nul, large;

	nul = rig_call_from(listener, "127.0.0.1", "", 1);
	rig_link(0, 1, 0, bytes);
	memset(bytes + 12, 0xff, 4); /* a size */
	large = rig_call_from(listener, "127.0.0.1", bytes, sizeof(bytes));
	g_assert_true(rig_closes(ssh, 1000));
	g_assert_true(rig_closes(nul, 1000));
	g_assert_true(rig_closes(large, 1000));
	rig_run(&arrivals, 1, 50);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_cmpint(rig_warned(NULL), ==, 0);
	close(ssh);
	close(nul);
	close(large);
	rig_close(listener, &arrivals);
}

static void test_tls_without_a_certificate_is_closed_and_told(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	const char *last;
	int fd = rig_call_from(listener, "127.0.0.1", "\x16\x03\x01\x01\x00\x01", 6);

	g_assert_true(rig_closes(fd, 1000));
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "127.0.0.1:"));
	g_assert_nonnull(strstr(last, "no certificate"));
	close(fd);
	/* Not once for everybody who tries. */
	fd = rig_call_from(listener, "127.0.0.1", "\x16\x03\x01\x01\x00\x01", 6);
	g_assert_true(rig_closes(fd, 1000));
	g_assert_cmpint(rig_warned(NULL), ==, 0);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_silent_client_is_closed_after_five_seconds(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int silent = rig_call(listener, ""), slow = rig_call(listener, "R");

	g_assert_false(rig_closes(silent, 4500));
	g_assert_true(rig_closes(silent, 1000));
	g_assert_true(rig_closes(slow, 500));
	close(silent);
	close(slow);
	rig_close(listener, &arrivals);
}

static void test_a_client_that_leaves_at_once_is_forgotten(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int before = rig_descriptors();

	close(rig_call(listener, ""));
	close(rig_call(listener, "REDQ"));
	rig_run(&arrivals, 1, 200);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_cmpint(rig_descriptors(), ==, before);
	rig_close(listener, &arrivals);
}

static void test_running_out_of_descriptors_is_survived_without_spinning(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	struct rlimit before, few;
	int filler[64], fillers = 0, fd;
	const char *last;
	clock_t cpu;

	/* The thread has accepted whoever came before; now nobody more has room. */
	fd = rig_view(listener);
	rig_run(&arrivals, 1, 1000);
	close(fd);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	few = before;
	few.rlim_cur = G_N_ELEMENTS(filler);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	close(fd);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	while ((filler[fillers] = dup(0)) >= 0)
		fillers++;
	close(filler[--fillers]); /* the caller's end has this one */
	cpu = clock();
	fd = rig_view(listener);
	rig_run(&arrivals, 2, 300);
	g_assert_cmpint(clock() - cpu, <, CLOCKS_PER_SEC / 10);
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "cannot accept a viewer"));
	g_assert_nonnull(strstr(last, "trying again"));
	while (fillers > 0)
		close(filler[--fillers]);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	rig_run(&arrivals, 2, 3000);
	g_assert_cmpint(arrivals.count, ==, 2);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_running_out_of_descriptors_costs_those_who_say_nothing(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	struct rlimit before, few;
	int silent[8], filler[64], fillers = 0, fd;

	for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
		silent[i] = rig_call(listener, "");
	rig_run(&arrivals, 1, 100);
	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	few = before;
	few.rlim_cur = G_N_ELEMENTS(filler);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	while ((filler[fillers] = dup(0)) >= 0)
		fillers++;
	close(filler[--fillers]);
	fd = rig_view(listener);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpint(rig_warned(NULL), ==, 0);
	while (fillers > 0)
		close(filler[--fillers]);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	for (size_t i = 0; i < G_N_ELEMENTS(silent); i++)
		close(silent[i]);
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_closing_leaves_no_descriptor_and_no_client(void)
{
	const int before = rig_descriptors();
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
	int silent = rig_call(listener, ""), partial = rig_call(listener, "RED");
	int said = rig_view(listener);

	g_usleep(100000); /* it waits for the main thread */
	rig_close(listener, &arrivals);
	g_assert_true(rig_closes(silent, 1000));
	g_assert_true(rig_closes(partial, 1000));
	g_assert_true(rig_closes(said, 1000));
	close(silent);
	close(partial);
	close(said);
	rig_run(&arrivals, 1, 50);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_cmpint(rig_descriptors(), ==, before);
}

static void test_it_can_be_opened_and_closed_at_any_time(void)
{
	const int before = rig_descriptors();

	for (int i = 0; i < 200; i++) {
		struct arrivals arrivals;
		struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);
		int fd = i % 2 ? rig_view(listener) : -1;

		if (i % 3 == 0)
			rig_run(&arrivals, 1, 1);
		rig_close(listener, &arrivals);
		if (fd >= 0)
			close(fd);
	}
	g_assert_cmpint(rig_descriptors(), ==, before);
}

static void close_listener(const struct listener_client *client, void *data)
{
	struct listener **listener = data;

	close(client->fd);
	listener_close(*listener);
	*listener = NULL;
}

static void test_whoever_takes_a_client_may_close_the_listener(void)
{
	const char *const addresses[] = {"127.0.0.1:0", NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};
	struct listener *listener = listener_open(&settings, close_listener, &listener, NULL);
	int first = rig_view(listener), second = rig_view(listener);

	while (listener)
		g_main_context_iteration(NULL, TRUE);
	while (g_main_context_iteration(NULL, FALSE))
		;
	close(first);
	close(second);
}

int main(int argc, char **argv)
{
	rig_init(&argc, &argv);
#define TEST(name) g_test_add_func("/listener/" #name, test_##name)
	TEST(a_client_that_speaks_spice_arrives_with_all_it_said);
	TEST(a_client_is_known_by_its_address_and_port);
	TEST(a_beginning_in_pieces_is_waited_for);
	TEST(another_protocol_is_closed_at_once);
	TEST(tls_without_a_certificate_is_closed_and_told);
	TEST(a_silent_client_is_closed_after_five_seconds);
	TEST(a_client_that_leaves_at_once_is_forgotten);
	TEST(running_out_of_descriptors_is_survived_without_spinning);
	TEST(running_out_of_descriptors_costs_those_who_say_nothing);
	TEST(closing_leaves_no_descriptor_and_no_client);
	TEST(it_can_be_opened_and_closed_at_any_time);
	TEST(whoever_takes_a_client_may_close_the_listener);
	return g_test_run();
}
