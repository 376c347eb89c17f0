/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "gadget/drive.h"
#include "tests/unit/drive_host.h"

#define SIZE (256 << 10)

#define NO_MEDIUM       0x023a01
#define TRAY_OPEN       0x023a02
#define ASK_AGAIN       0x020401
#define MEDIUM_CHANGED  0x062800
#define WAS_RESET       0x062900
#define READ_ERROR      0x031100
#define REMOVAL_REFUSED 0x055302
#define WRITE_PROTECTED 0x072700

struct fixture {
	struct drive *drive;
	struct drive_host host;
	struct drive_host_medium medium;
	unsigned int ejected, changed;
};

static void on_ejected(void *data)
{
	struct fixture *f = data;

	f->ejected++;
}

static void on_changed(void *data)
{
	struct fixture *f = data;

	f->changed++;
}

static void fixture_open(struct fixture *f, gconstpointer disk)
{
	const struct drive_settings settings = {
			.kind = disk ? SCSI_DISK : SCSI_CD,
			.identity = {"Maker", "Drive", "1", "0123456789AB"},
	};
	const struct drive_events events = {on_ejected, on_changed, f};

	f->drive = drive_new(&settings, &events);
	drive_host_medium_init(&f->medium, SIZE);
	drive_host_plug(&f->host, f->drive);
}

static void fixture_close(struct fixture *f, gconstpointer disk)
{
	drive_host_unplug(&f->host);
	drive_close(f->drive);
	drive_host_medium_clear(&f->medium);
}

static void insert(struct fixture *f, bool writable)
{
	const struct drive_medium medium = drive_host_medium(&f->medium, writable);

	g_assert_true(drive_insert(f->drive, &medium));
	g_assert_cmphex(drive_host_ready(&f->host), ==, MEDIUM_CHANGED);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
}

static struct drive_status status_of(const struct fixture *f)
{
	struct drive_status status;

	drive_status(f->drive, &status);
	return status;
}

static void settle(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

/* --- Tests --- */

static void empty_until_something_is_put_in(struct fixture *f, gconstpointer disk)
{
	g_assert_cmphex(drive_host_ready(&f->host), ==, NO_MEDIUM);
	g_assert_false(status_of(f).present);
	g_assert_true(status_of(f).configured);
	insert(f, false);
	g_assert_true(status_of(f).present);
}

static void every_byte_is_read(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	g_assert_cmpint(drive_host_read(&f->host, 0, SIZE / 2048), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes, SIZE);
	g_assert_cmpint(drive_host_read(&f->host, 5, 3), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes + 5 * 2048, 3 * 2048);
	g_assert_cmpuint(status_of(f).bytes_read, ==, SIZE + 3 * 2048);
}

/* --- A medium that lends its bytes, and a bus that takes such */

static struct {
	const struct fixture *f;
	unsigned int times, out, keeps;
} lending;

static void lending_keep(struct drive_bus *bus)
{
	g_assert_cmpuint(lending.out, >, 0);
	lending.keeps++;
}

static const void *lending_lend(void *owner, uint64_t offset, size_t size)
{
	if (offset >= SIZE / 2)
		return NULL;
	/* Chunks end where those of the image do. */
	g_assert_cmpuint(offset / 65536, ==, (offset + size - 1) / 65536);
	lending.times++;
	lending.out++;
	return lending.f->medium.bytes + offset;
}

static void lending_give_back(void *owner, const void *bytes)
{
	g_assert_true((const uint8_t *)bytes >= lending.f->medium.bytes &&
			(const uint8_t *)bytes < lending.f->medium.bytes + SIZE / 2);
	g_assert_cmpuint(lending.out, >, 0);
	lending.out--;
}

static void insert_lending(struct fixture *f, bool keeps)
{
	static struct drive_bus_ops ops;
	struct drive_medium medium = drive_host_medium(&f->medium, false);

	medium.lend = lending_lend;
	medium.give_back = lending_give_back;
	ops = *f->host.bus.ops;
	ops.keep = keeps ? lending_keep : NULL;
	f->host.bus.ops = &ops;
	memset(&lending, 0, sizeof(lending));
	lending.f = f;
	g_assert_true(drive_insert(f->drive, &medium));
	g_assert_cmphex(drive_host_ready(&f->host), ==, MEDIUM_CHANGED);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
}

static void what_is_lent_is_sent_and_given_back(struct fixture *f, gconstpointer disk)
{
	insert_lending(f, true);
	for (int i = 0; i < 3; i++) {
		g_assert_cmpint(drive_host_read(&f->host, 0, SIZE / 2048), ==, 0);
		g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes, SIZE);
		g_assert_cmpint(drive_host_read(&f->host, 5, 61), ==, 0);
		g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes + 5 * 2048, 61 * 2048);
	}
	g_assert_cmpuint(lending.times, ==, 3 * (2 + 2)); /* the second half it does not lend */
	g_assert_cmpuint(lending.out, ==, 0);
	g_assert_cmpuint(lending.keeps, ==, 0);
}

