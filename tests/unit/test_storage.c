/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated node's mass-storage driver against our drive, over the cable. */
#include <string.h>
#include "sim/scsi_host.h"
#include "tests/unit/wired_drive.h"

#define SIZE (300 << 10)

struct kind {
	enum scsi_kind kind;
	bool stall;
};

static const struct kind cd = {SCSI_CD, false}, stalling_cd = {SCSI_CD, true},
			 disk = {SCSI_DISK, false}, stalling_disk = {SCSI_DISK, true};

struct fixture {
	struct wired_drive wired;
	struct scsi_host *host;
	bool waited; /* a read was said to wait */
};

struct reading {
	bool done;
	char *reason;
	struct scsi_host_request *request;
};

static struct scsi_host_status status_of(const struct fixture *f)
{
	struct scsi_host_status status;

	scsi_host_status(f->host, &status);
	return status;
}

static void on_changed(void *data)
{
	struct fixture *f = data;

	f->waited |= status_of(f).waits > 0;
}

static void open_fixture(struct fixture *f, const struct kind *kind, unsigned int time_out)
{
	memset(f, 0, sizeof(*f));
	wired_drive_open(&f->wired, kind->kind, kind->stall);
	f->host = scsi_host_new(f->wired.fds[1], time_out, on_changed, f);
	scsi_host_power(f->host, true);
	for (int i = 0; i < 200 && !status_of(f).there; i++)
		wired_drive_run(5);
	g_assert_true(status_of(f).there);
	g_assert_true(f->wired.connected);
}

static void fixture_open(struct fixture *f, gconstpointer kind)
{
	open_fixture(f, kind, 0);
}

static void fixture_close(struct fixture *f, gconstpointer kind)
{
	scsi_host_free(f->host);
	wired_drive_close(&f->wired);
}

static void wait_for_medium(struct fixture *f, enum scsi_host_medium medium)
{
	for (int i = 0; i < 1000 && status_of(f).medium != medium; i++) {
		scsi_host_look(f->host);
		wired_drive_run(5);
	}
	g_assert_cmpint(status_of(f).medium, ==, medium);
}

static void insert(struct fixture *f, bool writable)
{
	wired_drive_insert(&f->wired, NULL, SIZE, writable);
	wait_for_medium(f, SCSI_HOST_PRESENT);
}

static void on_read(const char *reason, void *data)
{
	struct reading *reading = data;

	reading->done = true;
	reading->reason = g_strdup(reason);
}

static void begin_read(struct fixture *f, struct reading *reading, uint64_t first, uint32_t count,
		void *bytes)
{
	*reading = (struct reading){0};
	reading->request = scsi_host_read(f->host, first, count, bytes, on_read, reading);
}

/* The reason, NULL: all is there. To be freed. */
static char *end_read(struct reading *reading)
{
	wired_drive_wait(&reading->done, 20);
	return reading->reason;
}

static char *read_blocks(struct fixture *f, uint64_t first, uint32_t count, void *bytes)
{
	struct reading reading;

	begin_read(f, &reading, first, count, bytes);
	return end_read(&reading);
}

static struct storage_stats stats_of(const struct fixture *f)
{
	struct storage_stats stats;

	scsi_host_stats(f->host, &stats);
	return stats;
}

/* --- Tests --- */

static void the_node_knows_the_drive_and_its_medium(struct fixture *f, gconstpointer data)
{
	const struct kind *kind = data;

	g_assert_cmpint(status_of(f).cd, ==, kind->kind == SCSI_CD);
	g_assert_cmpstr(status_of(f).words, ==, "Maker Wired drive");
	wait_for_medium(f, SCSI_HOST_EMPTY);
	insert(f, false);
	g_assert_cmpuint(status_of(f).block, ==, kind->kind == SCSI_CD ? 2048 : 512);
	g_assert_cmpuint(status_of(f).blocks * status_of(f).block, ==, SIZE);
}

static void every_byte_is_read(struct fixture *f, gconstpointer data)
{
	uint32_t block, step;
	g_autofree uint8_t *bytes = g_malloc(SIZE);

	insert(f, false);
	block = status_of(f).block;
	for (uint64_t at = 0; at < SIZE; at += (uint64_t)step * block) {
		step = (uint32_t)MIN(SCSI_HOST_MOST, SIZE - at) / block;
		g_assert_null(read_blocks(f, at / block, step, bytes + at));
	}
	g_assert_cmpmem(bytes, SIZE, f->wired.medium.bytes, SIZE);
	g_assert_null(read_blocks(f, 7, 1, bytes));
	g_assert_cmpmem(bytes, block, f->wired.medium.bytes + 7 * block, block);
	g_assert_cmpuint(stats_of(f).recoveries, ==, 0);
}

