/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a medium has besides its file system: lists of checksums, partitions; and large files. */
#include <string.h>
#include "sim/checksums.h"
#include "sim/disc.h"
#include "sim/partitions.h"

#define MD5    "d41d8cd98f00b204e9800998ecf8427e"
#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static const struct checksums_line *line(const struct checksums *sums, guint index)
{
	return &g_array_index(sums->lines, struct checksums_line, index);
}

static void lists_of_checksums_are_read(void)
{
	struct checksums *sums = checksums_new(
			g_strdup(MD5 "  ./a b\n" SHA256 " *c/d\r\n\n"
				     "# a comment\n" MD5 "\n" MD5 " x\n"
				     "D41D8CD98F00B204E9800998ECF8427E  last"));

	g_assert_cmpuint(sums->lines->len, ==, 3);
	g_assert_cmpuint(sums->bad, ==, 3);
	g_assert_cmpstr(line(sums, 0)->name, ==, "a b");
	g_assert_cmpint(line(sums, 0)->type, ==, G_CHECKSUM_MD5);
	g_assert_cmpstr(line(sums, 1)->name, ==, "c/d");
	g_assert_cmpint(line(sums, 1)->type, ==, G_CHECKSUM_SHA256);
	g_assert_cmpstr(line(sums, 1)->sum, ==, SHA256);
	g_assert_cmpstr(line(sums, 2)->name, ==, "last");
	g_assert_cmpstr(line(sums, 2)->sum, ==, MD5);
	checksums_free(sums);
}

static void an_empty_list_has_no_lines(void)
{
	struct checksums *sums = checksums_new(g_strdup(""));

	g_assert_cmpuint(sums->lines->len, ==, 0);
	g_assert_cmpuint(sums->bad, ==, 0);
	checksums_free(sums);
}

static void put64(uint8_t *bytes, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		bytes[i] = value >> (8 * i);
}

static void a_guid_table_is_read_and_bounded(void)
{
	uint8_t head[512] = {0}, entries[512] = {0}, sector[512] = {0};
	struct partitions partitions;
	uint64_t first;
	uint32_t size, entry;

	sector[450] = 0xee;
	sector[454] = 1;
	sector[458] = 0xff;
	sector[510] = 0x55;
	sector[511] = 0xaa;
	partitions_read_pc(&partitions, sector, 1000);
	g_assert_true(partitions.sound);
	g_assert_true(partitions.guid);
	g_assert_cmpuint(partitions.count, ==, 0);
	memcpy(head, "EFI PART", 8);
	put64(head + 72, 2);
	head[80] = 4;
	head[84] = 128;
	g_assert_true(partitions_guid_head(head, sizeof(head), 1000, &first, &size, &entry));
	g_assert_cmpuint(first, ==, 2);
	g_assert_cmpuint(size, ==, sizeof(entries));
	for (int i = 0; i < 3; i++) {
		entries[128 * i] = 1;
		put64(entries + 128 * i + 32, 100);
		put64(entries + 128 * i + 40, i == 1 ? 1000 : 199); /* the second: too far */
		entries[128 * i + 56] = 'a' + i;
	}
	partitions_read_guid(&partitions, entries, size, entry, 1000);
	g_assert_cmpuint(partitions.count, ==, 2);
	g_assert_cmpstr(partitions.partition[1].name, ==, "c");
	g_assert_cmpuint(partitions.partition[1].blocks, ==, 100);
	/* Entries beyond the disk, of no size, and another table. */
	put64(head + 72, 1000);
	g_assert_false(partitions_guid_head(head, sizeof(head), 1000, &first, &size, &entry));
	put64(head + 72, 2);
	head[84] = 0;
	g_assert_false(partitions_guid_head(head, sizeof(head), 1000, &first, &size, &entry));
	head[84] = 128;
	head[0] = 'e';
	g_assert_false(partitions_guid_head(head, sizeof(head), 1000, &first, &size, &entry));
}

static size_t put_record(uint8_t *record, const char *name, uint8_t block, uint8_t flags)
{
	size_t length = strlen(name), total = 33 + length + !(length & 1);

	record[0] = total;
	record[2] = block;
	memset(record + 10, 0xff, 4); /* 4 GiB less one */
	record[25] = flags;
	record[32] = length;
	memcpy(record + 33, name, length);
	return total;
}

static void a_file_of_several_extents_is_one(void)
{
	uint8_t bytes[2048] = {0};
	g_autoptr(GPtrArray) entries = NULL;
	const struct iso_entry *entry;
	size_t at = put_record(bytes, "LARGE.IMG;1", 10, 0x80);

	at += put_record(bytes + at, "LARGE.IMG;1", 20, 0x80);
	at += put_record(bytes + at, "LARGE.IMG;1", 30, 0);
	put_record(bytes + at, "OTHER;1", 40, 0);
	entries = iso_directory(bytes, sizeof(bytes), ISO_PLAIN, 0);
	iso_finish(entries);
	g_assert_cmpuint(entries->len, ==, 2);
	entry = g_ptr_array_index(entries, 0);
	g_assert_cmpuint(entry->extents, ==, 3);
	g_assert_cmpuint(entry->extent[2].block, ==, 30);
	g_assert_cmpuint(iso_entry_size(entry), ==, 3 * (uint64_t)UINT32_MAX);
	entry = g_ptr_array_index(entries, 1);
	g_assert_cmpuint(entry->extents, ==, 1);
}

static void sizes_are_said_in_words(void)
{
	char words[DISC_SIZE_WORDS];

	disc_size(512, words);
	g_assert_cmpstr(words, ==, "0.5 KiB");
	disc_size((uint64_t)4700 << 20, words);
	g_assert_cmpstr(words, ==, "4.6 GiB");
	disc_size(UINT64_MAX, words);
	g_assert_cmpstr(words, ==, "16384.0 PiB");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/disc/lists-of-checksums-are-read", lists_of_checksums_are_read);
	g_test_add_func("/disc/an-empty-list-has-no-lines", an_empty_list_has_no_lines);
	g_test_add_func("/disc/a-guid-table-is-read-and-bounded", a_guid_table_is_read_and_bounded);
	g_test_add_func("/disc/a-file-of-several-extents-is-one", a_file_of_several_extents_is_one);
	g_test_add_func("/disc/sizes-are-said-in-words", sizes_are_said_in_words);
	return g_test_run();
}
