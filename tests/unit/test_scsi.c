/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "gadget/scsi.h"

#define CD_SIZE  (700ull << 20)
#define DVD_SIZE 2359293952ull /* more than the kernel's drive can show */

static const struct scsi_identity identity = {"Maker", "Virtual drive", "1.0", "0123456789AB"};

struct fixture {
	struct scsi_drive drive;
	struct scsi_plan plan;
};

/* Bytes written as "12 00 .. 24". */
static size_t parse(const char *text, uint8_t *bytes, size_t room)
{
	size_t size = 0;

	for (char *end; size < room; text = end) {
		unsigned long value = strtoul(text, &end, 16);

		if (end == text)
			break;
		bytes[size++] = value;
	}
	return size;
}

static void command(struct fixture *f, const char *text)
{
	uint8_t cdb[SCSI_CDB_MAX] = {0};

	parse(text, cdb, sizeof(cdb));
	scsi_command(&f->drive, cdb, sizeof(cdb), &f->plan);
}

static void assert_good(struct fixture *f, const char *text)
{
	command(f, text);
	g_assert_cmpuint(f->plan.status, ==, SCSI_GOOD);
	g_assert_cmpint(f->plan.kind, ==, SCSI_NONE);
}

/* The answer begins with these bytes; all of it is size bytes. */
static void assert_answer(struct fixture *f, const char *text, size_t size, const char *expected)
{
	uint8_t bytes[256];
	size_t count = parse(expected, bytes, sizeof(bytes));

	command(f, text);
	g_assert_cmpuint(f->plan.status, ==, SCSI_GOOD);
	g_assert_cmpint(f->plan.kind, ==, SCSI_SEND);
	g_assert_cmpuint(f->plan.size, ==, size);
	g_assert_cmpmem(f->plan.bytes, MIN(count, size), bytes, MIN(count, size));
}

/* The command fails, with this key << 16 | code in the sense data. */
static void assert_fails(struct fixture *f, const char *text, unsigned int sense)
{
	command(f, text);
	g_assert_cmpuint(f->plan.status, ==, SCSI_CHECK_CONDITION);
	g_assert_cmpint(f->plan.kind, ==, SCSI_NONE);
	g_assert_cmpuint(f->plan.size, ==, 0);
	command(f, "03 00 00 00 12");
	g_assert_cmpuint(f->plan.size, ==, 18);
	g_assert_cmphex(f->plan.bytes[0], ==, 0x70);
	g_assert_cmphex(f->plan.bytes[7], ==, 10);
	g_assert_cmphex(f->plan.bytes[2] << 16 | f->plan.bytes[12] << 8 | f->plan.bytes[13], ==,
			sense);
}

static void assert_moves(struct fixture *f, const char *text, enum scsi_plan_kind kind,
		uint64_t offset, uint64_t size)
{
	command(f, text);
	g_assert_cmpuint(f->plan.status, ==, SCSI_GOOD);
	g_assert_cmpint(f->plan.kind, ==, kind);
	g_assert_cmpuint(f->plan.offset, ==, offset);
	g_assert_cmpuint(f->plan.size, ==, size);
}

static void open_cd(struct fixture *f, gconstpointer size)
{
	scsi_init(&f->drive, SCSI_CD, &identity);
	if (size)
		g_assert_true(scsi_insert(&f->drive, *(const uint64_t *)size, false));
	f->drive.attention_count = f->drive.event_count = 0;
}

static void open_disk(struct fixture *f, gconstpointer size)
{
	scsi_init(&f->drive, SCSI_DISK, &identity);
	if (size)
		g_assert_true(scsi_insert(&f->drive, *(const uint64_t *)size, true));
	f->drive.attention_count = 0;
}

static void close_drive(struct fixture *f, gconstpointer unused)
{
	(void)f;
	(void)unused;
}

