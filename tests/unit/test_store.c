/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/cache.h"
#include "media/file.h"
#include "media/store.h"
#include "tests/unit/moves.h"

#define BLOCK 65536u
#define SIZE  (40 * BLOCK + 777)

/* A source that counts what is read of it, over an image in memory. */
struct counted {
	struct source source;
	uint8_t *image;
	GQueue ended;
	uint64_t read; /* bytes */
	GSource *turn;
};

struct source_request {
	source_done_fn done;
	void *data;
};

static gboolean counted_turn(gpointer data)
{
	struct counted *counted = data;
	struct source_request *request;

	while ((request = g_queue_pop_head(&counted->ended))) {
		request->done(NULL, request->data);
		g_free(request);
	}
	return G_SOURCE_CONTINUE;
}

static struct source_request *counted_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	struct counted *counted = (struct counted *)source;
	struct source_request *request = g_new(struct source_request, 1);

	g_assert_cmpuint(offset + size, <=, SIZE);
	memcpy(bytes, counted->image + offset, size);
	counted->read += size;
	*request = (struct source_request){done, data};
	g_queue_push_tail(&counted->ended, request);
	return request;
}

static void counted_cancel(struct source *source, struct source_request *request)
{
	g_queue_remove(&((struct counted *)source)->ended, request);
	g_free(request);
}

static void counted_close(struct source *source)
{
	g_assert_cmpuint(((struct counted *)source)->ended.length, ==, 0);
}

static const struct source_ops counted_ops = {
		.read = counted_read, .cancel = counted_cancel, .close = counted_close};

struct fixture {
	char *folder;
	struct counted counted;
	struct source *store;
	guint turn;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("store-XXXXXX", NULL);
	f->counted.image = g_malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		f->counted.image[i] = (uint8_t)((i * 2654435761U) >> 13);
	f->counted.source = (struct source){.ops = &counted_ops,
			.state = SOURCE_READY,
			.size = SIZE,
			.name = "counted",
			.depth = 4,
			.identity = "one"};
	f->turn = g_idle_add(counted_turn, &f->counted);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	const char *argv[] = {"rm", "-rf", f->folder, NULL};

	source_close(f->store);
	g_source_remove(f->turn);
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
			NULL);
	g_free(f->counted.image);
	g_free(f->folder);
}

static void begin(struct fixture *f, const char *identity, uint64_t most)
{
	g_autoptr(GError) error = NULL;

	f->counted.source.identity = identity;
	f->counted.read = 0;
	f->store = store_open(&f->counted.source, f->folder, most, &error);
	g_assert_no_error(error);
	while (f->store->state != SOURCE_READY)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->store->size, ==, SIZE);
	g_assert_cmpstr(f->store->identity, ==, identity);
}

static void end(struct fixture *f)
{
	source_close(g_steal_pointer(&f->store));
}

/* All of it, as the cache reads: whole blocks, some of them together. */
static void assert_whole(struct fixture *f)
{
	g_autofree uint8_t *bytes = g_malloc(SIZE);
	struct move move;

	for (uint64_t offset = 0; offset < SIZE; offset += 3 * BLOCK) {
		move_read(&move, f->store, offset, MIN(3 * BLOCK, SIZE - offset), bytes + offset);
		move_wait(&move);
		g_assert_cmpint(move.code, ==, -1);
		/* What is kept is written meanwhile. */
		for (int i = 0; i < 50; i++) {
			g_main_context_iteration(NULL, FALSE);
			g_usleep(20);
		}
	}
	g_assert_true(memcmp(bytes, f->counted.image, SIZE) == 0);
}

/* One that was kept as a whole. */
static void keep(struct fixture *f, const char *identity, uint64_t most)
{
	begin(f, identity, most);
	do {
		f->counted.read = 0;
		assert_whole(f);
	} while (f->counted.read > 0);
	end(f);
}

static char *only_file(const struct fixture *f)
{
	g_autoptr(GDir) folder = g_dir_open(f->folder, 0, NULL);
	const char *name = g_dir_read_name(folder);

	g_assert_nonnull(name);
	g_assert_null(g_dir_read_name(folder));
	return g_build_filename(f->folder, name, NULL);
}

static unsigned int files(const struct fixture *f, uint64_t *bytes)
{
	g_autoptr(GDir) folder = g_dir_open(f->folder, 0, NULL);
	unsigned int count = 0;
	const char *name;

	*bytes = 0;
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *path = g_build_filename(f->folder, name, NULL);
		struct stat status;

		g_assert_cmpint(stat(path, &status), ==, 0);
		*bytes += (uint64_t)status.st_blocks * 512;
		count++;
	}
	return count;
}

static void test_second_time_comes_from_the_disk(struct fixture *f, gconstpointer unused)
{
	keep(f, "one", 1 << 30);
	begin(f, "one", 1 << 30);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, ==, 0);
}

static void test_other_image_gets_none_of_its_blocks(struct fixture *f, gconstpointer unused)
{
	keep(f, "one", 1 << 30);
	for (size_t i = 0; i < SIZE; i++)
		f->counted.image[i] ^= 0xff;
	begin(f, "two", 1 << 30);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, >=, SIZE);
}

