/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include "spice/listener.h"

struct arrivals {
	int count;
	int fd; /* the last one; ours */
};

static void arrive(int fd, void *data)
{
	struct arrivals *arrivals = data;

	if (arrivals->fd >= 0)
		close(arrivals->fd);
	arrivals->fd = fd;
	arrivals->count++;
}

static struct listener *open_listener(const char *address, struct arrivals *arrivals)
{
	g_autoptr(GError) error = NULL;
	struct listener *listener;

	*arrivals = (struct arrivals){.fd = -1};
	listener = listener_open(address, arrive, arrivals, &error);
	g_assert_no_error(error);
	return listener;
}

static void close_listener(struct listener *listener, struct arrivals *arrivals)
{
	listener_close(listener);
	if (arrivals->fd >= 0)
		close(arrivals->fd);
}

static void assert_refused(const char *address, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(listener_open(address, arrive, NULL, &error));
	g_assert_error(error, LISTENER_ERROR, code);
	if (!strstr(error->message, words))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

/* A client that connects and sends. */
static int call(const struct listener *listener, const char *words)
{
	struct sockaddr_in address = {
			.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const char *port = strrchr(listener_address(listener), ':') + 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_port = htons(atoi(port));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(send(fd, words, strlen(words), 0), ==, strlen(words));
	return fd;
}

static gboolean out_of_time(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* Runs the loop for that long, or until so many have arrived. */
static void run(struct arrivals *arrivals, int count, guint ms)
{
	bool late = false;
	guint timer = g_timeout_add(ms, out_of_time, &late);

	while (!late && arrivals->count < count)
		g_main_context_iteration(NULL, TRUE);
	if (!late)
		g_source_remove(timer);
}

static bool is_closed(int fd)
{
	char byte;
	ssize_t count = recv(fd, &byte, 1, MSG_DONTWAIT);

	return count == 0 || (count < 0 && errno != EAGAIN);
}

static int option(int fd, int level, int name)
{
	int value = -1;
	socklen_t length = sizeof(value);

	getsockopt(fd, level, name, &value, &length);
	return value;
}

static void test_a_free_port_is_told(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);

	g_assert_true(g_str_has_prefix(listener_address(listener), "127.0.0.1:"));
	g_assert_cmpint(atoi(listener_address(listener) + strlen("127.0.0.1:")), >, 0);
	close_listener(listener, &arrivals);
}

static void test_a_client_that_speaks_spice_arrives_with_all_it_said(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int fd = call(listener, "REDQ123");
	char said[8] = {0};

	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpint(recv(arrivals.fd, said, sizeof(said), 0), ==, 7);
	g_assert_cmpstr(said, ==, "REDQ123");
	g_assert_cmpint(option(arrivals.fd, IPPROTO_TCP, TCP_NODELAY), !=, 0);
	g_assert_cmpint(option(arrivals.fd, SOL_SOCKET, SO_SNDBUF), ==,
			2 * 64 * 1024); /* Linux doubles */
	g_assert_cmpint(fcntl(arrivals.fd, F_GETFL) & O_NONBLOCK, !=, 0);
	g_assert_cmpint(fcntl(arrivals.fd, F_GETFD) & FD_CLOEXEC, !=, 0);
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_a_browser_arrives(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int fd = call(listener, "GET / HTTP/1.1\r\n");

	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_a_beginning_in_pieces_is_waited_for(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int fd = call(listener, "RE");

	run(&arrivals, 1, 250);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_false(is_closed(fd));
	g_assert_cmpint(send(fd, "DQ", 2, 0), ==, 2);
	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_another_protocol_is_closed_at_once(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int fd = call(listener, "SSH-2.0-");

	run(&arrivals, 1, 100);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_true(is_closed(fd));
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_a_silent_client_is_closed_after_five_seconds(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int silent = call(listener, ""), slow = call(listener, "R");

	run(&arrivals, 1, 4500);
	g_assert_false(is_closed(silent));
	run(&arrivals, 1, 1000);
	g_assert_true(is_closed(silent));
	g_assert_true(is_closed(slow));
	close(silent);
	close(slow);
	close_listener(listener, &arrivals);
}

static void test_silent_clients_do_not_keep_others_out(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int silent[30], fd, open = 0;

	for (size_t i = 0; i < G_N_ELEMENTS(silent); i++) {
		silent[i] = call(listener, "");
		run(&arrivals, 1, 5);
	}
	fd = call(listener, "REDQ");
	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	for (size_t i = 0; i < G_N_ELEMENTS(silent); i++) {
		open += !is_closed(silent[i]);
		close(silent[i]);
	}
	g_assert_cmpint(open, <=, 16);
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_a_client_that_leaves_at_once_is_forgotten(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);

	close(call(listener, ""));
	run(&arrivals, 1, 50);
	g_assert_cmpint(arrivals.count, ==, 0);
	close_listener(listener, &arrivals);
}

static void test_running_out_of_descriptors_is_survived_without_spinning(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);
	int fd = call(listener, "REDQ");
	struct rlimit before, few;
	int filler[64], fillers = 0;
	gint64 cpu;

	g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &before), ==, 0);
	few = before;
	few.rlim_cur = G_N_ELEMENTS(filler);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &few), ==, 0);
	while ((filler[fillers] = dup(0)) >= 0)
		fillers++;
	g_test_expect_message(NULL, G_LOG_LEVEL_WARNING, "*cannot accept a viewer*trying again*");
	cpu = clock();
	run(&arrivals, 1, 300);
	g_assert_cmpint(clock() - cpu, <, CLOCKS_PER_SEC / 10);
	g_test_assert_expected_messages();
	while (fillers > 0)
		close(filler[--fillers]);
	g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &before), ==, 0);
	run(&arrivals, 1, 3000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	close_listener(listener, &arrivals);
}

