/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Drives whose images are on servers, with all that happens to those. */
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include "tests/unit/drives_rig.h"
#include "tests/unit/web_host.h"

#define SIZE (300u * 1024)
#define LARGE (8u << 20) /* more than is read ahead unasked */

struct fixture {
	struct rig rig;
	struct web_host host;
};

/* False: skipped. limit: seconds that the server may be away. */
static bool fixture_open_sized(struct fixture *f, unsigned int limit, size_t size)
{
	rig_open(&f->rig, RIG_DISC, size, limit);
	if (web_host_open(&f->host, f->rig.image, 0, NULL))
		return true;
	g_test_skip("there is no python3");
	rig_close(&f->rig);
	return false;
}

static bool fixture_open(struct fixture *f, unsigned int limit)
{
	return fixture_open_sized(f, limit, SIZE);
}

static void fixture_close(struct fixture *f)
{
	rig_close(&f->rig);
	web_host_close(&f->host);
}

static char *address(const struct fixture *f, const char *user, const char *path)
{
	return g_strdup_printf("http://%s127.0.0.1:%u/%s", user, f->host.port, path);
}

static void insert(struct fixture *f, const char *path)
{
	g_autofree char *url = address(f, "", path);

	rig_insert(&f->rig, RIG_CD, url);
}

static void test_an_image_comes_over_https_from_lighttpd(void)
{
	struct rig rig;
	struct web_host host;
	g_autofree char *certificate = NULL, *url = NULL;
	struct drives_status status;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	certificate = g_build_filename(rig.folder, "certificate.pem", NULL);
	if (!web_host_certificate(rig.folder, certificate) ||
			!web_host_open_lighttpd(&host, rig.folder, certificate)) {
		g_test_skip("there is no lighttpd with TLS, or no openssl");
		rig_close(&rig);
		return;
	}
	url = g_strdup_printf("https://127.0.0.1:%u/image.iso?x=secret", host.port);
	rig_request(&rig, RIG_CD, &(struct drives_request){.source = url, .ca_file = certificate});
	status = rig_wait(&rig, RIG_CD, DRIVES_READY);
	g_assert_true(g_str_has_suffix(status.source, "/image.iso?..."));
	g_assert_cmpstr(status.label, ==, "TEST DISC");
	rig_assert_content(&rig, RIG_CD);
	status = rig_status(&rig, RIG_CD);
	g_assert_cmpuint(status.fetched, >=, SIZE);
	g_assert_cmpuint(status.cached, >=, SIZE);
	/* Not trusted without. */
	rig_insert(&rig, RIG_CD, url);
	g_assert_nonnull(strstr(rig_wait(&rig, RIG_CD, DRIVES_FAILED).reason, "certificate"));
	rig_close(&rig);
	web_host_close(&host);
}

static void test_what_the_server_refuses_is_said(void)
{
	static const struct {
		const char *path, *words;
	} refusals[] = {
			{"missing/x", "404"},
			{"forbidden/x", "403"},
			{"private/x", "401"},
			{"whole/x", "range"},
	};
	struct fixture f;

	if (!fixture_open(&f, 0))
		return;
	for (size_t i = 0; i < 4 * G_N_ELEMENTS(refusals); i++) {
		const char *words = refusals[i / 4].words;
		g_autofree char *url = address(&f, "", refusals[i / 4].path);
		const struct drives_request request = {
				.source = url,
				.write = i % 2 ? DRIVES_OVERLAY : DRIVES_READ_ONLY,
				.persistent = i % 4 > 1,
		};
		struct drives_status status;

		rig_request(&f.rig, RIG_CD, &request);
		status = rig_wait(&f.rig, RIG_CD, DRIVES_FAILED);
		if (!strstr(status.reason, words))
			g_error("\"%s\" says nothing of %s", status.reason, words);
		g_assert_cmpuint(status.size, ==, 0);
	}
	fixture_close(&f);
}

