/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A disc's file system, ISO 9660 with Joliet or Rock Ridge, by asynchronous reads of sectors. Any
 * image is harmless: what it names is clipped to its size, directories to ISO_DIRECTORY_MAX, links
 * to ISO_LINKS_MAX; nothing is followed but what somebody asked for.
 */
#include "sim/iso_format.h"

#define ISO_DIRECTORY_MAX (4u << 20) /* bytes; what is behind is not seen */
#define ISO_DEPTH_MAX     32         /* directories in a path */
#define ISO_LINKS_MAX     16         /* symbolic links on the way to a file */
#define ISO_DESCRIPTORS   32         /* volume descriptors that are looked at */

/* reason: NULL when it went well. */
typedef void (*iso_done_fn)(const char *reason, void *data);

/* Where sectors come from: one read at a time. */
struct iso_medium {
	uint64_t sectors; /* of ISO_SECTOR */
	/* count: 1.. within the medium; done not from within the call. */
	void (*read)(void *owner, uint32_t first, uint32_t count, void *bytes, iso_done_fn done,
			void *data);
	void (*cancel)(void *owner); /* the read under way, if there is one */
	uint32_t most;               /* sectors in a read */
	void *owner;
};

struct iso_volume {
	struct iso_words words; /* of the primary volume descriptor; Joliet's name when longer */
	enum iso_names names;
	bool joliet, rock_ridge; /* are there */
	uint32_t catalogue;      /* sector; 0: no boot record */
	unsigned int boots;
	struct iso_boot boot[ISO_BOOT_MAX];
};

struct iso;

/* Nothing is read yet. medium is copied. */
struct iso *iso_new(const struct iso_medium *medium);

/* One of these at a time; done may come from within the call. First of all, the volume. */
void iso_open(struct iso *iso, iso_done_fn done, void *data);
const struct iso_volume *iso_volume(const struct iso *iso);

/* The root directory's entries are the iso's until the next call. */
void iso_list(struct iso *iso, iso_done_fn done, void *data);
const GPtrArray *iso_listed(const struct iso *iso); /* of struct iso_entry */

/*
 * Finds a file or directory by its path from the root, "/" between names; without Rock Ridge and
 * Joliet whatever its case. Links are followed. Found: iso_found, the iso's until the next call.
 */
void iso_find(struct iso *iso, const char *path, iso_done_fn done, void *data);
const struct iso_entry *iso_found(const struct iso *iso);
/* Whether the last call failed because of what the disc holds, rather than by a failed read. */
bool iso_refused(const struct iso *iso);

void iso_free(struct iso *iso); /* cancels; NULL is fine */
