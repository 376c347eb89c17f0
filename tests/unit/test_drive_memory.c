/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A process with a drive dies at any moment, and the next one goes on before the same host. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "gadget/drive.h"
#include "gadget/drive_memory.h"
#include "tests/unit/drive_host.h"

#define SIZE           (256 << 10)
#define ASK_AGAIN      0x020401
#define MEDIUM_CHANGED 0x062800

struct fixture {
	int fd;
	struct drive_memory *memory;
	struct drive *drive;
	struct drive_host host;
	struct drive_host_medium medium;
	enum scsi_kind kind;
	unsigned int ejected;
};

static void on_ejected(void *data)
{
	((struct fixture *)data)->ejected++;
}

static struct drive *make(struct fixture *f, const char *serial)
{
	const struct drive_settings settings = {
			.kind = f->kind,
			.identity = {"Maker", "Drive", "1", serial},
	};
	const struct drive_events events = {on_ejected, NULL, f};

	return drive_new(&settings, &events);
}

static void fixture_open(struct fixture *f, gconstpointer disk)
{
	struct drive_medium medium;

	f->kind = disk ? SCSI_DISK : SCSI_CD;
	f->fd = memfd_create("drive", MFD_CLOEXEC);
	f->memory = drive_memory_map(f->fd);
	g_assert_nonnull(f->memory);
	f->drive = make(f, "0123456789AB");
	g_assert_false(drive_remember(f->drive, f->memory));
	drive_host_medium_init(&f->medium, SIZE);
	drive_host_plug(&f->host, f->drive);
	medium = drive_host_medium(&f->medium, disk != NULL);
	g_assert_true(drive_insert(f->drive, &medium));
	g_assert_cmphex(drive_host_ready(&f->host), ==, MEDIUM_CHANGED);
}

static void fixture_close(struct fixture *f, gconstpointer disk)
{
	drive_host_unplug(&f->host);
	drive_close(f->drive);
	drive_host_medium_clear(&f->medium);
	drive_memory_unmap(f->memory);
	close(f->fd);
}

/* What is in the memory now is all that the next process has. */
static void die(struct fixture *f, const char *serial)
{
	char bytes[8192];
	ssize_t size = pread(f->fd, bytes, sizeof(bytes), 0);
	int fd = memfd_create("drive", MFD_CLOEXEC);

	g_assert_cmpint(size, >, 0);
	g_assert_cmpint(pwrite(fd, bytes, size, 0), ==, size);
	drive_host_unplug(&f->host);
	drive_close(f->drive);
	drive_memory_unmap(f->memory);
	close(f->fd);
	f->fd = fd;
	f->medium.hangs = false;
	f->memory = drive_memory_map(fd);
	f->drive = make(f, serial);
}

static void live_again(struct fixture *f)
{
	die(f, "0123456789AB");
	g_assert_true(drive_remember(f->drive, f->memory));
	drive_host_resume(&f->host, f->drive);
}

static struct drive_status status_of(const struct fixture *f)
{
	struct drive_status status;

	drive_status(f->drive, &status);
	return status;
}

static void insert(struct fixture *f, size_t size)
{
	struct drive_medium medium = drive_host_medium(&f->medium, f->kind == SCSI_DISK);

	medium.size = size;
	g_assert_true(drive_insert(f->drive, &medium));
}

/* --- Tests --- */

static void idle_host_notices_nothing(struct fixture *f, gconstpointer disk)
{
	drive_host_prevent(&f->host, true);
	live_again(f);
	g_assert_cmpuint(f->host.stalls, ==, 0);
	g_assert_cmpuint(f->host.size, ==, 0);
	g_assert_true(status_of(f).locked && status_of(f).configured && status_of(f).awaited);
	g_assert_cmphex(drive_host_ready(&f->host), ==, ASK_AGAIN);
	g_assert_cmpint(drive_host_read(&f->host, 0, 4), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	insert(f, SIZE);
	g_assert_false(status_of(f).awaited);
	g_assert_true(status_of(f).locked);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
	g_assert_cmpint(drive_host_read(&f->host, 0, 4), ==, 0);
	g_assert_cmpmem(f->host.data, f->host.size, f->medium.bytes, disk ? 2048 : 8192);
}

static void read_under_way_is_asked_for_again(struct fixture *f, gconstpointer disk)
{
	uint32_t residue;

	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 3, 16);
	live_again(f);
	g_assert_cmpuint(f->host.stalls, ==, 1);
	g_assert_cmpuint(f->host.stalls_out, ==, 0);
	g_assert_cmpint(drive_host_end(&f->host, &residue), ==, 1);
	g_assert_cmpuint(residue, ==, 16 * (disk ? 512 : 2048));
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	insert(f, SIZE);
	g_assert_cmpint(drive_host_read(&f->host, 3, 16), ==, 0);
}

