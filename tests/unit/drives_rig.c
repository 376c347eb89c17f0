/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/drives_rig.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 20 /* s: no test takes that long */

static void rig_heard(size_t drive, void *data)
{
	struct rig *rig = data;

	g_assert_cmpuint(drive, <, 2);
	rig->heard++;
}

/* ECMA-119, 8.4: a primary volume descriptor; and one partition of a disk. */
static void rig_dress(struct rig *rig, enum rig_look look)
{
	uint8_t *descriptor = rig->content + 16 * 2048;
	uint32_t blocks = GUINT32_TO_LE((uint32_t)(rig->size / 2048));
	uint16_t block = GUINT16_TO_LE(2048);

	memset(rig->content, 0, MIN(rig->size, 18 * 2048));
	if (look & RIG_DISC) {
		memcpy(descriptor, "\1CD001\1", 7);
		memcpy(descriptor + 40, "TEST DISC                       ", 32);
		memcpy(descriptor + 80, &blocks, sizeof(blocks));
		memcpy(descriptor + 128, &block, sizeof(block));
		memcpy(descriptor + 2048, "\377CD001\1", 7);
	}
	if (look & RIG_PARTITIONS) {
		memcpy(rig->content + 446 + 4, "\x83\0\0\0\100\0\0\0\100\0\0\0", 12);
		memcpy(rig->content + 510, "\x55\xaa", 2);
	}
}

void rig_open(struct rig *rig, enum rig_look look, size_t size, unsigned int retry_limit)
{
	const struct drives_unit units[] = {{.name = "cd", .kind = DRIVES_AS_CD},
			{.name = "disk", .kind = DRIVES_AS_DISK}};

	memset(rig, 0, sizeof(*rig));
	rig->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	rig->image = g_build_filename(rig->folder, "image.iso", NULL);
	rig->aside = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	rig->size = size;
	rig->content = g_malloc(MAX(size, 18 * 2048));
	for (size_t i = 0; i < size; i++)
		rig->content[i] = (uint8_t)(i * 7 + i / 2048);
	if (size >= 18 * 2048)
		rig_dress(rig, look);
	g_assert_true(g_file_set_contents(
			rig->image, (const char *)rig->content, (gssize)size, NULL));
	rig->drives = drives_new(&(struct drives_settings){
			.units = units,
			.count = G_N_ELEMENTS(units),
			.cache = 1 << 20,
			.read_ahead = 256 << 10,
			.retry_limit = retry_limit,
			.overlay_folder = rig->aside,
			.cache_folder = rig->aside,
			.cache_folder_limit = 16 << 20,
	});
	drives_listen(rig->drives, rig_heard, rig);
	for (size_t i = 0; i < G_N_ELEMENTS(rig->hosts); i++)
		drive_host_plug(&rig->hosts[i], drives_drive(rig->drives, i));
}

static void rig_remove(char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(folder))) {
		g_autofree char *file = g_build_filename(path, name, NULL);

		g_remove(file);
	}
	g_dir_close(folder);
	g_assert_cmpint(g_rmdir(path), ==, 0);
	g_free(path);
}

void rig_close(struct rig *rig)
{
	for (size_t i = 0; i < G_N_ELEMENTS(rig->hosts); i++)
		drive_host_unplug(&rig->hosts[i]);
	drives_close(rig->drives);
	rig_remove(rig->folder);
	rig_remove(rig->aside);
	g_free(rig->image);
	g_free(rig->content);
	rig_turn();
}

void rig_request(struct rig *rig, size_t drive, const struct drives_request *request)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(drives_insert(rig->drives, drive, request, &error));
	g_assert_no_error(error);
}

void rig_insert(struct rig *rig, size_t drive, const char *source)
{
	rig_request(rig, drive, &(struct drives_request){.source = source ? source : rig->image});
}

void rig_refuses(struct rig *rig, size_t drive, const struct drives_request *request,
		enum drives_error code, const char *words)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(drives_insert(rig->drives, drive, request, &error));
	g_assert_error(error, DRIVES_ERROR, (int)code);
	if (!strstr(error->message, words))
		g_error("\"%s\" says nothing of \"%s\"", error->message, words);
}

struct drives_status rig_status(struct rig *rig, size_t drive)
{
	struct drives_status status;

	drives_status(rig->drives, drive, &status);
	return status;
}

static gboolean rig_lost_patience(gpointer words)
{
	g_error("waited in vain for \"%s\"", (const char *)words);
	return G_SOURCE_REMOVE;
}

struct drives_status rig_wait(struct rig *rig, size_t drive, enum drives_state state)
{
	guint guard = g_timeout_add_seconds(
			PATIENCE, rig_lost_patience, (gpointer)drives_state_word(state));

	while (rig_status(rig, drive).state != state)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(guard);
	return rig_status(rig, drive);
}

unsigned int rig_settle(struct rig *rig, size_t drive)
{
	unsigned int sense = 0, before;

	/* The drive of another kind is another one: configured anew. */
	if (rig->hosts[drive].replugs > 0) {
		rig->hosts[drive].replugs = 0;
		drive_bus_enabled(&rig->hosts[drive].bus, 512);
	}
	do {
		before = sense;
		sense = drive_host_ready(&rig->hosts[drive]);
	} while (sense != 0 && sense != before);
	return sense;
}

void rig_assert_content(struct rig *rig, size_t drive)
{
	size_t block = rig_status(rig, drive).as == DRIVES_AS_CD ? 2048 : 512;
	size_t piece = 64 << 10;

	g_assert_cmphex(rig_settle(rig, drive), ==, 0);
	for (size_t at = 0; at < rig->size / block * block; at += piece) {
		size_t size = MIN(piece, rig->size / block * block - at);

		g_assert_cmpint(drive_host_read(&rig->hosts[drive], (uint32_t)(at / block),
						(uint16_t)(size / block)),
				==, 0);
		g_assert_cmpmem(rig->hosts[drive].data, rig->hosts[drive].size, rig->content + at,
				size);
	}
}

void rig_turn(void)
{
	while (g_main_context_iteration(NULL, FALSE))
		;
}

unsigned int rig_count(const char *folder)
{
	GDir *dir = g_dir_open(folder, 0, NULL);
	unsigned int count = 0;

	while (g_dir_read_name(dir))
		count++;
	g_dir_close(dir);
	return count;
}

size_t rig_resident(void)
{
	unsigned long all, pages = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	g_assert_cmpint(fscanf(file, "%lu %lu", &all, &pages), ==, 2);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}