static void test_image_without_identity_is_not_kept(struct fixture *f, gconstpointer unused)
{
	uint64_t bytes;

	begin(f, NULL, 1 << 30);
	assert_whole(f);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, ==, 2 * SIZE);
	g_assert_cmpuint(files(f, &bytes), ==, 0);
}

static void test_spoilt_block_is_noticed_and_the_file_dropped(
		struct fixture *f, gconstpointer unused)
{
	g_autofree char *path = NULL;
	int fd;

	keep(f, "one", 1 << 30);
	path = only_file(f);
	fd = open(path, O_RDWR);
	g_assert_cmpint(pwrite(fd, "!", 1, lseek(fd, 0, SEEK_END) - 5 * (off_t)BLOCK), ==, 1);
	close(fd);
	begin(f, "one", 1 << 30);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, >, 0);
	end(f);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_spoilt_head_or_length_begins_anew(struct fixture *f, gconstpointer unused)
{
	for (int i = 0; i < 3; i++) {
		g_autofree char *path = NULL;

		keep(f, "one", 1 << 30);
		path = only_file(f);
		if (i == 0)
			g_assert_cmpint(truncate(path, 5000), ==, 0);
		else if (i == 1)
			g_assert_true(g_file_set_contents(path, "what is this?", -1, NULL));
		else
			g_assert_cmpint(truncate(path, 100 * BLOCK), ==, 0);
		begin(f, "one", 1 << 30);
		assert_whole(f);
		g_assert_cmpuint(f->counted.read, >=, SIZE);
		end(f);
	}
}

static void test_oldest_image_makes_room(struct fixture *f, gconstpointer unused)
{
	const uint64_t most = 100 * BLOCK;
	uint64_t bytes;

	keep(f, "one", most);
	keep(f, "two", most);
	keep(f, "one", most); /* used again */
	keep(f, "three", most);
	g_assert_cmpuint(files(f, &bytes), ==, 2);
	g_assert_cmpuint(bytes, <=, most);
	begin(f, "one", most);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, ==, 0);
	end(f);
	begin(f, "two", most);
	assert_whole(f);
	g_assert_cmpuint(f->counted.read, >, 0);
}

static void test_image_larger_than_the_limit_is_kept_in_part(
		struct fixture *f, gconstpointer unused)
{
	uint64_t bytes;

	begin(f, "one", 10 * BLOCK);
	assert_whole(f);
	assert_whole(f);
	g_assert_cmpuint(files(f, &bytes), ==, 1);
	g_assert_cmpuint(bytes, <=, 10 * BLOCK);
}

static void test_two_drives_with_one_image_go_on(struct fixture *f, gconstpointer unused)
{
	struct source *first;

	begin(f, "one", 1 << 30);
	first = g_steal_pointer(&f->store);
	begin(f, "one", 1 << 30); /* passes through */
	assert_whole(f);
	end(f);
	f->store = first;
	assert_whole(f);
}

static void test_lies_below_a_cache(struct fixture *f, gconstpointer unused)
{
	g_autofree uint8_t *bytes = g_malloc(SIZE);

	for (int i = 0; i < 2; i++) {
		struct cache *cache;
		struct move move;

		f->counted.read = 0;
		cache = cache_new(store_open(&f->counted.source, f->folder, 1 << 30, NULL), NULL,
				NULL);
		move_read(&move, cache_source(cache), 1000, SIZE - 1000, bytes);
		move_wait(&move);
		g_assert_cmpint(move.code, ==, -1);
		g_assert_true(memcmp(bytes, f->counted.image + 1000, SIZE - 1000) == 0);
		for (int k = 0; k < 500; k++) {
			g_main_context_iteration(NULL, FALSE);
			g_usleep(20);
		}
		cache_close(cache);
	}
	g_assert_cmpuint(f->counted.read, <, SIZE);
}

static void test_writable_source_is_refused(struct fixture *f, gconstpointer unused)
{
	g_autofree char *path = g_build_filename(f->folder, "disk", NULL);
	g_autoptr(GError) error = NULL;
	struct source *file;

	g_assert_true(g_file_set_contents(path, "disk", -1, NULL));
	file = file_open(path, true, NULL);
	g_assert_null(store_open(file, f->folder, 1 << 30, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
	source_close(file);
}

static void test_folder_that_cannot_be_made_is_said(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(store_open(&f->counted.source, "/proc/nonexistent", 1 << 30, &error));
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
	g_assert_nonnull(strstr(error->message, "/proc/nonexistent"));
}

#define add(name) \
	g_test_add("/store/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(second_time_comes_from_the_disk);
	add(other_image_gets_none_of_its_blocks);
	add(image_without_identity_is_not_kept);
	add(spoilt_block_is_noticed_and_the_file_dropped);
	add(spoilt_head_or_length_begins_anew);
	add(oldest_image_makes_room);
	add(image_larger_than_the_limit_is_kept_in_part);
	add(two_drives_with_one_image_go_on);
	add(lies_below_a_cache);
	add(writable_source_is_refused);
	add(folder_that_cannot_be_made_is_said);
	return g_test_run();
}
