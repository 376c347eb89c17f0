/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With a real memcached, and with servers that are none. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "rack/memcache.h"
#include "rack/memcache_text.h"
#include "tests/unit/free_port.h"
#include "tests/unit/until.h"

struct fixture {
	char *folder, *path;
	char address[32]; /* TCP; empty: the path */
	GPid server;
	struct memcache *memcache;
	uint64_t generation; /* of n1 */
	int generations, there, away;
	int answer_ms; /* 0: the default */
	char *why;
};

static void fixture_generation(const char *node, uint64_t generation, void *data)
{
	struct fixture *f = data;

	g_assert_cmpstr(node, ==, "n1");
	f->generation = generation;
	f->generations++;
}

static void fixture_state(bool connected, const char *why, void *data)
{
	struct fixture *f = data;

	if (connected) {
		f->there++;
		return;
	}
	f->away++;
	g_free(f->why);
	f->why = g_strdup(why);
}

static void fixture_open(struct fixture *f)
{
	*f = (struct fixture){.folder = g_dir_make_tmp("memcache-XXXXXX", NULL)};
	g_assert_nonnull(f->folder);
	f->path = g_build_filename(f->folder, "socket", NULL);
}

/* On the socket, or on a TCP port where there is an address. */
static void fixture_serve(struct fixture *f)
{
	const char *port = strrchr(f->address, ':');
	const char *user = geteuid() == 0 ? "root" : g_get_user_name();
	const char *on_socket[] = {"memcached", "-u", user, "-s", f->path, NULL};
	const char *on_tcp[] = {"memcached", "-u", user, "-l", "127.0.0.1", "-p",
			port ? port + 1 : "", "-U", "0", NULL};
	GError *error = NULL;

	g_spawn_async(NULL, (char **)(port ? on_tcp : on_socket), NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &f->server, &error);
	g_assert_no_error(error);
}

static void fixture_kill(struct fixture *f)
{
	if (!f->server)
		return;
	kill(f->server, SIGKILL);
	waitpid(f->server, NULL, 0);
	f->server = 0;
	g_unlink(f->path);
}

static void fixture_start(struct fixture *f)
{
	static const struct memcache_events events = {fixture_generation, fixture_state};
	const struct memcache_settings settings = {.address = *f->address ? f->address : f->path,
			.prefix = "rack 1",
			.retry_ms = 5,
			.answer_ms = f->answer_ms,
			.check_ms = 40};

	f->memcache = memcache_new(&settings, &events, f, NULL);
	g_assert_nonnull(f->memcache);
	memcache_node(f->memcache, "n1");
}

/* With a server that is there before it is asked for. */
static void fixture_meet(struct fixture *f)
{
	fixture_serve(f);
	fixture_start(f);
	UNTIL(f->generations >= 1);
}

static void fixture_close(struct fixture *f)
{
	memcache_free(f->memcache);
	fixture_kill(f);
	g_unlink(f->path);
	g_rmdir(f->folder);
	g_free(f->folder);
	g_free(f->path);
	g_free(f->why);
}

/* Whoever reads, on the socket: sends a request, and returns the value of the first answer. */
static char *reader_ask(const struct fixture *f, const char *request)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct memcache_answer answer;
	char bytes[4096];
	size_t size = 0;

	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(send(fd, request, strlen(request), 0), ==, strlen(request));
	do {
		ssize_t more = recv(fd, bytes + size, sizeof(bytes) - size, 0);

		g_assert_cmpint(more, >, 0);
		size += (size_t)more;
	} while (memcache_text_parse(bytes, size, &answer) == 0);
	close(fd);
	return answer.word == MEMCACHE_VALUE ? g_strndup(answer.data, answer.data_size) : NULL;
}

