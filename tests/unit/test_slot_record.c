/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "src/memory.h"
#include "src/slot_record.h"

struct fixture {
	struct memory *memory;
	int fd;
};

static void fixture_open(struct fixture *f, gconstpointer data)
{
	f->fd = memfd_create("records", MFD_CLOEXEC);
	f->memory = memory_open(f->fd);
	g_assert_nonnull(f->memory);
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
	memory_close(f->memory);
	close(f->fd);
}

static void what_was_asked_for_is_read_back(struct fixture *f, gconstpointer data)
{
	const struct drives_request request = {
			.source = "/images/\xff\"a %41\n.iso", /* a path may hold anything */
			.as = DRIVES_AS_DISK,
			.write = DRIVES_OVERLAY,
			.user = "operator",
			.password = "p\xc3\xa4ss:\\",
			.insecure = true,
	};
	struct drives_request read;
	struct slot_record *record;

	g_assert_true(slot_record_write(f->memory, "disk", &request));
	g_assert_null(slot_record_read(f->memory, "cd"));
	record = slot_record_read(f->memory, "disk");
	g_assert_nonnull(record);
	slot_record_request(record, &read);
	g_assert_cmpstr(read.source, ==, request.source);
	g_assert_cmpint(read.as, ==, request.as);
	g_assert_cmpint(read.write, ==, request.write);
	g_assert_cmpstr(read.user, ==, request.user);
	g_assert_cmpstr(read.password, ==, request.password);
	g_assert_null(read.token);
	g_assert_null(read.ca_file);
	g_assert_true(read.insecure);
	g_assert_false(read.persistent);
	slot_record_free(record);
}

static void other_bytes_are_told_from_the_same(struct fixture *f, gconstpointer data)
{
	const struct drives_request request = {.source = "http://server/image.iso"};
	struct slot_record *record;

	g_assert_true(slot_record_write(f->memory, "cd", &request));
	record = slot_record_read(f->memory, "cd");
	g_assert_true(slot_record_is(record, "anything"));
	slot_record_free(record);
	slot_record_identify(f->memory, "cd", "these bytes");
	record = slot_record_read(f->memory, "cd");
	g_assert_true(slot_record_is(record, "these bytes"));
	g_assert_true(slot_record_is(record, NULL));
	g_assert_false(slot_record_is(record, "those bytes"));
	slot_record_free(record);
}

static void nonsense_is_no_record(struct fixture *f, gconstpointer data)
{
	static const char *const texts[] = {"", "{", "[]", "{}", "{\"source\":7}", "null"};

	for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_assert_true(memory_write(f->memory, "cd", texts[i], strlen(texts[i])));
		g_assert_null(slot_record_read(f->memory, "cd"));
	}
}

#define ADD(name) \
	g_test_add("/slot_record/" #name, struct fixture, NULL, fixture_open, name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(what_was_asked_for_is_read_back);
	ADD(other_bytes_are_told_from_the_same);
	ADD(nonsense_is_no_record);
	return g_test_run();
}
