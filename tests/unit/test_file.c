/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/file.h"
#include "tests/unit/moves.h"

#define GB G_GUINT64_CONSTANT(1000000000)

struct fixture {
	char *folder, *path;
	int fd; /* of the file, as its owner has it */
	enum source_state state;
	char *reason;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("file-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "disc.iso", NULL);
	f->fd = open(f->path, O_RDWR | O_CREAT, 0600);
	g_assert_cmpint(f->fd, >=, 0);
	f->state = SOURCE_READY;
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	close(f->fd);
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->path);
	g_free(f->folder);
	g_free(f->reason);
}

static void fixture_state(enum source_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->state = state;
	g_free(f->reason);
	f->reason = g_strdup(reason);
}

static void put(const struct fixture *f, uint64_t offset, const char *text)
{
	g_assert_cmpint(pwrite(f->fd, text, strlen(text), (off_t)offset), ==, strlen(text));
}

static struct source *insert(struct fixture *f, bool writable)
{
	const struct source_events events = {.state = fixture_state, .data = f};
	GError *error = NULL;
	struct source *source = file_open(f->path, writable, &error);

	g_assert_no_error(error);
	source_listen(source, &events);
	return source;
}

static void assert_refused(const char *path, bool writable, int code, const char *words)
{
	GError *error = NULL;

	g_assert_null(file_open(path, writable, &error));
	g_assert_error(error, G_FILE_ERROR, code);
	g_test_message("%s", error->message);
	g_assert_nonnull(strstr(error->message, path));
	g_assert_nonnull(strstr(error->message, words));
	g_error_free(error);
}

static void assert_reads(struct source *source, uint64_t offset, const char *text)
{
	char bytes[64] = "";
	struct move move;

	move_read(&move, source, offset, strlen(text), bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, -1);
	g_assert_cmpstr(bytes, ==, text);
}

static void test_dvd_beyond_4_gb_is_read_everywhere(struct fixture *f, gconstpointer unused)
{
	static const uint64_t places[] = {0, 22 * GB / 10, 4 * GB, (1ull << 32) - 3, 8 * GB - 12};
	struct source *source;

	if (ftruncate(f->fd, 8 * GB) < 0) {
		g_test_skip("no sparse files here");
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		char *text = g_strdup_printf("place %06zu", i);

		put(f, places[i], text);
		g_free(text);
	}
	source = insert(f, false);
	g_assert_cmpuint(source->size, ==, 8 * GB);
	g_assert_cmpint(source->state, ==, SOURCE_READY);
	for (size_t i = 0; i < G_N_ELEMENTS(places); i++) {
		char *text = g_strdup_printf("place %06zu", i);

		assert_reads(source, places[i], text);
		g_free(text);
	}
	source_close(source);
}

static void test_identity_is_that_of_the_file(struct fixture *f, gconstpointer unused)
{
	const struct file_identity *identity;
	struct source *source;
	struct stat status;

	put(f, 0, "image");
	source = insert(f, false);
	g_assert_cmpint(fstat(f->fd, &status), ==, 0);
	identity = file_identity(source);
	g_assert_cmpuint(identity->device, ==, status.st_dev);
	g_assert_cmpuint(identity->inode, ==, status.st_ino);
	g_assert_cmpuint(identity->size, ==, 5);
	g_assert_cmpint(identity->modified / 1000000000, ==, status.st_mtim.tv_sec);
	source_close(source);
}

static char *known(struct fixture *f, bool writable)
{
	struct source *source = insert(f, writable);
	char *copy = g_strdup(source->identity);

	source_close(source);
	return copy;
}

static void test_identity_is_another_after_a_change(struct fixture *f, gconstpointer unused)
{
	g_autofree char *first = NULL, *again = NULL, *later = NULL;

	put(f, 0, "image");
	first = known(f, false);
	again = known(f, false);
	g_assert_nonnull(first);
	g_assert_cmpstr(first, ==, again);
	put(f, 0, "other");
	g_assert_cmpint(futimens(f->fd, (struct timespec[2]){{.tv_sec = 1}, {.tv_sec = 1}}), ==, 0);
	later = known(f, false);
	g_assert_cmpstr(first, !=, later);
	g_assert_null(known(f, true));
}

