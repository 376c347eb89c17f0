/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/iso_format.h"

/* ECMA-119, 9.1: offsets in a directory record */
#define ISO_RECORD_EXTENT 2
#define ISO_RECORD_SIZE   10
#define ISO_RECORD_FLAGS  25
#define ISO_RECORD_NAME   32 /* its length; the name follows */
#define ISO_RECORD_LEAST  34

#define ISO_FLAG_HIDDEN    0x01 /* ECMA-119, table 10 */
#define ISO_FLAG_DIRECTORY 0x02
#define ISO_FLAG_MORE      0x80 /* the file goes on in the next record */

/* Both byte orders are there; the first is little-endian (7.3.3). */
static uint32_t iso_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint16_t iso_get16(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8;
}

void iso_entry_free(gpointer data)
{
	struct iso_entry *entry = data;

	if (!entry)
		return;
	g_free(entry->name);
	g_free(entry->link);
	g_free(entry);
}

uint64_t iso_entry_size(const struct iso_entry *entry)
{
	uint64_t size = 0;

	for (unsigned int i = 0; i < entry->extents; i++)
		size += entry->extent[i].size;
	return size;
}

/* --- Strings --- */

/* What somebody else wrote, for a screen: valid, and no control characters. */
static char *iso_clean(char *text)
{
	char *valid = g_utf8_make_valid(text, -1);

	for (char *at = valid; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	g_free(text);
	return valid;
}

static char *iso_text(const uint8_t *bytes, size_t size)
{
	return iso_clean(g_strndup((const char *)bytes, size));
}

/* UCS-2, big-endian. */
static char *iso_joliet_text(const uint8_t *bytes, size_t size)
{
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i + 1 < size; i += 2) {
		gunichar code = (gunichar)(bytes[i] << 8 | bytes[i + 1]);

		if (code == 0)
			break;
		g_string_append_unichar(text, g_unichar_validate(code) ? code : 0xfffd);
	}
	return iso_clean(g_string_free(text, FALSE));
}

static void iso_field(char *into, size_t room, const uint8_t *bytes, size_t size, bool joliet)
{
	char *text = joliet ? iso_joliet_text(bytes, size) : iso_text(bytes, size);

	g_strlcpy(into, g_strstrip(text), room);
	/* The cut may have gone through a character. */
	while (!g_utf8_validate(into, -1, NULL))
		into[strlen(into) - 1] = 0;
	g_free(text);
}

/* --- Volume descriptors --- */

enum iso_descriptor iso_descriptor(const uint8_t sector[ISO_SECTOR])
{
	const uint8_t *escapes = sector + 88;

	if (memcmp(sector + 1, "CD001", 5) != 0)
		return ISO_NOTHING;
	switch (sector[0]) { /* ECMA-119, 8.1.1 */
	case 0:
		return ISO_BOOT_RECORD;
	case 1:
		return ISO_PRIMARY;
	case 2: /* Joliet's levels */
		return escapes[0] == '%' && escapes[1] == '/' &&
						       (escapes[2] == '@' || escapes[2] == 'C' ||
								       escapes[2] == 'E')
				       ? ISO_JOLIET
				       : ISO_OTHER;
	case 255:
		return ISO_END;
	default:
		return ISO_OTHER;
	}
}

bool iso_volume_words(const uint8_t sector[ISO_SECTOR], bool joliet, struct iso_words *words)
{
	const uint8_t *root = sector + 156; /* ECMA-119, 8.4 */

	memset(words, 0, sizeof(*words));
	iso_field(words->system, sizeof(words->system), sector + 8, 32, joliet);
	iso_field(words->volume, sizeof(words->volume), sector + 40, 32, joliet);
	iso_field(words->publisher, sizeof(words->publisher), sector + 318, 128, joliet);
	iso_field(words->application, sizeof(words->application), sector + 574, 128, joliet);
	words->blocks = iso_get32(sector + 80);
	words->root.block = iso_get32(root + ISO_RECORD_EXTENT);
	words->root.size = iso_get32(root + ISO_RECORD_SIZE);
	return iso_get16(sector + 128) == ISO_SECTOR && root[0] >= ISO_RECORD_LEAST &&
	       root[ISO_RECORD_FLAGS] & ISO_FLAG_DIRECTORY;
}

/* --- El Torito --- */

uint32_t iso_boot_catalogue(const uint8_t sector[ISO_SECTOR])
{
	static const char system[] = "EL TORITO SPECIFICATION";

	if (iso_descriptor(sector) != ISO_BOOT_RECORD ||
			memcmp(sector + 7, system, sizeof(system)) != 0)
		return 0;
	return iso_get32(sector + 0x47);
}

