/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is listened on. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/unit/listener_rig.h"

static void test_a_free_port_is_told(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);

	g_assert_true(g_str_has_prefix(listener_address(listener, 0), "127.0.0.1:"));
	g_assert_cmpint(atoi(listener_address(listener, 0) + strlen("127.0.0.1:")), >, 0);
	g_assert_null(listener_address(listener, 1));
	rig_close(listener, &arrivals);
}

static void test_a_port_in_use_says_so(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at("127.0.0.1:0", &arrivals);

	rig_refused_at(listener_address(listener, 0), LISTENER_ERROR_IN_USE,
			"already in use; is another console running?");
	rig_close(listener, &arrivals);
}

static void test_what_is_not_an_address_says_how_to_write_one(void)
{
	static const char *const wrong[] = {"", "5900", "host", "host:", "host:65536", "host:-1",
			"host:x", "::1:5900", "[::1]", "[]:1"};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++)
		rig_refused_at(wrong[i], LISTENER_ERROR_SYNTAX, "HOST:PORT");
	rig_refused_at("unix:", LISTENER_ERROR_SYNTAX, "path");
}

static void test_an_address_of_another_machine_says_so(void)
{
	rig_refused_at("192.0.2.1:0", LISTENER_ERROR_FAILED, "this machine has no such address");
}

static void test_every_address_is_listened_on(void)
{
	struct arrivals arrivals;
	struct listener *listener = rig_open_at(":0", &arrivals);
	int fd = rig_view(listener);

	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	rig_close(listener, &arrivals);
}

/* --- Unix sockets --- */

struct place {
	char *directory, *path, *address;
};

static struct place place_new(void)
{
	struct place place = {.directory = g_dir_make_tmp("listener-XXXXXX", NULL)};

	place.path = g_build_filename(place.directory, "socket", NULL);
	place.address = g_strconcat("unix:", place.path, NULL);
	return place;
}

static void place_free(struct place *place)
{
	g_assert_cmpint(g_rmdir(place->directory), ==, 0);
	g_free(place->directory);
	g_free(place->path);
	g_free(place->address);
}

static int view_path(const char *path)
{
	uint8_t bytes[LINK_BYTES];
	int fd = rig_call_path(path, "");

	rig_link(0, 1, 0, bytes);
	g_assert_cmpint(fd, >=, 0);
	g_assert_cmpint(send(fd, bytes, sizeof(bytes), 0), ==, sizeof(bytes));
	return fd;
}

static void test_a_unix_socket_serves_its_group_and_goes_with_the_listener(void)
{
	struct place place = place_new();
	struct arrivals arrivals;
	struct listener *listener = rig_open_at(place.address, &arrivals);
	struct stat status;
	int fd = view_path(place.path);

	g_assert_cmpstr(listener_address(listener, 0), ==, place.address);
	g_assert_cmpint(stat(place.path, &status), ==, 0);
	g_assert_cmpint(status.st_mode & 0777, ==, 0660);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpstr(arrivals.last.peer, ==, "local");
	rig_refused_at(place.address, LISTENER_ERROR_IN_USE, "already in use");
	close(fd);
	rig_close(listener, &arrivals);
	g_assert_cmpint(stat(place.path, &status), <, 0);
	place_free(&place);
}

static void test_a_dead_unix_socket_is_taken_over(void)
{
	struct place place = place_new();
	struct sockaddr_un stale = {.sun_family = AF_UNIX};
	struct arrivals arrivals;
	struct listener *listener;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(stale.sun_path, place.path, sizeof(stale.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&stale, sizeof(stale)), ==, 0);
	close(fd);
	listener = rig_open_at(place.address, &arrivals);
	close(view_path(place.path));
	rig_close(listener, &arrivals);
	place_free(&place);
}

static void test_a_file_in_the_way_is_not_removed(void)
{
	struct place place = place_new();

	g_assert_true(g_file_set_contents(place.path, "mine", -1, NULL));
	rig_refused_at(place.address, LISTENER_ERROR_IN_USE, "not a socket");
	g_assert_cmpint(g_unlink(place.path), ==, 0);
	place_free(&place);
}

/* --- Several --- */

static void test_all_addresses_are_listened_on(void)
{
	struct place place = place_new();
	const char *const addresses[] = {"127.0.0.1:0", place.address, NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	int tcp = rig_view(listener), local = view_path(place.path);

	rig_run(&arrivals, 2, 1000);
	g_assert_cmpint(arrivals.count, ==, 2);
	g_assert_cmpstr(listener_address(listener, 1), ==, place.address);
	g_assert_null(listener_address(listener, 2));
	close(tcp);
	close(local);
	rig_close(listener, &arrivals);
	place_free(&place);
}

static void test_one_wrong_address_closes_the_others(void)
{
	struct place place = place_new();
	const char *const addresses[] = {place.address, "nonsense", NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = true};
	const int before = rig_descriptors();

	rig_refused(&settings, LISTENER_ERROR_SYNTAX, "nonsense");
	g_assert_cmpint(rig_descriptors(), ==, before);
	place_free(&place); /* it is empty */
}

static void test_without_tls_only_unix_sockets_stay_plain_when_it_is_demanded(void)
{
	struct place place = place_new();
	const char *const addresses[] = {"127.0.0.1:0", place.address, NULL};
	const struct listener_settings settings = {.addresses = addresses, .plain = false};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	const char *last;
	int tcp = rig_view(listener), local;

	rig_run(&arrivals, 1, 100);
	g_assert_cmpint(arrivals.count, ==, 0);
	g_assert_cmpint(rig_warned(&last), ==, 1);
	g_assert_nonnull(strstr(last, "without TLS"));
	local = view_path(place.path);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	g_assert_cmpstr(arrivals.last.peer, ==, "local");
	close(tcp);
	close(local);
	rig_close(listener, &arrivals);
	place_free(&place);
}

/* --- Sockets that were handed over --- */

static int listening(int family, int type)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address = {.any = {.sa_family = family}};
	int fd = socket(family, type, 0);

	if (fd < 0 || bind(fd, &address.any, sizeof(address)) < 0 ||
			(type == SOCK_STREAM && listen(fd, 8) < 0))
		return -1;
	return fd;
}