static void test_inquiry_names_the_drive(struct fixture *f, gconstpointer unused)
{
	assert_answer(f, "12 00 00 00 ff", 36,
			"05 80 00 02 1f 00 00 00 4d 61 6b 65 72 20 20 20 56 69 72 74 75 61 6c");
	assert_answer(f, "12 00 00 00 05", 5, "05 80 00 02 1f");
	assert_answer(f, "12 01 00 00 ff", 7, "05 00 00 03 00 80 83");
	assert_answer(f, "12 01 80 00 ff", 16, "05 80 00 0c 30 31 32");
	assert_answer(f, "12 01 83 00 ff", 44, "05 83 00 28 02 01 00 24 4d");
	assert_fails(f, "12 01 b0 00 ff", 0x052400);
	assert_fails(f, "12 00 80 00 ff", 0x052400);
	assert_answer(f, "a0 00 00 00 00 00 00 00 00 ff", 16, "00 00 00 08 00");
	g_assert_cmpuint(f->drive.sense.key, ==, 0);
}

static void test_disk_has_pages_of_disks(struct fixture *f, gconstpointer unused)
{
	assert_answer(f, "12 00 00 00 ff", 36, "00 80 06 02 1f");
	assert_answer(f, "12 01 00 00 ff", 9, "00 00 00 05 00 80 83 b0 b1");
	assert_answer(f, "12 01 b0 00 ff", 64, "00 b0 00 3c");
	assert_answer(f, "12 01 b1 00 ff", 64, "00 b1 00 3c 00 01");
	assert_answer(f, "1a 00 3f 00 ff", 36, "23 00 00 00 01 0a 00 03");
	assert_answer(f, "1a 00 08 00 ff", 24, "17 00 00 00 08 12 04");
	assert_answer(f, "1a 00 48 00 ff", 24, "17 00 00 00 08 12 00");
	assert_fails(f, "46 00 00 00 00 00 00 00 ff", 0x052000);
	assert_fails(f, "43 00 00 00 00 00 00 00 ff", 0x052000);
	assert_fails(f, "1a 00 2a 00 ff", 0x052400);
}

static void test_other_units_are_not_there(struct fixture *f, gconstpointer unused)
{
	static const uint8_t inquiry[6] = {0x12, 0, 0, 0, 36}, ready[6] = {0};

	scsi_command_elsewhere(inquiry, 6, &f->plan);
	g_assert_cmphex(f->plan.bytes[0], ==, 0x7f);
	g_assert_cmpuint(f->plan.size, ==, 36);
	scsi_command_elsewhere(ready, 6, &f->plan);
	g_assert_cmpuint(f->plan.status, ==, SCSI_CHECK_CONDITION);
}

static void test_empty_drive_says_where_its_tray_is(struct fixture *f, gconstpointer unused)
{
	static const char *const medium[] = {"00", "25", "28", "a8", "43", "51", "52", "ad", "42",
			"44", "23", "be", "2f", "35"};

	for (size_t i = 0; i < G_N_ELEMENTS(medium); i++)
		assert_fails(f, medium[i], 0x023a01);
	assert_good(f, "1b 00 00 00 02");
	assert_fails(f, "00", 0x023a02);
	assert_good(f, "1b 00 00 00 03");
	g_assert_cmpuint(scsi_take_news(&f->drive), ==, SCSI_HOST_LOADED);
	assert_fails(f, "00", 0x023a01);
	assert_answer(f, "46 00 00 00 00 00 00 00 08", 8, "00 00 00 60 00 00 00 00");
}

static void test_unit_attentions_come_once_and_first(struct fixture *f, gconstpointer unused)
{
	scsi_reset(&f->drive);
	g_assert_true(scsi_insert(&f->drive, CD_SIZE, false));
	assert_answer(f, "12 00 00 00 ff", 36, "05");
	assert_answer(f, "46 00 00 00 00 00 00 00 08", 8, "00");
	assert_answer(f, "4a 01 00 00 10 00 00 00 08", 8, "00");
	assert_answer(f, "a0 00 00 00 00 00 00 00 00 ff", 16, "00");
	assert_fails(f, "28 00 00 00 00 00 00 00 01", 0x062900);
	assert_answer(f, "03 00 00 00 12", 18, "70 00 06 00 00 00 00 0a 00 00 00 00 28 00");
	assert_good(f, "00");
	scsi_reset(&f->drive);
	scsi_reset(&f->drive);
	assert_fails(f, "00", 0x062900);
	assert_good(f, "00");
}

