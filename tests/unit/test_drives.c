/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "media/file.h"
#include "tests/unit/drives_rig.h"

#define SIZE (300u * 1024)

#define FDS     "/proc/self/fd"
#define THREADS "/proc/self/task"

/* --- A disk that hangs --- */

static struct {
	GMutex lock;
	GCond over;
	bool hangs;
} disk;

/* Takes the library's place in the opening of a file, to be as slow as a file server that is away.
 */
int flock(int fd, int operation)
{
	g_mutex_lock(&disk.lock);
	while (disk.hangs)
		g_cond_wait(&disk.over, &disk.lock);
	g_mutex_unlock(&disk.lock);
	return (int)syscall(SYS_flock, fd, operation);
}

static void disk_hangs(bool hangs)
{
	g_mutex_lock(&disk.lock);
	disk.hangs = hangs;
	g_cond_broadcast(&disk.over);
	g_mutex_unlock(&disk.lock);
}

/* --- What comes in --- */

static void test_the_host_reads_what_was_inserted(void)
{
	struct rig rig;
	struct drives_status status;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_EMPTY);
	g_assert_cmphex(rig_settle(&rig, RIG_CD), ==, 0x023a01);
	rig_insert(&rig, RIG_CD, NULL);
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_OPENING);
	status = rig_wait(&rig, RIG_CD, DRIVES_READY);
	g_assert_cmpstr(status.source, ==, rig.image);
	g_assert_cmpstr(status.label, ==, "TEST DISC");
	g_assert_cmpstr(status.reason, ==, "");
	g_assert_cmpint(status.as, ==, DRIVES_AS_CD);
	g_assert_cmpuint(status.size, ==, SIZE);
	g_assert_true(status.connected);
	g_assert_false(status.hybrid || status.locked);
	rig_assert_content(&rig, RIG_CD);
	status = rig_status(&rig, RIG_CD);
	g_assert_cmpuint(status.host_read, ==, SIZE);
	g_assert_cmpuint(status.fetched, >=, SIZE);
	g_assert_cmpuint(rig.heard, >=, 1);
	rig_close(&rig);
}

static void assert_shown_as(
		enum rig_look look, size_t drive, enum drives_as asked, enum drives_as shown)
{
	struct rig rig;
	struct drives_status status;

	rig_open(&rig, look, SIZE, 0);
	rig_request(&rig, drive, &(struct drives_request){.source = rig.image, .as = asked});
	status = rig_wait(&rig, drive, DRIVES_READY);
	g_assert_cmpint(status.as, ==, shown);
	g_assert_cmpint(status.hybrid, ==, look == (RIG_DISC | RIG_PARTITIONS));
	rig_assert_content(&rig, drive);
	rig_close(&rig);
}

static void test_an_image_is_shown_as_what_it_looks_like(void)
{
	assert_shown_as(RIG_DISC, RIG_CD, DRIVES_AS_AUTO, DRIVES_AS_CD);
	assert_shown_as(RIG_DISC, RIG_DISK, DRIVES_AS_AUTO, DRIVES_AS_CD);
	assert_shown_as(RIG_PARTITIONS, RIG_CD, DRIVES_AS_AUTO, DRIVES_AS_DISK);
	assert_shown_as(RIG_BLANK, RIG_CD, DRIVES_AS_AUTO, DRIVES_AS_DISK);
}

static void test_a_hybrid_is_shown_as_what_the_drive_is(void)
{
	assert_shown_as(RIG_DISC | RIG_PARTITIONS, RIG_CD, DRIVES_AS_AUTO, DRIVES_AS_CD);
	assert_shown_as(RIG_DISC | RIG_PARTITIONS, RIG_DISK, DRIVES_AS_AUTO, DRIVES_AS_DISK);
}

static void test_an_image_is_shown_as_what_was_asked_for(void)
{
	assert_shown_as(RIG_DISC | RIG_PARTITIONS, RIG_CD, DRIVES_AS_DISK, DRIVES_AS_DISK);
	assert_shown_as(RIG_PARTITIONS, RIG_DISK, DRIVES_AS_CD, DRIVES_AS_CD);
}

static void test_one_image_takes_the_place_of_another(void)
{
	struct rig rig;
	g_autofree char *other = NULL;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	other = g_build_filename(rig.folder, "other.img", NULL);
	g_assert_true(g_file_set_contents(other, (const char *)rig.content, 8192, NULL));
	rig_insert(&rig, RIG_CD, other);
	rig_insert(&rig, RIG_CD, NULL);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&rig, RIG_CD);
	rig_insert(&rig, RIG_CD, other);
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_OPENING);
	g_assert_cmpuint(rig_wait(&rig, RIG_CD, DRIVES_READY).size, ==, 8192);
	rig_close(&rig);
}

