/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include "tests/unit/nbd_rig.h"

static void test_whole_image_is_equal(struct fixture *f, gconstpointer unused)
{
	nbd_host_start(&f->host, false, f->serve);
	open_ready(f);
	g_assert_false(source_writable(f->source));
	assert_whole(f);
}

static void test_whole_image_is_equal_by_tcp(struct fixture *f, gconstpointer unused)
{
	nbd_host_start(&f->host, true, f->serve);
	open_ready(f);
	assert_whole(f);
}

static void test_reads_before_it_is_open_wait(struct fixture *f, gconstpointer unused)
{
	struct move good, outside;
	uint8_t bytes[512];

	nbd_host_start(&f->host, false, f->serve);
	begin(f, f->host.uri);
	move_read(&good, f->source, 700, 512, bytes);
	move_read(&outside, f->source, SIZE - 10, 11, bytes);
	move_wait(&good);
	move_wait(&outside);
	g_assert_cmpint(good.code, ==, -1);
	g_assert_cmpmem(bytes, 512, f->content + 700, 512);
	g_assert_cmpint(outside.code, ==, G_FILE_ERROR_INVAL);
}

static void test_writes_come_in_order_and_last(struct fixture *f, gconstpointer unused)
{
	struct move moves[40], flushed = {0};
	g_autofree char *text = NULL;
	char bytes[6] = "";

	f->settings.writable = true;
	nbd_host_start(&f->host, false, f->serve);
	open_ready(f);
	for (int i = 0; i < 40; i++) {
		char piece[8];

		g_snprintf(piece, sizeof(piece), "%05d", i);
		move_write(&moves[i], f->source, 1000, 5, piece);
	}
	source_flush(f->source, move_done, &flushed);
	move_wait(&flushed);
	for (int i = 0; i < 40; i++)
		g_assert_cmpint(moves[i].code, ==, -1);
	g_assert_cmpint(flushed.code, ==, -1);
	move_read(&moves[0], f->source, 1000, 5, bytes);
	move_wait(&moves[0]);
	g_assert_cmpstr(bytes, ==, "00039");
	g_assert_true(g_file_get_contents(f->image, &text, NULL, NULL));
	g_assert_cmpmem(text + 1000, 5, "00039", 5);
}

static void test_servers_error_fails_the_read_alone(struct fixture *f, gconstpointer unused)
{
	g_autofree char *serve = g_strdup_printf("--filter=error %s error=EIO error-pread-rate=1 "
						 "error-file=%s/bad",
			f->serve, f->host.folder);
	g_autofree char *bad = g_build_filename(f->host.folder, "bad", NULL);
	uint8_t bytes[512];
	struct move move;

	nbd_host_start(&f->host, false, serve);
	open_ready(f);
	g_assert_true(g_file_set_contents(bad, "", 0, NULL));
	move_read(&move, f->source, 0, 512, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_nonnull(strstr(move.words, "input/output error"));
	g_unlink(bad);
	assert_whole(f);
	g_assert_cmpint(f->told, ==, SOURCE_READY);
}

/* --- Servers that go and come back --- */

static void test_restarted_server_is_found_again(struct fixture *f, gconstpointer tcp)
{
	uint8_t bytes[512];
	struct move move;

	nbd_host_start(&f->host, tcp != NULL, f->serve);
	open_ready(f);
	for (int i = 0; i < 5; i++) {
		nbd_host_kill(&f->host);
		move_read(&move, f->source, 100, 512, bytes);
		await_state(f, SOURCE_WAITING);
		g_assert_nonnull(strstr(f->reason, "trying again"));
		nbd_host_start(&f->host, tcp != NULL, f->serve);
		move_wait(&move);
		g_assert_cmpint(move.code, ==, -1);
		g_assert_cmpmem(bytes, 512, f->content + 100, 512);
		await_state(f, SOURCE_READY);
	}
	assert_whole(f);
}

static void test_server_killed_under_writes_has_them_all(struct fixture *f, gconstpointer unused)
{
	enum { WRITES = 512, PIECE = SIZE / WRITES };
	g_autofree struct move *moves = g_new0(struct move, WRITES);
	struct move flushed = {0};
	g_autofree char *text = NULL;

	f->settings.writable = true;
	nbd_host_start(&f->host, false, f->serve);
	open_ready(f);
	for (size_t i = 0; i < SIZE; i++)
		f->content[i] = (uint8_t)~f->content[i];
	for (size_t i = 0; i < WRITES; i++)
		move_write(&moves[i], f->source, i * PIECE, PIECE, f->content + i * PIECE);
	source_flush(f->source, move_done, &flushed);
	move_wait(&moves[WRITES / 4]);
	nbd_host_kill(&f->host);
	await_state(f, SOURCE_WAITING);
	nbd_host_start(&f->host, false, f->serve);
	move_wait(&flushed);
	for (size_t i = 0; i < WRITES; i++)
		g_assert_cmpint(moves[i].code, ==, -1);
	g_assert_true(g_file_get_contents(f->image, &text, NULL, NULL));
	g_assert_true(memcmp(text, f->content, SIZE) == 0);
}

static void test_server_that_starts_late_is_waited_for(struct fixture *f, gconstpointer unused)
{
	nbd_host_start(&f->host, true, f->serve);
	nbd_host_kill(&f->host);
	begin(f, f->host.uri);
	await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "does not take connections"));
	nbd_host_start(&f->host, true, f->serve);
	await_state(f, SOURCE_READY);
	assert_whole(f);
}

