/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The simulated node's boot menu and what it does with a medium, by its keyboard and its screen. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sim/keymap.h"
#include "sim/node.h"
#include "src/node_cables.h"
#include "tests/unit/disc_image.h"
#include "tests/unit/sim_devices.h"
#include "tests/unit/wired_drive.h"

/* A node in its boot menu serves several tests: its self test takes a while. */
struct bench {
	struct sim_node *node; /* NULL: to be switched on */
	int keyboard[2];
};

struct fixture {
	struct bench *bench;
	struct sim_node *node;
	struct wired_drive cd, disk;
	bool left; /* the boot menu: for the next test the node is another */
};

static void press(struct fixture *f, uint8_t usage)
{
	const uint8_t down[8] = {0, 0, usage}, up[8] = {0};

	g_assert_cmpint(send(f->bench->keyboard[0], down, sizeof(down), 0), ==, sizeof(down));
	g_assert_cmpint(send(f->bench->keyboard[0], up, sizeof(up), 0), ==, sizeof(up));
	wired_drive_run(5);
}

static bool shows(struct fixture *f, const char *text)
{
	return strstr(sim_node_text(f->node), text) != NULL;
}

static void wait_to_show(struct fixture *f, const char *text)
{
	for (int i = 0; i < 2000 && !shows(f, text); i++)
		wired_drive_run(5);
	if (!shows(f, text))
		g_error("not on the screen: \"%s\" but:\n%s", text, sim_node_text(f->node));
	g_test_message("%s", sim_node_text(f->node));
}

static void bench_open(struct bench *bench)
{
	const struct sim_engine engine = {CAPTURE_AJPG, 444, 7, -1, false, 60};

	bench->node = sim_node_new(&engine);
	wired_drive_pair(bench->keyboard);
	g_assert_true(sim_node_plug(
			bench->node, bench->keyboard[1], boot_keyboard, sizeof(boot_keyboard)));
	sim_node_power(bench->node, true);
	wired_drive_run(10);
}

static void bench_close(struct bench *bench)
{
	if (!bench->node)
		return;
	sim_node_free(bench->node);
	bench->node = NULL;
	close(bench->keyboard[0]);
	close(bench->keyboard[1]);
}

/* In the boot menu, with a CD drive and a disk. */
static void fixture_open(struct fixture *f, gconstpointer bench)
{
	f->bench = (struct bench *)(uintptr_t)bench;
	if (!f->bench->node) {
		bench_open(f->bench);
		f->node = f->bench->node;
		press(f, KEYMAP_F12);
	}
	f->node = f->bench->node;
	wired_drive_open(&f->cd, SCSI_CD, false);
	wired_drive_open(&f->disk, SCSI_DISK, false);
	g_assert_true(sim_node_plug_drive(f->node, f->cd.fds[1]));
	g_assert_true(sim_node_plug_drive(f->node, f->disk.fds[1]));
	wait_to_show(f, "Boot menu");
	wait_to_show(f, "CD/DVD: Maker Wired drive");
	wait_to_show(f, "Disk: Maker Wired drive");
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	press(f, KEYMAP_ESCAPE);
	sim_node_unplug_drive(f->node, f->cd.fds[1]);
	sim_node_unplug_drive(f->node, f->disk.fds[1]);
	if (f->left)
		bench_close(f->bench);
	wired_drive_close(&f->cd);
	wired_drive_close(&f->disk);
}

static const uint8_t *pattern(gsize size)
{
	static uint8_t bytes[1 << 20];

	g_assert_cmpuint(size, <=, sizeof(bytes));
	for (gsize i = 0; i < size; i++)
		bytes[i] = i * 31 + i / 4096;
	return bytes;
}

/* Two files and their sums; spoilt: one is not what its sum says, and one is not there. */
static GByteArray *hand_made(const char *volume, bool spoilt)
{
	static const char hello[] = "Hello, node.\n";
	const gsize size = 300 << 10;
	g_autoptr(GString) list = g_string_new(NULL);

	disc_image_sum(list, G_CHECKSUM_SHA256, "./HELLO.TXT", hello, strlen(hello) + spoilt);
	disc_image_sum(list, G_CHECKSUM_SHA256, "kernel.img", pattern(size), size);
	if (spoilt)
		disc_image_sum(list, G_CHECKSUM_SHA256, "lost.img", "", 0);
	{
		const struct disc_image_file files[] = {
				{"HELLO.TXT;1", hello, strlen(hello)},
				{"KERNEL.IMG;1", pattern(size), size},
				{"SHA256SUMS.;1", list->str, list->len},
				{NULL, NULL, 0},
		};

		return disc_image_new(volume, files);
	}
}