static void test_what_the_host_writes_is_in_the_file(void)
{
	struct drives_request request = {.write = DRIVES_READ_WRITE};
	uint8_t bytes[1024];
	struct rig rig;
	g_autofree char *text = NULL;
	gsize size;

	memset(bytes, 0x5a, sizeof(bytes));
	rig_open(&rig, RIG_PARTITIONS, SIZE, 0);
	request.source = rig.image;
	rig_request(&rig, RIG_DISK, &request);
	rig_wait(&rig, RIG_DISK, DRIVES_READY);
	g_assert_cmphex(rig_settle(&rig, RIG_DISK), ==, 0);
	g_assert_cmpint(drive_host_write(&rig.hosts[RIG_DISK], 100, 2, bytes), ==, 0);
	memcpy(rig.content + 100 * 512, bytes, sizeof(bytes));
	rig_assert_content(&rig, RIG_DISK);
	g_assert_cmpuint(rig_status(&rig, RIG_DISK).host_written, ==, sizeof(bytes));
	g_assert_true(g_file_get_contents(rig.image, &text, &size, NULL));
	g_assert_cmpmem(text, size, rig.content, rig.size);
	rig_close(&rig);
}

static void test_what_is_written_over_an_image_is_dropped(void)
{
	struct drives_request request = {.write = DRIVES_OVERLAY};
	uint8_t bytes[1024];
	struct rig rig;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	gsize size;

	memset(bytes, 0x5a, sizeof(bytes));
	rig_open(&rig, RIG_DISC | RIG_PARTITIONS, SIZE, 0);
	request.source = rig.image;
	rig_request(&rig, RIG_CD, &request);
	g_assert_cmpint(rig_wait(&rig, RIG_CD, DRIVES_READY).as, ==, DRIVES_AS_DISK);
	g_assert_cmphex(rig_settle(&rig, RIG_CD), ==, 0);
	g_assert_cmpint(drive_host_write(&rig.hosts[RIG_CD], 100, 2, bytes), ==, 0);
	g_assert_cmpint(drive_host_read(&rig.hosts[RIG_CD], 100, 2), ==, 0);
	g_assert_cmpmem(rig.hosts[RIG_CD].data, rig.hosts[RIG_CD].size, bytes, sizeof(bytes));
	g_assert_true(g_file_get_contents(rig.image, &text, &size, NULL));
	g_assert_cmpmem(text, size, rig.content, rig.size);
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	rig_request(&rig, RIG_CD, &request);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&rig, RIG_CD);
	rig_close(&rig);
}

/* --- What does not --- */

static void test_what_makes_no_sense_is_refused_at_once(void)
{
	struct drives_request request = {.as = DRIVES_AS_CD, .write = DRIVES_READ_WRITE};
	struct rig rig;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	request.source = rig.image;
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "a CD cannot be written");
	request = (struct drives_request){.source = "image.iso"};
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "not a whole path");
	request = (struct drives_request){.source = rig.image, .user = "ann"};
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "no user");
	request = (struct drives_request){.source = "http://x/y", .write = DRIVES_READ_WRITE};
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "overlay");
	request = (struct drives_request){.source = "http://x/y", .user = "a", .token = "b"};
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "both a user and a token");
	request = (struct drives_request){.source = rig.image, .write = DRIVES_READ_WRITE};
	request.persistent = true;
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "no blocks are kept");
	request = (struct drives_request){.source = "nbd://x/y", .password = "b"};
	rig_refuses(&rig, 0, &request, DRIVES_ERROR_REQUEST, "no password");
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_EMPTY);
	rig_close(&rig);
}

static void test_a_refusal_leaves_what_is_in_the_drive(void)
{
	struct rig rig;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	rig_insert(&rig, RIG_CD, NULL);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_refuses(&rig, RIG_CD, &(struct drives_request){.source = "x"}, DRIVES_ERROR_REQUEST,
			"whole path");
	rig_assert_content(&rig, RIG_CD);
	rig_close(&rig);
}

static void test_what_cannot_be_opened_is_said(void)
{
	struct rig rig;
	struct drives_status status;
	g_autoptr(GError) error = NULL;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	rig_insert(&rig, RIG_CD, "/nowhere/image.iso");
	status = rig_wait(&rig, RIG_CD, DRIVES_FAILED);
	g_assert_nonnull(strstr(status.reason, "is not there"));
	g_assert_cmpstr(status.source, ==, "/nowhere/image.iso");
	g_assert_cmphex(rig_settle(&rig, RIG_CD), ==, 0x023a01);
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	status = rig_status(&rig, RIG_CD);
	g_assert_cmpint(status.state, ==, DRIVES_EMPTY);
	g_assert_null(status.source);
	g_assert_false(drives_eject(rig.drives, RIG_CD, false, &error));
	g_assert_error(error, DRIVES_ERROR, DRIVES_ERROR_STATE);
	rig_close(&rig);
}

