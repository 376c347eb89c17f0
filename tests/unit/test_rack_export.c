/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* With a real memcached. */
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "rack/memcache_text.h"
#include "src/rack_export.h"

#define PREFIX "rack"

struct fixture {
	char *folder, *path;
	GPid server;
	struct rack_clock clock;
	struct readings *readings;
	struct rack_export *export;
	uint32_t n1, n2;
};

static gboolean late(gpointer data)
{
	g_error("waited for too long: %s", (const char *)data);
	return G_SOURCE_REMOVE;
}

static gboolean tick(gpointer data)
{
	(void)data;
	return G_SOURCE_CONTINUE;
}

#define UNTIL(condition)                                                                \
	do {                                                                            \
		guint late_id = g_timeout_add_seconds(60, late, (gpointer) #condition); \
		guint tick_id = g_timeout_add(5, tick, NULL);                           \
		while (!(condition))                                                    \
			g_main_context_iteration(NULL, TRUE);                           \
		g_source_remove(late_id);                                               \
		g_source_remove(tick_id);                                               \
	} while (0)

static void fixture_serve(struct fixture *f)
{
	const char *user = geteuid() == 0 ? "root" : g_get_user_name();
	const char *argv[] = {"memcached", "-u", user, "-s", f->path, NULL};
	GError *error = NULL;

	g_spawn_async(NULL, (char **)argv, NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &f->server, &error);
	g_assert_no_error(error);
	UNTIL(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void fixture_kill(struct fixture *f)
{
	kill(f->server, SIGKILL);
	waitpid(f->server, NULL, 0);
	g_unlink(f->path);
}

static bool fixture_open(struct fixture *f)
{
	g_autofree char *program = g_find_program_in_path("memcached");

	if (!program) {
		g_test_skip("memcached is not installed");
		return false;
	}
	*f = (struct fixture){.folder = g_dir_make_tmp("export-XXXXXX", NULL), .clock = {1}};
	f->path = g_build_filename(f->folder, "socket", NULL);
	fixture_serve(f);
	f->readings = readings_new(64);
	f->n1 = readings_add(f->readings, "n1");
	return true;
}

static void fixture_start(struct fixture *f)
{
	f->export = rack_export_new(f->path, PREFIX, f->readings, &f->clock, NULL);
	g_assert_nonnull(f->export);
}

static void fixture_close(struct fixture *f)
{
	rack_export_free(f->export);
	readings_free(f->readings);
	fixture_kill(f);
	g_rmdir(f->folder);
	g_free(f->folder);
	g_free(f->path);
}

static void put(struct fixture *f, const char *node, uint32_t generation, const char *sensor,
		double value, int ttl)
{
	const struct readings_value reading = {.value = value, .ttl = ttl};
	int64_t now = rack_clock_now(&f->clock);

	g_assert_cmpint(readings_put(f->readings, node, generation, sensor, now, now, &reading), ==,
			READINGS_KEPT);
}

/* --- Whoever reads --- */

/* NULL: the server is away, or has no such value. */
static char *reader_get(const struct fixture *f, const char *key)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct memcache_answer answer = {.word = MEMCACHE_OTHER};
	char request[512], bytes[4096];
	size_t size = 0, length = memcache_text_get(request, sizeof(request), key);

	g_strlcpy(address.sun_path, f->path, sizeof(address.sun_path));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		g_assert_cmpint(send(fd, request, length, 0), ==, length);
		do {
			ssize_t more = recv(fd, bytes + size, sizeof(bytes) - size, 0);

			g_assert_cmpint(more, >, 0);
			size += (size_t)more;
		} while (memcache_text_parse(bytes, size, &answer) == 0);
	}
	close(fd);
	return answer.word == MEMCACHE_VALUE ? g_strndup(answer.data, answer.data_size) : NULL;
}

static bool finds(const struct fixture *f, const char *node, const char *sensor, const char *wanted)
{
	char key[MEMCACHE_KEY_MAX];
	g_autofree char *number = NULL, *value = NULL;

	g_assert_true(memcache_text_key(key, PREFIX, node, 0, NULL));
	number = reader_get(f, key);
	if (number) {
		g_assert_true(memcache_text_key(
				key, PREFIX, node, g_ascii_strtoull(number, NULL, 10), sensor));
		value = reader_get(f, key);
	}
	return g_strcmp0(value, wanted) == 0;
}

static void test_what_is_read_is_found_there(void)
{
	struct fixture f;

	if (!fixture_open(&f))
		return;
	put(&f, "n1", f.n1, "POWER", 243, 60000); /* before there is an export */
	fixture_start(&f);
	UNTIL(finds(&f, "n1", "POWER", "243"));
	put(&f, "n1", f.n1, "CPU0", 41.5, 60000);
	UNTIL(finds(&f, "n1", "CPU0", "41.5"));
	f.n2 = readings_add(f.readings, "n2");
	put(&f, "n2", f.n2, "CPU0", -3, 60000); /* before the server knows it */
	UNTIL(finds(&f, "n2", "CPU0", "-3"));
	put(&f, "n1", f.n1, "CPU0", 42, 60000);
	UNTIL(finds(&f, "n1", "CPU0", "42"));
	fixture_close(&f);
}

static void test_nothing_of_a_former_machine_is_found(void)
{
	struct fixture f;

	if (!fixture_open(&f))
		return;
	fixture_start(&f);
	put(&f, "n1", f.n1, "POWER", 243, 60000);
	put(&f, "n1", f.n1, "CPU0", 40, 60000);
	UNTIL(finds(&f, "n1", "CPU0", "40"));
	f.n1 = readings_flush(f.readings, "n1");
	put(&f, "n1", f.n1, "CPU0", 30, 60000); /* of the new one, at once */
	UNTIL(finds(&f, "n1", "CPU0", "30"));
	g_assert_true(finds(&f, "n1", "POWER", NULL));
	readings_remove(f.readings, "n1");
	UNTIL(finds(&f, "n1", "CPU0", NULL));
	fixture_close(&f);
}

static void test_a_sensor_that_is_gone_is_not_found_for_long(void)
{
	struct fixture f;

	if (!fixture_open(&f))
		return;
	fixture_start(&f);
	put(&f, "n1", f.n1, "POWER", 243, 600000);
	put(&f, "n1", f.n1, "CPU0", 40, 600000);
	UNTIL(finds(&f, "n1", "CPU0", "40"));
	readings_drop(f.readings, "n1", f.n1, "CPU0", rack_clock_now(&f.clock));
	UNTIL(finds(&f, "n1", "CPU0", NULL));
	g_assert_true(finds(&f, "n1", "POWER", "243"));
	fixture_close(&f);
}

static void test_values_have_their_time_to_live(void)
{
	struct fixture f;

	if (!fixture_open(&f))
		return;
	fixture_start(&f);
	put(&f, "n1", f.n1, "POWER", 243, 60000);
	put(&f, "n1", f.n1, "CPU0", 40, 3000);
	UNTIL(finds(&f, "n1", "CPU0", "40"));
	UNTIL(finds(&f, "n1", "CPU0", NULL));
	g_assert_true(finds(&f, "n1", "POWER", "243"));
	fixture_close(&f);
}

static void test_a_server_that_was_away_has_all_again(void)
{
	struct fixture f;

	if (!fixture_open(&f))
		return;
	fixture_start(&f);
	put(&f, "n1", f.n1, "POWER", 243, 600000);
	UNTIL(finds(&f, "n1", "POWER", "243"));
	fixture_kill(&f);
	fixture_serve(&f);
	UNTIL(finds(&f, "n1", "POWER", "243"));
	fixture_close(&f);
}

static void test_an_address_that_is_none_is_an_error(void)
{
	struct readings *readings = readings_new(4);
	const struct rack_clock clock = {1};
	g_autoptr(GError) error = NULL;

	g_assert_null(rack_export_new("nowhere", PREFIX, readings, &clock, &error));
	g_assert_nonnull(error);
	readings_free(readings);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/rack-export/" #name, test_##name)
	TEST(what_is_read_is_found_there);
	TEST(nothing_of_a_former_machine_is_found);
	TEST(a_sensor_that_is_gone_is_not_found_for_long);
	TEST(values_have_their_time_to_live);
	TEST(a_server_that_was_away_has_all_again);
	TEST(an_address_that_is_none_is_an_error);
	return g_test_run();
}