static void test_medium_events_come_in_order(struct fixture *f, gconstpointer unused)
{
	const char *poll = "4a 01 00 00 10 00 00 00 08";

	assert_answer(f, poll, 8, "00 06 04 10 00 02");
	g_assert_true(scsi_insert(&f->drive, DVD_SIZE, false));
	assert_answer(f, "4a 01 00 00 10 00 00 00 04", 4, "00 06 04 10");
	assert_answer(f, poll, 8, "00 06 04 10 03 02");
	assert_answer(f, poll, 8, "00 06 04 10 02 02");
	assert_answer(f, poll, 8, "00 06 04 10 00 02");
	assert_answer(f, "4a 01 00 00 40 00 00 00 08", 4, "00 02 80 10");
	assert_fails(f, "4a 00 00 00 10 00 00 00 08", 0x052400);
	for (int i = 0; i < 100; i++) {
		scsi_eject_forced(&f->drive);
		scsi_insert(&f->drive, CD_SIZE, false);
	}
	for (int i = 0; i < 4; i++) {
		assert_answer(f, poll, 8, "00 06 04 10 03 02");
		assert_answer(f, poll, 8, "00 06 04 10 02 02");
	}
	assert_answer(f, poll, 8, "00 06 04 10 00 02");
}

static void test_locked_medium_stays_until_forced(struct fixture *f, gconstpointer unused)
{
	assert_good(f, "1e 00 00 00 01");
	g_assert_cmpuint(scsi_take_news(&f->drive), ==, SCSI_LOCK_CHANGED);
	assert_fails(f, "1b 00 00 00 02", 0x055302);
	g_assert_cmpuint(scsi_take_news(&f->drive), ==, SCSI_EJECT_REFUSED);
	g_assert_false(scsi_eject(&f->drive));
	assert_answer(f, "4a 01 00 00 10 00 00 00 08", 8, "00 06 04 10 01 02");
	assert_good(f, "1e 00 00 00 00");
	assert_good(f, "1b 00 00 00 02");
	g_assert_cmpuint(scsi_take_news(&f->drive), ==, SCSI_LOCK_CHANGED | SCSI_HOST_EJECTED);
	assert_answer(f, "4a 01 00 00 10 00 00 00 08", 8, "00 06 04 10 03 01");
	assert_answer(f, "bd 00 00 00 00 00 00 00 00 08", 8, "00 10");
	g_assert_true(scsi_insert(&f->drive, CD_SIZE, false));
	assert_fails(f, "00", 0x062800);
	assert_good(f, "1e 00 00 00 01");
	scsi_eject_forced(&f->drive);
	g_assert_false(f->drive.prevented);
	assert_fails(f, "28 00 00 00 00 00 00 00 01", 0x023a02);
	g_assert_true(scsi_eject(&f->drive));
}