static char *reader_get(const struct fixture *f, const char *node, const char *sensor)
{
	char key[MEMCACHE_KEY_MAX], request[512], *number, *value;

	g_assert_true(memcache_text_key(key, "rack 1", node, 0, NULL));
	g_assert_cmpuint(memcache_text_get(request, sizeof(request), key), >, 0);
	number = reader_ask(f, request);
	if (!number)
		return NULL;
	g_assert_true(memcache_text_key(
			key, "rack 1", node, g_ascii_strtoull(number, NULL, 10), sensor));
	g_free(number);
	g_assert_cmpuint(memcache_text_get(request, sizeof(request), key), >, 0);
	value = reader_ask(f, request);
	return value;
}

static bool reader_finds(const struct fixture *f, const char *sensor, const char *wanted)
{
	char *value = reader_get(f, "n1", sensor);
	bool found = g_strcmp0(value, wanted) == 0;

	g_free(value);
	return found;
}

/* The main loop turns now and then, also when nothing happens to the client. */
static gboolean tick(gpointer data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

static bool absent(void)
{
	char *program = g_find_program_in_path("memcached");
	bool none = !program;

	g_free(program);
	if (none)
		g_test_skip("memcached is not installed");
	return none;
}

static void test_readers_find_values_by_the_generation(void)
{
	struct fixture f;

	if (absent())
		return;
	fixture_open(&f);
	fixture_start(&f);
	g_assert_false(memcache_set(f.memcache, "n1", "CPU0", "40", 2, 60));
	UNTIL(f.away == 1); /* nobody is there yet */
	fixture_serve(&f);
	UNTIL(f.generations >= 1);
	g_assert_cmpint(f.there, ==, 1);
	g_assert_cmpint(f.away, ==, 1);
	for (int i = 0; i < 64; i++) {
		char sensor[16], value[16];

		g_snprintf(sensor, sizeof(sensor), "S%d", i);
		g_snprintf(value, sizeof(value), "%d", i);
		g_assert_true(memcache_set(f.memcache, "n1", sensor, value, strlen(value), 60));
	}
	UNTIL(reader_finds(&f, "S63", "63"));
	g_assert_true(reader_finds(&f, "S0", "0"));
	g_assert_false(memcache_set(f.memcache, "n2", "CPU0", "40", 2, 60));
	fixture_close(&f);
}

static void test_a_flush_takes_all_of_a_nodes_values(void)
{
	struct fixture f;
	uint64_t former;

	if (absent())
		return;
	fixture_open(&f);
	fixture_meet(&f);
	former = f.generation;
	memcache_set(f.memcache, "n1", "CPU0", "40", 2, 60);
	memcache_set(f.memcache, "n1", "CPU1", "41", 2, 60);
	UNTIL(reader_finds(&f, "CPU1", "41"));
	/* What is set behind a flush is never found before it. */
	memcache_flush(f.memcache, "n1");
	memcache_flush(f.memcache, "n1");
	g_assert_false(memcache_set(f.memcache, "n1", "CPU0", "50", 2, 60));
	UNTIL(f.generations >= 2);
	g_assert_cmpuint(f.generation, ==, former + 1);
	g_assert_true(reader_finds(&f, "CPU0", NULL));
	g_assert_true(reader_finds(&f, "CPU1", NULL));
	memcache_set(f.memcache, "n1", "CPU0", "50", 2, 60);
	UNTIL(reader_finds(&f, "CPU0", "50"));
	memcache_forget(f.memcache, "n1");
	UNTIL(reader_finds(&f, "CPU0", NULL));
	g_assert_cmpint(f.generations, ==, 2);
	fixture_close(&f);
}

static void test_a_server_that_lost_all_is_told_again(void)
{
	struct fixture f;
	uint64_t former;

	if (absent())
		return;
	fixture_open(&f);
	fixture_meet(&f);
	former = f.generation;
	fixture_kill(&f);
	UNTIL(f.away > 0);
	g_assert_nonnull(strstr(f.why, f.path));
	fixture_serve(&f);
	UNTIL(f.generations >= 2);
	g_assert_cmpuint(f.generation, >, former);
	former = f.generation;
	g_free(reader_ask(&f, "flush_all\r\n"));
	UNTIL(f.generations >= 3);
	g_assert_cmpuint(f.generation, >, former);
	/* What somebody else made of the number is no number. */
	g_free(reader_ask(&f, "set rack%201/n1 0 0 3\r\nabc\r\n"));
	former = f.generation;
	UNTIL(f.generations >= 4);
	g_assert_cmpuint(f.generation, >, former);
	/* An operator flushes it by hand. */
	g_free(reader_ask(&f, "incr rack%201/n1 5\r\n"));
	UNTIL(f.generations >= 5);
	fixture_close(&f);
}

static void test_it_is_found_over_tcp(void)
{
	struct fixture f;

	if (absent())
		return;
	fixture_open(&f);
	g_snprintf(f.address, sizeof(f.address), "127.0.0.1:%u", free_port());
	fixture_meet(&f);
	g_assert_true(memcache_set(f.memcache, "n1", "CPU0", "40", 2, 60));
	fixture_close(&f);
}

static int fixture_listen(struct fixture *f)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	g_assert_cmpint(listen(fd, 8), ==, 0);
	return fd;
}

