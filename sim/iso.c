/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/iso.h"

#define ISO_NAME_STEPS 8    /* sectors that one name or link is spread over */
#define ISO_NAME_READS 4096 /* of such sectors for one directory; names behind that are cut */

typedef void (*iso_step_fn)(struct iso *iso);

struct iso {
	struct iso_medium medium;
	struct iso_volume volume;
	struct iso_extent root; /* in the tree whose names are used */
	uint8_t skip;

	iso_done_fn done; /* of what is under way; NULL: nothing is */
	void *data;
	uint8_t sector[ISO_SECTOR];
	uint32_t at; /* sector of the volume descriptor under way */
	struct iso_words joliet;

	/* The directory that was read last. */
	struct iso_extent where;
	GByteArray *bytes;
	uint32_t bytes_at, bytes_size;
	GPtrArray *entries; /* NULL: none */
	guint more;         /* entry whose name's rest is read next */
	unsigned int steps; /* such pieces of one entry */
	unsigned int reads; /* of sectors for them */
	uint32_t held;      /* sector that is in sector[] for that; 0: none */
	iso_step_fn then;

	char **path; /* names on the way */
	unsigned int depth;
	unsigned int links;
	const struct iso_entry *found;
	bool refused;
};

static void iso_end(struct iso *iso, const char *reason)
{
	iso_done_fn done = iso->done;

	iso->done = NULL;
	done(reason, iso->data);
}

static void iso_refuse(struct iso *iso, const char *reason)
{
	iso->refused = true;
	iso_end(iso, reason);
}

static void iso_begin(struct iso *iso, iso_done_fn done, void *data)
{
	g_assert(!iso->done);
	iso->done = done;
	iso->data = data;
	iso->refused = false;
}

/* false and the end: outside the medium. */
static bool iso_read(struct iso *iso, uint32_t first, uint32_t count, void *bytes, iso_done_fn done)
{
	if ((uint64_t)first + count > iso->medium.sectors)
		return false;
	iso->medium.read(iso->medium.owner, first, count, bytes, done, iso);
	return true;
}

/* --- Directories --- */

static void iso_read_directory(struct iso *iso);

static void iso_read_names(struct iso *iso);

static void iso_names_read(const char *reason, void *data)
{
	struct iso *iso = data;

	if (reason) {
		g_ptr_array_unref(iso->entries);
		iso->entries = NULL;
		iso_end(iso, reason);
		return;
	}
	iso_read_names(iso);
}

/* Long names and links go on in other sectors, mostly many of them in one. */
static void iso_read_names(struct iso *iso)
{
	while (iso->more < iso->entries->len) {
		struct iso_entry *entry = g_ptr_array_index(iso->entries, iso->more);
		const struct iso_more more = entry->more;

		if (more.size == 0 || more.at >= ISO_SECTOR || more.size > ISO_SECTOR - more.at ||
				iso->steps >= ISO_NAME_STEPS || iso->reads >= ISO_NAME_READS) {
			iso->more++;
			iso->steps = 0;
			continue;
		}
		if (iso->held != more.block) {
			iso->held = more.block;
			iso->reads++;
			if (iso_read(iso, more.block, 1, iso->sector, iso_names_read))
				return;
			memset(iso->sector, 0, ISO_SECTOR); /* beyond the end: nothing more */
		}
		iso->steps++;
		iso_continue(entry, iso->sector + more.at, more.size);
	}
	iso_finish(iso->entries);
	iso->then(iso);
}

static void iso_directory_read(const char *reason, void *data)
{
	struct iso *iso = data;

	if (reason)
		iso_end(iso, reason);
	else
		iso_read_directory(iso);
}

