/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "media/file.h"
#include "media/overlay.h"
#include "tests/unit/moves.h"

#define BLOCK 4096u
#define SIZE  (256 * BLOCK + 512) /* the last block is short */

struct fixture {
	char *folder, *image, *path;
	uint8_t *content; /* as it should be */
	struct source *overlay;
	enum source_state told;
	char *reason;
};

static char *small; /* a folder on a disk of 1 MiB; NULL: none could be made */
static const char *self;

static void on_state(enum source_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->told = state;
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("overlay-XXXXXX", NULL);
	f->image = g_build_filename(f->folder, "image", NULL);
	f->path = g_build_filename(f->folder, "written", NULL);
	f->content = g_malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		f->content[i] = (uint8_t)((i * 2654435761U) >> 13);
	g_assert_true(g_file_set_contents(f->image, (const char *)f->content, SIZE, NULL));
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	source_close(f->overlay);
	g_unlink(f->image);
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->folder);
	g_free(f->image);
	g_free(f->path);
	g_free(f->content);
	g_free(f->reason);
}

static void begin(struct fixture *f)
{
	const struct source_events events = {.state = on_state, .data = f};
	g_autoptr(GError) error = NULL;
	struct source *below = file_open(f->image, false, &error);

	g_assert_no_error(error);
	f->overlay = overlay_open(below, f->path, &error);
	g_assert_no_error(error);
	f->told = SOURCE_OPENING;
	source_listen(f->overlay, &events);
}

static void open_ready(struct fixture *f)
{
	begin(f);
	while (f->told != SOURCE_READY)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->overlay->size, ==, SIZE);
}

static void put(struct fixture *f, uint64_t offset, size_t size, int value)
{
	struct move move;

	memset(f->content + offset, value, size);
	move_write(&move, f->overlay, offset, size, f->content + offset);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
}