static void a_read_past_the_end_fails_in_words(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	g_autofree char *reason = NULL;

	insert(f, false);
	reason = read_blocks(f, status_of(f).blocks, 1, bytes);
	g_assert_cmpstr(reason, ==, "the drive reports an error, sense 5/21/00");
}

static void a_drive_that_halts_endpoints_is_understood(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	unsigned int stalls = stats_of(f).stalls;
	char *reason;

	insert(f, false);
	reason = read_blocks(f, status_of(f).blocks, 1, bytes);
	g_assert_nonnull(reason);
	g_free(reason);
	g_assert_cmpuint(stats_of(f).stalls, >, stalls);
	g_assert_cmpuint(stats_of(f).recoveries, ==, 0);
	g_assert_null(read_blocks(f, 0, 1, bytes));
}

static void a_slow_medium_is_asked_again(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	struct reading reading;

	insert(f, false);
	f->wired.medium.fault = SCSI_FAULT_WAIT;
	begin_read(f, &reading, 0, 1, bytes);
	wired_drive_run(500);
	g_assert_false(reading.done);
	g_assert_true(f->waited);
	f->wired.medium.fault = SCSI_NO_FAULT;
	g_assert_null(end_read(&reading));
	g_assert_cmpmem(bytes, status_of(f).block, f->wired.medium.bytes, status_of(f).block);
	g_assert_cmpint(status_of(f).waits, ==, 0);
	g_assert_cmpint(status_of(f).medium, ==, SCSI_HOST_PRESENT);
}

static void an_error_of_the_medium_is_told(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	g_autofree char *reason = NULL;

	insert(f, false);
	f->wired.medium.fault = SCSI_FAULT_READ;
	reason = read_blocks(f, 0, 1, bytes);
	g_assert_cmpstr(reason, ==, "the drive reports an error, sense 3/11/00");
}

static void an_eject_ends_a_read_that_hangs(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	struct reading reading;
	g_autofree char *reason = NULL;

	insert(f, false);
	f->wired.medium.hangs = true;
	begin_read(f, &reading, 0, 1, bytes);
	wired_drive_run(50);
	g_assert_false(reading.done);
	drive_eject(f->wired.drive, true);
	reason = end_read(&reading);
	g_assert_cmpstr(reason, ==, "the medium was taken out");
	g_assert_cmpint(status_of(f).medium, ==, SCSI_HOST_EMPTY);
}

static void another_medium_is_seen_as_another(struct fixture *f, gconstpointer data)
{
	unsigned int changes;

	insert(f, false);
	changes = status_of(f).changes;
	wired_drive_insert(&f->wired, NULL, SIZE / 2, false);
	for (int i = 0; i < 1000 && (status_of(f).changes == changes ||
						    status_of(f).medium != SCSI_HOST_PRESENT);
			i++) {
		scsi_host_look(f->host);
		wired_drive_run(5);
	}
	g_assert_cmpuint(status_of(f).changes, !=, changes);
	g_assert_cmpuint(status_of(f).blocks * status_of(f).block, ==, SIZE / 2);
}

static void a_locked_medium_is_asked_for_and_ejected(struct fixture *f, gconstpointer data)
{
	insert(f, false);
	scsi_host_lock(f->host, true);
	wired_drive_run(50);
	g_assert_false(drive_eject(f->wired.drive, false));
	for (int i = 0; i < 200 && !status_of(f).asked; i++) {
		scsi_host_look(f->host);
		wired_drive_run(5);
	}
	g_assert_true(status_of(f).asked);
	scsi_host_lock(f->host, false);
	scsi_host_eject(f->host);
	wait_for_medium(f, SCSI_HOST_EMPTY);
	g_assert_cmpuint(f->wired.ejected, ==, 1);
	g_assert_false(status_of(f).asked);
}

static void a_time_out_is_recovered_from(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	struct reading reading;

	scsi_host_free(f->host);
	wired_drive_close(&f->wired);
	open_fixture(f, data, 200);
	insert(f, false);
	f->wired.medium.hangs = true;
	begin_read(f, &reading, 0, 1, bytes);
	wired_drive_run(300);
	g_assert_false(reading.done);
	g_assert_cmpuint(stats_of(f).time_outs, >, 0);
	g_assert_cmpuint(stats_of(f).recoveries, >, 0);
	f->wired.medium.hangs = false;
	g_assert_null(end_read(&reading));
	g_assert_cmpuint(stats_of(f).port_resets, ==, 0);
	g_assert_cmpmem(bytes, status_of(f).block, f->wired.medium.bytes, status_of(f).block);
}