static int fixture_accept(int fd)
{
	int peer = -1;

	UNTIL((peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0);
	return peer;
}

static void test_a_server_that_hangs_is_given_up(void)
{
	struct fixture f;
	int fd;

	fixture_open(&f);
	fd = fixture_listen(&f);
	f.answer_ms = 300;
	fixture_start(&f);
	UNTIL(f.away == 1);
	g_assert_nonnull(strstr(f.why, "does not answer"));
	g_assert_cmpint(f.there, ==, 0);
	close(fd);
	fixture_close(&f);
}

/* Says the generation, and then takes nothing any more. */
static void test_what_a_slow_server_does_not_take_is_left_out(void)
{
	struct fixture f;
	int fd, peer, sent = 0;
	char *value = g_strnfill(1000, 'x');

	fixture_open(&f);
	fd = fixture_listen(&f);
	f.answer_ms = 300;
	fixture_start(&f);
	peer = fixture_accept(fd);
	g_assert_cmpint(send(peer, "7\r\n", 3, 0), ==, 3);
	UNTIL(f.generations >= 1);
	while (memcache_set(f.memcache, "n1", "CPU0", value, 1000, 60))
		g_assert_cmpint(++sent, <, 1000);
	g_assert_cmpint(sent, >, 100);
	UNTIL(f.away == 1);
	close(peer);
	close(fd);
	g_free(value);
	fixture_close(&f);
}

static void test_what_is_no_memcached_is_left(void)
{
	static const char *const words[] = {
			"HTTP/1.1 400 Bad Request\r\n", "STORED\r\n", "END\r\n", "1\r\n2\r\n"};

	for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
		struct fixture f;
		int fd, peer;

		fixture_open(&f);
		fd = fixture_listen(&f);
		fixture_start(&f);
		peer = fixture_accept(fd);
		g_assert_cmpint(send(peer, words[i], strlen(words[i]), 0), ==, strlen(words[i]));
		UNTIL(f.away == 1);
		g_assert_nonnull(strstr(f.why, "no memcached"));
		close(peer);
		close(fd);
		fixture_close(&f);
	}
}

static void peer_say(int peer, const char *text)
{
	g_assert_cmpint(send(peer, text, strlen(text), 0), ==, strlen(text));
}

/* Turns the main loop until the client has asked for what ends so. */
static void peer_hear(int peer, const char *wanted)
{
	char bytes[1024];
	size_t size = 0;

	do {
		ssize_t more;

		UNTIL((more = recv(peer, bytes + size, sizeof(bytes) - 1 - size, MSG_DONTWAIT)) >=
				0);
		size += (size_t)more;
		bytes[size] = '\0';
	} while (!g_str_has_suffix(bytes, wanted));
}

