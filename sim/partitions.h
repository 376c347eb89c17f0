/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The partitions of a disk: the PC's table in block 0, or GUID's (UEFI 2.10, 5.3). Any bytes are
 * safe; what lies outside the disk is left out.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARTITIONS_MAX     16
#define PARTITIONS_ENTRIES 16384 /* bytes of entries that UEFI asks a GUID table to have, 5.3.1 */

struct partition {
	uint64_t first, blocks; /* of the disk */
	uint8_t type;           /* the PC's; 0: a GUID table's */
	bool active;            /* the PC's firmware boots it */
	char name[73];          /* GUID: UTF-8; else what the type means */
};

struct partitions {
	bool sound; /* there is a table */
	bool guid;  /* it is GUID's, or block 0 says so */
	unsigned int count;
	struct partition partition[PARTITIONS_MAX];
};

/* Block 0, its first 512 bytes. guid: to be had from block 1 on. blocks: of the disk. */
void partitions_read_pc(struct partitions *partitions, const uint8_t sector[512], uint64_t blocks);

/* Block 1: where the entries are; false: it is no table's head. size: bytes of them. */
bool partitions_guid_head(const uint8_t *block, size_t block_size, uint64_t blocks, uint64_t *first,
		uint32_t *size, uint32_t *entry);

/* The entries, of entry bytes each; they replace what block 0 had. */
void partitions_read_guid(struct partitions *partitions, const uint8_t *entries, size_t size,
		uint32_t entry, uint64_t blocks);