static void a_cancelled_reads_memory_is_not_touched(struct fixture *f, gconstpointer data)
{
	uint8_t *bytes = g_malloc(SCSI_HOST_MOST), other[4096];
	struct reading reading;

	insert(f, false);
	begin_read(f, &reading, 0, SCSI_HOST_MOST / status_of(f).block, bytes);
	scsi_host_cancel(f->host, reading.request);
	g_free(bytes);
	g_assert_null(read_blocks(f, 0, 1, other));
	g_assert_false(reading.done);
}

static void pulled_out_all_reads_end(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[2][4096];
	struct reading first, second;
	char *reason;

	insert(f, false);
	f->wired.medium.hangs = true;
	begin_read(f, &first, 0, 1, bytes[0]);
	begin_read(f, &second, 1, 1, bytes[1]);
	wired_drive_run(20);
	wired_drive_pull(&f->wired);
	reason = end_read(&first);
	g_assert_cmpstr(reason, ==, "the drive was unplugged");
	g_free(reason);
	reason = end_read(&second);
	g_assert_cmpstr(reason, ==, "the drive was unplugged");
	g_free(reason);
	g_assert_false(status_of(f).there);
	begin_read(f, &first, 0, 1, bytes[0]);
	g_assert_false(first.done);
	reason = end_read(&first);
	g_assert_nonnull(reason);
	g_free(reason);
}

static void another_kind_is_another_drive(struct fixture *f, gconstpointer data)
{
	const struct kind *kind = data;

	insert(f, false);
	drive_set_kind(f->wired.drive, kind->kind == SCSI_CD ? SCSI_DISK : SCSI_CD);
	for (int i = 0; i < 200 && status_of(f).medium == SCSI_HOST_PRESENT; i++)
		wired_drive_run(5);
	for (int i = 0; i < 200 && !status_of(f).there; i++)
		wired_drive_run(5);
	g_assert_cmpint(status_of(f).cd, !=, kind->kind == SCSI_CD);
	insert(f, false);
}

static void power_off_and_on_finds_it_again(struct fixture *f, gconstpointer data)
{
	uint8_t bytes[4096];
	struct drive_status status;

	insert(f, false);
	scsi_host_power(f->host, false);
	wired_drive_run(20);
	drive_status(f->wired.drive, &status);
	g_assert_false(status.configured);
	g_assert_false(f->wired.connected);
	g_assert_false(status_of(f).there);
	scsi_host_power(f->host, true);
	wait_for_medium(f, SCSI_HOST_PRESENT);
	g_assert_null(read_blocks(f, 0, 1, bytes));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const struct kind *kind;
	} kinds[] = {
			{"cd", &cd},
			{"disk", &disk},
			{"stalling-cd", &stalling_cd},
			{"stalling-disk", &stalling_disk},
	};
	static const struct {
		const char *name;
		void (*test)(struct fixture *f, gconstpointer kind);
	} tests[] = {
			{"the-node-knows-the-drive-and-its-medium",
					the_node_knows_the_drive_and_its_medium},
			{"every-byte-is-read", every_byte_is_read},
			{"a-read-past-the-end-fails-in-words", a_read_past_the_end_fails_in_words},
			{"a-slow-medium-is-asked-again", a_slow_medium_is_asked_again},
			{"an-error-of-the-medium-is-told", an_error_of_the_medium_is_told},
			{"an-eject-ends-a-read-that-hangs", an_eject_ends_a_read_that_hangs},
			{"another-medium-is-seen-as-another", another_medium_is_seen_as_another},
			{"a-time-out-is-recovered-from", a_time_out_is_recovered_from},
			{"a-cancelled-reads-memory-is-not-touched",
					a_cancelled_reads_memory_is_not_touched},
			{"pulled-out-all-reads-end", pulled_out_all_reads_end},
			{"another-kind-is-another-drive", another_kind_is_another_drive},
			{"power-off-and-on-finds-it-again", power_off_and_on_finds_it_again},
	};

	g_test_init(&argc, &argv, NULL);
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++)
		for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
			g_autofree char *path = g_strdup_printf(
					"/storage/%s/%s", kinds[k].name, tests[i].name);

			g_test_add(path, struct fixture, kinds[k].kind, fixture_open, tests[i].test,
					fixture_close);
		}
	g_test_add("/storage/a-locked-medium-is-asked-for-and-ejected", struct fixture, &cd,
			fixture_open, a_locked_medium_is_asked_for_and_ejected, fixture_close);
	g_test_add("/storage/a-drive-that-halts-endpoints-is-understood", struct fixture,
			&stalling_cd, fixture_open, a_drive_that_halts_endpoints_is_understood,
			fixture_close);
	return g_test_run();
}