/* The status was on its way: whether the host has it nobody knows. */
static void status_under_way_is_told_again(struct fixture *f, gconstpointer disk)
{
	static const uint8_t ready[10];

	drive_host_begin(&f->host, ready, 0, false);
	g_assert_cmpuint(f->host.sends, ==, 1);
	live_again(f);
	g_assert_cmpuint(f->host.sends, ==, 0);
	while (f->host.sends == 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->host.stalls - f->host.stalls_out, ==, 1);
	g_assert_cmpint(drive_host_end(&f->host, NULL), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
}

/* It had taken the status just before the process died, and goes on with its next command. */
static void host_that_has_the_status_goes_on(struct fixture *f, gconstpointer disk)
{
	static const uint8_t ready[10];

	drive_host_begin(&f->host, ready, 0, false);
	live_again(f);
	insert(f, SIZE);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 0);
	g_assert_cmpuint(f->host.stalls, ==, 0);
}

/* The same, but after the status was offered again. */
static void next_command_of_the_host_is_asked_for_again(struct fixture *f, gconstpointer disk)
{
	static const uint8_t ready[10];
	unsigned int stalls;

	drive_host_begin(&f->host, ready, 0, false);
	live_again(f);
	while (f->host.sends == 0)
		g_main_context_iteration(NULL, TRUE);
	stalls = f->host.stalls;
	drive_host_begin_read(&f->host, 0, 8);
	g_assert_cmpuint(f->host.sends, ==, 1); /* the first CSW is off the bus */
	g_assert_cmpuint(f->host.stalls, ==, stalls + 1);
	g_assert_cmpint(drive_host_end(&f->host, NULL), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	insert(f, SIZE);
	g_assert_cmpint(drive_host_read(&f->host, 0, 8), ==, 0);
}

/* The kernel took it from the host, and the process died before it could hear of it. */
static void command_that_came_meanwhile_is_asked_for_again(struct fixture *f, gconstpointer disk)
{
	static const uint8_t cbw[BOT_CBW_SIZE] = {
			'U', 'S', 'B', 'C', 7, [9] = 0x20, [12] = 0x80, [14] = 10, 0x28, [23] = 4};
	uint32_t residue;

	die(f, "0123456789AB");
	memcpy(drive_memory_arrival(f->memory), cbw, sizeof(cbw));
	g_assert_true(drive_remember(f->drive, f->memory));
	drive_host_resume(&f->host, f->drive);
	g_assert_cmpuint(f->host.stalls, ==, 1);
	g_assert_cmpint(drive_host_end(&f->host, &residue), ==, 1);
	g_assert_cmpuint(residue, ==, 0x2000);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	insert(f, SIZE);
	g_assert_cmpint(drive_host_read(&f->host, 0, 4), ==, 0);
}

/* It is lost altogether; but the host was at it. */
static void host_that_waits_for_a_lost_command_is_told(struct fixture *f, gconstpointer disk)
{
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
	live_again(f);
	g_assert_cmpuint(f->host.stalls, ==, 0);
	while (f->host.sends == 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpuint(f->host.stalls, ==, 1);
	g_assert_cmpint(drive_host_end(&f->host, NULL), ==, 1);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
	insert(f, SIZE);
	g_assert_cmpint(drive_host_read(&f->host, 0, 4), ==, 0);
}

static void write_under_way_is_asked_for_again(struct fixture *f, gconstpointer disk)
{
	static const uint8_t cdb[10] = {0x2a, [8] = 64};
	uint32_t residue;

	drive_host_begin(&f->host, cdb, 64 * 512, false);
	live_again(f);
	g_assert_cmpuint(f->host.stalls_out, ==, 1);
	g_assert_cmpint(drive_host_end(&f->host, &residue), ==, 1);
	g_assert_cmpuint(residue, ==, 64 * 512);
	g_assert_cmphex(drive_host_sense(&f->host), ==, ASK_AGAIN);
}

static void another_medium_is_a_change(struct fixture *f, gconstpointer disk)
{
	live_again(f);
	insert(f, SIZE / 2);
	g_assert_cmphex(drive_host_ready(&f->host), ==, MEDIUM_CHANGED);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
	g_assert_cmpuint(status_of(f).size, ==, SIZE / 2);
}

static void awaited_medium_can_be_ejected(struct fixture *f, gconstpointer disk)
{
	live_again(f);
	g_assert_cmpint(drive_host_start_stop(&f->host, 0x02), ==, 0);
	while (g_main_context_iteration(NULL, FALSE))
		;
	g_assert_cmpuint(f->ejected, ==, 1);
	g_assert_false(status_of(f).present || status_of(f).awaited);
	insert(f, SIZE);
	live_again(f);
	g_assert_true(drive_eject(f->drive, false));
	g_assert_false(status_of(f).present || status_of(f).awaited);
}

static void death_while_it_is_awaited_changes_nothing(struct fixture *f, gconstpointer disk)
{
	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 0, 8);
	die(f, "0123456789AB");
	g_assert_true(drive_remember(f->drive, f->memory));
	drive_host_resume(&f->host, f->drive); /* and dies before the host took the status */
	live_again(f);
	while (f->host.sends == 0)
		g_main_context_iteration(NULL, TRUE);
	g_assert_cmpint(drive_host_end(&f->host, NULL), ==, 1);
	insert(f, SIZE);
	g_assert_cmphex(drive_host_ready(&f->host), ==, 0);
}

static void host_that_configures_it_anew_gets_a_fresh_drive(struct fixture *f, gconstpointer disk)
{
	drive_host_prevent(&f->host, true);
	f->medium.hangs = true;
	drive_host_begin_read(&f->host, 0, 8);
	die(f, "0123456789AB");
	g_assert_true(drive_remember(f->drive, f->memory));
	drive_host_plug(&f->host, f->drive);
	g_assert_cmpuint(f->host.stalls, ==, 0);
	g_assert_false(status_of(f).locked);
	g_assert_true(status_of(f).awaited);
	g_assert_cmphex(drive_host_ready(&f->host), ==, ASK_AGAIN);
}

static void memory_of_another_drive_is_not_used(struct fixture *f, gconstpointer disk)
{
	die(f, "BA9876543210");
	g_assert_false(drive_remember(f->drive, f->memory));
	g_assert_false(status_of(f).present);
	drive_host_plug(&f->host, f->drive);
}

static void half_written_memory_is_the_former(void)
{
	struct drive_moment moment = {.busy = true, .command = {.tag = 7}}, read;
	int fd = memfd_create("drive", MFD_CLOEXEC);
	struct drive_memory *memory = drive_memory_map(fd);
	char whole[8192], byte;
	ssize_t size, first = 0, last = 0;

	g_assert_false(drive_memory_read(memory, &read));
	drive_memory_write(memory, &moment);
	size = pread(fd, whole, sizeof(whole), 0);
	moment.command.tag = 8;
	drive_memory_write(memory, &moment);
	for (ssize_t i = 0; i < size; i++) {
		g_assert_cmpint(pread(fd, &byte, 1, i), ==, 1);
		if (byte != whole[i] && !first)
			first = i;
		if (byte != whole[i])
			last = i;
	}
	/* Back to the number before: only the other copy is new. */
	g_assert_cmpint(first, <, 64);
	g_assert_cmpint(last, >, first);
	g_assert_cmpint(pwrite(fd, whole, 64, 0), ==, 64);
	g_assert_true(drive_memory_read(memory, &read));
	g_assert_cmpuint(read.command.tag, ==, 7);
	g_assert_cmpint(pwrite(fd, "another", 7, 0), ==, 7);
	g_assert_false(drive_memory_read(memory, &read));
	drive_memory_unmap(memory);
	close(fd);
}

#define ADD(name)                                                                                 \
	g_test_add("/memory/cd/" #name, struct fixture, NULL, fixture_open, name, fixture_close); \
	g_test_add("/memory/disk/" #name, struct fixture, "disk", fixture_open, name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(idle_host_notices_nothing);
	ADD(read_under_way_is_asked_for_again);
	ADD(status_under_way_is_told_again);
	ADD(host_that_has_the_status_goes_on);
	ADD(command_that_came_meanwhile_is_asked_for_again);
	ADD(host_that_waits_for_a_lost_command_is_told);
	ADD(next_command_of_the_host_is_asked_for_again);
	g_test_add("/memory/disk/write_under_way_is_asked_for_again", struct fixture, "disk",
			fixture_open, write_under_way_is_asked_for_again, fixture_close);
	ADD(another_medium_is_a_change);
	ADD(awaited_medium_can_be_ejected);
	ADD(death_while_it_is_awaited_changes_nothing);
	ADD(host_that_configures_it_anew_gets_a_fresh_drive);
	ADD(memory_of_another_drive_is_not_used);
	g_test_add_func("/memory/half_written_memory_is_the_former",
			half_written_memory_is_the_former);
	return g_test_run();
}