static void test_a_port_in_use_says_so(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener("127.0.0.1:0", &arrivals);

	assert_refused(listener_address(listener), LISTENER_ERROR_IN_USE,
			"already in use; is another console running?");
	close_listener(listener, &arrivals);
}

static void test_what_is_not_an_address_says_how_to_write_one(void)
{
	static const char *const wrong[] = {"", "5900", "host", "host:", "host:65536", "host:-1",
			"host:x", "::1:5900", "[::1]", "[]:1"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		assert_refused(wrong[i], LISTENER_ERROR_SYNTAX, "HOST:PORT");
	assert_refused("unix:", LISTENER_ERROR_SYNTAX, "path");
}

static void test_an_address_of_another_machine_says_so(void)
{
	assert_refused("192.0.2.1:0", LISTENER_ERROR_FAILED, "this machine has no such address");
}

static void test_every_address_is_listened_on(void)
{
	struct arrivals arrivals;
	struct listener *listener = open_listener(":0", &arrivals);
	int fd = call(listener, "REDQ");

	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	close_listener(listener, &arrivals);
}

static int call_unix(const char *path, const char *words)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	g_assert_cmpint(send(fd, words, strlen(words), 0), ==, strlen(words));
	return fd;
}

static void test_a_unix_socket_serves_its_group_and_goes_with_the_listener(void)
{
	g_autofree char *directory = g_dir_make_tmp("listener-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "socket", NULL);
	g_autofree char *address = g_strconcat("unix:", path, NULL);
	struct arrivals arrivals;
	struct listener *listener = open_listener(address, &arrivals);
	struct stat status;
	int fd = call_unix(path, "REDQ");

	g_assert_cmpstr(listener_address(listener), ==, address);
	g_assert_cmpint(stat(path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0660);
	run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	assert_refused(address, LISTENER_ERROR_IN_USE, "already in use");
	close(fd);
	close_listener(listener, &arrivals);
	g_assert_cmpint(stat(path, &status), <, 0);
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void test_a_dead_unix_socket_is_taken_over(void)
{
	g_autofree char *directory = g_dir_make_tmp("listener-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "socket", NULL);
	g_autofree char *address = g_strconcat("unix:", path, NULL);
	struct sockaddr_un stale = {.sun_family = AF_UNIX};
	struct arrivals arrivals;
	struct listener *listener;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(stale.sun_path, path, sizeof(stale.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&stale, sizeof(stale)), ==, 0);
	close(fd);
	listener = open_listener(address, &arrivals);
	fd = call_unix(path, "REDQ");
	g_assert_cmpint(fd, >=, 0);
	close(fd);
	close_listener(listener, &arrivals);
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

static void test_a_file_in_the_way_is_not_removed(void)
{
	g_autofree char *directory = g_dir_make_tmp("listener-XXXXXX", NULL);
	g_autofree char *path = g_build_filename(directory, "file", NULL);
	g_autofree char *address = g_strconcat("unix:", path, NULL);

	g_assert_true(g_file_set_contents(path, "mine", -1, NULL));
	assert_refused(address, LISTENER_ERROR_IN_USE, "not a socket");
	g_assert_cmpint(g_unlink(path), ==, 0);
	g_assert_cmpint(g_rmdir(directory), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/listener/" #name, test_##name)
	TEST(a_free_port_is_told);
	TEST(a_client_that_speaks_spice_arrives_with_all_it_said);
	TEST(a_browser_arrives);
	TEST(a_beginning_in_pieces_is_waited_for);
	TEST(another_protocol_is_closed_at_once);
	TEST(a_silent_client_is_closed_after_five_seconds);
	TEST(silent_clients_do_not_keep_others_out);
	TEST(a_client_that_leaves_at_once_is_forgotten);
	TEST(running_out_of_descriptors_is_survived_without_spinning);
	TEST(a_port_in_use_says_so);
	TEST(what_is_not_an_address_says_how_to_write_one);
	TEST(an_address_of_another_machine_says_so);
	TEST(every_address_is_listened_on);
	TEST(a_unix_socket_serves_its_group_and_goes_with_the_listener);
	TEST(a_dead_unix_socket_is_taken_over);
	TEST(a_file_in_the_way_is_not_removed);
	return g_test_run();
}