static void test_disc_is_one_data_track(struct fixture *f, gconstpointer unused)
{
	/* 358400 blocks: 0x57800; 79:40:50 with the pregap */
	assert_answer(f, "25", 8, "00 05 77 ff 00 00 08 00");
	assert_answer(f, "43 00 00 00 00 00 00 00 ff", 20,
			"00 12 01 01 00 14 01 00 00 00 00 00 00 14 aa 00 00 05 78 00");
	assert_answer(f, "43 02 00 00 00 00 aa 00 ff", 12, "00 0a 01 01 00 14 aa 00 00 4f 28 32");
	assert_answer(f, "43 00 00 00 00 00 00 00 0c 40", 12,
			"00 0a 01 01 00 14 01 00 00 00 00 00");
	assert_answer(f, "43 02 02 00 00 00 01 00 ff", 48, "00 2e 01 01 01 14 00 a0");
	assert_fails(f, "43 00 00 00 00 00 02 00 ff", 0x052400);
	assert_answer(f, "51 00 00 00 00 00 00 00 22", 34, "00 20 0e 01 01 01 01 20");
	assert_answer(f, "51 00 00 00 00 00 00 00 02", 2, "00 20");
	assert_answer(f, "52 01 00 00 00 01 00 00 ff", 36,
			"00 22 01 01 00 04 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
			"00 05 78 00 00 05 77 ff");
	assert_fails(f, "52 01 00 00 00 02 00 00 ff", 0x052400);
	assert_fails(f, "52 00 00 05 78 00 00 00 ff", 0x052400);
	assert_answer(f, "44 02 00 00 00 00 00 00 08", 8, "01 00 00 00 00 00 02 00");
	assert_answer(f, "42 00 40 01 00 00 00 00 10", 4, "00 15 00 00");
	assert_answer(f, "23 00 00 00 00 00 00 00 fc", 12, "00 00 00 08 00 05 78 00 02 00 08 00");
	assert_answer(f, "ac 00 00 00 00 00 00 00 00 01 00", 24, "00 00 00 14");
	assert_good(f, "bb 00 ff ff");
	assert_fails(f, "ad 00 00 00 00 00 00 00 08 04", 0x053002);
	assert_answer(f, "5a 00 2a 00 00 00 00 00 80", 30, "00 1c 00 00 00 00 00 00 2a 14 0f");
	assert_fails(f, "1a 00 08 00 ff", 0x052400);
	assert_fails(f, "1a 00 ea 00 ff", 0x053900);
	assert_fails(f, "a3", 0x052000);
}

static void test_profile_goes_by_size(struct fixture *f, gconstpointer unused)
{
	assert_answer(f, "46 00 00 00 00 00 00 00 ff", 100, "00 00 00 60 00 00 00 08");
	assert_answer(f, "46 02 00 1e 00 00 00 00 ff", 16, "00 00 00 0c 00 00 00 08 00 1e 09 04");
	assert_answer(f, "46 01 00 1d 00 00 00 00 ff", 40, "00 00 00 24 00 00 00 08 00 1d");
	assert_fails(f, "46 03 00 00 00 00 00 00 ff", 0x052400);
	g_assert_true(scsi_insert(&f->drive, 449851 * 2048ull, false));
	assert_answer(f, "46 02 00 1f 00 00 00 00 ff", 16, "00 00 00 0c 00 00 00 10 00 1f 05 04");
	g_assert_true(scsi_insert(&f->drive, 449850 * 2048ull, false));
	assert_answer(f, "46 00 00 00 00 00 00 00 08", 8, "00 00 00 60 00 00 00 08");
}

static void test_dvd_tells_its_layers(struct fixture *f, gconstpointer unused)
{
	g_assert_true(scsi_insert(&f->drive, 2298496 * 2048ull, false));
	f->drive.attention_count = 0;
	assert_answer(f, "ad 00 00 00 00 00 00 00 08 04", 2052,
			"08 02 00 00 01 02 01 10 00 03 00 00 00 26 12 7f 00 00 00 00");
	g_assert_true(scsi_insert(&f->drive, 2298497 * 2048ull, false));
	f->drive.attention_count = 0;
	assert_answer(f, "ad 00 00 00 00 00 00 00 08 04", 2052,
			"08 02 00 00 01 02 21 10 00 03 00 00 00 26 12 80 00 14 89 4f");
	assert_answer(f, "ad 00 00 00 00 00 00 01 08 04", 8, "00 06 00 00 00 00 00 00");
	assert_answer(f, "ad 00 00 00 00 00 00 04 00 10", 16, "08 02 00 00");
	assert_answer(f, "ad 00 00 00 00 00 00 ff 08 04", 16,
			"00 0e 00 00 00 40 08 04 01 40 00 08 04 40 08 04");
	assert_fails(f, "ad 00 00 00 00 00 00 02 08 04", 0x052400);
	assert_fails(f, "43 02 02 00 00 00 01 00 ff", 0x052400);
	assert_answer(f, "43 02 00 00 00 00 aa 00 0c", 12, "00 0a 01 01 00 14 aa 00 00 ff 30 2f");
}