static void test_two_writers_get_numbers_of_their_own(void)
{
	struct fixture f;
	int fd, peer;

	fixture_open(&f);
	fd = fixture_listen(&f);
	fixture_start(&f);
	peer = fixture_accept(fd);
	peer_hear(peer, "incr rack%201/n1 1\r\n");
	peer_say(peer, "NOT_FOUND\r\n");
	peer_hear(peer, "\r\n");
	peer_say(peer, "NOT_STORED\r\n");
	peer_hear(peer, "incr rack%201/n1 1\r\n");
	g_assert_cmpint(f.generations, ==, 0);
	peer_say(peer, "8\r\n");
	UNTIL(f.generations == 1);
	g_assert_cmpuint(f.generation, ==, 8);
	close(peer);
	close(fd);
	fixture_close(&f);
}

static void test_a_flush_overtakes_a_check(void)
{
	struct fixture f;
	int fd, peer;

	fixture_open(&f);
	fd = fixture_listen(&f);
	fixture_start(&f);
	peer = fixture_accept(fd);
	peer_hear(peer, "incr rack%201/n1 1\r\n");
	peer_say(peer, "7\r\n");
	UNTIL(f.generations == 1);
	peer_hear(peer, "incr rack%201/n1 0\r\n");
	memcache_flush(f.memcache, "n1");
	peer_hear(peer, "incr rack%201/n1 1\r\n");
	peer_say(peer, "9\r\n10\r\n");
	UNTIL(f.generations > 1);
	g_assert_cmpint(f.generations, ==, 2);
	g_assert_cmpuint(f.generation, ==, 10);
	close(peer);
	close(fd);
	fixture_close(&f);
}

static void test_addresses_are_read_or_refused(void)
{
	static const char *const wrong[] = {
			"", "localhost:11211", "127.0.0.1", ":11211", "127.0.0.1:x", "socket"};
	static const char *const right[] = {"127.0.0.1:11211", "[::1]:11211", "/run/m.socket"};
	static const struct memcache_events events = {0};

	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		const struct memcache_settings settings = {wrong[i], "r", 0, 0, 0};
		GError *error = NULL;

		g_assert_null(memcache_new(&settings, &events, NULL, &error));
		g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
		g_error_free(error);
	}
	for (size_t i = 0; i < G_N_ELEMENTS(right); i++) {
		const struct memcache_settings settings = {right[i], "r", 0, 0, 0};
		struct memcache *memcache = memcache_new(&settings, &events, NULL, NULL);

		g_assert_nonnull(memcache);
		memcache_free(memcache);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_timeout_add(5, tick, NULL);
	g_test_add_func("/memcache/readers-find-values-by-the-generation",
			test_readers_find_values_by_the_generation);
	g_test_add_func("/memcache/a-flush-takes-all-of-a-nodes-values",
			test_a_flush_takes_all_of_a_nodes_values);
	g_test_add_func("/memcache/a-server-that-lost-all-is-told-again",
			test_a_server_that_lost_all_is_told_again);
	g_test_add_func("/memcache/it-is-found-over-tcp", test_it_is_found_over_tcp);
	g_test_add_func("/memcache/a-server-that-hangs-is-given-up",
			test_a_server_that_hangs_is_given_up);
	g_test_add_func("/memcache/what-a-slow-server-does-not-take-is-left-out",
			test_what_a_slow_server_does_not_take_is_left_out);
	g_test_add_func("/memcache/what-is-no-memcached-is-left",
			test_what_is_no_memcached_is_left);
	g_test_add_func("/memcache/two-writers-get-numbers-of-their-own",
			test_two_writers_get_numbers_of_their_own);
	g_test_add_func("/memcache/a-flush-overtakes-a-check", test_a_flush_overtakes_a_check);
	g_test_add_func("/memcache/addresses-are-read-or-refused",
			test_addresses_are_read_or_refused);
	return g_test_run();
}
