/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "media/file.h"
#include "media/jobs.h"

/* Disks order some reads better than one; no more than a hung server may keep of our threads. */
#define FILE_DEPTH 4

/* What the threads need; the last that does frees it. */
struct file_image {
	int fd;
	char *path;
	bool writable, device;
	struct file_identity identity;
	gint lost;           /* atomic: not what it was; no use to read on */
	struct source *file; /* for the main thread, while it is open */
};

struct file {
	struct source source;
	struct jobs *jobs;
	struct file_image *image; /* of the jobs */
	char *known;              /* its identity as a source */
};

static void file_free_image(void *data)
{
	struct file_image *image = data;

	if (image->fd >= 0)
		close(image->fd);
	g_free(image->path);
	g_free(image);
}

/* --- On the threads --- */

static bool file_lose(struct file_image *image, GError **error, const char *how)
{
	g_atomic_int_set(&image->lost, 1);
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s; eject it and insert it again",
			image->path, how);
	return false;
}

static bool file_fault(struct file_image *image, enum job_kind kind, uint64_t offset, int fault,
		GError **error)
{
	switch (fault) {
	case ESTALE: /* NFS: the server has it no more */
		return file_lose(image, error, "is gone from its server");
	case ENODEV:
	case ENXIO:
	case ENOMEDIUM:
		return file_lose(image, error, "the device is gone");
	case ENOSPC:
	case EDQUOT:
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO,
				"%s: no space left to write to; make some on its disk",
				image->path);
		return false;
	default:
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s at byte %" PRIu64 ": %s",
				image->path, kind == JOB_READ ? "reading failed" : "writing failed",
				offset, g_strerror(fault));
		return false;
	}
}

static int64_t file_modified(const struct stat *status)
{
	return status->st_mtim.tv_sec * G_GINT64_CONSTANT(1000000000) + status->st_mtim.tv_nsec;
}

/* After each read: what came may be of another image. */
static bool file_same(struct file_image *image, GError **error)
{
	const struct file_identity *identity = &image->identity;
	struct stat status;
	char *how;

	if (image->device || fstat(image->fd, &status) < 0)
		return true;
	if ((uint64_t)status.st_size != identity->size) {
		how = g_strdup_printf("has %" PRIu64 " bytes now and had %" PRIu64
				      " when it was inserted",
				(uint64_t)status.st_size, identity->size);
		file_lose(image, error, how);
		g_free(how);
		return false;
	}
	if (!image->writable && file_modified(&status) != identity->modified)
		return file_lose(image, error, "was written to while it was inserted");
	return true;
}

static bool file_run(enum job_kind kind, uint64_t offset, size_t size, void *bytes, void *data,
		GError **error)
{
	struct file_image *image = data;
	uint8_t *at = bytes;

	if (g_atomic_int_get(&image->lost))
		return file_lose(image, error, "is not what it was when it was inserted");
	if (kind == JOB_FLUSH)
		return fdatasync(image->fd) == 0 || file_fault(image, kind, 0, errno, error);
	while (size > 0) {
		ssize_t moved = kind == JOB_READ ? pread(image->fd, at, size, (off_t)offset)
						 : pwrite(image->fd, at, size, (off_t)offset);

		if (moved < 0 && errno == EINTR)
			continue;
		if (moved < 0)
			return file_fault(image, kind, offset, errno, error);
		if (moved == 0)
			return file_same(image, error) &&
			       file_lose(image, error, "ends before its end");
		at += moved;
		offset += (uint64_t)moved;
		size -= (size_t)moved;
	}
	return file_same(image, error);
}

/* --- On the main thread --- */

static void file_failed(const GError *error, void *data)
{
	struct file_image *image = data;
	struct source *source = image->file;

	if (!g_atomic_int_get(&image->lost) || source->state == SOURCE_FAILED)
		return;
	source->state = SOURCE_FAILED;
	if (source->events.state)
		source->events.state(SOURCE_FAILED, error->message, source->events.data);
}

static const struct jobs_ops file_jobs = {
		.run = file_run,
		.failed = file_failed,
		.free_data = file_free_image,
};

static struct source_request *file_read(struct source *source, uint64_t offset, size_t size,
		void *bytes, source_done_fn done, void *data)
{
	struct file *file = (struct file *)source;

	return jobs_add(file->jobs, JOB_READ, offset, size, bytes, done, data);
}

static struct source_request *file_write(struct source *source, uint64_t offset, size_t size,
		const void *bytes, source_done_fn done, void *data)
{
	struct file *file = (struct file *)source;

	return jobs_add(file->jobs, JOB_WRITE, offset, size, (void *)bytes, done, data);
}

static struct source_request *file_flush(struct source *source, source_done_fn done, void *data)
{
	struct file *file = (struct file *)source;

	return jobs_add(file->jobs, JOB_FLUSH, 0, 0, NULL, done, data);
}

static void file_cancel(struct source *source, struct source_request *request)
{
	struct file *file = (struct file *)source;

	jobs_cancel(file->jobs, request);
}