static void test_reads_end_where_the_medium_ends(struct fixture *f, gconstpointer unused)
{
	g_assert_true(scsi_insert(
			&f->drive, DVD_SIZE + 2047, false)); /* 1151999 blocks and a bit */
	f->drive.attention_count = 0;
	g_assert_cmpuint(scsi_size(&f->drive), ==, DVD_SIZE / 2048 * 2048);
	assert_moves(f, "28 00 00 00 00 10 00 00 02", SCSI_READ, 32768, 4096);
	assert_moves(f, "28 00 00 11 93 fe 00 00 01", SCSI_READ, 1151998 * 2048ull, 2048);
	assert_fails(f, "28 00 00 11 93 fe 00 00 02", 0x052100);
	assert_fails(f, "28 00 ff ff ff ff 00 ff ff", 0x052100);
	assert_good(f, "28 00 00 00 00 00 00 00 00");
	assert_good(f, "28 00 00 11 93 ff 00 00 00");
	assert_moves(f, "a8 00 00 00 00 00 00 11 93 ff", SCSI_READ, 0, 1151999 * 2048ull);
	assert_fails(f, "a8 00 00 00 00 01 ff ff ff ff", 0x052100);
	assert_moves(f, "be 00 00 00 00 07 00 00 03 10", SCSI_READ, 7 * 2048, 3 * 2048);
	assert_good(f, "be 00 00 00 00 07 00 00 03 00");
	assert_fails(f, "be 00 00 00 00 07 00 00 03 f8", 0x052400);
	assert_good(f, "2f 00 00 11 93 fe 00 00 01");
	assert_fails(f, "2f 00 00 11 93 fe 00 00 02", 0x052100);
	assert_fails(f, "2a 00 00 00 00 00 00 00 01", 0x052000);
	assert_fails(f, "88", 0x052000);
}

static void test_discs_of_any_size_have_their_size(struct fixture *f, gconstpointer unused)
{
	g_assert_true(scsi_insert(&f->drive, 4ull << 30, false));
	f->drive.attention_count = 0;
	assert_answer(f, "25", 8, "00 1f ff ff 00 00 08 00");
	assert_moves(f, "28 00 00 1f ff ff 00 00 01", SCSI_READ, (4ull << 30) - 2048, 2048);
	g_assert_true(scsi_insert(&f->drive, 8000000000000ull, false));
	f->drive.attention_count = 0;
	assert_answer(f, "25", 8, "e8 d4 a5 0f 00 00 08 00");
	assert_moves(f, "28 00 e8 d4 a5 0f 00 00 01", SCSI_READ, 7999999997952ull, 2048);
	g_assert_true(scsi_insert(&f->drive, UINT32_MAX * 2048ull, false));
	f->drive.attention_count = 0;
	assert_answer(f, "25", 8, "ff ff ff fe");
	g_assert_false(scsi_insert(&f->drive, 1ull << 43, false));
	g_assert_false(scsi_insert(&f->drive, 2047, false));
	g_assert_true(f->drive.present);
}

