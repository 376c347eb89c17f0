/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/memory.h"

static struct memory *next(int fd, struct memory *memory)
{
	memory_close(memory);
	memory = memory_open(fd);
	g_assert_nonnull(memory);
	return memory;
}

static void assert_is(const struct memory *memory, const char *name, const char *text)
{
	size_t size = 0;
	g_autofree char *read = memory_read(memory, name, &size);

	g_assert_cmpstr(read, ==, text);
	g_assert_cmpuint(size, ==, text ? strlen(text) : 0);
}

static bool put(struct memory *memory, const char *name, const char *text)
{
	return memory_write(memory, name, text, strlen(text));
}

static void records_are_there_for_the_next(void)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);
	struct memory *memory = next(fd, NULL);

	assert_is(memory, "cd", NULL);
	for (int i = 0; i < 100; i++) {
		g_autofree char *text = g_strdup_printf("%*d", i, i);

		g_assert_true(put(memory, "cd", text));
		g_assert_true(put(memory, "disk", "{}"));
		memory = next(fd, memory);
		assert_is(memory, "cd", text);
		assert_is(memory, "disk", "{}");
	}
	memory_remove(memory, "cd");
	memory_remove(memory, "cd");
	memory = next(fd, memory);
	assert_is(memory, "cd", NULL);
	assert_is(memory, "disk", "{}");
	memory_close(memory);
	close(fd);
}

static void what_has_no_room_is_refused(void)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);
	struct memory *memory = next(fd, NULL);
	char large[MEMORY_MOST + 1];

	memset(large, 'x', sizeof(large));
	g_assert_false(memory_write(memory, "cd", large, sizeof(large)));
	g_assert_true(memory_write(memory, "cd", large, MEMORY_MOST));
	g_assert_false(put(memory, "a-name-of-more-than-31-characters", ""));
	for (int i = 1; i < MEMORY_RECORDS; i++) {
		g_autofree char *name = g_strdup_printf("%d", i);

		g_assert_true(put(memory, name, ""));
	}
	g_assert_false(put(memory, "one more", ""));
	memory_remove(memory, "1");
	g_assert_true(put(memory, "one more", ""));
	memory_close(memory);
	close(fd);
}

static void secrets_are_gone_when_removed(void)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);
	struct memory *memory = next(fd, NULL);
	g_autofree char *bytes = g_malloc(100000);
	ssize_t size;

	put(memory, "cd", "the first secret");
	put(memory, "cd", "a second secret");
	memory_remove(memory, "cd");
	size = pread(fd, bytes, 100000, 0);
	g_assert_cmpint(size, >, MEMORY_RECORDS * MEMORY_MOST);
	g_assert_null(memmem(bytes, size, "secret", 6));
	memory_close(memory);
	close(fd);
}

/* The process may die after any byte that it wrote. */
static void half_a_write_leaves_the_former(void)
{
	int fd = memfd_create("memory", MFD_CLOEXEC), half = memfd_create("half", MFD_CLOEXEC);
	struct memory *memory = next(fd, NULL), *torn;
	g_autofree char *before = g_malloc(100000), *after = g_malloc(100000);
	ssize_t size;

	put(memory, "cd", "what was");
	size = pread(fd, before, 100000, 0);
	put(memory, "cd", "and what is now");
	g_assert_cmpint(pread(fd, after, 100000, 0), ==, size);
	/* The number that makes the new one count is the only change below the copies. */
	memcpy(after, before, 32 + MEMORY_NAME + 1 + 4);
	g_assert_cmpint(pwrite(half, after, size, 0), ==, size);
	torn = next(half, NULL);
	assert_is(torn, "cd", "what was");
	memory_close(torn);
	memory_close(memory);
	close(half);
	close(fd);
}

static void damaged_memory_is_survived(void)
{
	for (unsigned int seed = 0; seed < 500; seed++) {
		int fd = memfd_create("memory", MFD_CLOEXEC);
		struct memory *memory = next(fd, NULL);
		g_autoptr(GRand) rand = g_rand_new_with_seed(seed);

		put(memory, "cd", "something");
		for (int i = 0; i < 40; i++) {
			uint8_t byte = g_rand_int(rand);

			g_assert_cmpint(pwrite(fd, &byte, 1, g_rand_int_range(rand, 0, 4200)), ==,
					1);
		}
		memory = next(fd, memory);
		g_free(memory_read(memory, "cd", NULL));
		g_assert_true(put(memory, "cd", "else"));
		assert_is(memory, "cd", "else");
		memory_close(memory);
		close(fd);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/memory/records_are_there_for_the_next", records_are_there_for_the_next);
	g_test_add_func("/memory/what_has_no_room_is_refused", what_has_no_room_is_refused);
	g_test_add_func("/memory/secrets_are_gone_when_removed", secrets_are_gone_when_removed);
	g_test_add_func("/memory/half_a_write_leaves_the_former", half_a_write_leaves_the_former);
	g_test_add_func("/memory/damaged_memory_is_survived", damaged_memory_is_survived);
	return g_test_run();
}
