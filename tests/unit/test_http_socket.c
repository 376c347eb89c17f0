/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include "tests/unit/http_stage.h"

/* --- The socket --- */

static void assert_no_server(struct http_stage *f, int code, const char *words)
{
	g_autoptr(GError) error = NULL;

	struct http_server *server = http_server_new(&f->settings);

	g_assert_false(http_server_listen(server, f->socket, 0660, &error));
	http_server_close(server);
	g_assert_error(error, G_FILE_ERROR, code);
	if (!strstr(error->message, words) || !strstr(error->message, f->socket))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
}

/* A socket on which nobody listens any more, as kill -9 leaves one. */
static void leave_socket(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	g_strlcpy(address.sun_path, path, sizeof(address.sun_path));
	g_assert_cmpint(bind(fd, (struct sockaddr *)&address, sizeof(address)), ==, 0);
	close(fd);
}

static void make_folder(struct http_stage *f)
{
	g_autofree char *folder = g_path_get_dirname(f->socket);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
}

static void test_the_socket_has_the_mode_whatever_the_umask_is(
		struct http_stage *f, gconstpointer unused)
{
	static const mode_t masks[] = {0, 022, 077, 0777};
	struct stat status;

	make_folder(f);
	for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
		mode_t before = umask(masks[i]);

		http_stage_serve(f);
		umask(before);
		g_assert_cmpint(stat(f->socket, &status), ==, 0);
		g_assert_cmpint(status.st_mode, ==, S_IFSOCK | 0660);
		http_server_close(f->server);
		f->server = NULL;
	}
}

static void test_a_dead_ones_socket_is_replaced(struct http_stage *f, gconstpointer unused)
{
	make_folder(f);
	leave_socket(f->socket);
	http_stage_serve(f);
	http_stage_alive(f);
}

static void test_a_living_ones_socket_stays(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	assert_no_server(f, G_FILE_ERROR_EXIST, "another console that is running has it");
	http_stage_alive(f);
}

static void test_a_file_in_the_way_stays(struct http_stage *f, gconstpointer unused)
{
	make_folder(f);
	g_assert_true(g_file_set_contents(f->socket, "mine", -1, NULL));
	assert_no_server(f, G_FILE_ERROR_EXIST, "is not a socket");
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
}

static void test_another_ones_socket_is_not_removed(struct http_stage *f, gconstpointer unused)
{
	http_stage_serve(f);
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
	leave_socket(f->socket);
	http_server_close(f->server);
	f->server = NULL;
	g_assert_true(g_file_test(f->socket, G_FILE_TEST_EXISTS));
	g_assert_cmpint(g_unlink(f->socket), ==, 0);
}

static void test_a_path_that_is_impossible_is_told(struct http_stage *f, gconstpointer unused)
{
	g_autofree char *mine = f->socket;
	g_autofree char *fill = g_strnfill(120, 'x');

	f->socket = g_build_filename(f->folder, fill, NULL);
	assert_no_server(f, G_FILE_ERROR_NAMETOOLONG, "1 to 107 characters");
	g_free(f->socket);
	f->socket = g_strdup("/proc/no/api.sock");
	assert_no_server(f, G_FILE_ERROR_NOENT, "No such file");
	g_free(f->socket);
	f->socket = g_strdup("/dev/null/api.sock");
	assert_no_server(f, G_FILE_ERROR_NOTDIR, "Not a directory");
	g_free(f->socket);
	f->socket = g_steal_pointer(&mine);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                               \
	g_test_add("/http-socket/" #name, struct http_stage, NULL, http_stage_open, test_##name, \
			http_stage_close)
	TEST(the_socket_has_the_mode_whatever_the_umask_is);
	TEST(a_dead_ones_socket_is_replaced);
	TEST(a_living_ones_socket_stays);
	TEST(a_file_in_the_way_stays);
	TEST(another_ones_socket_is_not_removed);
	TEST(a_path_that_is_impossible_is_told);
	return g_test_run();
}
