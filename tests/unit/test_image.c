/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "media/image.h"

static uint8_t bytes[IMAGE_BYTES];
static struct image image;

static void blank(void)
{
	memset(bytes, 0, sizeof(bytes));
}

static void put(size_t at, const char *text)
{
	memcpy(bytes + at, text, strlen(text));
}

static void put_number(size_t at, uint64_t number, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		bytes[at + i] = (uint8_t)(number >> 8 * i);
}

/* A volume descriptor of ISO 9660. */
static size_t put_descriptor(unsigned int sector, uint8_t type)
{
	size_t at = sector * 2048u;

	bytes[at] = type;
	put(at + 1, "CD001\1");
	return at;
}

static void put_disc(const char *label, uint32_t blocks)
{
	size_t at = put_descriptor(16, 1);

	memset(bytes + at + 40, ' ', 32);
	put(at + 40, label);
	put_number(at + 80, blocks, 4);
	put_number(at + 128, 2048, 2);
	put_descriptor(17, 255);
}

static void put_partition(uint8_t type)
{
	bytes[446 + 4] = type;
	put_number(446 + 8, 64, 4);
	put_number(446 + 12, 1000, 4);
	put(510, "\x55\xaa");
}

/* --- By hand --- */

static void test_zeros_are_neither(void)
{
	blank();
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_false(image_is_disc(&image));
	g_assert_false(image_is_disk(&image));
	g_assert_cmpstr(image.label, ==, "");
	g_assert_cmpuint(image.size, ==, 0);
	g_assert_false(image_is_cut(&image, 1));
}

static void test_few_bytes_are_neither(void)
{
	blank();
	put_disc("X", 1);
	put_partition(0x17);
	for (size_t size = 0; size < 512; size++) {
		image_recognise(&image, bytes, size);
		g_assert_false(image_is_disc(&image));
		g_assert_false(image_is_disk(&image));
	}
	image_recognise(&image, bytes, 17 * 2048 - 1);
	g_assert_false(image_is_disc(&image));
	image_recognise(&image, bytes, 17 * 2048);
	g_assert_true(image_is_disc(&image));
}

static void test_disc_has_its_name_and_size(void)
{
	blank();
	put_disc("RESCUE 9", 3000000);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_true(image_is_disc(&image));
	g_assert_false(image_is_disk(&image));
	g_assert_cmpstr(image.label, ==, "RESCUE 9");
	g_assert_cmpuint(image.size, ==, 3000000ull * 2048);
	g_assert_true(image_is_cut(&image, 3000000ull * 2048 - 1));
	g_assert_false(image_is_cut(&image, 3000000ull * 2048));
}

static void test_joliet_name_has_small_letters(void)
{
	static const char name[] = "Rescue 9";
	size_t at;

	blank();
	put_disc("RESCUE 9", 100);
	at = put_descriptor(17, 2);
	put(at + 88, "%/E");
	for (size_t i = 0; name[i]; i++)
		bytes[at + 40 + 2 * i + 1] = (uint8_t)name[i];
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_cmpstr(image.label, ==, "Rescue 9");
}

static void test_name_is_clean_text(void)
{
	blank();
	put_disc("\x1b[31m\xe4\x80", 100);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_cmpstr(image.label, ==, "?[31mä?");
}

static void test_udf_beside_iso_is_found(void)
{
	blank();
	put_disc("DVD", 100);
	put(18 * 2048 + 1, "BEA01");
	put(19 * 2048 + 1, "NSR02");
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_true(image.iso9660 && image.udf);
	put(19 * 2048 + 1, "?????");
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_false(image.udf);
}

static void test_disc_with_a_table_is_good_as_both(void)
{
	blank();
	put_disc("BOTH", 100);
	put_partition(0x17);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_true(image_is_disc(&image));
	g_assert_true(image_is_disk(&image));
	/* A signature over an empty table is what some tools leave on a plain disc. */
	memset(bytes + 446, 0, 64);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_false(image_is_disk(&image));
}

static void test_boot_sector_without_a_table_is_a_disk(void)
{
	blank();
	memset(bytes, 0xf4, 512);
	put(510, "\x55\xaa");
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_true(image_is_disk(&image));
	g_assert_false(image.mbr);
}

static void test_gpt_says_the_size_of_a_disk(void)
{
	blank();
	put_partition(0xee);
	put(512, "EFI PART");
	put_number(512 + 32, 2047, 8);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_true(image.gpt);
	g_assert_cmpuint(image.size, ==, 1 << 20);
	put_number(512 + 32, UINT64_MAX, 8);
	image_recognise(&image, bytes, sizeof(bytes));
	g_assert_cmpuint(image.size, ==, 0);
}

/* --- As real tools make them --- */