static void iso_boot_entry(const uint8_t *bytes, uint8_t platform, struct iso_boot *entry)
{
	entry->platform = platform;
	entry->bootable = bytes[0] == 0x88; /* El Torito, figure 3 */
	entry->emulation = bytes[1] & 0x0f;
	entry->sectors = iso_get16(bytes + 6);
	entry->block = iso_get32(bytes + 8);
}

unsigned int iso_boot_entries(
		const uint8_t sector[ISO_SECTOR], struct iso_boot entries[ISO_BOOT_MAX])
{
	unsigned int count = 0, left = 0;
	uint8_t platform = sector[1];
	uint16_t sum = 0;

	for (int i = 0; i < 32; i += 2)
		sum += iso_get16(sector + i);
	if (sector[0] != 1 || sum != 0 || sector[30] != 0x55 || sector[31] != 0xaa)
		return 0;
	iso_boot_entry(sector + 32, platform, &entries[count++]);
	for (size_t at = 64; at + 32 <= ISO_SECTOR && count < ISO_BOOT_MAX; at += 32) {
		const uint8_t *bytes = sector + at;

		if (left > 0 && (bytes[0] == 0x88 || bytes[0] == 0)) {
			iso_boot_entry(bytes, platform, &entries[count++]);
			left--;
		} else if (bytes[0] == 0x90 || bytes[0] == 0x91) { /* a section's header */
			platform = bytes[1];
			left = iso_get16(bytes + 2);
		} else if (bytes[0] != 0x44) { /* an entry's extension */
			break;
		}
	}
	return count;
}

/* --- Directories --- */

/* RRIP 4.1.4; a name may come in several pieces. */
static void iso_use_name(struct iso_entry *entry, const uint8_t *use)
{
	char *piece, *whole;

	if (entry->named && !entry->name_goes_on)
		return;
	piece = g_strndup((const char *)use + 5, use[2] - 5);
	whole = g_strconcat(entry->named ? entry->name : "", piece, NULL);
	g_free(piece);
	g_free(entry->name);
	entry->name = whole;
	entry->named = true;
	entry->name_goes_on = use[4] & 1;
}

/* RRIP 4.1.3: components, each a flag byte, a length and a name. */
static void iso_use_link(struct iso_entry *entry, const uint8_t *use)
{
	GString *link = g_string_new(entry->link);
	bool joins = entry->link ? entry->link_joins : true;

	for (size_t at = 5; at + 2 <= use[2] && at + 2 + use[at + 1] <= use[2];
			at += 2 + use[at + 1]) {
		uint8_t flags = use[at];

		if (!joins)
			g_string_append_c(link, '/');
		if (flags & 0x02)
			g_string_append(link, ".");
		else if (flags & 0x04)
			g_string_append(link, "..");
		else if (flags & 0x08)
			g_string_assign(link, "/"); /* from the root */
		else
			g_string_append_len(link, (const char *)use + at + 2, use[at + 1]);
		joins = flags & (0x01 | 0x08);
	}
	g_free(entry->link);
	entry->link = g_string_free(link, FALSE);
	entry->link_joins = joins;
}

void iso_continue(struct iso_entry *entry, const uint8_t *area, size_t size)
{
	memset(&entry->more, 0, sizeof(entry->more));
	for (size_t at = 0; at + 4 <= size; at += area[at + 2]) {
		const uint8_t *use = area + at;

		if (use[2] < 4 || at + use[2] > size || (use[0] == 'S' && use[1] == 'T'))
			return;
		if (use[0] == 'N' && use[1] == 'M' && use[2] >= 5) {
			iso_use_name(entry, use);
		} else if (use[0] == 'S' && use[1] == 'L' && use[2] >= 5) {
			iso_use_link(entry, use);
		} else if (use[0] == 'C' && use[1] == 'E' && use[2] >= 28) { /* SUSP, 5.1 */
			entry->more.block = iso_get32(use + 4);
			entry->more.at = iso_get32(use + 12);
			entry->more.size = iso_get32(use + 20);
		}
	}
}

void iso_finish(GPtrArray *entries)
{
	guint kept = 0;

	for (guint i = 0; i < entries->len; i++) {
		struct iso_entry *entry = g_ptr_array_index(entries, i);

		entry->name = iso_clean(entry->name);
		entry->link = entry->link ? iso_clean(entry->link) : NULL;
		if (*entry->name == 0 || strchr(entry->name, '/'))
			iso_entry_free(entry);
		else
			entries->pdata[kept++] = entry;
	}
	for (guint i = kept; i < entries->len; i++)
		entries->pdata[i] = NULL;
	g_ptr_array_set_size(entries, (gint)kept);
}