static void test_disk_is_read_and_written(struct fixture *f, gconstpointer unused)
{
	assert_answer(f, "25", 8, "00 20 00 00 00 00 02 00"); /* 1 GiB and a block */
	assert_moves(f, "08 00 00 10 00", SCSI_READ, 8192, 256 * 512);
	assert_moves(f, "0a 00 00 10 01", SCSI_WRITE, 8192, 512);
	assert_moves(f, "2a 00 00 20 00 00 00 00 01", SCSI_WRITE, 1ull << 30, 512);
	g_assert_false(f->plan.flush);
	assert_moves(f, "2a 08 00 00 00 00 00 00 01", SCSI_WRITE, 0, 512);
	g_assert_true(f->plan.flush);
	assert_moves(f, "aa 00 00 00 00 01 00 00 00 02", SCSI_WRITE, 512, 1024);
	assert_moves(f, "8a 00 00 00 00 00 00 00 00 01 00 00 00 02", SCSI_WRITE, 512, 1024);
	assert_fails(f, "2a 00 00 20 00 00 00 00 02", 0x052100);
	assert_fails(f, "8a 00 ff ff ff ff ff ff ff ff 00 00 00 02", 0x052100);
	assert_fails(f, "88 00 80 00 00 00 00 00 00 00 00 00 00 02", 0x052100);
	assert_good(f, "35");
	g_assert_true(f->plan.flush);
	assert_good(f, "91");
	g_assert_true(f->plan.flush);
	assert_good(f, "1b 00 00 00 00");
	g_assert_true(f->plan.flush);
	assert_fails(f, "2f 02 00 00 00 00 00 00 01", 0x052400);
	assert_fails(f, "9e 11", 0x052400);
	assert_good(f, "1b 00 00 00 02");
	assert_fails(f, "00", 0x023a00);
}

static void test_large_disk_needs_long_commands(struct fixture *f, gconstpointer unused)
{
	g_assert_true(scsi_insert(&f->drive, 8ull << 40, false));
	f->drive.attention_count = 0;
	assert_answer(f, "25", 8, "ff ff ff ff 00 00 02 00");
	assert_answer(f, "9e 10 00 00 00 00 00 00 00 00 00 00 00 20", 32,
			"00 00 00 03 ff ff ff ff 00 00 02 00 00");
	assert_moves(f, "88 00 00 00 00 03 ff ff ff ff 00 00 00 01", SCSI_READ, (8ull << 40) - 512,
			512);
	assert_fails(f, "88 00 00 00 00 03 ff ff ff ff 00 00 00 02", 0x052100);
	assert_fails(f, "8a 00 00 00 00 00 00 00 00 00 00 00 00 01", 0x072700);
	assert_answer(f, "1a 00 3f 00 ff", 36, "23 00 80");
	assert_answer(f, "5a 00 3f 00 00 00 00 00 ff", 40, "00 26 00 80");
}

static void test_faults_fail_what_needs_the_data(struct fixture *f, gconstpointer unused)
{
	const char *read = "28 00 00 00 00 00 00 00 01";

	scsi_set_fault(&f->drive, SCSI_FAULT_WAIT);
	assert_fails(f, "00", 0x020401);
	assert_fails(f, read, 0x020401);
	assert_answer(f, "25", 8, "00 20");
	scsi_set_fault(&f->drive, SCSI_FAULT_READ);
	assert_good(f, "00");
	assert_fails(f, read, 0x031100);
	scsi_set_fault(&f->drive, SCSI_FAULT_WRITE);
	assert_fails(f, "2a 00 00 00 00 00 00 00 01", 0x030c00);
	assert_moves(f, read, SCSI_READ, 0, 512);
	scsi_data_failed(&f->drive, &f->plan, SCSI_FAULT_READ);
	g_assert_cmpuint(f->plan.status, ==, SCSI_CHECK_CONDITION);
	assert_answer(f, "03 00 00 00 ff", 18, "70 00 03 00 00 00 00 0a 00 00 00 00 11 00");
	assert_answer(f, "03 00 00 00 ff", 18, "70 00 00 00 00 00 00 0a 00 00 00 00 00 00");
	scsi_set_fault(&f->drive, SCSI_FAULT_READ);
	g_assert_true(scsi_insert(&f->drive, 512, false));
	assert_fails(f, "00", 0x062800);
	assert_moves(f, read, SCSI_READ, 0, 512);
}