static void test_less_than_a_block_is_no_image(void)
{
	struct rig rig;

	rig_open(&rig, RIG_BLANK, 511, 0);
	rig_insert(&rig, RIG_DISK, NULL);
	g_assert_nonnull(strstr(
			rig_wait(&rig, RIG_DISK, DRIVES_FAILED).reason, "less than one block"));
	rig_close(&rig);
}

static void test_a_file_that_changes_fails_for_good(void)
{
	struct rig rig;
	struct drives_status status;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	rig_insert(&rig, RIG_CD, NULL);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	g_assert_cmphex(rig_settle(&rig, RIG_CD), ==, 0);
	g_assert_cmpint(truncate(rig.image, SIZE - 4096), ==, 0);
	g_assert_cmpint(drive_host_read(&rig.hosts[RIG_CD], 100, 1), ==, 1);
	g_assert_cmphex(drive_host_sense(&rig.hosts[RIG_CD]), ==, 0x031100);
	status = rig_wait(&rig, RIG_CD, DRIVES_FAILED);
	g_assert_nonnull(strstr(status.reason, "when it was inserted"));
	g_assert_cmpuint(status.errors, >, 0);
	/* Also what is in memory: no mixture of the old and the new. */
	g_assert_cmpint(drive_host_read(&rig.hosts[RIG_CD], 16, 1), ==, 1);
	rig_close(&rig);
}

static void test_an_image_that_is_cut_off_is_said(void)
{
	struct rig rig;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	g_assert_cmpint(truncate(rig.image, SIZE - 65536), ==, 0);
	rig_insert(&rig, RIG_CD, NULL);
	g_assert_nonnull(strstr(rig_wait(&rig, RIG_CD, DRIVES_READY).reason, "cut off"));
	rig_close(&rig);
}

/* --- Out again --- */

static void test_the_host_ejects(void)
{
	struct rig rig;
	unsigned int fds;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	fds = rig_count(FDS);
	rig_insert(&rig, RIG_CD, NULL);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&rig, RIG_CD);
	g_assert_cmpint(drive_host_start_stop(&rig.hosts[RIG_CD], 2), ==, 0);
	g_assert_cmpstr(rig_wait(&rig, RIG_CD, DRIVES_EMPTY).reason, ==, "ejected by the node");
	g_assert_null(rig_status(&rig, RIG_CD).source);
	rig_turn();
	g_assert_cmpuint(rig_count(FDS), ==, fds);
	rig_insert(&rig, RIG_CD, NULL);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&rig, RIG_CD);
	rig_close(&rig);
}

static void hold(struct rig *rig)
{
	rig_insert(rig, RIG_CD, NULL);
	rig_wait(rig, RIG_CD, DRIVES_READY);
	rig_settle(rig, RIG_CD);
	g_assert_cmpint(drive_host_prevent(&rig->hosts[RIG_CD], true), ==, 0);
	g_assert_true(rig_status(rig, RIG_CD).locked);
}

static void test_a_host_that_holds_it_is_asked(void)
{
	struct rig rig;
	g_autoptr(GError) error = NULL;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	hold(&rig);
	rig_refuses(&rig, RIG_CD, &(struct drives_request){.source = rig.image}, DRIVES_ERROR_STATE,
			"eject it first");
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_EJECTING);
	rig_assert_content(&rig, RIG_CD);
	g_assert_cmpint(drive_host_prevent(&rig.hosts[RIG_CD], false), ==, 0);
	rig_wait(&rig, RIG_CD, DRIVES_EMPTY);
	g_assert_cmphex(rig_settle(&rig, RIG_CD), ==, 0x023a02);
	rig_close(&rig);
}

static void test_force_takes_it_from_the_host(void)
{
	struct rig rig;
	g_autoptr(GError) error = NULL;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	hold(&rig);
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	g_assert_true(drives_eject(rig.drives, RIG_CD, true, &error));
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_EMPTY);
	g_assert_cmpint(drive_host_read(&rig.hosts[RIG_CD], 0, 1), ==, 1);
	rig_close(&rig);
}

static void test_a_disk_that_hangs_holds_up_nobody(void)
{
	struct rig rig;
	g_autoptr(GError) error = NULL;
	unsigned int fds;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	fds = rig_count(FDS);
	disk_hangs(true);
	rig_insert(&rig, RIG_CD, NULL);
	rig_turn();
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_OPENING);
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	g_assert_cmpint(rig_status(&rig, RIG_CD).state, ==, DRIVES_EMPTY);
	rig_insert(&rig, RIG_CD, NULL);
	disk_hangs(false);
	rig_wait(&rig, RIG_CD, DRIVES_READY);
	rig_assert_content(&rig, RIG_CD);
	g_assert_true(drives_eject(rig.drives, RIG_CD, false, &error));
	while (rig_count(FDS) > fds)
		g_main_context_iteration(NULL, TRUE);
	rig_close(&rig);
}