static void test_what_cannot_be_used_is_refused_in_words(struct fixture *f, gconstpointer unused)
{
	char *missing = g_build_filename(f->folder, "missing.iso", NULL);
	char *fifo = g_build_filename(f->folder, "fifo", NULL);

	assert_refused(missing, false, G_FILE_ERROR_NOENT, "is not there");
	assert_refused(f->folder, false, G_FILE_ERROR_ISDIR, "folder");
	assert_refused(f->path, false, G_FILE_ERROR_INVAL, "is empty");
	g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
	assert_refused(fifo, false, G_FILE_ERROR_INVAL, "neither a file nor a disk");
	assert_refused("/dev/zero", false, G_FILE_ERROR_INVAL, "neither a file nor a disk");
	g_unlink(fifo);
	g_free(fifo);
	g_free(missing);
}

static void test_no_permission_is_said_with_a_remedy(struct fixture *f, gconstpointer unused)
{
	put(f, 0, "image");
	g_assert_cmpint(fchmod(f->fd, 0), ==, 0);
	if (access(f->path, R_OK) == 0) {
		g_test_skip("this user may read everything");
		return;
	}
	assert_refused(f->path, false, G_FILE_ERROR_ACCES, "access");
}

static void test_two_writers_are_refused(struct fixture *f, gconstpointer unused)
{
	struct source *writer, *reader;

	put(f, 0, "image");
	writer = insert(f, true);
	assert_refused(f->path, true, g_file_error_from_errno(EWOULDBLOCK), "in use");
	assert_refused(f->path, false, g_file_error_from_errno(EWOULDBLOCK), "in use");
	source_close(writer);
	move_settle();
	reader = insert(f, false);
	writer = insert(f, false);
	source_close(writer);
	source_close(reader);
}

static void test_closed_image_may_be_opened_at_once(struct fixture *f, gconstpointer unused)
{
	put(f, 0, "image");
	for (int i = 0; i < 300; i++) {
		struct source *source = insert(f, true);

		assert_reads(source, 0, "image");
		source_close(source);
	}
}

static void test_shortened_file_is_a_failed_medium(struct fixture *f, gconstpointer unused)
{
	struct source *source;
	struct move move;
	char bytes[16];

	put(f, 0, "0123456789abcdef");
	source = insert(f, false);
	g_assert_cmpint(ftruncate(f->fd, 4), ==, 0);
	move_read(&move, source, 0, sizeof(bytes), bytes);
	move_wait(&move);
	g_test_message("%s", move.words);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_nonnull(strstr(move.words, "4 bytes"));
	g_assert_cmpint(f->state, ==, SOURCE_FAILED);
	g_assert_cmpstr(f->reason, ==, move.words);
	/* What is there is of an image that is no more. */
	move_read(&move, source, 0, 1, bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	source_close(source);
}

static void test_rewritten_file_is_a_failed_medium(struct fixture *f, gconstpointer unused)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};
	struct source *source;
	struct move move;
	char bytes[4];

	put(f, 0, "one image");
	source = insert(f, false);
	put(f, 0, "other");
	g_assert_cmpint(futimens(f->fd, times), ==, 0);
	move_read(&move, source, 0, sizeof(bytes), bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_nonnull(strstr(move.words, "written to"));
	g_assert_cmpint(f->state, ==, SOURCE_FAILED);
	source_close(source);
}

static void test_removed_file_stays_readable(struct fixture *f, gconstpointer unused)
{
	struct source *source;

	put(f, 0, "still here");
	source = insert(f, false);
	g_unlink(f->path);
	assert_reads(source, 0, "still here");
	g_assert_cmpint(f->state, ==, SOURCE_READY);
	source_close(source);
}

static void test_writes_reach_the_file_in_order(struct fixture *f, gconstpointer unused)
{
	struct source *source;
	struct move moves[64], flushed = {0};
	char bytes[5] = "";

	put(f, 0, "0000");
	source = insert(f, true);
	for (int i = 0; i < 64; i++) {
		char text[8];

		g_snprintf(text, sizeof(text), "%04d", i);
		move_write(&moves[i], source, 0, 4, text);
	}
	source_flush(source, move_done, &flushed);
	move_wait(&flushed);
	for (int i = 0; i < 64; i++)
		g_assert_cmpint(moves[i].code, ==, -1);
	g_assert_cmpint(flushed.code, ==, -1);
	g_assert_cmpint(pread(f->fd, bytes, 4, 0), ==, 4);
	g_assert_cmpstr(bytes, ==, "0063");
	/* Our own writes are no change of the image. */
	assert_reads(source, 0, "0063");
	source_close(source);
	source = insert(f, false);
	g_assert_false(source_writable(source));
	source_close(source);
}