static void file_close(struct source *source)
{
	struct file *file = (struct file *)source;

	jobs_close(file->jobs);
	g_free((char *)source->name);
	g_free(file->known);
	g_free(file);
}

static const struct source_ops file_ops_read = {
		.read = file_read,
		.cancel = file_cancel,
		.close = file_close,
};

static const struct source_ops file_ops_write = {
		.read = file_read,
		.write = file_write,
		.flush = file_flush,
		.cancel = file_cancel,
		.close = file_close,
};

/* --- Opening --- */

static bool file_refuse(const char *path, int fault, bool writable, GError **error)
{
	const char *remedy;

	switch (fault) {
	case ENOENT:
	case ENOTDIR:
		remedy = "is not there; check the path and whether its disk is mounted";
		break;
	case EACCES:
	case EPERM:
		remedy = writable ? "may not be written by this service; insert it read-only, or "
				    "give the service's user access"
				  : "may not be read by this service; give its user access to the "
				    "file and the folders above it";
		break;
	case EROFS:
		remedy = "is on a read-only file system; insert it read-only";
		break;
	case EISDIR:
		remedy = "is a folder; name an image in it";
		break;
	case EBUSY:
	case EWOULDBLOCK:
		remedy = "is in use, and by two at once it would be spoilt; unmount or eject it "
			 "there";
		break;
	case ENOMEDIUM:
	case ENXIO:
		remedy = "has no disc or disk in it; put one in";
		break;
	default:
		g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(fault),
				"%s: cannot be opened: %s", path, g_strerror(fault));
		return false;
	}
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(fault), "%s: %s", path, remedy);
	return false;
}

static bool file_unfit(const char *path, GError **error, const char *why)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, why);
	return false;
}

/* A device, a file, and what waits for a peer in open(2) need different flags. */
static int file_flags(const char *path, bool writable)
{
	const int flags = O_CLOEXEC | O_NOCTTY | (writable ? O_RDWR : O_RDONLY);
	struct stat status;

	if (stat(path, &status) < 0 || !S_ISBLK(status.st_mode))
		return flags | O_NONBLOCK;
	/* EBUSY when it is mounted, open(2). */
	return writable ? flags | O_EXCL : flags;
}

/* File systems without locks are no reason to refuse. */
static bool file_lock(int fd, bool writable)
{
	return flock(fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

static bool file_look(struct file_image *image, GError **error)
{
	struct file_identity *identity = &image->identity;
	struct stat status;

	image->fd = open(image->path, file_flags(image->path, image->writable));
	if (image->fd < 0 || fstat(image->fd, &status) < 0)
		return file_refuse(image->path, errno, image->writable, error);
	image->device = S_ISBLK(status.st_mode);
	if (S_ISDIR(status.st_mode))
		return file_refuse(image->path, EISDIR, image->writable, error);
	if (!image->device && !S_ISREG(status.st_mode))
		return file_unfit(
				image->path, error, "is neither a file nor a disk; name an image");
	if (!file_lock(image->fd, image->writable))
		return file_refuse(image->path, EWOULDBLOCK, image->writable, error);
	identity->device = status.st_dev;
	identity->inode = status.st_ino;
	if (!image->device) {
		identity->size = (uint64_t)status.st_size;
		identity->modified = image->writable ? 0 : file_modified(&status);
	} else if (ioctl(image->fd, BLKGETSIZE64, &identity->size) < 0) {
		return file_refuse(image->path, errno, image->writable, error);
	}
	if (identity->size == 0)
		return file_unfit(image->path, error,
				"is empty; has it been copied here completely?");
	return true;
}

/* What is on a disk may change without a trace; so may what we write ourselves. */
static char *file_known(const struct file_image *image)
{
	const struct file_identity *identity = &image->identity;

	if (image->device || image->writable)
		return NULL;
	return g_strdup_printf("file %" PRIx64 ":%" PRIx64 " of %" PRIi64 ", %" PRIu64,
			identity->device, identity->inode, identity->modified, identity->size);
}

struct source *file_open(const char *path, bool writable, GError **error)
{
	struct file_image *image = g_new0(struct file_image, 1);
	struct file *file;

	image->path = g_strdup(path);
	image->writable = writable;
	image->fd = -1;
	if (!file_look(image, error)) {
		file_free_image(image);
		return NULL;
	}
	file = g_new0(struct file, 1);
	file->image = image;
	file->jobs = jobs_new(&file_jobs, FILE_DEPTH, image);
	file->source.ops = writable ? &file_ops_write : &file_ops_read;
	file->source.state = SOURCE_READY;
	file->source.size = image->identity.size;
	file->source.name = g_strdup(path);
	file->source.depth = FILE_DEPTH;
	file->known = file_known(image);
	file->source.identity = file->known;
	image->file = &file->source;
	return &file->source;
}

const struct file_identity *file_identity(const struct source *source)
{
	return &((const struct file *)source)->image->identity;
}