static void insert(struct wired_drive *wired, GByteArray *image)
{
	wired_drive_insert(wired, image->data, image->len, false);
	g_byte_array_unref(image);
}

/* Down from the first entry: over the desktop to the drives. */
static void boot_cd(struct fixture *f)
{
	press(f, KEYMAP_HOME);
	press(f, KEYMAP_DOWN);
	press(f, KEYMAP_DOWN);
	press(f, KEYMAP_ENTER);
	wait_to_show(f, "Booting from Maker Wired drive");
}

static void boot_disk(struct fixture *f)
{
	press(f, KEYMAP_END);
	press(f, KEYMAP_UP);
	press(f, KEYMAP_UP);
	press(f, KEYMAP_ENTER);
	wait_to_show(f, "Booting from Maker Wired drive");
}

/* --- Tests --- */

static void media_come_and_go_in_the_menu(struct fixture *f, gconstpointer unused)
{
	wait_to_show(f, "no medium");
	insert(&f->cd, hand_made("FIRST_DISC", false));
	wait_to_show(f, "FIRST_DISC, 3");
	insert(&f->cd, hand_made("SECOND_DISC", false));
	wait_to_show(f, "SECOND_DISC, 3");
	g_assert_false(shows(f, "FIRST_DISC"));
	drive_eject(f->cd.drive, true);
	for (int i = 0; i < 1000 && shows(f, "SECOND_DISC"); i++)
		wired_drive_run(5);
	g_assert_false(shows(f, "SECOND_DISC"));
	sim_node_unplug_drive(f->node, f->cd.fds[1]);
	wired_drive_run(20);
	g_assert_false(shows(f, "CD/DVD"));
	g_assert_true(shows(f, "Disk: Maker"));
}

static void a_disc_boots_and_its_files_are_checked(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
	g_assert_true(shows(f, "Volume   : \"BOOT_DISC\""));
	g_assert_true(shows(f, "Boot     : BIOS, no emulation, 4 sectors at block 21"));
	g_assert_true(shows(f, "Files    : HELLO.TXT KERNEL.IMG SHA256SUMS"));
	g_assert_true(shows(f, "2 of 2 files, 0.3 MB"));
	press(f, KEYMAP_ESCAPE);
	wait_to_show(f, "Boot menu");
}

static void a_wrong_file_is_named(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BAD_DISC", true));
	wait_to_show(f, "BAD_DISC");
	boot_cd(f);
	wait_to_show(f, "1 files right, 1 wrong, 1 missing.");
	g_assert_true(shows(f, "HELLO.TXT is wrong"));
	g_assert_true(shows(f, "lost.img is not on the disc"));
}

static void an_empty_drive_says_so(struct fixture *f, gconstpointer unused)
{
	wait_to_show(f, "no medium");
	boot_cd(f);
	wait_to_show(f, "Stopped: there is no medium in the drive.");
}

static void an_eject_in_mid_boot_is_said(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("LOST_DISC", false));
	wait_to_show(f, "LOST_DISC");
	f->cd.medium.hangs = true;
	boot_cd(f);
	wired_drive_run(50);
	drive_eject(f->cd.drive, true);
	wait_to_show(f, "Stopped: the medium was taken out.");
	press(f, KEYMAP_ESCAPE);
	wait_to_show(f, "no medium");
	insert(&f->cd, hand_made("LOST_DISC", false));
	wait_to_show(f, "LOST_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
}

static void an_eject_afterwards_is_said_too(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
	drive_eject(f->cd.drive, true);
	wait_to_show(f, "Stopped: the medium was taken out.");
}

static void a_medium_that_is_asked_for_is_given_free(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
	g_assert_false(drive_eject(f->cd.drive, false));
	wait_to_show(f, "the medium was asked for, and is given free");
	for (int i = 0; i < 200 && f->cd.ejected == 0; i++)
		wired_drive_run(5);
	g_assert_cmpuint(f->cd.ejected, ==, 1);
}

