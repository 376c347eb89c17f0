/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include "tests/unit/disc_image.h"

#define SECTOR 2048

static void put16(uint8_t *bytes, unsigned int value)
{
	bytes[0] = value;
	bytes[1] = value >> 8;
}

/* Both byte orders: ECMA-119, 7.3.3. */
static void put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++) {
		bytes[i] = value >> (8 * i);
		bytes[7 - i] = value >> (8 * i);
	}
}

static size_t put_record(uint8_t *record, const char *name, size_t length, uint32_t block,
		uint32_t size, uint8_t flags)
{
	size_t total = 33 + length + !(length & 1);

	record[0] = total;
	put32(record + 2, block);
	put32(record + 10, size);
	record[25] = flags;
	record[28] = 1;
	record[32] = length;
	memcpy(record + 33, name, length);
	return total;
}

static void put_padded(uint8_t *bytes, size_t size, const char *text)
{
	memset(bytes, ' ', size);
	memcpy(bytes, text, MIN(strlen(text), size));
}

static void put_descriptor(uint8_t *sector, uint8_t type)
{
	sector[0] = type;
	memcpy(sector + 1, "CD001\1", 6);
}

/* One entry for BIOS, without emulation. */
static void put_catalogue(uint8_t *sector)
{
	unsigned int sum = 0;

	sector[0] = 1;
	sector[30] = 0x55;
	sector[31] = 0xaa;
	for (int i = 0; i < 32; i += 2)
		sum += sector[i] | sector[i + 1] << 8;
	put16(sector + 28, 0x10000 - (sum & 0xffff));
	sector[32] = 0x88;
	put16(sector + 38, 4);
	put16(sector + 40, DISC_IMAGE_FILES);
}

GByteArray *disc_image_new(const char *volume, const struct disc_image_file *files)
{
	GByteArray *image = g_byte_array_new();
	uint32_t block = DISC_IMAGE_FILES;
	uint8_t *sector;
	size_t at;

	g_byte_array_set_size(image, DISC_IMAGE_FILES * SECTOR);
	memset(image->data, 0, image->len);
	sector = image->data + DISC_IMAGE_ROOT * SECTOR;
	at = put_record(sector, "\0", 1, DISC_IMAGE_ROOT, SECTOR, 2);
	at += put_record(sector + at, "\1", 1, DISC_IMAGE_ROOT, SECTOR, 2);
	for (const struct disc_image_file *file = files; file->name; file++) {
		size_t sectors = (file->size + SECTOR - 1) / SECTOR;
		guint end = image->len;

		g_byte_array_set_size(image, end + sectors * SECTOR);
		memset(image->data + end, 0, sectors * SECTOR);
		if (file->size > 0)
			memcpy(image->data + end, file->bytes, file->size);
		sector = image->data + DISC_IMAGE_ROOT * SECTOR;
		at += put_record(sector + at, file->name, strlen(file->name), block, file->size, 0);
		block += sectors;
	}
	sector = image->data + DISC_IMAGE_PRIMARY * SECTOR;
	put_descriptor(sector, 1);
	put_padded(sector + 8, 32, "");
	put_padded(sector + 40, 32, volume);
	put_padded(sector + 318, 128, "NOBODY");
	put_padded(sector + 574, 128, "");
	put32(sector + 80, block);
	put16(sector + 128, SECTOR);
	put_record(sector + 156, "\0", 1, DISC_IMAGE_ROOT, SECTOR, 2);
	sector = image->data + DISC_IMAGE_BOOT * SECTOR;
	put_descriptor(sector, 0);
	memcpy(sector + 7, "EL TORITO SPECIFICATION", 24);
	put16(sector + 0x47, DISC_IMAGE_CATALOGUE);
	put_descriptor(image->data + DISC_IMAGE_END * SECTOR, 255);
	put_catalogue(image->data + DISC_IMAGE_CATALOGUE * SECTOR);
	return image;
}

void disc_image_sum(
		GString *list, GChecksumType type, const char *name, const void *bytes, gsize size)
{
	g_autofree char *sum = g_compute_checksum_for_data(type, bytes, size);

	g_string_append_printf(list, "%s  %s\n", sum, name);
}

char *disc_image_folder(void)
{
	GError *error = NULL;
	char *folder = g_dir_make_tmp("disc-XXXXXX", &error);

	g_assert_no_error(error);
	return folder;
}

void disc_image_remove(const char *folder)
{
	const char *command[] = {"rm", "-rf", folder, NULL};

	g_spawn_sync(NULL, (char **)command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
			NULL, NULL);
}

void disc_image_write(const char *folder, const char *name, const void *bytes, gsize size)
{
	g_autofree char *path = g_build_filename(folder, name, NULL);
	g_autofree char *above = g_path_get_dirname(path);
	GError *error = NULL;

	g_assert_cmpint(g_mkdir_with_parents(above, 0700), ==, 0);
	g_file_set_contents(path, bytes, size, &error);
	g_assert_no_error(error);
}

GByteArray *disc_image_xorriso(const char *folder, const char *const *arguments)
{
	g_autofree char *program = g_find_program_in_path("xorriso");
	g_autofree char *out = disc_image_folder(), *path = g_build_filename(out, "iso", NULL);
	const char *const words[] = {program, "-as", "mkisofs", "-quiet", NULL};
	const char *const ends[] = {"-o", path, folder, NULL};
	g_autoptr(GPtrArray) command = g_ptr_array_new();
	GError *error = NULL;
	int status;
	char *bytes;
	gsize size;

	if (!program) {
		disc_image_remove(out);
		g_test_skip("xorriso is not installed");
		return NULL;
	}
	for (const char *const *word = words; *word; word++)
		g_ptr_array_add(command, (void *)(uintptr_t)*word);
	for (; *arguments; arguments++)
		g_ptr_array_add(command, (void *)(uintptr_t)*arguments);
	for (const char *const *word = ends; word < ends + G_N_ELEMENTS(ends); word++)
		g_ptr_array_add(command, (void *)(uintptr_t)*word);
	g_spawn_sync(NULL, (char **)command->pdata, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
			NULL, NULL, &status, &error);
	g_assert_no_error(error);
	g_assert_true(g_spawn_check_wait_status(status, NULL));
	g_file_get_contents(path, &bytes, &size, &error);
	g_assert_no_error(error);
	disc_image_remove(out);
	return g_byte_array_new_take((guint8 *)bytes, size);
}
