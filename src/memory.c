/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/memory.h"
#include <errno.h>
#include <glib.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MEMORY_MARK "spicerack records 1"

struct memory_record {
	char name[MEMORY_NAME + 1];
	/* 0: it is free; else copy current % 2 counts. Written last. */
	_Atomic uint32_t current;
	struct memory_copy {
		uint32_t size;
		uint8_t bytes[MEMORY_MOST];
	} copies[2];
};

struct memory {
	char mark[32];
	struct memory_record records[MEMORY_RECORDS];
};

static bool memory_good(const struct memory_record *record)
{
	uint32_t current = atomic_load(&record->current);

	return current && memchr(record->name, '\0', sizeof(record->name)) &&
	       record->copies[current % 2].size <= MEMORY_MOST;
}

static struct memory_record *memory_find(const struct memory *memory, const char *name)
{
	for (size_t i = 0; i < MEMORY_RECORDS; i++)
		if (memory_good(&memory->records[i]) && strcmp(memory->records[i].name, name) == 0)
			return (struct memory_record *)&memory->records[i];
	return NULL;
}

static struct memory_record *memory_free(struct memory *memory)
{
	for (size_t i = 0; i < MEMORY_RECORDS; i++)
		if (!memory_good(&memory->records[i]))
			return &memory->records[i];
	return NULL;
}

struct memory *memory_open(int fd)
{
	struct memory *memory;

	if (ftruncate(fd, sizeof(*memory)) < 0)
		return NULL;
	memory = mmap(NULL, sizeof(*memory), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED)
		return NULL;
	if (strncmp(memory->mark, MEMORY_MARK, sizeof(memory->mark)) != 0) {
		explicit_bzero(memory, sizeof(*memory));
		memcpy(memory->mark, MEMORY_MARK, sizeof(MEMORY_MARK));
	}
	return memory;
}

bool memory_write(struct memory *memory, const char *name, const void *bytes, size_t size)
{
	struct memory_record *record = memory_find(memory, name);
	struct memory_copy *copy;
	uint32_t current;

	if (size > MEMORY_MOST || strlen(name) > MEMORY_NAME) {
		errno = EMSGSIZE;
		return false;
	}
	if (!record) {
		record = memory_free(memory);
		if (!record) {
			errno = ENOSPC;
			return false;
		}
		atomic_store(&record->current, 0);
		memcpy(record->name, name, strlen(name) + 1);
	}
	current = atomic_load(&record->current);
	copy = &record->copies[(current + 1) % 2];
	explicit_bzero(copy, sizeof(*copy));
	memcpy(copy->bytes, bytes, size);
	copy->size = size;
	/* 2 follows the last number, which is odd: 0 is that of a free record. */
	atomic_store(&record->current, current == UINT32_MAX ? 2 : current + 1);
	return true;
}

char *memory_read(const struct memory *memory, const char *name, size_t *size)
{
	const struct memory_record *record = memory_find(memory, name);
	const struct memory_copy *copy;
	char *bytes;

	if (!record)
		return NULL;
	copy = &record->copies[atomic_load(&record->current) % 2];
	bytes = g_malloc(copy->size + 1);
	memcpy(bytes, copy->bytes, copy->size);
	bytes[copy->size] = '\0';
	if (size)
		*size = copy->size;
	return bytes;
}

void memory_remove(struct memory *memory, const char *name)
{
	struct memory_record *record = memory_find(memory, name);

	if (!record)
		return;
	atomic_store(&record->current, 0);
	explicit_bzero(record, sizeof(*record));
}

void memory_close(struct memory *memory)
{
	if (memory)
		munmap(memory, sizeof(*memory));
}