static void a_bus_that_keeps_nothing_is_lent_nothing(struct fixture *f, gconstpointer disk)
{
	insert_lending(f, false);
	g_assert_cmpint(drive_host_read(&f->host, 0, SIZE / 2048), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes, SIZE);
	g_assert_cmpuint(lending.times, ==, 0);
}

static void an_eject_gives_back_what_is_being_sent(struct fixture *f, gconstpointer disk)
{
	insert_lending(f, true);
	drive_host_begin_read(&f->host, 0, 64);
	g_assert_cmpuint(lending.out, ==, 2);
	g_assert_true(drive_eject(f->drive, true));
	g_assert_cmpuint(lending.out, ==, 0);
	g_assert_cmpuint(lending.keeps, ==, 1);
	drive_host_end(&f->host, NULL);
	g_assert_cmphex(drive_host_ready(&f->host), ==, TRAY_OPEN);
}

static void a_reset_gives_back_what_is_being_sent(struct fixture *f, gconstpointer disk)
{
	insert_lending(f, true);
	drive_host_begin_read(&f->host, 0, 64);
	g_assert_cmpuint(lending.out, ==, 2);
	drive_bus_reset(&f->host.bus);
	g_assert_cmpuint(lending.out, ==, 0);
	g_assert_cmphex(drive_host_ready(&f->host), ==, WAS_RESET);
	g_assert_cmpint(drive_host_read(&f->host, 0, 64), ==, 0);
	g_assert_cmpuint(lending.out, ==, 0);
	g_assert_cmpuint(lending.keeps, ==, 0);
}

static void what_is_written_is_there_and_flushed(struct fixture *f, gconstpointer disk)
{
	static const uint8_t synchronize[10] = {0x35};
	g_autofree uint8_t *bytes = g_malloc(100 << 10);

	for (size_t i = 0; i < 100 << 10; i++)
		bytes[i] = i * 13;
	insert(f, true);
	g_assert_cmpint(drive_host_write(&f->host, 4, 200, bytes), ==, 0);
	g_assert_cmpmem(f->medium.bytes + 4 * 512, 100 << 10, bytes, 100 << 10);
	g_assert_cmpint(drive_host_command(&f->host, synchronize, 0), ==, 0);
	g_assert_cmpuint(f->medium.flushes, ==, 1);
	g_assert_cmpuint(status_of(f).bytes_written, ==, 100 << 10);
}

static void a_read_only_disk_refuses_writes(struct fixture *f, gconstpointer disk)
{
	static const uint8_t bytes[512];

	insert(f, false);
	g_assert_cmpint(drive_host_write(&f->host, 0, 1, bytes), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, WRITE_PROTECTED);
}

