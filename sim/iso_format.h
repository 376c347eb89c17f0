/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The structures of ISO 9660 (ECMA-119), Joliet, Rock Ridge (RRIP 1.12 on SUSP 1.12) and El Torito
 * (1.0), out of sectors in memory. Any bytes are safe: what makes no sense is left out. Strings are
 * UTF-8 without control characters.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ISO_SECTOR      2048
#define ISO_FIRST       16 /* sector of the first volume descriptor: ECMA-119, 6.2.1 */
#define ISO_EXTENTS_MAX 64 /* of a file; the rest of one with more is not seen */
#define ISO_ENTRIES_MAX 65536
#define ISO_BOOT_MAX    8

struct iso_extent {
	uint32_t block, size; /* sector; bytes */
};

struct iso_entry {
	char *name;
	char *link; /* where a symbolic link leads; NULL: is none */
	bool directory;
	bool partial; /* the record for its next extent comes next */
	/* Rock Ridge: more of its name or link is elsewhere; size 0: nothing. */
	struct iso_more {
		uint32_t block, at, size; /* sector, bytes in it */
	} more;
	bool named, name_goes_on, link_joins; /* as far as it was read */
	unsigned int extents;
	struct iso_extent extent[ISO_EXTENTS_MAX];
};

void iso_entry_free(gpointer entry); /* NULL is fine */
uint64_t iso_entry_size(const struct iso_entry *entry);

enum iso_descriptor {
	ISO_NOTHING, /* not a volume descriptor */
	ISO_BOOT_RECORD,
	ISO_PRIMARY,
	ISO_JOLIET,
	ISO_OTHER,
	ISO_END,
};

enum iso_descriptor iso_descriptor(const uint8_t sector[ISO_SECTOR]);

struct iso_words {
	char volume[100], system[100], publisher[400], application[400];
	uint32_t blocks; /* of the volume, of ISO_SECTOR */
	struct iso_extent root;
};

/* Of ISO_PRIMARY or ISO_JOLIET; false: blocks of another size, or no root. */
bool iso_volume_words(const uint8_t sector[ISO_SECTOR], bool joliet, struct iso_words *words);

/* The boot catalogue's sector, 0: not an El Torito boot record. */
uint32_t iso_boot_catalogue(const uint8_t sector[ISO_SECTOR]);

struct iso_boot {
	uint8_t platform;  /* El Torito, 2.1: 0 BIOS, 1 PowerPC, 2 Mac; 0xef UEFI */
	uint8_t emulation; /* 0 none, 1..3 floppies, 4 hard disk */
	bool bootable;
	uint16_t sectors; /* of 512 bytes, to be loaded */
	uint32_t block;   /* of ISO_SECTOR, the image */
};

/* Entries of a catalogue, ISO_BOOT_MAX at most; 0 when its checksum is wrong. */
unsigned int iso_boot_entries(
		const uint8_t sector[ISO_SECTOR], struct iso_boot entries[ISO_BOOT_MAX]);

enum iso_names { ISO_PLAIN, ISO_NAMES_JOLIET, ISO_ROCK_RIDGE };

/*
 * The entries of a directory, without "." and "..", in a new array that frees them; their strings
 * are any bytes until iso_finish. skip: bytes of system use area before Rock Ridge's (SUSP, 5.3).
 */
GPtrArray *iso_directory(const uint8_t *bytes, size_t size, enum iso_names names, uint8_t skip);

/* What was at the entry's more, which becomes the next such place. */
void iso_continue(struct iso_entry *entry, const uint8_t *area, size_t size);

/* Makes the strings UTF-8, and drops entries without a sensible name. */
void iso_finish(GPtrArray *entries);

/* Whether the root directory's first record begins Rock Ridge; sets skip. */
bool iso_has_rock_ridge(const uint8_t *bytes, size_t size, uint8_t *skip);