static void test_another_size_is_final(struct fixture *f, gconstpointer unused)
{
	struct move move;
	uint8_t bytes[512];

	nbd_host_start(&f->host, false, f->serve);
	open_ready(f);
	nbd_host_kill(&f->host);
	await_state(f, SOURCE_WAITING);
	g_assert_true(g_file_set_contents(f->image, (const char *)f->content, SIZE / 2, NULL));
	nbd_host_start(&f->host, false, f->serve);
	await_state(f, SOURCE_FAILED);
	g_assert_nonnull(strstr(f->reason, "2097152 bytes now and had 4194304; insert it anew"));
	move_read(&move, f->source, 0, 512, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
}

static void test_stalled_server_is_asked_anew(struct fixture *f, gconstpointer unused)
{
	uint8_t bytes[512];
	struct move move;

	f->settings.stall = 200;
	nbd_host_start(&f->host, false, f->serve);
	open_ready(f);
	g_assert_cmpint(kill(f->host.pid, SIGSTOP), ==, 0);
	g_assert_cmpint(waitpid(f->host.pid, NULL, WUNTRACED), ==, f->host.pid);
	move_read(&move, f->source, 100, 512, bytes);
	await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "stopped answering"));
	g_assert_cmpint(kill(f->host.pid, SIGCONT), ==, 0);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	await_state(f, SOURCE_READY);
	assert_whole(f);
}