static void test_secrets_are_used_and_never_shown(void)
{
	struct fixture f;
	g_autofree char *url = NULL, *bare = NULL;
	struct drives_status status;

	if (!fixture_open(&f, 0))
		return;
	url = address(&f, "ann:s3cret@", "private/x");
	bare = address(&f, "", "private/x");
	rig_insert(&f.rig, RIG_CD, url);
	g_assert_cmpstr(rig_status(&f.rig, RIG_CD).source, ==, bare);
	status = rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	g_assert_cmpstr(status.source, ==, bare);
	rig_request(&f.rig, RIG_CD,
			&(struct drives_request){
					.source = bare, .user = "ann", .password = "s3cret"});
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_request(&f.rig, RIG_CD, &(struct drives_request){.source = bare, .token = "t0ken"});
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_request(&f.rig, RIG_CD,
			&(struct drives_request){.source = bare, .token = "", .user = ""});
	rig_wait(&f.rig, RIG_CD, DRIVES_FAILED);
	fixture_close(&f);
}

/* A host's read is under way; returns the port to come back on. */
static unsigned int read_with_the_server_away(struct fixture *f)
{
	unsigned int port = f->host.port;

	insert(f, "plain/x");
	rig_wait(&f->rig, RIG_CD, DRIVES_READY);
	g_assert_cmphex(rig_settle(&f->rig, RIG_CD), ==, 0);
	web_host_close(&f->host);
	drive_host_begin_read(&f->rig.hosts[RIG_CD], 140, 1);
	return port;
}

static void test_a_server_that_is_away_is_waited_for(void)
{
	struct fixture f;
	struct drives_status status;
	unsigned int port;

	if (!fixture_open(&f, 0))
		return;
	port = read_with_the_server_away(&f);
	status = rig_wait(&f.rig, RIG_CD, DRIVES_WAITING);
	g_assert_nonnull(strstr(status.reason, "trying again"));
	/* What is in memory can be read; but one command after the other. */
	g_assert_true(web_host_open(&f.host, f.rig.image, port, NULL));
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	g_assert_cmpint(drive_host_end(&f.rig.hosts[RIG_CD], NULL), ==, 0);
	rig_assert_content(&f.rig, RIG_CD);
	fixture_close(&f);
}

static void test_a_server_that_stays_away_is_given_up(void)
{
	struct fixture f;
	struct drives_status status;
	unsigned int port;

	if (!fixture_open(&f, 1))
		return;
	port = read_with_the_server_away(&f);
	status = rig_wait(&f.rig, RIG_CD, DRIVES_FAILED);
	g_assert_nonnull(strstr(status.reason, "given up after 1 s"));
	g_assert_cmpint(drive_host_end(&f.rig.hosts[RIG_CD], NULL), ==, 1);
	g_assert_cmpint(drive_host_read(&f.rig.hosts[RIG_CD], 140, 1), ==, 1);
	g_assert_cmphex(drive_host_sense(&f.rig.hosts[RIG_CD]), ==, 0x031100);
	/* It need not be inserted again when the server is back after all. */
	g_assert_true(web_host_open(&f.host, f.rig.image, port, NULL));
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&f.rig, RIG_CD);
	fixture_close(&f);
}

static void test_a_server_that_never_comes_is_given_up(void)
{
	struct fixture f;
	struct drives_status status;

	if (!fixture_open(&f, 1))
		return;
	web_host_close(&f.host);
	insert(&f, "plain/x");
	status = rig_wait(&f.rig, RIG_CD, DRIVES_FAILED);
	g_assert_nonnull(strstr(status.reason, "given up after 1 s"));
	g_assert_nonnull(strstr(status.reason, "connections"));
	fixture_close(&f);
}

