/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A stock client shares an image as a CD, and the server reads it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/source.h"
#include "tests/clients/share.h"

#define IMAGE_SIZE (20u * 1024 * 1024 + 3 * 2048)
#define READY_MS   3000

struct fixture {
	struct share *share;
	struct client *client;
	char *image;
	uint8_t *bytes; /* of the image */
};

static char *make_image(size_t size, uint32_t seed, uint8_t **bytes)
{
	g_autoptr(GRand) random = g_rand_new_with_seed(seed);
	GError *error = NULL;
	char *path;
	int fd = g_file_open_tmp("disc-XXXXXX.iso", &path, &error);

	g_assert_no_error(error);
	close(fd);
	*bytes = g_malloc(size);
	for (size_t i = 0; i + 4 <= size; i += 4)
		memcpy(*bytes + i, &(guint32){g_rand_int(random)}, 4);
	g_assert_true(g_file_set_contents(path, (char *)*bytes, (gssize)size, &error));
	return path;
}

static struct client *connect_client(struct share *share, unsigned int viewer)
{
	struct client *client = client_open(
			&(struct client_settings){.address = share_address(share, viewer)});

	g_assert_true(client_wait(client, client_has_picture, NULL, 10000));
	return client;
}

static void fixture_open(struct fixture *f, gconstpointer viewers)
{
	f->share = share_open(viewers ? GPOINTER_TO_UINT(viewers) : 1);
	f->client = connect_client(f->share, 0);
	f->image = make_image(IMAGE_SIZE, 1, &f->bytes);
}

static void fixture_close(struct fixture *f, gconstpointer viewers)
{
	client_close(f->client);
	share_close(f->share);
	unlink(f->image);
	g_free(f->image);
	g_free(f->bytes);
}

static void share_image(struct fixture *f)
{
	client_share(f->client, f->image);
	g_assert_true(share_wait_disc(f->share, true, READY_MS));
}

/* The range reads as the image has it. */
static void assert_sum(
		struct fixture *f, size_t offset, size_t size, size_t piece, unsigned int depth)
{
	g_autofree char *digest = g_compute_checksum_for_data(
			G_CHECKSUM_SHA256, f->bytes + offset, size);
	g_autofree char *got = g_strdup(
			share_do(f->share, "sum %zu %zu %zu %u", offset, size, piece, depth));

	got[strcspn(got, " ")] = '\0';
	g_assert_cmpstr(got, ==, digest);
}

static void assert_disc(struct fixture *f, enum source_state state, const char *reason)
{
	g_autofree char *want = g_strdup_printf("%d %u %s", state, IMAGE_SIZE, reason);

	g_assert_cmpstr(share_do(f->share, "disc"), ==, want);
}

/* --- What must hold --- */

static void test_shared_image_is_there_within_three_seconds(struct fixture *f, gconstpointer data)
{
	share_image(f);
	assert_disc(f, SOURCE_READY, "");
	g_assert_null(client_share_error(f->client));
}

static void test_whole_image_is_read_right(struct fixture *f, gconstpointer data)
{
	share_image(f);
	assert_sum(f, 0, IMAGE_SIZE, 65536, 8);
}

static void test_odd_pieces_are_read_right(struct fixture *f, gconstpointer data)
{
	share_image(f);
	assert_sum(f, 1, 1, 1, 1);
	assert_sum(f, 2047, 2, 2, 1);
	assert_sum(f, 12345, 300001, 777, 5);
	assert_sum(f, 4095, 2000003, 300001, 3);
	assert_sum(f, 0, 1 << 20, 1 << 20, 1);
	assert_sum(f, IMAGE_SIZE - 5, 5, 5, 1);
	assert_sum(f, 100 * 2048, 128 * 2048, 2048, 32);
}

static void test_read_beyond_the_end_fails(struct fixture *f, gconstpointer data)
{
	share_image(f);
	g_assert_true(g_str_has_prefix(
			share_do(f->share, "sum %u 4096 4096 1", IMAGE_SIZE - 2048), "error:"));
}