static void going_back_lets_go_of_the_medium(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	f->cd.medium.hangs = true;
	boot_cd(f);
	press(f, KEYMAP_ESCAPE);
	g_assert_true(shows(f, "Boot menu"));
	f->cd.medium.hangs = false;
	drive_eject(f->cd.drive, true);
	insert(&f->cd, hand_made("NEXT_DISC", false));
	wait_to_show(f, "NEXT_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
	press(f, KEYMAP_ESCAPE);
	wired_drive_run(50);
	g_assert_true(drive_eject(f->cd.drive, false));
}

static void a_slow_disc_is_waited_for(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("SLOW_DISC", false));
	wait_to_show(f, "SLOW_DISC");
	f->cd.medium.fault = SCSI_FAULT_WAIT;
	boot_cd(f);
	wait_to_show(f, "The drive is not ready; it is asked again");
	f->cd.medium.fault = SCSI_NO_FAULT;
	wait_to_show(f, "2 files right.");
}

static void a_drive_pulled_out_in_mid_boot_is_said(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	f->cd.medium.hangs = true;
	boot_cd(f);
	sim_node_unplug_drive(f->node, f->cd.fds[1]);
	wait_to_show(f, "Stopped: the drive was unplugged.");
	press(f, KEYMAP_ESCAPE);
	wait_to_show(f, "Boot menu");
	g_assert_false(shows(f, "CD/DVD"));
	press(f, KEYMAP_ENTER); /* what was chosen is gone: the first entry */
	wait_to_show(f, "node:~ $");
	f->left = true;
}

static void a_reset_in_mid_boot_begins_anew(struct fixture *f, gconstpointer unused)
{
	insert(&f->cd, hand_made("BOOT_DISC", false));
	wait_to_show(f, "BOOT_DISC");
	f->cd.medium.hangs = true;
	boot_cd(f);
	sim_node_power(f->node, false);
	wired_drive_run(20);
	f->cd.medium.hangs = false;
	sim_node_power(f->node, true);
	wired_drive_run(10);
	press(f, KEYMAP_F12);
	wait_to_show(f, "BOOT_DISC");
	boot_cd(f);
	wait_to_show(f, "2 files right.");
}

static void garbage_does_not_boot(struct fixture *f, gconstpointer unused)
{
	wired_drive_insert(&f->cd, NULL, 200 << 10, false);
	wait_to_show(f, "no name, 200");
	boot_cd(f);
	wait_to_show(f, "Stopped: there is no ISO 9660 volume on it.");
}

static void a_disks_partitions_are_listed(struct fixture *f, gconstpointer unused)
{
	g_autofree uint8_t *bytes = g_malloc0(1 << 20);
	static const uint8_t entry[16] = {
			0x80, 0, 0, 0, 0x83, 0, 0, 0, 0x00, 0x02, 0, 0, 0x00, 0x04};

	memcpy(bytes + 446, entry, sizeof(entry));
	bytes[510] = 0x55;
	bytes[511] = 0xaa;
	wired_drive_insert(&f->disk, bytes, 1 << 20, true);
	wait_to_show(f, "no name, 1.0");
	boot_disk(f);
	wait_to_show(f, "This firmware reads no other file system than ISO 9660.");
	g_assert_true(shows(f, "Partition 1: 512.0"));
	g_assert_true(shows(f, "at block 512, Linux, active"));
}

static void an_image_as_a_disk_boots_like_a_disc(struct fixture *f, gconstpointer unused)
{
	insert(&f->disk, hand_made("AS_A_DISK", false));
	wait_to_show(f, "AS_A_DISK");
	boot_disk(f);
	wait_to_show(f, "2 files right.");
	g_assert_true(shows(f, "blocks of 512 bytes"));
}

static void on_connected(struct drive *drive, bool connected, void *data)
{
	int *count = data;

	*count += connected ? 1 : -1;
}

static void every_drive_gets_a_cable(struct fixture *f, gconstpointer unused)
{
	const struct drive_settings settings = {
			.kind = SCSI_CD,
			.identity = {"Cabled", "Drive", "1", "0123456789AC"},
	};
	const struct drive_events events = {0};
	struct drive *drives[7];
	int connected = 0;
	struct node_cables *cables = node_cables_new(f->node, on_connected, &connected);
	GError *error = NULL;

	/* The fixture's two have ports already. */
	for (int i = 0; i < 7; i++) {
		drives[i] = drive_new(&settings, &events);
		g_assert_cmpint(node_cables_plug(cables, drives[i], &error), ==, i < 6);
	}
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
	g_error_free(error);
	wait_to_show(f, "CD/DVD: Cabled Drive");
	g_assert_cmpint(connected, ==, 6);
	g_assert_true(shows(f, "Switch off"));
	drive_close(drives[0]); /* in either order */
	node_cables_free(cables);
	wired_drive_run(20);
	g_assert_false(shows(f, "Cabled"));
	for (int i = 1; i < 7; i++)
		drive_close(drives[i]);
}