static void test_four_readers_each_get_their_bytes(struct fixture *f, gconstpointer unused)
{
	enum { ROUNDS = 64, PIECE = 4096 };
	struct move moves[4];
	uint32_t *image = g_new(uint32_t, 4 * ROUNDS * PIECE / 4);
	uint8_t *bytes = g_malloc(4 * PIECE);
	struct source *source;

	for (uint32_t i = 0; i < 4 * ROUNDS * PIECE / 4; i++)
		image[i] = i;
	g_assert_cmpint(write(f->fd, image, 4 * ROUNDS * PIECE), ==, 4 * ROUNDS * PIECE);
	source = insert(f, false);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < 4; i++)
			move_read(&moves[i], source, (uint64_t)(i * ROUNDS + round) * PIECE, PIECE,
					bytes + i * PIECE);
		for (int i = 0; i < 4; i++) {
			move_wait(&moves[i]);
			g_assert_cmpint(moves[i].code, ==, -1);
			g_assert_cmpmem(bytes + i * PIECE, PIECE,
					(uint8_t *)image + (i * ROUNDS + round) * PIECE, PIECE);
		}
	}
	source_close(source);
	g_free(bytes);
	g_free(image);
}

static void test_cancelled_reads_leave_the_memory_alone(struct fixture *f, gconstpointer unused)
{
	struct source *source;
	struct move moves[16];
	char *bytes[16];

	put(f, 0, "0123456789abcdef");
	source = insert(f, false);
	for (int i = 0; i < 16; i++) {
		bytes[i] = g_malloc(16);
		move_read(&moves[i], source, 0, 16, bytes[i]);
	}
	for (int i = 0; i < 16; i += 2) {
		source_cancel(source, moves[i].request);
		g_free(bytes[i]); /* the sanitizer finds who touches it */
	}
	for (int i = 1; i < 16; i += 2) {
		move_wait(&moves[i]);
		g_free(bytes[i]);
	}
	move_settle();
	for (int i = 0; i < 16; i++)
		g_assert_cmpint(moves[i].ended, ==, i % 2);
	source_close(source);
}

static void close_on_failure(enum source_state state, const char *reason, void *data)
{
	source_close(data);
}

/* As long as the source or a thread of it has the file. */
static bool flock_is_held(const char *path)
{
	int fd = open(path, O_RDWR);
	bool held = flock(fd, LOCK_EX | LOCK_NB) < 0;

	close(fd);
	return held;
}

static void test_closing_when_told_of_the_failure(struct fixture *f, gconstpointer unused)
{
	struct source_events events = {.state = close_on_failure};
	struct source *source;
	struct move moves[4];
	char bytes[4];

	put(f, 0, "0123");
	source = insert(f, false);
	events.data = source;
	source_listen(source, &events);
	g_assert_cmpint(ftruncate(f->fd, 1), ==, 0);
	for (int i = 0; i < 4; i++)
		move_read(&moves[i], source, 0, 4, bytes);
	while (flock_is_held(f->path))
		g_main_context_iteration(NULL, FALSE);
	for (int i = 0; i < 4; i++)
		g_assert_false(moves[i].ended);
}

#define add(name) \
	g_test_add("/file/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(dvd_beyond_4_gb_is_read_everywhere);
	add(identity_is_that_of_the_file);
	add(identity_is_another_after_a_change);
	add(what_cannot_be_used_is_refused_in_words);
	add(no_permission_is_said_with_a_remedy);
	add(two_writers_are_refused);
	add(closed_image_may_be_opened_at_once);
	add(shortened_file_is_a_failed_medium);
	add(rewritten_file_is_a_failed_medium);
	add(removed_file_stays_readable);
	add(writes_reach_the_file_in_order);
	add(four_readers_each_get_their_bytes);
	add(cancelled_reads_leave_the_memory_alone);
	add(closing_when_told_of_the_failure);
	return g_test_run();
}