static void test_a_file_that_was_replaced_is_no_mixture(void)
{
	struct fixture f;

	if (!fixture_open(&f, 0))
		return;
	insert(&f, "change/x");
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	g_assert_cmphex(rig_settle(&f.rig, RIG_CD), ==, 0);
	g_assert_cmpint(drive_host_read(&f.rig.hosts[RIG_CD], 140, 1), ==, 1);
	rig_wait(&f.rig, RIG_CD, DRIVES_FAILED);
	g_assert_cmpint(drive_host_read(&f.rig.hosts[RIG_CD], 0, 1), ==, 1);
	fixture_close(&f);
}

static void test_a_silent_server_holds_up_no_eject(void)
{
	struct fixture f;
	g_autoptr(GError) error = NULL;
	g_autofree char *url = NULL;

	if (!fixture_open(&f, 0))
		return;
	url = address(&f, "", "silent/x");
	for (unsigned int i = 0; i < 4; i++) {
		rig_request(&f.rig, RIG_CD,
				&(struct drives_request){
						.source = url,
						.write = i % 2 ? DRIVES_OVERLAY : DRIVES_READ_ONLY,
						.persistent = i > 1,
				});
		rig_turn();
		g_assert_cmpint(rig_status(&f.rig, RIG_CD).state, ==, DRIVES_OPENING);
		g_assert_true(drives_eject(f.rig.drives, RIG_CD, false, &error));
		g_assert_cmpint(rig_status(&f.rig, RIG_CD).state, ==, DRIVES_EMPTY);
	}
	insert(&f, "silent/y");
	rig_turn();
	fixture_close(&f); /* with it still to come */
}

static void test_a_server_that_hangs_holds_up_no_eject(void)
{
	struct fixture f;
	g_autoptr(GError) error = NULL;
	int64_t start;

	if (!fixture_open_sized(&f, 0, LARGE))
		return;
	insert(&f, "plain/x");
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	g_assert_cmphex(rig_settle(&f.rig, RIG_CD), ==, 0);
	g_assert_cmpint(drive_host_prevent(&f.rig.hosts[RIG_CD], true), ==, 0);
	g_assert_cmpint(kill(f.host.pid, SIGSTOP), ==, 0);
	g_assert_cmpint(waitpid(f.host.pid, NULL, WUNTRACED), ==, f.host.pid);
	drive_host_begin_read(&f.rig.hosts[RIG_CD], 3000, 1);
	rig_turn();
	start = g_get_monotonic_time();
	g_assert_true(drives_eject(f.rig.drives, RIG_CD, true, &error));
	g_test_message("ejected in %d us", (int)(g_get_monotonic_time() - start));
	g_assert_cmpint(rig_status(&f.rig, RIG_CD).state, ==, DRIVES_EMPTY);
	g_assert_cmpint(drive_host_end(&f.rig.hosts[RIG_CD], NULL), ==, 1);
	insert(&f, "plain/y");
	rig_turn();
	fixture_close(&f); /* with one still to come */
}

static void test_memory_is_what_the_cache_may_have(void)
{
	const size_t size = 24 << 20, limit = (1 << 20) + (8 << 20);
	struct fixture f;
	size_t before;

	rig_open(&f.rig, RIG_DISC, size, 0);
	if (!web_host_open(&f.host, f.rig.image, 0, NULL)) {
		g_test_skip("there is no python3");
		rig_close(&f.rig);
		return;
	}
	before = rig_resident();
	insert(&f, "plain/x");
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&f.rig, RIG_CD);
	g_test_message("%zd KiB more", ((ssize_t)rig_resident() - (ssize_t)before) / 1024);
	g_assert_cmpuint(rig_status(&f.rig, RIG_CD).cached, <=, 1 << 20);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
	g_assert_cmpuint(rig_resident(), <, before + limit);
#else
	(void)limit;
#endif
	fixture_close(&f);
}