/* A shell's line, run in a folder of its own that has a tree; it makes "out". False: skipped. */
static bool make(const char *tool, const char *line)
{
	g_autofree char *program = g_find_program_in_path(tool);
	g_autofree char *folder = g_dir_make_tmp("image-XXXXXX", NULL);
	g_autofree char *all = g_strdup_printf(
			"cd %s && PATH=$PATH:/sbin:/usr/sbin && mkdir tree && "
			"echo hello > tree/file && (%s) > log 2>&1",
			folder, line);
	g_autofree char *out = g_build_filename(folder, "out", NULL);
	g_autofree char *bin = g_strdup_printf("/usr/sbin/%s", tool);
	g_autofree char *remove = g_strdup_printf("rm -rf %s", folder);
	const char *argv[] = {"/bin/sh", "-c", all, NULL},
		   *tidy[] = {"/bin/sh", "-c", remove, NULL};
	int status = -1;
	FILE *file;

	blank();
	if (program || g_file_test(bin, G_FILE_TEST_IS_EXECUTABLE))
		g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL,
				&status, NULL);
	file = status == 0 ? fopen(out, "rb") : NULL;
	if (file) {
		size_t size = fread(bytes, 1, sizeof(bytes), file);
		GStatBuf there;

		fclose(file);
		g_assert_cmpint(g_stat(out, &there), ==, 0);
		image_recognise(&image, bytes, size);
		g_assert_false(image_is_cut(&image, (uint64_t)there.st_size));
		if (image.size > 0)
			g_assert_true(image_is_cut(&image, (uint64_t)there.st_size / 2));
	} else {
		g_autofree char *why = g_strdup_printf("no %s that works", tool);

		g_test_skip(why);
	}
	g_spawn_sync(NULL, (char **)tidy, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, NULL,
			NULL);
	return file != NULL;
}

static void test_plain_iso_is_a_disc(void)
{
	if (!make("xorriso", "xorriso -as mkisofs -J -r -V Fedora-S-39 -o out tree"))
		return;
	g_assert_true(image.iso9660);
	g_assert_false(image.el_torito);
	g_assert_false(image_is_disk(&image));
	g_assert_cmpstr(image.label, ==, "Fedora-S-39");
	g_assert_cmpuint(image.size, >, 0);
}

static void test_rescue_iso_is_a_hybrid(void)
{
	if (!make("grub-mkrescue", "grub-mkrescue -o out tree -- -volid RESCUE"))
		return;
	g_assert_true(image.el_torito);
	g_assert_true(image_is_disc(&image));
	g_assert_true(image_is_disk(&image));
	g_assert_cmpstr(image.label, ==, "RESCUE");
}

static void test_bootable_iso_for_cd_alone_is_a_disc(void)
{
	if (!make("xorriso", "head -c 4096 /dev/zero > tree/boot && xorriso -as mkisofs -V BOOT "
			     "-b boot -no-emul-boot -boot-load-size 4 -o out tree"))
		return;
	g_assert_true(image.el_torito);
	g_assert_false(image_is_disk(&image));
}

static void test_fat_is_a_disk(void)
{
	if (!make("mkfs.vfat", "truncate -s 4M out && mkfs.vfat out"))
		return;
	g_assert_true(image_is_disk(&image));
	g_assert_false(image_is_disc(&image));
	g_assert_false(image.mbr);
}

static void test_ext4_is_neither(void)
{
	if (!make("mkfs.ext4", "truncate -s 4M out && mkfs.ext4 -F out"))
		return;
	g_assert_false(image_is_disc(&image));
	g_assert_false(image_is_disk(&image));
}

static void test_partitioned_disk_is_a_disk(void)
{
	if (!make("sfdisk", "truncate -s 4M out && echo 'label: gpt\nstart=2048' | sfdisk out"))
		return;
	g_assert_true(image.gpt);
	g_assert_true(image_is_disk(&image));
	g_assert_cmpuint(image.size, ==, 4 << 20);
}

static void test_udf_is_a_disc(void)
{
	if (!make("mkudffs", "truncate -s 4M out && mkudffs -b 2048 out"))
		return;
	g_assert_true(image.udf);
	g_assert_true(image_is_disc(&image));
}

#define add(name) g_test_add_func("/image/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(zeros_are_neither);
	add(few_bytes_are_neither);
	add(disc_has_its_name_and_size);
	add(joliet_name_has_small_letters);
	add(name_is_clean_text);
	add(udf_beside_iso_is_found);
	add(disc_with_a_table_is_good_as_both);
	add(boot_sector_without_a_table_is_a_disk);
	add(gpt_says_the_size_of_a_disk);
	add(plain_iso_is_a_disc);
	add(rescue_iso_is_a_hybrid);
	add(bootable_iso_for_cd_alone_is_a_disc);
	add(fat_is_a_disk);
	add(ext4_is_neither);
	add(partitioned_disk_is_a_disk);
	add(udf_is_a_disc);
	return g_test_run();
}
