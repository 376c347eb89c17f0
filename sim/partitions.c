/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "sim/partitions.h"

#define PARTITIONS_PC_TABLE   446
#define PARTITIONS_PROTECTIVE 0xee

static uint32_t partitions_get32(const uint8_t *bytes)
{
	return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t partitions_get64(const uint8_t *bytes)
{
	return partitions_get32(bytes) | (uint64_t)partitions_get32(bytes + 4) << 32;
}

static const char *partitions_pc_name(uint8_t type)
{
	switch (type) {
	case 0x00: /* isohybrid's for the whole image */
		return "image";
	case 0x01:
	case 0x04:
	case 0x06:
	case 0x0b:
	case 0x0c:
	case 0x0e:
		return "FAT";
	case 0x05:
	case 0x0f:
		return "extended";
	case 0x07:
		return "NTFS";
	case 0x17:
		return "ISO 9660";
	case 0x82:
		return "Linux swap";
	case 0x83:
		return "Linux";
	case 0xef:
		return "EFI system";
	default:
		return "other";
	}
}

void partitions_read_pc(struct partitions *partitions, const uint8_t sector[512], uint64_t blocks)
{
	memset(partitions, 0, sizeof(*partitions));
	partitions->sound = sector[510] == 0x55 && sector[511] == 0xaa;
	for (int i = 0; partitions->sound && i < 4; i++) {
		const uint8_t *entry = sector + PARTITIONS_PC_TABLE + 16 * i;
		struct partition *partition = &partitions->partition[partitions->count];

		partition->active = entry[0] == 0x80;
		partition->type = entry[4];
		partition->first = partitions_get32(entry + 8);
		partition->blocks = partitions_get32(entry + 12);
		if (partition->type == PARTITIONS_PROTECTIVE)
			partitions->guid = true;
		else if (partition->blocks > 0 && partition->first < blocks)
			partitions->count++;
		g_strlcpy(partition->name, partitions_pc_name(partition->type),
				sizeof(partition->name));
	}
}

bool partitions_guid_head(const uint8_t *block, size_t block_size, uint64_t blocks, uint64_t *first,
		uint32_t *size, uint32_t *entry)
{
	uint32_t count = partitions_get32(block + 80);

	*first = partitions_get64(block + 72);
	*entry = partitions_get32(block + 84);
	if (memcmp(block, "EFI PART", 8) != 0 || *entry < 128 || *entry > 4096 || count == 0)
		return false;
	*size = MIN((uint64_t)count * *entry, PARTITIONS_ENTRIES);
	return *first < blocks && (*size + block_size - 1) / block_size <= blocks - *first;
}

void partitions_read_guid(struct partitions *partitions, const uint8_t *entries, size_t size,
		uint32_t entry, uint64_t blocks)
{
	static const uint8_t unused[16];

	partitions->count = 0;
	for (size_t at = 0; at + entry <= size && partitions->count < PARTITIONS_MAX; at += entry) {
		struct partition *partition = &partitions->partition[partitions->count];
		const uint8_t *bytes = entries + at;
		uint64_t last = partitions_get64(bytes + 40);
		gunichar2 name[37] = {0};
		char *text;

		memset(partition, 0, sizeof(*partition));
		partition->first = partitions_get64(bytes + 32);
		if (memcmp(bytes, unused, 16) == 0 || last < partition->first || last >= blocks)
			continue;
		partition->blocks = last - partition->first + 1;
		for (int i = 0; i < 36; i++)
			name[i] = bytes[56 + 2 * i] | bytes[57 + 2 * i] << 8;
		text = g_utf16_to_utf8(name, -1, NULL, NULL, NULL);
		g_utf8_strncpy(partition->name, text ? text : "", 18); /* 4 bytes each at most */
		g_free(text);
		for (char *letter = partition->name; *letter; letter++)
			if ((unsigned char)*letter < ' ' || *letter == 0x7f)
				*letter = '?';
		partitions->count++;
	}
}