static gboolean over(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* What is not on the disk yet when the image is taken out is dropped. */
static void let_it_be_kept(void)
{
	bool done = false;

	g_timeout_add_seconds(1, over, &done);
	while (!done)
		g_main_context_iteration(NULL, TRUE);
}

static void test_what_is_kept_on_disk_is_not_fetched_again(void)
{
	struct drives_request request = {.persistent = true};
	g_autoptr(GError) error = NULL;
	g_autofree char *url = NULL;
	struct fixture f;
	int asked;

	if (!fixture_open(&f, 0))
		return;
	url = address(&f, "", "plain/x");
	request.source = url;
	rig_request(&f.rig, RIG_CD, &request);
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&f.rig, RIG_CD);
	let_it_be_kept();
	g_assert_true(drives_eject(f.rig.drives, RIG_CD, false, &error));
	asked = web_host_count(&f.host, "requests");
	g_assert_cmpint(asked, >=, (int)(SIZE / 65536));
	rig_request(&f.rig, RIG_CD, &request);
	rig_wait(&f.rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&f.rig, RIG_CD);
	g_assert_cmpint(web_host_count(&f.host, "requests"), <=, asked + 2);
	fixture_close(&f);
}

static void test_an_image_comes_from_nbdkit_and_is_written(void)
{
	struct rig rig;
	g_autofree char *program = g_find_program_in_path("nbdkit");
	g_autofree char *socket = NULL, *uri = NULL, *text = NULL;
	const char *argv[] = {program, "-f", "-U", NULL, "file", NULL, NULL};
	uint8_t bytes[1024];
	gsize size;
	GPid pid;

	if (!program) {
		g_test_skip("there is no nbdkit");
		return;
	}
	memset(bytes, 0x5a, sizeof(bytes));
	rig_open(&rig, RIG_PARTITIONS, SIZE, 0);
	socket = g_build_filename(rig.folder, "socket", NULL);
	argv[3] = socket;
	argv[5] = rig.image;
	uri = g_strdup_printf("nbd+unix:///?socket=%s", socket);
	/* Asked before it listens: it is tried again. */
	rig_request(&rig, RIG_DISK,
			&(struct drives_request){.source = uri, .write = DRIVES_READ_WRITE});
	g_assert_true(g_spawn_async(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
			NULL, &pid, NULL));
	g_assert_cmpstr(rig_wait(&rig, RIG_DISK, DRIVES_READY).source, ==, "nbd+unix:///?...");
	rig_assert_content(&rig, RIG_DISK);
	g_assert_cmpint(drive_host_write(&rig.hosts[RIG_DISK], 100, 2, bytes), ==, 0);
	memcpy(rig.content + 100 * 512, bytes, sizeof(bytes));
	rig_assert_content(&rig, RIG_DISK);
	kill(pid, SIGKILL); /* it would wait for us */
	waitpid(pid, NULL, 0);
	g_assert_true(g_file_get_contents(rig.image, &text, &size, NULL));
	g_assert_cmpmem(text, size, rig.content, rig.size);
	rig_close(&rig);
}

#define TEST(name) g_test_add_func("/drives-web/" #name, test_##name)

int main(int argc, char **argv)
{
	int status;

	signal(SIGPIPE, SIG_IGN);
	g_unsetenv("http_proxy");
	g_unsetenv("all_proxy");
	g_test_init(&argc, &argv, NULL);
	TEST(an_image_comes_over_https_from_lighttpd);
	TEST(what_the_server_refuses_is_said);
	TEST(secrets_are_used_and_never_shown);
	TEST(a_server_that_is_away_is_waited_for);
	TEST(a_server_that_stays_away_is_given_up);
	TEST(a_server_that_never_comes_is_given_up);
	TEST(a_file_that_was_replaced_is_no_mixture);
	TEST(a_silent_server_holds_up_no_eject);
	TEST(a_server_that_hangs_holds_up_no_eject);
	TEST(memory_is_what_the_cache_may_have);
	TEST(what_is_kept_on_disk_is_not_fetched_again);
	TEST(an_image_comes_from_nbdkit_and_is_written);
	status = g_test_run();
	return status;
}