/* Else no read would ever come from it: each would be given up and asked for again. */
static void test_patience_grows_with_a_slow_server(struct fixture *f, gconstpointer unused)
{
	g_autofree char *serve = g_strdup_printf("--filter=delay %s rdelay=900ms", f->serve);
	uint8_t bytes[512];
	struct move move;

	f->settings.stall = 300;
	nbd_host_start(&f->host, false, serve);
	open_ready(f);
	move_read(&move, f->source, 100, 512, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	g_assert_cmpuint(f->waited, >, 0);
}

/* A server that nobody asked for long has not been silent. */
static void test_idle_time_is_not_silence(struct fixture *f, gconstpointer unused)
{
	g_autofree char *serve = g_strdup_printf("--filter=delay %s rdelay=100ms", f->serve);
	uint8_t bytes[512];
	struct move move;

	f->settings.stall = 400;
	nbd_host_start(&f->host, false, serve);
	open_ready(f);
	g_usleep(2 * f->settings.stall * 1000);
	move_read(&move, f->source, 100, 512, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	g_assert_cmpuint(f->waited, ==, 0);
}

/* --- Cancel and close --- */

static void test_hung_requests_are_cancelled_and_closed_at_once(
		struct fixture *f, gconstpointer unused)
{
	g_autofree char *serve = g_strdup_printf("--filter=delay %s rdelay=60 wdelay=60", f->serve);
	uint8_t *bytes = g_malloc(12 * 512);
	struct move moves[12];

	f->settings.writable = true;
	nbd_host_start(&f->host, false, serve);
	open_ready(f);
	for (int i = 0; i < 12; i++) {
		if (i % 3 == 2)
			move_write(&moves[i], f->source, (uint64_t)i * 512, 512, bytes + i * 512);
		else
			move_read(&moves[i], f->source, (uint64_t)i * 512, 512, bytes + i * 512);
	}
	move_settle();
	for (int i = 0; i < 6; i++)
		source_cancel(f->source, moves[i].request);
	move_settle();
	source_close(g_steal_pointer(&f->source));
	g_free(bytes); /* the sanitizer finds who touches it */
	move_settle();
	for (int i = 0; i < 12; i++)
		g_assert_false(moves[i].ended);
}

static void test_may_be_closed_at_any_moment(struct fixture *f, gconstpointer unused)
{
	nbd_host_start(&f->host, false, f->serve);
	for (int i = 0; i < 60; i++) {
		uint8_t bytes[512];
		struct move move;

		begin(f, f->host.uri);
		move_read(&move, f->source, 0, 512, bytes);
		for (int turn = 0; turn < i; turn++)
			g_main_context_iteration(NULL, FALSE);
		source_close(g_steal_pointer(&f->source));
	}
	f->close_at_state = true;
	begin(f, f->host.uri);
	while (f->source)
		g_main_context_iteration(NULL, TRUE);
}

/* --- Refused --- */

static void test_missing_export_is_final(struct fixture *f, gconstpointer unused)
{
	g_autofree char *uri = NULL;

	nbd_host_start(&f->host, true,
			"--filter=exportname memory 1M exportname=disc exportname-strict=true");
	uri = g_strdup_printf("%sother", f->host.uri);
	assert_fails_to_open(f, uri, "no such export");
}

static void test_read_only_server_is_not_written_to(struct fixture *f, gconstpointer unused)
{
	g_autofree char *serve = g_strdup_printf("-r %s", f->serve);

	f->settings.writable = true;
	nbd_host_start(&f->host, false, serve);
	assert_fails_to_open(f, f->host.uri, "insert it read-only");
}

static void test_empty_export_is_final(struct fixture *f, gconstpointer unused)
{
	nbd_host_start(&f->host, false, "memory 0");
	assert_fails_to_open(f, f->host.uri, "empty");
}

static void test_unknown_name_is_waited_for(struct fixture *f, gconstpointer unused)
{
	begin(f, "nbd://nowhere.invalid/");
	await_state(f, SOURCE_WAITING);
	g_assert_nonnull(strstr(f->reason, "name cannot be resolved"));
}

static void test_nonsense_is_refused_at_once(struct fixture *f, gconstpointer unused)
{
	static const char *const nonsense[] = {
			"", "nbd", "nbd:", "http://a/", "nbd+ssh://a/", NULL};

	for (size_t i = 0; i < G_N_ELEMENTS(nonsense); i++) {
		g_autoptr(GError) error = NULL;

		f->settings.uri = nonsense[i];
		g_assert_null(nbd_open(&f->settings, &error));
		g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	}
}

#define add_with(name, test, data) \
	g_test_add("/nbd/" name, struct fixture, data, fixture_open, test, fixture_close)
#define add(name) add_with(#name, test_##name, NULL)

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	if (!nbd_host_there()) {
		g_print("1..0 # SKIP no nbdkit to serve with\n");
		return 0;
	}
	add(whole_image_is_equal);
	add(whole_image_is_equal_by_tcp);
	add(reads_before_it_is_open_wait);
	add(writes_come_in_order_and_last);
	add(servers_error_fails_the_read_alone);
	add(restarted_server_is_found_again);
	add_with("restarted_server_is_found_again_by_tcp", test_restarted_server_is_found_again,
			"tcp");
	add(server_killed_under_writes_has_them_all);
	add(server_that_starts_late_is_waited_for);
	add(another_size_is_final);
	add(stalled_server_is_asked_anew);
	add(idle_time_is_not_silence);
	add(patience_grows_with_a_slow_server);
	add(hung_requests_are_cancelled_and_closed_at_once);
	add(may_be_closed_at_any_moment);
	add(missing_export_is_final);
	add(read_only_server_is_not_written_to);
	add(empty_export_is_final);
	add(unknown_name_is_waited_for);
	add(nonsense_is_refused_at_once);
	return g_test_run();
}