static void test_cancelled_reads_do_no_harm(struct fixture *f, gconstpointer data)
{
	share_image(f);
	for (int i = 0; i < 50; i++) {
		share_do(f->share, "start %d 300000", i * 100000);
		share_do(f->share, "cancel");
	}
	assert_sum(f, 0, 4 << 20, 65536, 8);
	g_assert_cmpstr(share_do(f->share, "ended"), ==, "no");
}

static void test_unsharing_fails_the_source(struct fixture *f, gconstpointer data)
{
	share_image(f);
	client_unshare(f->client);
	g_assert_true(share_wait_disc(f->share, false, 1000));
	assert_disc(f, SOURCE_FAILED, "the viewer stopped sharing");
	g_assert_true(g_str_has_prefix(share_do(f->share, "sum 0 4096 4096 1"), "error:"));
}

static void test_image_can_be_shared_again(struct fixture *f, gconstpointer data)
{
	share_image(f);
	for (int i = 0; i < 3; i++) {
		client_unshare(f->client);
		g_assert_true(share_wait_disc(f->share, false, 1000));
		g_assert_true(client_wait(f->client, client_shares_not, NULL, 5000));
		client_share(f->client, f->image);
		g_assert_true(share_wait_disc(f->share, true, READY_MS));
		assert_sum(f, 0, 1 << 20, 65536, 8);
	}
}

static void test_ejecting_ends_the_sharing_without_an_error(struct fixture *f, gconstpointer data)
{
	share_image(f);
	share_do(f->share, "eject");
	g_assert_true(client_wait(f->client, client_shares_not, NULL, 5000));
	g_assert_null(client_share_error(f->client));
	g_assert_cmpstr(share_do(f->share, "disc"), ==, "none");
	client_share(f->client, f->image);
	g_assert_true(share_wait_disc(f->share, true, READY_MS));
	assert_sum(f, 0, 1 << 20, 65536, 8);
}

static void test_killed_client_fails_the_source_at_once(struct fixture *f, gconstpointer data)
{
	GPid pid = share_start_client(f->share, 0, f->image);

	g_assert_true(share_wait_disc(f->share, true, 10000));
	share_do(f->share, "start 0 %u", IMAGE_SIZE);
	kill(pid, SIGKILL);
	g_assert_true(share_wait_disc(f->share, false, 1000));
	assert_disc(f, SOURCE_FAILED, "the viewer stopped sharing");
	g_assert_true(g_str_has_prefix(share_do(f->share, "ended"), "the viewer's disc:"));
	waitpid(pid, NULL, 0);
}

static void test_stopped_client_is_waited_for(struct fixture *f, gconstpointer data)
{
	GPid pid = share_start_client(f->share, 0, f->image);
	int state = SOURCE_READY;

	g_assert_true(share_wait_disc(f->share, true, 10000));
	kill(pid, SIGSTOP);
	share_do(f->share, "start 0 4000000");
	while (state != SOURCE_WAITING) {
		g_main_context_iteration(NULL, FALSE);
		g_usleep(20000);
		g_assert_cmpint(sscanf(share_do(f->share, "disc"), "%d", &state), ==, 1);
	}
	kill(pid, SIGCONT);
	g_assert_true(share_wait_disc(f->share, true, 5000));
	assert_sum(f, 0, 1 << 20, 65536, 8);
	g_assert_cmpstr(share_do(f->share, "ended"), ==, "yes");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static bool has_share_error(struct client *client, void *data)
{
	return client_share_error(client) != NULL;
}

static void test_second_viewer_is_refused_in_words(struct fixture *f, gconstpointer data)
{
	struct client *second = connect_client(f->share, 1);
	uint8_t *bytes;
	g_autofree char *image = make_image(1 << 20, 2, &bytes);

	share_image(f);
	client_share(second, image);
	g_assert_true(client_wait(second, has_share_error, NULL, 5000));
	g_assert_nonnull(strstr(client_share_error(second), "rejected by host"));
	g_assert_nonnull(strstr(share_do(f->share, "said"), "shares one already"));
	assert_sum(f, 0, 1 << 20, 65536, 8);

	/* The place is free again. */
	client_unshare(f->client);
	g_assert_true(share_wait_disc(f->share, false, 1000));
	client_share(second, image);
	g_assert_true(share_wait_disc(f->share, true, READY_MS));
	client_close(second);
	unlink(image);
	g_free(bytes);
}

static void test_disc_without_a_drive_is_refused_in_words(struct fixture *f, gconstpointer data)
{
	share_do(f->share, "room off");
	client_share(f->client, f->image);
	g_assert_true(client_wait(f->client, has_share_error, NULL, 5000));
	g_assert_nonnull(strstr(share_do(f->share, "said"), "no CD drive is empty"));
	share_do(f->share, "room on");
	g_assert_true(client_wait(f->client, client_shares_not, NULL, 5000));
	client_share(f->client, f->image);
	g_assert_true(share_wait_disc(f->share, true, READY_MS));
	assert_sum(f, 0, 1 << 20, 65536, 8);
}

/* spice-gtk notices only that bytes are missing, and calls it good. */
static void test_image_that_was_cut_fails_the_read_only(struct fixture *f, gconstpointer data)
{
	share_image(f);
	g_assert_cmpint(truncate(f->image, 1 << 20), ==, 0);
	g_assert_nonnull(strstr(
			share_do(f->share, "sum %u 65536 65536 1", 2u << 20), "cannot read all"));
	assert_sum(f, 0, 512 << 10, 65536, 1);
}

/* Sectors of 512 bytes, in spice-gtk. */
static void test_image_of_an_odd_size_is_read_right(struct fixture *f, gconstpointer data)
{
	uint8_t *bytes;
	g_autofree char *image = make_image(1000 * 512, 3, &bytes);
	g_autofree char *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, 1000 * 512);

	client_share(f->client, image);
	g_assert_true(share_wait_disc(f->share, true, READY_MS));
	g_assert_true(g_str_has_prefix(share_do(f->share, "sum 0 512000 65536 8"), digest));
	unlink(image);
	g_free(bytes);
}