static void a_writable_cd_is_refused(struct fixture *f, gconstpointer disk)
{
	const struct drive_medium medium = drive_host_medium(&f->medium, true);

	g_assert_false(drive_insert(f->drive, &medium));
	g_assert_cmphex(drive_host_ready(&f->host), ==, NO_MEDIUM);
}

static void a_host_that_waited_is_told_to_ask_again(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	f->medium.hangs = true;
	g_assert_cmpint(drive_host_read(&f->host, 0, 64), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	g_assert_cmpuint(status_of(f).holds, ==, 1);
	f->medium.hangs = false;
	g_assert_cmpint(drive_host_read(&f->host, 0, 64), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes, 64 * 2048);
	g_assert_cmpuint(status_of(f).errors, ==, 0);
}

static void a_write_that_hangs_is_given_up_as_a_whole(struct fixture *f, gconstpointer disk)
{
	static const uint8_t bytes[300 << 10];

	f->medium.size = SIZE;
	insert(f, true);
	f->medium.hangs = true;
	g_assert_cmpint(drive_host_write(&f->host, 0, 500, bytes), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	g_assert_cmpuint(status_of(f).holds, ==, 1);
	f->medium.hangs = false;
	g_assert_cmpint(drive_host_write(&f->host, 0, 500, bytes), ==, 0);
}

static void eject_does_not_wait_for_a_hung_read(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 0, 64);
	g_assert_cmpuint(f->medium.pending->len, >, 0);
	g_assert_true(drive_eject(f->drive, false));
	g_assert_cmpuint(f->medium.pending->len, ==, 0);
	g_assert_cmpint(drive_host_end(&f->host, NULL), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host) >> 8, ==, NO_MEDIUM >> 8);
	settle();
	g_assert_cmpuint(f->ejected, ==, 0); /* the owner did it */
}

static void a_held_medium_goes_by_force_or_when_the_host_agrees(
		struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	g_assert_cmpint(drive_host_prevent(&f->host, true), ==, 0);
	g_assert_true(status_of(f).locked);
	g_assert_false(drive_eject(f->drive, false));
	g_assert_true(status_of(f).present);
	g_assert_cmpint(drive_host_start_stop(&f->host, 2), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, REMOVAL_REFUSED);
	g_assert_true(drive_eject(f->drive, true));
	g_assert_false(status_of(f).present);
	insert(f, false);
	drive_host_prevent(&f->host, true);
	g_assert_false(drive_eject(f->drive, false));
	drive_host_prevent(&f->host, false);
	g_assert_cmpint(drive_host_start_stop(&f->host, 2), ==, 0);
	settle();
	g_assert_cmpuint(f->ejected, ==, 1);
}

static void the_owner_hears_of_the_hosts_eject_once(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	g_assert_cmpint(drive_host_start_stop(&f->host, 2), ==, 0);
	g_assert_cmpuint(f->ejected, ==, 0);
	settle();
	g_assert_cmpuint(f->ejected, ==, 1);
	g_assert_true(status_of(f).open);
	g_assert_cmphex(drive_host_ready(&f->host), ==, TRAY_OPEN);
	insert(f, false);
	g_assert_false(status_of(f).open);
}

static void an_eject_that_was_overtaken_is_not_told(struct fixture *f, gconstpointer disk)
{
	const struct drive_medium medium = drive_host_medium(&f->medium, false);

	insert(f, false);
	g_assert_cmpint(drive_host_start_stop(&f->host, 2), ==, 0);
	g_assert_true(drive_insert(f->drive, &medium));
	settle();
	g_assert_cmpuint(f->ejected, ==, 0);
	g_assert_true(status_of(f).present);
}

static void faults_of_the_medium_reach_the_host(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	f->medium.fault = SCSI_FAULT_READ;
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, READ_ERROR);
	g_assert_cmpuint(status_of(f).errors, ==, 1);
	f->medium.fault = SCSI_NO_FAULT;
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 0);
	drive_set_bad(f->drive, true);
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, READ_ERROR);
	drive_set_bad(f->drive, false);
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 0);
}

