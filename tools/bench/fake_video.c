/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A video device where the kernel has none, for a program that is measured and wants one:
 * preloaded, it answers the system calls that V4L2 capturing of JPEGs takes (linux/videodev2.h).
 * Frames come from shared memory (feed.h) by mapping, as by DMA: nothing is copied. One device, one
 * thread.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "tools/bench/feed.h"

#define FAKE_BUFFERS 8
#define FAKE_ROOM    (8u << 20) /* bytes of a buffer */

static int fake_device = -1; /* the reading end of the pipe, so that it can be waited for */
static unsigned int fake_count;
static void *fake_buffer[FAKE_BUFFERS];
static bool fake_queued[FAKE_BUFFERS];

static int fake_number(const char *name)
{
	const char *text = getenv(name);

	return text ? atoi(text) : -1;
}

static bool fake_is_path(const char *path)
{
	const char *mine = getenv(FEED_PATH);

	return mine && strcmp(path, mine) == 0;
}

static int fake_open(const char *path, int flags, unsigned int mode)
{
	if (!fake_is_path(path))
		return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
	fake_device = dup(fake_number(FEED_PIPE));
	return fake_device;
}

static unsigned int fake_mode(int flags, va_list list)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, unsigned int) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list list;
	int fd;

	va_start(list, flags);
	fd = fake_open(path, flags, fake_mode(flags, list));
	va_end(list);
	return fd;
}

int open64(const char *path, int flags, ...)
{
	va_list list;
	int fd;

	va_start(list, flags);
	fd = fake_open(path, flags, fake_mode(flags, list));
	va_end(list);
	return fd;
}

/* What fortified programs call. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
	return fake_open(path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
	return fake_open(path, flags, 0);
}

static void *fake_map(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fd < 0 || fd != fake_device)
		return (void *)syscall(SYS_mmap, address, size, protection, flags, fd, offset);
	address = (void *)syscall(SYS_mmap, NULL, FAKE_ROOM, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0L);
	fake_buffer[(size_t)offset / FAKE_ROOM % FAKE_BUFFERS] = address;
	return address;
}

void *mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fake_map(address, size, protection, flags, fd, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	return fake_map(address, size, protection, flags, fd, offset);
}

/* --- What is asked of the device; 0 or an errno --- */

static int fake_describe(struct v4l2_capability *capability)
{
	memset(capability, 0, sizeof(*capability));
	memcpy(capability->driver, "film", sizeof("film"));
	memcpy(capability->card, "film", sizeof("film"));
	capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
	capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
	return 0;
}

static int fake_format(struct v4l2_format *format)
{
	const char *size = getenv(FEED_SIZE);
	const char *height = size ? strchr(size, 'x') : NULL;
	struct v4l2_pix_format *pix = &format->fmt.pix;

	if (!height)
		return EINVAL;
	pix->width = (unsigned int)atoi(size);
	pix->height = (unsigned int)atoi(height + 1);
	pix->pixelformat = V4L2_PIX_FMT_JPEG;
	pix->field = V4L2_FIELD_NONE;
	pix->bytesperline = 0;
	pix->sizeimage = FAKE_ROOM;
	return 0;
}

static int fake_describe_buffer(struct v4l2_buffer *buffer)
{
	if (buffer->index >= fake_count)
		return EINVAL;
	buffer->length = FAKE_ROOM;
	buffer->m.offset = buffer->index * FAKE_ROOM;
	return 0;
}

static int fake_take(struct v4l2_buffer *buffer)
{
	struct feed_frame frame;
	struct timespec now;
	unsigned int index = 0;

	while (index < fake_count && !(fake_queued[index] && fake_buffer[index]))
		index++;
	if (index == fake_count || read(fake_device, &frame, sizeof(frame)) != sizeof(frame))
		return EAGAIN;
	if (syscall(SYS_mmap, fake_buffer[index], frame.size, PROT_READ,
			    MAP_SHARED | MAP_FIXED | MAP_POPULATE, fake_number(FEED_FILM),
			    (off_t)frame.offset) < 0)
		return errno;
	fake_queued[index] = false;
	clock_gettime(CLOCK_MONOTONIC, &now);
	buffer->index = index;
	buffer->bytesused = (unsigned int)frame.size;
	buffer->length = FAKE_ROOM;
	buffer->flags = V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	buffer->timestamp.tv_sec = now.tv_sec;
	buffer->timestamp.tv_usec = now.tv_nsec / 1000;
	return 0;
}

static int fake_answer(unsigned long request, void *argument)
{
	struct v4l2_buffer *buffer = argument;

	switch (request & 0xffffffff) {
	case VIDIOC_QUERYCAP:
		return fake_describe(argument);
	case VIDIOC_G_FMT:
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT:
		return fake_format(argument);
	case VIDIOC_REQBUFS:
		fake_count = ((struct v4l2_requestbuffers *)argument)->count;
		if (fake_count > FAKE_BUFFERS)
			fake_count = FAKE_BUFFERS;
		((struct v4l2_requestbuffers *)argument)->count = fake_count;
		return 0;
	case VIDIOC_QUERYBUF:
		return fake_describe_buffer(buffer);
	case VIDIOC_QBUF:
		if (buffer->index >= fake_count)
			return EINVAL;
		fake_queued[buffer->index] = true;
		return 0;
	case VIDIOC_DQBUF:
		return fake_take(buffer);
	case VIDIOC_S_INPUT:
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return 0;
	default:
		return ENOTTY;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	void *argument;

	va_start(list, request);
	argument = va_arg(list, void *);
	va_end(list);
	if (fd < 0 || fd != fake_device)
		return (int)syscall(SYS_ioctl, fd, request, argument);
	errno = fake_answer(request, argument);
	return errno ? -1 : 0;
}
