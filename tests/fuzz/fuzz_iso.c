/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any image: opened, its root listed, and some paths looked for; then the same bytes as a disk's
 * partition tables, as a directory, and as a list of checksums. The input: the image from sector 16
 * on (those before are empty), and a byte before it that says how much larger than that the medium
 * is, in sectors.
 */
#include <stdlib.h>
#include <string.h>
#include "sim/checksums.h"
#include "sim/iso.h"
#include "sim/partitions.h"
#include "tests/fuzz/targets.h"

#define READS_MOST 100000 /* a path has so many directories, and each is limited */

struct medium {
	const uint8_t *data;
	size_t size;
	uint64_t sectors;
	iso_done_fn done; /* of the read under way */
	void *done_data;
	unsigned int reads;
};

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void medium_read(void *owner, uint32_t first, uint32_t count, void *bytes, iso_done_fn done,
		void *data)
{
	struct medium *medium = owner;
	size_t start = ((size_t)first - ISO_FIRST) * ISO_SECTOR, size = (size_t)count * ISO_SECTOR;

	demand(!medium->done && count >= 1 && (uint64_t)first + count <= medium->sectors);
	demand(++medium->reads < READS_MOST);
	memset(bytes, 0, size);
	if (first >= ISO_FIRST && start < medium->size)
		memcpy(bytes, medium->data + start, MIN(size, medium->size - start));
	medium->done = done;
	medium->done_data = data;
}

static void medium_cancel(void *owner)
{
	struct medium *medium = owner;

	medium->done = NULL;
}

static void on_done(const char *reason, void *data)
{
	int *ended = data;

	demand(*ended == 0);
	*ended = reason ? -1 : 1;
}

static bool finish(struct medium *medium, const int *ended)
{
	while (medium->done) {
		iso_done_fn done = medium->done;

		medium->done = NULL;
		done(NULL, medium->done_data);
	}
	demand(*ended != 0);
	return *ended > 0;
}

static void check_entry(const struct iso_entry *entry)
{
	demand(g_utf8_validate(entry->name, -1, NULL) && *entry->name);
	demand(!entry->link || g_utf8_validate(entry->link, -1, NULL));
	demand(entry->extents >= 1 && entry->extents <= ISO_EXTENTS_MAX);
	iso_entry_size(entry);
}

static void find(struct iso *iso, struct medium *medium, const char *path)
{
	int ended = 0;

	iso_find(iso, path, on_done, &ended);
	if (finish(medium, &ended))
		check_entry(iso_found(iso));
}

static void walk(struct iso *iso, struct medium *medium)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	int ended = 0;

	iso_list(iso, on_done, &ended);
	if (!finish(medium, &ended))
		return;
	for (guint i = 0; i < iso_listed(iso)->len; i++) {
		const struct iso_entry *entry = g_ptr_array_index(iso_listed(iso), i);

		check_entry(entry);
		if (i < 4) /* and once more below it */
			g_ptr_array_add(names, g_strdup_printf("%s/%s", entry->name, entry->name));
	}
	for (guint i = 0; i < names->len; i++) {
		char *path = g_ptr_array_index(names, i);

		find(iso, medium, path);
		*strchr(path, '/') = 0;
		find(iso, medium, path);
	}
	find(iso, medium, "../a/./b//c/../d");
}

static void as_an_image(const uint8_t *data, size_t size, unsigned int more)
{
	struct medium medium = {.data = data, .size = size};
	struct iso_medium interface = {
			.read = medium_read, .cancel = medium_cancel, .most = 32, .owner = &medium};
	const struct iso_volume *volume;
	struct iso *iso;
	int ended = 0;

	medium.sectors = ISO_FIRST + (size + ISO_SECTOR - 1) / ISO_SECTOR + more;
	interface.sectors = medium.sectors;
	iso = iso_new(&interface);
	iso_open(iso, on_done, &ended);
	if (finish(&medium, &ended)) {
		volume = iso_volume(iso);
		demand(volume->boots <= ISO_BOOT_MAX);
		demand(g_utf8_validate(volume->words.volume, -1, NULL));
		demand(g_utf8_validate(volume->words.application, -1, NULL));
		walk(iso, &medium);
	}
	iso_free(iso);
}

static void as_a_disk(const uint8_t *data, size_t size)
{
	struct partitions partitions;
	uint64_t first;
	uint32_t entries, entry;
	size_t left;

	if (size < 1024)
		return;
	partitions_read_pc(&partitions, data, size / 512);
	demand(partitions.count <= PARTITIONS_MAX);
	if (!partitions_guid_head(data + 512, 512, size / 512, &first, &entries, &entry))
		return;
	left = size - (size_t)first * 512;
	demand(entries <= PARTITIONS_ENTRIES && entries <= left);
	partitions_read_guid(&partitions, data + first * 512, entries, entry, size / 512);
	for (unsigned int i = 0; i < partitions.count; i++)
		demand(g_utf8_validate(partitions.partition[i].name, -1, NULL));
}

int target_iso(const uint8_t *data, size_t size)
{
	struct checksums *sums;
	GPtrArray *entries;
	uint8_t skip;

	if (size < 1)
		return 0;
	as_an_image(data + 1, size - 1, data[0]);
	as_a_disk(data + 1, size - 1);
	iso_has_rock_ridge(data + 1, size - 1, &skip);
	for (int names = ISO_PLAIN; names <= ISO_ROCK_RIDGE; names++) {
		entries = iso_directory(data + 1, size - 1, (enum iso_names)names, data[0] & 15);
		for (guint i = 0; i < entries->len; i++)
			iso_continue(g_ptr_array_index(entries, i), data + 1, MIN(size - 1, 256));
		iso_finish(entries);
		for (guint i = 0; i < entries->len; i++)
			check_entry(g_ptr_array_index(entries, i));
		g_ptr_array_unref(entries);
	}
	sums = checksums_new(g_strndup((const char *)data + 1, size - 1));
	for (guint i = 0; i < sums->lines->len; i++)
		demand(*g_array_index(sums->lines, struct checksums_line, i).name);
	checksums_free(sums);
	return 0;
}