/* Rock Ridge, folders, symbolic links, long names and a list as Debian's discs have it. */
static void a_real_image_boots(struct fixture *f, gconstpointer unused)
{
	static const char *const arguments[] = {"-R", "-J", "-V", "Real image 1.0", "-c",
			"boot.cat", "-b", "boot/loader.img", "-no-emul-boot", NULL};
	static const char long_name[] =
			"pool/main/a_package-with-a-long-name_1.2.3+really4.5.6-7~deb12u8_amd64.deb";
	g_autofree char *folder = disc_image_folder(), *link = NULL;
	g_autoptr(GString) list = g_string_new(NULL);
	GByteArray *image;

	disc_image_write(folder, "boot/loader.img", pattern(2048), 2048);
	disc_image_write(folder, long_name, pattern(500000), 500000);
	disc_image_write(folder, "pool/empty", "", 0);
	disc_image_sum(list, G_CHECKSUM_MD5, "./pool/empty", "", 0);
	disc_image_sum(list, G_CHECKSUM_MD5, long_name, pattern(500000), 500000);
	disc_image_sum(list, G_CHECKSUM_MD5,
			"./dists/stable/main/a_package-with-a-long-name_1.2.3+really4.5.6-7~deb12u8"
			"_amd64.deb",
			pattern(500000), 500000);
	disc_image_write(folder, "md5sum.txt", list->str, list->len);
	disc_image_write(folder, "dists/README", "x", 1);
	link = g_build_filename(folder, "dists/stable", NULL);
	g_assert_cmpint(symlink("../pool", link), ==, 0);
	image = disc_image_xorriso(folder, arguments);
	disc_image_remove(folder);
	if (!image)
		return;
	insert(&f->cd, image);
	wait_to_show(f, "Real image 1.0");
	boot_cd(f);
	wait_to_show(f, "3 files right.");
	g_assert_true(shows(f, "ISO 9660, Rock Ridge, Joliet"));
	g_assert_true(shows(f, "Boot     : BIOS, no emulation"));
	g_assert_true(shows(f, "pool/"));
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*test)(struct fixture *f, gconstpointer unused);
	} tests[] = {
			{"media-come-and-go-in-the-menu", media_come_and_go_in_the_menu},
			{"a-disc-boots-and-its-files-are-checked",
					a_disc_boots_and_its_files_are_checked},
			{"a-wrong-file-is-named", a_wrong_file_is_named},
			{"an-empty-drive-says-so", an_empty_drive_says_so},
			{"an-eject-in-mid-boot-is-said", an_eject_in_mid_boot_is_said},
			{"an-eject-afterwards-is-said-too", an_eject_afterwards_is_said_too},
			{"a-medium-that-is-asked-for-is-given-free",
					a_medium_that_is_asked_for_is_given_free},
			{"going-back-lets-go-of-the-medium", going_back_lets_go_of_the_medium},
			{"a-slow-disc-is-waited-for", a_slow_disc_is_waited_for},
			{"a-drive-pulled-out-in-mid-boot-is-said",
					a_drive_pulled_out_in_mid_boot_is_said},
			{"a-reset-in-mid-boot-begins-anew", a_reset_in_mid_boot_begins_anew},
			{"garbage-does-not-boot", garbage_does_not_boot},
			{"a-disks-partitions-are-listed", a_disks_partitions_are_listed},
			{"an-image-as-a-disk-boots-like-a-disc",
					an_image_as_a_disk_boots_like_a_disc},
			{"every-drive-gets-a-cable", every_drive_gets_a_cable},
			{"a-real-image-boots", a_real_image_boots},
	};

	struct bench bench = {0};
	int result;

	g_test_init(&argc, &argv, NULL);
	for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *path = g_strdup_printf("/boot/%s", tests[i].name);

		g_test_add(path, struct fixture, &bench, fixture_open, tests[i].test,
				fixture_close);
	}
	result = g_test_run();
	bench_close(&bench);
	return result;
}