static void test_sockets_handed_over_replace_the_addresses(void)
{
	const char *const addresses[] = {"nonsense", NULL};
	const int sockets[] = {listening(AF_INET, SOCK_STREAM)};
	const struct listener_settings settings = {.addresses = addresses,
			.sockets = sockets,
			.socket_count = G_N_ELEMENTS(sockets),
			.plain = true};
	struct arrivals arrivals;
	struct listener *listener = rig_open(&settings, &arrivals);
	int fd = rig_view(listener);

	g_assert_true(g_str_has_prefix(listener_address(listener, 0), "0.0.0.0:"));
	g_assert_cmpint(fcntl(sockets[0], F_GETFL) & O_NONBLOCK, !=, 0);
	g_assert_cmpint(fcntl(sockets[0], F_GETFD) & FD_CLOEXEC, !=, 0);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpint(arrivals.count, ==, 1);
	close(fd);
	rig_close(listener, &arrivals);
	g_assert_cmpint(fcntl(sockets[0], F_GETFD), <, 0);
}

static void test_a_socket_of_both_families_names_ipv4_peers_as_such(void)
{
	const int sockets[] = {listening(AF_INET6, SOCK_STREAM)};
	const struct listener_settings settings = {
			.sockets = sockets, .socket_count = 1, .plain = true};
	struct arrivals arrivals;
	struct listener *listener;
	int fd;

	if (sockets[0] < 0) {
		g_test_skip("no IPv6 here");
		return;
	}
	listener = rig_open(&settings, &arrivals);
	fd = rig_view(listener);
	rig_run(&arrivals, 1, 1000);
	g_assert_true(g_str_has_prefix(arrivals.last.peer, "127.0.0.1:"));
	close(fd);
	rig_close(listener, &arrivals);
}

static void test_a_unix_socket_handed_over_keeps_its_path(void)
{
	struct place place = place_new();
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int sockets[] = {socket(AF_UNIX, SOCK_STREAM, 0)};
	const struct listener_settings settings = {.sockets = sockets, .socket_count = 1};
	struct arrivals arrivals;
	struct listener *listener;
	int fd;

	g_strlcpy(address.sun_path, place.path, sizeof(address.sun_path));
	g_assert_cmpint(bind(sockets[0], (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(sockets[0], 8), ==, 0);
	listener = rig_open(&settings, &arrivals);
	g_assert_cmpstr(listener_address(listener, 0), ==, place.address);
	fd = view_path(place.path);
	rig_run(&arrivals, 1, 1000);
	g_assert_cmpstr(arrivals.last.peer, ==, "local");
	close(fd);
	rig_close(listener, &arrivals);
	g_assert_cmpint(g_unlink(place.path), ==, 0);
	place_free(&place);
}

static void test_what_does_not_listen_is_not_taken_over(void)
{
	const int before = rig_descriptors();
	const int sockets[] = {listening(AF_INET, SOCK_STREAM), listening(AF_INET, SOCK_DGRAM),
			listening(AF_INET, SOCK_STREAM)};
	const int connected[] = {socket(AF_INET, SOCK_STREAM, 0)};
	const int file[] = {open("/dev/null", O_RDONLY)};
	const int none[] = {9999};
	const struct {
		const int *fds;
		size_t count;
	} wrong[] = {{sockets, 3}, {connected, 1}, {file, 1}, {none, 1}};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const struct listener_settings settings = {.sockets = wrong[i].fds,
				.socket_count = wrong[i].count,
				.plain = true};

		rig_refused(&settings, LISTENER_ERROR_FAILED, "ListenStream=");
	}
	g_assert_cmpint(rig_descriptors(), ==, before);
}

int main(int argc, char **argv)
{
	rig_init(&argc, &argv);
#define TEST(name) g_test_add_func("/listener/" #name, test_##name)
	TEST(a_free_port_is_told);
	TEST(a_port_in_use_says_so);
	TEST(what_is_not_an_address_says_how_to_write_one);
	TEST(an_address_of_another_machine_says_so);
	TEST(every_address_is_listened_on);
	TEST(a_unix_socket_serves_its_group_and_goes_with_the_listener);
	TEST(a_dead_unix_socket_is_taken_over);
	TEST(a_file_in_the_way_is_not_removed);
	TEST(all_addresses_are_listened_on);
	TEST(one_wrong_address_closes_the_others);
	TEST(without_tls_only_unix_sockets_stay_plain_when_it_is_demanded);
	TEST(sockets_handed_over_replace_the_addresses);
	TEST(a_socket_of_both_families_names_ipv4_peers_as_such);
	TEST(a_unix_socket_handed_over_keeps_its_path);
	TEST(what_does_not_listen_is_not_taken_over);
	return g_test_run();
}