static void a_reset_drops_what_is_under_way(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 0, 64);
	drive_bus_reset(&f->host.bus);
	g_assert_cmpuint(f->medium.pending->len, ==, 0);
	f->medium.hangs = false;
	g_assert_cmphex(drive_host_ready(&f->host), ==, WAS_RESET);
	g_assert_cmpint(drive_host_read(&f->host, 0, 64), ==, 0);
}

static void another_kind_is_another_device(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	drive_set_kind(f->drive, SCSI_DISK);
	g_assert_cmpuint(f->host.replugs, ==, 1);
	g_assert_false(status_of(f).configured);
	g_assert_false(status_of(f).present);
	drive_bus_enabled(&f->host.bus, 512);
	g_assert_cmphex(drive_host_ready(&f->host), ==, WAS_RESET);
	insert(f, true);
	g_assert_cmpint(drive_host_read(&f->host, 1, 1), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes + 512, 512);
	drive_set_kind(f->drive, SCSI_DISK);
	g_assert_cmpuint(f->host.replugs, ==, 1);
}

static void closing_does_not_wait_for_a_hung_read(struct fixture *f, gconstpointer disk)
{
	insert(f, false);
	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 0, 64);
	drive_detach(f->drive);
	g_assert_cmpuint(f->medium.pending->len, ==, 0);
	f->medium.hangs = false;
	drive_attach(f->drive, &f->host.bus);
	drive_bus_enabled(&f->host.bus, 512);
	drive_host_ready(&f->host);
	g_assert_cmpint(drive_host_read(&f->host, 0, 64), ==, 0);
}

static void a_thousand_media_leave_nothing_behind(struct fixture *f, gconstpointer disk)
{
	const struct drive_medium medium = drive_host_medium(&f->medium, false);

	for (int i = 0; i < 1000; i++) {
		g_assert_true(drive_insert(f->drive, &medium));
		if (i % 3 == 0)
			drive_host_read(&f->host, i % 64, 2);
		g_assert_true(drive_eject(f->drive, i % 2));
	}
	settle();
	g_assert_cmphex(drive_host_ready(&f->host) >> 8, ==, NO_MEDIUM >> 8);
}

/* clang-format off */
#define TEST(name, disk) {#name, name, disk}
/* clang-format on */

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(struct fixture *, gconstpointer);
		bool disk;
	} tests[] = {
			TEST(empty_until_something_is_put_in, false),
			TEST(every_byte_is_read, false),
			TEST(what_is_lent_is_sent_and_given_back, false),
			TEST(a_bus_that_keeps_nothing_is_lent_nothing, false),
			TEST(an_eject_gives_back_what_is_being_sent, false),
			TEST(a_reset_gives_back_what_is_being_sent, false),
			TEST(what_is_written_is_there_and_flushed, true),
			TEST(a_read_only_disk_refuses_writes, true),
			TEST(a_writable_cd_is_refused, false),
			TEST(a_host_that_waited_is_told_to_ask_again, false),
			TEST(a_write_that_hangs_is_given_up_as_a_whole, true),
			TEST(eject_does_not_wait_for_a_hung_read, false),
			TEST(a_held_medium_goes_by_force_or_when_the_host_agrees, false),
			TEST(the_owner_hears_of_the_hosts_eject_once, false),
			TEST(an_eject_that_was_overtaken_is_not_told, false),
			TEST(faults_of_the_medium_reach_the_host, false),
			TEST(a_reset_drops_what_is_under_way, false),
			TEST(another_kind_is_another_device, false),
			TEST(closing_does_not_wait_for_a_hung_read, false),
			TEST(a_thousand_media_leave_nothing_behind, false),
	};

	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strconcat("/drive/", tests[i].name, NULL);

		g_test_add(path, struct fixture, GINT_TO_POINTER(tests[i].disk), fixture_open,
				tests[i].run, fixture_close);
	}
	return g_test_run();
}