static void assert_list(struct fixture *f, const char *text, const char *list, unsigned int code)
{
	uint8_t bytes[SCSI_PARAMETERS_MAX];
	size_t size = parse(list, bytes, sizeof(bytes));

	command(f, text);
	g_assert_cmpint(f->plan.kind, ==, SCSI_ACCEPT);
	g_assert_cmpuint(f->plan.size, ==, size);
	scsi_data(&f->drive, &f->plan, bytes, size);
	g_assert_cmpuint(f->plan.status, ==, code ? SCSI_CHECK_CONDITION : SCSI_GOOD);
	if (code)
		g_assert_cmphex(f->drive.sense.code, ==, code);
}

static void test_mode_select_takes_what_is_well_formed(struct fixture *f, gconstpointer unused)
{
	assert_list(f, "15 10 00 00 06", "00 00 00 00 08 00", 0);
	assert_list(f, "15 10 00 00 05", "00 00 00 00 08", 0x1a00);
	assert_list(f, "15 10 00 00 06", "00 00 00 00 08 01", 0x1a00);
	assert_list(f, "15 10 00 00 06", "00 00 00 00 2a 00", 0x2600);
	assert_list(f, "15 10 00 00 04", "00 00 00 08", 0x1a00);
	assert_list(f, "55 10 00 00 00 00 00 00 0a", "00 00 00 00 00 00 00 00 01 00", 0);
	assert_list(f, "55 10 00 00 00 00 00 00 02", "00 00", 0x1a00);
	assert_good(f, "15 10 00 00 00");
	assert_fails(f, "15 11 00 00 06", 0x052400);
	assert_fails(f, "55 10 00 00 00 00 00 02 01", 0x051a00);
}

static void test_short_commands_are_refused(struct fixture *f, gconstpointer unused)
{
	static const uint8_t read[10] = {0x28, 0, 0, 0, 0, 0, 0, 0, 1};

	scsi_command(&f->drive, read, 6, &f->plan);
	g_assert_cmpuint(f->plan.status, ==, SCSI_CHECK_CONDITION);
	g_assert_cmphex(f->drive.sense.code, ==, SCSI_INVALID_FIELD);
	scsi_command(&f->drive, read, 10, &f->plan);
	g_assert_cmpuint(f->plan.size, ==, 512);
	assert_fails(f, "03 01 00 00 12", 0x052400);
}

int main(int argc, char **argv)
{
	static const uint64_t cd = CD_SIZE, disk = (1ull << 30) + 512;

	g_test_init(&argc, &argv, NULL);
#define TEST(name, open, size) \
	g_test_add("/scsi/" #name, struct fixture, size, open, test_##name, close_drive)
	TEST(inquiry_names_the_drive, open_cd, &cd);
	TEST(disk_has_pages_of_disks, open_disk, &disk);
	TEST(other_units_are_not_there, open_cd, &cd);
	TEST(empty_drive_says_where_its_tray_is, open_cd, NULL);
	TEST(unit_attentions_come_once_and_first, open_cd, NULL);
	TEST(medium_events_come_in_order, open_cd, &cd);
	TEST(locked_medium_stays_until_forced, open_cd, &cd);
	TEST(disc_is_one_data_track, open_cd, &cd);
	TEST(profile_goes_by_size, open_cd, &cd);
	TEST(dvd_tells_its_layers, open_cd, NULL);
	TEST(reads_end_where_the_medium_ends, open_cd, NULL);
	TEST(discs_of_any_size_have_their_size, open_cd, NULL);
	TEST(disk_is_read_and_written, open_disk, &disk);
	TEST(large_disk_needs_long_commands, open_disk, NULL);
	TEST(faults_fail_what_needs_the_data, open_disk, &disk);
	TEST(mode_select_takes_what_is_well_formed, open_disk, &disk);
	TEST(short_commands_are_refused, open_disk, &disk);
	return g_test_run();
}