/* Without the version: ECMA-119, 7.5.1. */
static char *iso_plain_name(char *name)
{
	char *version = strrchr(name, ';');
	size_t size;

	if (version)
		*version = 0;
	size = strlen(name);
	if (size > 1 && name[size - 1] == '.')
		name[size - 1] = 0;
	return name;
}

static struct iso_entry *iso_record(const uint8_t *record, enum iso_names names, uint8_t skip)
{
	const uint8_t *name = record + ISO_RECORD_NAME + 1;
	size_t size = record[ISO_RECORD_NAME];
	size_t area = ISO_RECORD_NAME + 1 + size + !(size & 1) + skip;
	struct iso_entry *entry = g_new0(struct iso_entry, 1);

	entry->name = iso_plain_name(names == ISO_NAMES_JOLIET
						     ? iso_joliet_text(name, size)
						     : g_strndup((const char *)name, size));
	entry->directory = record[ISO_RECORD_FLAGS] & ISO_FLAG_DIRECTORY;
	entry->partial = record[ISO_RECORD_FLAGS] & ISO_FLAG_MORE;
	entry->extents = 1;
	/* An extended attribute record stands before the data (9.1.2). */
	entry->extent[0].block = iso_get32(record + ISO_RECORD_EXTENT) + record[1];
	entry->extent[0].size = iso_get32(record + ISO_RECORD_SIZE);
	if (names == ISO_ROCK_RIDGE && area < record[0])
		iso_continue(entry, record + area, record[0] - area);
	return entry;
}

/* A record that continues the file of the last one gives it its extent; true: it did. */
static bool iso_continues(struct iso_entry *last, const struct iso_entry *entry)
{
	if (!last || !last->partial || last->directory || strcmp(last->name, entry->name) != 0)
		return false;
	if (last->extents < ISO_EXTENTS_MAX)
		last->extent[last->extents++] = entry->extent[0];
	last->partial = entry->partial;
	return true;
}

/* The record at *at, which moves behind it; NULL: there is no more. */
static const uint8_t *iso_next_record(const uint8_t *bytes, size_t size, size_t *at)
{
	while (*at + ISO_RECORD_LEAST <= size) {
		const uint8_t *record = bytes + *at;

		if (record[0] == 0) { /* records do not cross sectors */
			*at = (*at / ISO_SECTOR + 1) * ISO_SECTOR;
			continue;
		}
		if (record[0] < ISO_RECORD_LEAST || *at + record[0] > size ||
				ISO_RECORD_NAME + 1 + record[ISO_RECORD_NAME] > record[0])
			return NULL;
		*at += record[0];
		return record;
	}
	return NULL;
}

GPtrArray *iso_directory(const uint8_t *bytes, size_t size, enum iso_names names, uint8_t skip)
{
	GPtrArray *entries = g_ptr_array_new_with_free_func(iso_entry_free);
	struct iso_entry *last = NULL;
	const uint8_t *record;
	size_t at = 0;

	while (entries->len < ISO_ENTRIES_MAX && (record = iso_next_record(bytes, size, &at))) {
		struct iso_entry *entry;

		/* "." and ".." are named by one byte, 0 and 1 (7.6.2). */
		if (record[ISO_RECORD_NAME] == 1 && record[ISO_RECORD_NAME + 1] <= 1)
			continue;
		entry = iso_record(record, names, skip);
		if (iso_continues(last, entry)) {
			iso_entry_free(entry);
			continue;
		}
		g_ptr_array_add(entries, entry);
		last = entry;
	}
	return entries;
}

/* SUSP 5.3: its first entry there is SP, with two check bytes and how much to skip elsewhere. */
bool iso_has_rock_ridge(const uint8_t *bytes, size_t size, uint8_t *skip)
{
	size_t at = 0, area;
	const uint8_t *record = iso_next_record(bytes, size, &at), *use;

	if (!record || record[ISO_RECORD_NAME] != 1)
		return false;
	area = ISO_RECORD_NAME + 2;
	if (area + 7 > record[0])
		return false;
	use = record + area;
	if (use[0] != 'S' || use[1] != 'P' || use[2] < 7 || use[4] != 0xbe || use[5] != 0xef)
		return false;
	*skip = use[6];
	return true;
}