static void assert_whole(struct fixture *f)
{
	g_autofree uint8_t *bytes = g_malloc(SIZE);
	struct move move;

	move_read(&move, f->overlay, 0, SIZE, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	g_assert_true(memcmp(bytes, f->content, SIZE) == 0);
}

static void assert_image_is_untouched(const struct fixture *f)
{
	g_autofree char *bytes = NULL;
	gsize size;

	g_assert_true(g_file_get_contents(f->image, &bytes, &size, NULL));
	g_assert_cmpuint(size, ==, SIZE);
	for (size_t i = 0; i < SIZE; i++)
		g_assert_cmpuint((uint8_t)bytes[i], ==, (uint8_t)((i * 2654435761U) >> 13));
}

static void test_writes_are_read_and_the_image_stays(struct fixture *f, gconstpointer unused)
{
	struct move flushed = {0};

	open_ready(f);
	assert_whole(f);
	put(f, 2 * BLOCK, 3 * BLOCK, 1);        /* whole blocks */
	put(f, 7 * BLOCK + 100, 50, 2);         /* within one */
	put(f, 10 * BLOCK - 512, 1024, 3);      /* over an edge */
	put(f, 20 * BLOCK + 512, 4 * BLOCK, 4); /* both ends in part */
	put(f, 3 * BLOCK + 512, 512, 5);        /* in what was written */
	put(f, SIZE - 700, 700, 6);             /* to the very end */
	put(f, SIZE - 1, 1, 7);
	assert_whole(f);
	source_flush(f->overlay, move_done, &flushed);
	move_wait(&flushed);
	g_assert_cmpint(flushed.code, ==, -1);
	assert_image_is_untouched(f);
}

static void test_closing_removes_the_file_unless_it_is_kept(struct fixture *f, gconstpointer unused)
{
	open_ready(f);
	put(f, 0, 100, 1);
	g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
	overlay_keep(f->overlay, true);
	source_close(g_steal_pointer(&f->overlay));
	g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
	open_ready(f);
	assert_whole(f);
	source_close(g_steal_pointer(&f->overlay));
	g_assert_false(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void test_file_takes_the_room_of_what_is_written(struct fixture *f, gconstpointer unused)
{
	struct stat status;

	open_ready(f);
	put(f, 100 * BLOCK, BLOCK, 1);
	g_assert_cmpint(stat(f->path, &status), ==, 0);
	g_assert_cmpint(status.st_blocks * 512, <=, 6 * BLOCK);
	g_assert_cmpint(status.st_mode & 0777, ==, 0600);
}

static void assert_refused(struct fixture *f, const char *words)
{
	struct move move;
	uint8_t byte;

	begin(f);
	move_read(&move, f->overlay, 0, 1, &byte);
	while (f->told != SOURCE_FAILED)
		g_main_context_iteration(NULL, TRUE);
	g_test_message("%s", f->reason);
	g_assert_nonnull(strstr(f->reason, words));
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	source_close(g_steal_pointer(&f->overlay));
}

static void test_file_of_another_image_is_refused_and_left(struct fixture *f, gconstpointer unused)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	open_ready(f);
	put(f, 0, 100, 1);
	overlay_keep(f->overlay, true);
	source_close(g_steal_pointer(&f->overlay));
	g_assert_cmpint(utimensat(AT_FDCWD, f->image, times, 0), ==, 0);
	assert_refused(f, "another image");
	g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
	g_assert_true(g_file_set_contents(f->path, "important\n", -1, NULL));
	assert_refused(f, "another image");
	g_assert_true(g_file_test(f->path, G_FILE_TEST_EXISTS));
}

static void test_file_that_cannot_be_made_is_said(struct fixture *f, gconstpointer unused)
{
	g_free(f->path);
	f->path = g_strdup("/nonexistent/written");
	assert_refused(f, "/nonexistent/written: cannot be opened");
}

static void test_two_at_once_are_refused(struct fixture *f, gconstpointer unused)
{
	struct source *first;

	open_ready(f);
	put(f, 0, 100, 1);
	first = g_steal_pointer(&f->overlay);
	assert_refused(f, "in use");
	f->overlay = first;
	assert_whole(f);
}

static void test_full_disk_fails_the_write_alone(struct fixture *f, gconstpointer unused)
{
	g_autofree uint8_t *bytes = g_malloc(512 * BLOCK);
	struct move move;
	unsigned int failed = 0;

	if (!small) {
		g_test_skip("may not mount a small disk here");
		return;
	}
	g_free(f->path);
	f->path = g_build_filename(small, "written", NULL);
	open_ready(f);
	for (unsigned int i = 0; i < 256; i += 8) {
		g_autofree uint8_t *piece = g_malloc(8 * BLOCK);

		memset(piece, (int)i, 8 * BLOCK);
		move_write(&move, f->overlay, (uint64_t)i * BLOCK, 8 * BLOCK, piece);
		move_wait(&move);
		if (move.code == -1) {
			memcpy(f->content + (size_t)i * BLOCK, piece, 8 * BLOCK);
			continue;
		}
		failed++;
		g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
		g_assert_nonnull(strstr(move.words, "no space left"));
	}
	g_assert_cmpuint(failed, >, 0);
	g_assert_cmpuint(failed, <, 32);
	assert_whole(f);
	put(f, 0, BLOCK, 9); /* has its place already */
	assert_whole(f);
	g_assert_cmpint(f->told, ==, SOURCE_READY);
}

static void test_any_operations_give_the_image(struct fixture *f, gconstpointer unused)
{
	enum { SLOTS = 8 };
	struct {
		struct move move;
		bool busy, writes;
		uint64_t offset;
		size_t size;
		uint8_t *bytes;
	} slots[SLOTS] = {0};

	open_ready(f);
	for (unsigned int step = 0; step < 4000; step++) {
		unsigned int i = (unsigned int)g_test_rand_int_range(0, SLOTS);

		if (slots[i].busy && slots[i].move.ended) {
			g_assert_cmpint(slots[i].move.code, ==, -1);
			g_free(slots[i].bytes);
			slots[i].busy = false;
		} else if (slots[i].busy && !slots[i].writes && step % 7 == 0) {
			source_cancel(f->overlay, slots[i].move.request);
			g_free(slots[i].bytes);
			slots[i].busy = false;
		} else if (!slots[i].busy) {
			slots[i].busy = true;
			slots[i].writes = g_test_rand_bit();
			slots[i].size = (size_t)g_test_rand_int_range(1, 5 * BLOCK);
			slots[i].offset = (uint64_t)g_test_rand_int_range(
					0, (gint)(SIZE - slots[i].size));
			slots[i].bytes = g_malloc(slots[i].size);
			memset(slots[i].bytes, (int)step, slots[i].size);
			if (slots[i].writes) {
				memcpy(f->content + slots[i].offset, slots[i].bytes, slots[i].size);
				move_write(&slots[i].move, f->overlay, slots[i].offset,
						slots[i].size, slots[i].bytes);
			} else {
				move_read(&slots[i].move, f->overlay, slots[i].offset,
						slots[i].size, slots[i].bytes);
			}
		}
		g_main_context_iteration(NULL, FALSE);
		if (step % 500 == 0)
			assert_whole(f); /* in the order of asking, so after all writes */
	}
	assert_whole(f);
	source_close(g_steal_pointer(&f->overlay));
	for (unsigned int i = 0; i < SLOTS; i++)
		if (slots[i].busy)
			g_free(slots[i].bytes);
}

/* --- Killed --- */

/* Writes one block after the other for ever, and says when each is done. */
static void G_GNUC_NORETURN child(const char *image, const char *path)
{
	struct fixture f = {.image = (char *)image, .path = (char *)path};
	uint32_t *bytes = g_malloc(BLOCK);

	open_ready(&f);
	for (uint32_t number = 1;; number++) {
		struct move move;

		for (uint32_t i = 0; i < BLOCK / 4; i++)
			bytes[i] = number;
		move_write(&move, f.overlay, (uint64_t)(number * 37 % 64) * BLOCK, BLOCK, bytes);
		move_wait(&move);
		printf("%u\n", number);
		fflush(stdout);
	}
}

static void test_killed_process_has_lost_nothing(struct fixture *f, gconstpointer unused)
{
	const char *argv[] = {self, "--child", f->image, f->path, NULL};
	uint32_t said[64] = {0};
	g_autofree uint32_t *bytes = g_malloc(SIZE);
	struct move move;

	for (int round = 0; round < 5; round++) {
		unsigned int number = 0;
		FILE *stream;
		GPid pid;
		int output;

		g_assert_true(g_spawn_async_with_pipes(NULL, (char **)argv, NULL,
				G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid, NULL, &output, NULL,
				NULL));
		stream = fdopen(output, "r");
		memset(said, 0, sizeof(said));
		while (number < 150 + 31 * (unsigned int)round &&
				fscanf(stream, "%u", &number) == 1)
			;
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		do
			said[number * 37 % 64] = number;
		while (fscanf(stream, "%u", &number) == 1);
		fclose(stream);
		g_assert_cmpuint(number, >=, 150);
	}
	open_ready(f);
	move_read(&move, f->overlay, 0, SIZE, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	for (uint32_t block = 0; block < 64; block++) {
		const uint32_t *at = bytes + (size_t)block * BLOCK / 4;

		g_assert_cmpuint(at[0], >=, said[block]);
		g_assert_cmpuint(at[0] * 37 % 64, ==, block);
		for (uint32_t i = 0; i < BLOCK / 4; i++)
			g_assert_cmpuint(at[i], ==, at[0]);
	}
	memcpy(f->content, bytes, 64 * BLOCK);
	assert_whole(f);
}

/* A disk of 1 MiB that nobody else sees, where we may have one. */
static void make_small_disk(void)
{
	if (unshare(CLONE_NEWNS) < 0)
		return;
	small = g_dir_make_tmp("small-XXXXXX", NULL);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("none", small, "tmpfs", 0, "size=1m") < 0) {
		g_rmdir(small);
		g_clear_pointer(&small, g_free);
	}
}

#define add(name)                                                                      \
	g_test_add("/overlay/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)

int main(int argc, char **argv)
{
	int result;

	self = argv[0];
	if (argc == 4 && strcmp(argv[1], "--child") == 0)
		child(argv[2], argv[3]);
	g_test_init(&argc, &argv, NULL);
	make_small_disk();
	add(writes_are_read_and_the_image_stays);
	add(closing_removes_the_file_unless_it_is_kept);
	add(file_takes_the_room_of_what_is_written);
	add(file_of_another_image_is_refused_and_left);
	add(file_that_cannot_be_made_is_said);
	add(two_at_once_are_refused);
	add(full_disk_fails_the_write_alone);
	add(any_operations_give_the_image);
	add(killed_process_has_lost_nothing);
	result = g_test_run();
	if (small) {
		umount2(small, MNT_DETACH);
		g_rmdir(small);
		g_free(small);
	}
	return result;
}
