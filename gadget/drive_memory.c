/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "gadget/drive_bus.h"
#include "gadget/drive_memory.h"

/* The shape of what is kept. Another build of the program may have another one. */
#define DRIVE_MEMORY_LAYOUT (PACKAGE_VERSION " drive 3")

struct drive_memory {
	char layout[48];
	uint32_t size;            /* of a moment */
	_Atomic uint32_t current; /* 0: none yet; else the copy current % 2 */
	struct drive_moment moments[2];
	uint8_t arrival[DRIVE_BUS_ARRIVAL];
};

struct drive_memory *drive_memory_map(int fd)
{
	void *bytes;

	if (ftruncate(fd, sizeof(struct drive_memory)) < 0)
		return NULL;
	bytes = mmap(NULL, sizeof(struct drive_memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return bytes == MAP_FAILED ? NULL : bytes;
}

bool drive_memory_read(const struct drive_memory *memory, struct drive_moment *moment)
{
	uint32_t current = atomic_load(&memory->current);

	if (!current || memory->size != sizeof(*moment) ||
			strncmp(memory->layout, DRIVE_MEMORY_LAYOUT, sizeof(memory->layout)) != 0)
		return false;
	memcpy(moment, &memory->moments[current % 2], sizeof(*moment));
	return true;
}

void drive_memory_write(struct drive_memory *memory, const struct drive_moment *moment)
{
	uint32_t current = atomic_load(&memory->current);
	const uint8_t *last = (const uint8_t *)&memory->moments[current % 2];

	if (current && memcmp(last, (const uint8_t *)moment, sizeof(*moment)) == 0)
		return;
	if (!current) {
		memory->size = sizeof(*moment);
		strncpy(memory->layout, DRIVE_MEMORY_LAYOUT, sizeof(memory->layout) - 1);
	}
	memcpy(&memory->moments[(current + 1) % 2], moment, sizeof(*moment));
	/* 2 follows the last number, which is odd, so that 0 goes on meaning that there is none. */
	atomic_store(&memory->current, current == UINT32_MAX ? 2 : current + 1);
}

uint8_t *drive_memory_arrival(struct drive_memory *memory)
{
	return memory->arrival;
}

bool drive_memory_arrived(const struct drive_memory *memory, uint8_t cbw[BOT_CBW_SIZE])
{
	memcpy(cbw, memory->arrival, BOT_CBW_SIZE);
	return cbw[0] != 0; /* of the signature */
}

void drive_memory_empty(struct drive_memory *memory)
{
	memset(memory->arrival, 0, BOT_CBW_SIZE);
}

void drive_memory_unmap(struct drive_memory *memory)
{
	if (memory)
		munmap(memory, sizeof(*memory));
}