static void iso_read_directory(struct iso *iso)
{
	uint32_t sectors = iso->bytes->len / ISO_SECTOR, first = iso->bytes_at, count;

	if (first < sectors) {
		count = MIN(sectors - first, iso->medium.most);
		iso->bytes_at += count;
		if (!iso_read(iso, iso->where.block + first, count,
				    iso->bytes->data + (size_t)first * ISO_SECTOR,
				    iso_directory_read))
			iso_refuse(iso, "the disc has a directory beyond its end");
		return;
	}
	if (iso->root.block == iso->where.block && iso->volume.names != ISO_NAMES_JOLIET &&
			iso_has_rock_ridge(iso->bytes->data, iso->bytes_size, &iso->skip)) {
		iso->volume.names = ISO_ROCK_RIDGE;
		iso->volume.rock_ridge = true;
	}
	iso->entries = iso_directory(
			iso->bytes->data, iso->bytes_size, iso->volume.names, iso->skip);
	g_byte_array_set_size(iso->bytes, 0);
	iso->more = iso->steps = iso->reads = 0;
	iso->held = 0;
	iso_read_names(iso);
}

static void iso_enter(struct iso *iso, const struct iso_extent *where, iso_step_fn then)
{
	iso->then = then;
	if (iso->entries && iso->where.block == where->block && iso->where.size == where->size) {
		then(iso);
		return;
	}
	if (iso->entries)
		g_ptr_array_unref(iso->entries);
	iso->entries = NULL;
	iso->where = *where;
	iso->bytes_at = 0;
	iso->bytes_size = MIN(where->size, ISO_DIRECTORY_MAX);
	g_byte_array_set_size(
			iso->bytes, (iso->bytes_size + ISO_SECTOR - 1) / ISO_SECTOR * ISO_SECTOR);
	iso_read_directory(iso);
}

/* --- The volume --- */

/* Rock Ridge is in the root directory, or not; then Joliet has the better names. */
static void iso_chosen(struct iso *iso)
{
	if (!iso->volume.rock_ridge && iso->volume.joliet) {
		iso->volume.names = ISO_NAMES_JOLIET;
		iso->root = iso->joliet.root;
		if (strlen(iso->joliet.volume) > strlen(iso->volume.words.volume))
			g_strlcpy(iso->volume.words.volume, iso->joliet.volume,
					sizeof(iso->volume.words.volume));
		g_ptr_array_unref(iso->entries);
		iso->entries = NULL;
	}
	iso_end(iso, NULL);
}

static void iso_catalogue_read(const char *reason, void *data)
{
	struct iso *iso = data;

	if (reason) {
		iso_end(iso, reason);
		return;
	}
	iso->volume.boots = iso_boot_entries(iso->sector, iso->volume.boot);
	iso_enter(iso, &iso->root, iso_chosen);
}

static void iso_described(struct iso *iso)
{
	if (iso->root.size == 0)
		iso_refuse(iso, "there is no ISO 9660 volume on it");
	else if (iso->volume.catalogue == 0 ||
			!iso_read(iso, iso->volume.catalogue, 1, iso->sector, iso_catalogue_read))
		iso_enter(iso, &iso->root, iso_chosen);
}

static void iso_next_descriptor(struct iso *iso);

static void iso_descriptor_read(const char *reason, void *data)
{
	struct iso *iso = data;
	enum iso_descriptor type = iso_descriptor(iso->sector);
	struct iso_words words;

	if (reason) {
		iso_end(iso, reason);
		return;
	}
	if (type == ISO_PRIMARY && iso->root.size == 0) {
		if (iso_volume_words(iso->sector, false, &words)) {
			iso->volume.words = words;
			iso->root = words.root;
		}
	} else if (type == ISO_JOLIET && !iso->volume.joliet) {
		iso->volume.joliet = iso_volume_words(iso->sector, true, &iso->joliet);
	} else if (type == ISO_BOOT_RECORD && iso->volume.catalogue == 0) {
		iso->volume.catalogue = iso_boot_catalogue(iso->sector);
	}
	iso->at++;
	if (type == ISO_NOTHING || type == ISO_END || iso->at == ISO_FIRST + ISO_DESCRIPTORS)
		iso_described(iso);
	else
		iso_next_descriptor(iso);
}

static void iso_next_descriptor(struct iso *iso)
{
	if (!iso_read(iso, iso->at, 1, iso->sector, iso_descriptor_read))
		iso_described(iso);
}

void iso_open(struct iso *iso, iso_done_fn done, void *data)
{
	iso_begin(iso, done, data);
	memset(&iso->volume, 0, sizeof(iso->volume));
	iso->root = (struct iso_extent){0};
	iso->at = ISO_FIRST;
	iso_next_descriptor(iso);
}