/* --- A viewer's disc --- */

static struct source *disc(struct rig *rig)
{
	g_autoptr(GError) error = NULL;
	struct source *source = file_open(rig->image, false, &error);

	g_assert_no_error(error);
	return source;
}

static void test_a_viewers_disc_goes_into_an_empty_cd_drive(void)
{
	struct rig rig;
	struct drives_status status;
	struct source *source, *second;

	rig_open(&rig, RIG_DISC | RIG_PARTITIONS, SIZE, 0);
	source = disc(&rig);
	second = disc(&rig);
	g_assert_true(drives_offer(rig.drives, source, "192.0.2.7"));
	g_assert_false(drives_offer(rig.drives, second, "192.0.2.8"));
	source_close(second);
	status = rig_wait(&rig, RIG_CD, DRIVES_READY);
	g_assert_cmpstr(status.viewer, ==, "192.0.2.7");
	g_assert_cmpint(status.as, ==, DRIVES_AS_CD);
	rig_assert_content(&rig, RIG_CD);
	g_assert_cmpint(drive_host_prevent(&rig.hosts[RIG_CD], true), ==, 0);
	drives_withdraw(rig.drives, source);
	status = rig_status(&rig, RIG_CD);
	g_assert_cmpint(status.state, ==, DRIVES_EMPTY);
	g_assert_null(status.viewer);
	rig_close(&rig);
}

/* --- Again and again --- */

static void cycle(struct rig *rig, unsigned int i)
{
	g_autoptr(GError) error = NULL;

	rig_insert(rig, RIG_CD, NULL);
	rig_wait(rig, RIG_CD, DRIVES_READY);
	rig_settle(rig, RIG_CD);
	g_assert_cmpint(drive_host_read(&rig->hosts[RIG_CD], i % 100, 16), ==, 0);
	if (i % 2 == 0)
		g_assert_cmpint(drive_host_start_stop(&rig->hosts[RIG_CD], 2), ==, 0);
	else
		g_assert_true(drives_eject(rig->drives, RIG_CD, i % 3 == 0, &error));
	rig_wait(rig, RIG_CD, DRIVES_EMPTY);
}

static void test_a_thousand_inserts_leave_nothing_behind(void)
{
	struct rig rig;
	unsigned int fds, threads;
	size_t memory;

	rig_open(&rig, RIG_DISC, SIZE, 0);
	for (unsigned int i = 0; i < 100; i++)
		cycle(&rig, i);
	fds = rig_count(FDS);
	threads = rig_count(THREADS);
	memory = rig_resident();
	for (unsigned int i = 0; i < 900; i++)
		cycle(&rig, i);
	rig_turn();
	g_assert_cmpuint(rig_count(FDS), <=, fds + 1); /* of the last, until its thread ends */
	g_assert_cmpuint(rig_count(THREADS), <=, threads + 4);
	g_test_message("%zu KiB, and %zd KiB more after 900 inserts", memory >> 10,
			((ssize_t)rig_resident() - (ssize_t)memory) / 1024);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what is freed */
	g_assert_cmpuint(rig_resident(), <, memory + (2 << 20));
#endif
	rig_close(&rig);
}

#define TEST(name) g_test_add_func("/drives/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(the_host_reads_what_was_inserted);
	TEST(an_image_is_shown_as_what_it_looks_like);
	TEST(a_hybrid_is_shown_as_what_the_drive_is);
	TEST(an_image_is_shown_as_what_was_asked_for);
	TEST(one_image_takes_the_place_of_another);
	TEST(what_the_host_writes_is_in_the_file);
	TEST(what_is_written_over_an_image_is_dropped);
	TEST(what_makes_no_sense_is_refused_at_once);
	TEST(a_refusal_leaves_what_is_in_the_drive);
	TEST(what_cannot_be_opened_is_said);
	TEST(less_than_a_block_is_no_image);
	TEST(a_file_that_changes_fails_for_good);
	TEST(an_image_that_is_cut_off_is_said);
	TEST(the_host_ejects);
	TEST(a_host_that_holds_it_is_asked);
	TEST(force_takes_it_from_the_host);
	TEST(a_disk_that_hangs_holds_up_nobody);
	TEST(a_viewers_disc_goes_into_an_empty_cd_drive);
	TEST(a_thousand_inserts_leave_nothing_behind);
	return g_test_run();
}
