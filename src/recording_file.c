/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/recording_file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/log.h"
#include "src/matroska.h"

/* Bytes of frames that wait for the disk. */
#define FILE_WAITING_MOST (4 << 20)
/* After a failure it is tried again (microseconds). */
#define FILE_RETRY (10 * G_USEC_PER_SEC)

struct file_frame {
	int64_t time; /* CLOCK_MONOTONIC, microseconds */
	int64_t wall;
	int width, height;
	GBytes *jpeg; /* NULL: it is over */
};

struct recording_file {
	char *path, *older, *title;
	uint64_t most; /* bytes of one file */
	GThread *thread;
	GAsyncQueue *frames; /* of struct file_frame, to the thread */
	/* The thread's. */
	int fd;
	int64_t first; /* of the file's frames */
	int64_t last;  /* ms */
	int64_t retry; /* not before then */
	GByteArray *out;
	/* Both's, under the lock. */
	GMutex lock;
	size_t waiting; /* bytes */
	uint64_t bytes, written, dropped;
	char *fault;
	/* The main thread's: what the status shows. */
	char *shown;
};

/* --- On the thread --- */

static void file_fail(struct recording_file *file, const char *what)
{
	g_autofree char *text = g_strdup_printf("%s: %s", what, g_strerror(errno));

	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	file->retry = g_get_monotonic_time() + FILE_RETRY;
	g_mutex_lock(&file->lock);
	if (g_strcmp0(file->fault, text) != 0)
		log_line(LOG_LINE_ERROR,
				"recording: %s: %s; nothing is recorded there, trying again every "
				"10 s",
				file->path, text);
	g_free(file->fault);
	file->fault = g_steal_pointer(&text);
	g_mutex_unlock(&file->lock);
}

static bool file_write(struct recording_file *file)
{
	const uint8_t *at = file->out->data;
	size_t left = file->out->len;

	while (left) {
		ssize_t size = write(file->fd, at, left);

		if (size < 0 && errno == EINTR)
			continue;
		if (size < 0) {
			file_fail(file, "cannot be written");
			return false;
		}
		at += size;
		left -= (size_t)size;
	}
	g_mutex_lock(&file->lock);
	file->bytes += file->out->len;
	g_clear_pointer(&file->fault, g_free);
	g_mutex_unlock(&file->lock);
	return true;
}

static bool file_open(struct recording_file *file, const struct file_frame *frame)
{
	const struct matroska_about about = {
			.title = file->title,
			.program = PACKAGE_STRING,
			.wall = frame->wall,
			.width = frame->width,
			.height = frame->height,
			.duration = -1,
	};

	if (rename(file->path, file->older) < 0 && errno != ENOENT) {
		file_fail(file, "the former one cannot be renamed");
		return false;
	}
	/* What is on a node's screen is not everybody's to see. */
	file->fd = open(file->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
			S_IRUSR | S_IWUSR | S_IRGRP);
	if (file->fd < 0) {
		file_fail(file, "cannot be opened");
		return false;
	}
	file->first = frame->time;
	file->last = -1;
	g_mutex_lock(&file->lock);
	file->bytes = 0;
	g_mutex_unlock(&file->lock);
	g_byte_array_set_size(file->out, 0);
	matroska_begin(file->out, &about);
	return file_write(file);
}

static bool file_is_full(struct recording_file *file, size_t more)
{
	return file->bytes + more + MATROSKA_FRAME_MOST > file->most;
}

static bool file_take(struct recording_file *file, const struct file_frame *frame)
{
	size_t size = g_bytes_get_size(frame->jpeg);
	int64_t time;

	if (file->fd < 0 && g_get_monotonic_time() < file->retry)
		return false;
	if (file->fd >= 0 && file_is_full(file, size)) {
		close(file->fd);
		file->fd = -1;
	}
	if (file->fd < 0 && !file_open(file, frame))
		return false;
	time = MAX((frame->time - file->first) / 1000, file->last + 1);
	file->last = time;
	g_byte_array_set_size(file->out, 0);
	matroska_frame(file->out, time, -1, g_bytes_get_data(frame->jpeg, NULL), size);
	return file_write(file);
}

static void file_frame_free(struct file_frame *frame)
{
	g_bytes_unref(frame->jpeg);
	g_free(frame);
}

static gpointer file_run(gpointer data)
{
	struct recording_file *file = data;
	struct file_frame *frame;

	for (;;) {
		size_t size;
		bool taken;

		frame = g_async_queue_pop(file->frames);
		if (!frame->jpeg)
			break;
		size = g_bytes_get_size(frame->jpeg);
		taken = file_take(file, frame);
		file_frame_free(frame);
		g_mutex_lock(&file->lock);
		file->waiting -= size;
		*(taken ? &file->written : &file->dropped) += 1;
		g_mutex_unlock(&file->lock);
	}
	file_frame_free(frame);
	return NULL;
}

/* --- On the main thread --- */

struct recording_file *recording_file_new(const char *path, uint64_t limit, const char *title)
{
	struct recording_file *file = g_new0(struct recording_file, 1);

	file->path = g_strdup(path);
	file->older = g_strdup_printf("%s.1", path);
	file->title = g_utf8_make_valid(title, -1);
	file->most = limit / 2;
	file->fd = -1;
	file->out = g_byte_array_new();
	file->frames = g_async_queue_new();
	g_mutex_init(&file->lock);
	file->thread = g_thread_new("recording", file_run, file);
	return file;
}

bool recording_file_ready(struct recording_file *file)
{
	bool ready;

	g_mutex_lock(&file->lock);
	ready = file->waiting < FILE_WAITING_MOST;
	file->dropped += !ready;
	g_mutex_unlock(&file->lock);
	return ready;
}

void recording_file_frame(
		struct recording_file *file, int64_t time, int width, int height, GBytes *jpeg)
{
	struct file_frame *frame = g_new0(struct file_frame, 1);

	frame->time = time;
	frame->wall = g_get_real_time();
	frame->width = width;
	frame->height = height;
	frame->jpeg = jpeg;
	g_mutex_lock(&file->lock);
	file->waiting += g_bytes_get_size(jpeg);
	g_mutex_unlock(&file->lock);
	g_async_queue_push(file->frames, frame);
}

void recording_file_status(struct recording_file *file, struct recording_file_status *status)
{
	g_mutex_lock(&file->lock);
	g_free(file->shown);
	file->shown = g_strdup(file->fault);
	*status = (struct recording_file_status){
			.path = file->path,
			.bytes = file->bytes,
			.frames = file->written,
			.dropped = file->dropped,
			.fault = file->shown,
	};
	g_mutex_unlock(&file->lock);
}

void recording_file_free(struct recording_file *file)
{
	if (!file)
		return;
	g_async_queue_push(file->frames, g_new0(struct file_frame, 1));
	g_thread_join(file->thread);
	if (file->fd >= 0)
		close(file->fd);
	g_async_queue_unref(file->frames);
	g_mutex_clear(&file->lock);
	g_byte_array_unref(file->out);
	g_free(file->fault);
	g_free(file->shown);
	g_free(file->path);
	g_free(file->older);
	g_free(file->title);
	g_free(file);
}