const struct iso_volume *iso_volume(const struct iso *iso)
{
	return &iso->volume;
}

/* --- What is in it --- */

static void iso_is_listed(struct iso *iso)
{
	iso_end(iso, NULL);
}

void iso_list(struct iso *iso, iso_done_fn done, void *data)
{
	iso_begin(iso, done, data);
	iso_enter(iso, &iso->root, iso_is_listed);
}

const GPtrArray *iso_listed(const struct iso *iso)
{
	return iso->entries;
}

static const struct iso_entry *iso_look_up(const struct iso *iso, const char *name)
{
	bool plain = iso->volume.names == ISO_PLAIN;

	for (guint i = 0; i < iso->entries->len; i++) {
		const struct iso_entry *entry = g_ptr_array_index(iso->entries, i);

		if (plain ? g_ascii_strcasecmp(entry->name, name) == 0
			  : strcmp(entry->name, name) == 0)
			return entry;
	}
	return NULL;
}

/* Names, without empty ones, "." and ".."; above the root is the root. */
static char **iso_split(const char *path)
{
	char **parts = g_strsplit(path, "/", -1);
	GPtrArray *names = g_ptr_array_new();

	for (char **part = parts; *part; part++) {
		if (strcmp(*part, "..") == 0 && names->len > 0)
			g_free(g_ptr_array_remove_index(names, names->len - 1));
		if (**part && strcmp(*part, ".") != 0 && strcmp(*part, "..") != 0)
			g_ptr_array_add(names, g_strdup(*part));
	}
	g_strfreev(parts);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

static void iso_find_step(struct iso *iso);

/* The path with the link in the place of its name. */
static void iso_follow(struct iso *iso, const char *link)
{
	GString *path = g_string_new(NULL);

	for (unsigned int i = 0; *link != '/' && i < iso->depth; i++)
		g_string_append_printf(path, "%s/", iso->path[i]);
	g_string_append(path, link);
	for (char **rest = iso->path + iso->depth + 1; *rest; rest++)
		g_string_append_printf(path, "/%s", *rest);
	g_strfreev(iso->path);
	iso->path = iso_split(path->str);
	g_string_free(path, TRUE);
	iso->depth = 0;
	iso_enter(iso, &iso->root, iso_find_step);
}

static void iso_find_step(struct iso *iso)
{
	const char *name = iso->path[iso->depth];
	const struct iso_entry *entry = name ? iso_look_up(iso, name) : NULL;

	if (!entry || iso->depth >= ISO_DEPTH_MAX) {
		iso_refuse(iso, "is not on the disc");
	} else if (entry->link) {
		if (++iso->links > ISO_LINKS_MAX)
			iso_refuse(iso, "is behind too many links");
		else
			iso_follow(iso, entry->link);
	} else if (!iso->path[iso->depth + 1]) {
		iso->found = entry;
		iso_end(iso, NULL);
	} else if (!entry->directory) {
		iso_refuse(iso, "is not on the disc");
	} else {
		iso->depth++;
		iso_enter(iso, &(struct iso_extent){entry->extent[0].block, entry->extent[0].size},
				iso_find_step);
	}
}

void iso_find(struct iso *iso, const char *path, iso_done_fn done, void *data)
{
	iso_begin(iso, done, data);
	g_strfreev(iso->path);
	iso->path = iso_split(path);
	iso->depth = iso->links = 0;
	iso->found = NULL;
	iso_enter(iso, &iso->root, iso_find_step);
}

const struct iso_entry *iso_found(const struct iso *iso)
{
	return iso->found;
}

bool iso_refused(const struct iso *iso)
{
	return iso->refused;
}

struct iso *iso_new(const struct iso_medium *medium)
{
	struct iso *iso = g_new0(struct iso, 1);

	iso->medium = *medium;
	iso->bytes = g_byte_array_new();
	return iso;
}

void iso_free(struct iso *iso)
{
	if (!iso)
		return;
	iso->medium.cancel(iso->medium.owner);
	if (iso->entries)
		g_ptr_array_unref(iso->entries);
	g_byte_array_unref(iso->bytes);
	g_strfreev(iso->path);
	g_free(iso);
}
