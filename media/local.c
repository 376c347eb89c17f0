/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/local.h"

#define LOCAL_HEAD 4096u

struct local *local_new(const struct local_kind *kind, const char *path)
{
	struct local *local = g_new0(struct local, 1);

	local->kind = kind;
	local->path = g_strdup(path);
	local->fd = -1;
	g_mutex_init(&local->lock);
	return local;
}

void local_free(struct local *local)
{
	if (local->fd >= 0 && local->dropped)
		unlink(local->path);
	if (local->fd >= 0)
		close(local->fd);
	g_mutex_clear(&local->lock);
	g_free(local->path);
	g_free(local->bits);
	g_free(local->map);
	g_free(local);
}

static bool local_fault(const struct local *local, const char *what, GError **error)
{
	const int fault = errno;

	if (fault == ENOSPC || fault == EDQUOT)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"%s: no space left to write to; make some on its disk",
				local->path);
	else
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s: %s", local->path, what,
				g_strerror(fault));
	return false;
}

static bool local_read(const struct local *local, uint64_t at, void *bytes, size_t size)
{
	uint8_t *to = bytes;

	while (size > 0) {
		ssize_t got = pread(local->fd, to, size, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO; /* cut off */
		if (got <= 0)
			return false;
		to += got;
		at += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

static bool local_write(const struct local *local, uint64_t at, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	while (size > 0) {
		ssize_t put = pwrite(local->fd, from, size, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		from += put;
		at += (uint64_t)put;
		size -= (size_t)put;
	}
	return true;
}

/* --- Opening --- */

static void local_measure(struct local *local, uint64_t size)
{
	const uint32_t block = local->kind->block;

	local->size = size;
	local->count = (size + block - 1) / block;
	local->map_size = local->kind->sums ? local->count * sizeof(uint32_t)
					    : (local->count + 7) / 8;
	local->data = LOCAL_HEAD + (local->map_size + block - 1) / block * block;
	local->bits = g_malloc0((local->count + 7) / 8);
	local->map = g_malloc0(local->map_size);
}

/* Text, so that an administrator may look into it; the image's name may hold secrets. */
static void local_head(const struct local *local, const char *identity, char *head)
{
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, identity, -1);

	memset(head, 0, LOCAL_HEAD);
	g_snprintf(head, LOCAL_HEAD,
			"spicerack %s 1\nblocks of %u bytes\nimage of %" PRIu64 " bytes\n%s\n",
			local->kind->word, local->kind->block, local->size, sum);
}

static bool local_begin(struct local *local, const char *head, GError **error)
{
	int fault;

	if (ftruncate(local->fd, 0) < 0)
		return local_fault(local, "cannot be emptied", error);
	/* The map's room is taken now, so that a full disk cannot come between block and map. */
	fault = posix_fallocate(local->fd, 0, (off_t)local->data);
	errno = fault;
	if (fault != 0 || ftruncate(local->fd, (off_t)(local->data + local->size)) < 0 ||
			!local_write(local, 0, head, LOCAL_HEAD))
		return local_fault(local, "cannot be prepared", error);
	return true;
}

static bool local_map_has(const struct local *local, uint64_t block)
{
	if (local->kind->sums)
		return ((const uint32_t *)local->map)[block] != 0;
	return ((const uint8_t *)local->map)[block / 8] >> (block % 8) & 1;
}

static bool local_continue(struct local *local, const char *head, uint64_t there)
{
	char old[LOCAL_HEAD];

	if (there != local->data + local->size || !local_read(local, 0, old, sizeof(old)) ||
			memcmp(old, head, sizeof(old)) != 0 ||
			!local_read(local, LOCAL_HEAD, local->map, local->map_size))
		return false;
	for (uint64_t block = 0; block < local->count; block++)
		if (local_map_has(local, block))
			local->bits[block / 8] |= (uint8_t)(1 << block % 8);
	return true;
}

bool local_load(struct local *local, const char *identity, uint64_t size, bool renew,
		GError **error)
{
	g_autofree char *head = g_malloc(LOCAL_HEAD);
	struct stat status;

	local_measure(local, size);
	local->fd = open(local->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (local->fd < 0 || fstat(local->fd, &status) < 0)
		return local_fault(local, "cannot be opened", error);
	if (!S_ISREG(status.st_mode) || flock(local->fd, LOCK_EX | LOCK_NB) < 0) {
		close(local->fd); /* not ours to remove */
		local->fd = -1;
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"%s: is in use, or no file; eject the other drive's image, or name "
				"another file",
				local->path);
		return false;
	}
	local_head(local, identity, head);
	if (status.st_size > 0) {
		local->continued = local_continue(local, head, (uint64_t)status.st_size);
		if (local->continued) {
			futimens(local->fd, NULL); /* it is in use: others go first */
			return true;
		}
		if (!renew) {
			close(local->fd);
			local->fd = -1;
			g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
					"%s: holds what was written over another image; remove it, "
					"or insert that image",
					local->path);
			return false;
		}
		memset(local->map, 0, local->map_size);
	}
	if (local_begin(local, head, error))
		return true;
	local->dropped = true; /* half of a file is of no use to anybody */
	return false;
}

/* --- Blocks --- */

/* Finds what a disk or a crash of the machine has spoilt, not what somebody forges. Never 0. */
static uint32_t local_sum(const uint8_t *bytes, size_t size)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (; size >= 8; bytes += 8, size -= 8) {
		uint64_t word;

		memcpy(&word, bytes, sizeof(word));
		sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
	}
	for (; size > 0; bytes++, size--)
		sum = (sum ^ *bytes) * UINT64_C(0x100000001b3);
	return (uint32_t)(sum ^ sum >> 32) | 1;
}

static size_t local_block_size(const struct local *local, uint64_t block)
{
	return MIN(local->kind->block, local->size - block * local->kind->block);
}

bool local_get(struct local *local, uint64_t offset, size_t size, void *bytes, GError **error)
{
	const uint8_t *at = bytes;

	if (!local_read(local, local->data + offset, bytes, size))
		return local_fault(local, "cannot be read", error);
	for (uint64_t block = offset / local->kind->block; local->kind->sums && size > 0; block++) {
		size_t piece = local_block_size(local, block);
		uint32_t sum;

		g_mutex_lock(&local->lock);
		sum = ((const uint32_t *)local->map)[block];
		g_mutex_unlock(&local->lock);
		if (local_sum(at, piece) != sum) {
			errno = EBADMSG;
			return local_fault(local, "is spoilt", error);
		}
		at += piece;
		size -= MIN(piece, size);
	}
	return true;
}

bool local_put(struct local *local, uint64_t offset, size_t size, const void *bytes, GError **error)
{
	const uint64_t first = offset / local->kind->block;
	const uint64_t last = (offset + size - 1) / local->kind->block;
	uint64_t from, to; /* of the map */
	bool written;

	if (!local_write(local, local->data + offset, bytes, size))
		return local_fault(local, "cannot be written", error);
	g_mutex_lock(&local->lock);
	for (uint64_t block = first; block <= last; block++) {
		if (local->kind->sums)
			((uint32_t *)local->map)[block] = local_sum(
					(const uint8_t *)bytes +
							(block - first) * local->kind->block,
					local_block_size(local, block));
		else
			((uint8_t *)local->map)[block / 8] |= (uint8_t)(1 << block % 8);
	}
	from = local->kind->sums ? first * sizeof(uint32_t) : first / 8;
	to = local->kind->sums ? (last + 1) * sizeof(uint32_t) : last / 8 + 1;
	written = local_write(local, LOCAL_HEAD + from, (uint8_t *)local->map + from, to - from);
	g_mutex_unlock(&local->lock);
	return written || local_fault(local, "cannot be written", error);
}

bool local_sync(struct local *local, GError **error)
{
	return fdatasync(local->fd) == 0 || local_fault(local, "cannot be written", error);
}

/* --- On the main thread --- */

bool local_has(const struct local *local, uint64_t block)
{
	return local->bits[block / 8] >> (block % 8) & 1;
}

void local_note(struct local *local, uint64_t offset, size_t size)
{
	const uint64_t last = (offset + size - 1) / local->kind->block;

	for (uint64_t block = offset / local->kind->block; block <= last; block++)
		local->bits[block / 8] |= (uint8_t)(1 << block % 8);
}