static void test_a_hundred_sharings_leave_nothing_behind(struct fixture *f, gconstpointer data)
{
	int files, files_after;
	long memory, memory_after;

	share_image(f);
	for (int i = 0; i < 110; i++) {
		if (i == 10)
			g_assert_cmpint(sscanf(share_do(f->share, "usage"), "%d %ld", &files,
							&memory),
					==, 2);
		assert_sum(f, (size_t)i * 4096, 600000, 65536, 8);
		client_unshare(f->client);
		g_assert_true(share_wait_disc(f->share, false, 1000));
		g_assert_true(client_wait(f->client, client_shares_not, NULL, 5000));
		client_share(f->client, f->image);
		g_assert_true(share_wait_disc(f->share, true, READY_MS));
	}
	g_assert_cmpint(sscanf(share_do(f->share, "usage"), "%d %ld", &files_after, &memory_after),
			==, 2);
	g_assert_cmpint(files_after, ==, files);
#ifndef SANITIZED /* which keeps freed memory */
	g_assert_cmpint(memory_after, <=, memory + 2048);
#endif
}

#define ADD(name, viewers)                                                                   \
	g_test_add("/share/" #name, struct fixture, GUINT_TO_POINTER(viewers), fixture_open, \
			test_##name, fixture_close)

int main(int argc, char **argv)
{
	share_begin(argc, argv);
	g_test_init(&argc, &argv, NULL);
	g_log_set_always_fatal(G_LOG_FATAL_MASK); /* spice-gtk complains of what tests make */
	ADD(shared_image_is_there_within_three_seconds, 1);
	ADD(whole_image_is_read_right, 1);
	ADD(odd_pieces_are_read_right, 1);
	ADD(read_beyond_the_end_fails, 1);
	ADD(cancelled_reads_do_no_harm, 1);
	ADD(unsharing_fails_the_source, 1);
	ADD(image_can_be_shared_again, 1);
	ADD(ejecting_ends_the_sharing_without_an_error, 1);
	ADD(killed_client_fails_the_source_at_once, 1);
	ADD(stopped_client_is_waited_for, 1);
	ADD(second_viewer_is_refused_in_words, 2);
	ADD(disc_without_a_drive_is_refused_in_words, 1);
	ADD(image_that_was_cut_fails_the_read_only, 1);
	ADD(image_of_an_odd_size_is_read_right, 1);
	ADD(a_hundred_sharings_leave_nothing_behind, 1);
	return g_test_run();
}
