/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "gadget/attribute.h"

static int attribute_open(const char *folder, const char *name, int flags)
{
	char *path = g_build_filename(folder, name, NULL);
	int fd = open(path, flags | O_CLOEXEC);
	int saved = errno;

	g_free(path);
	errno = saved;
	return fd;
}

bool attribute_exists(const char *folder, const char *name)
{
	char *path = g_build_filename(folder, name, NULL);
	bool exists = access(path, F_OK) == 0;

	g_free(path);
	return exists;
}

char *attribute_bytes(const char *folder, const char *name, size_t *size)
{
	int fd = attribute_open(folder, name, O_RDONLY);
	char *bytes;
	size_t fill = 0;
	ssize_t got = -1;

	if (fd < 0)
		return NULL;
	bytes = g_malloc(ATTRIBUTE_MAX + 1);
	while (fill < ATTRIBUTE_MAX) {
		got = read(fd, bytes + fill, ATTRIBUTE_MAX - fill);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		fill += got;
	}
	close(fd);
	if (got < 0) {
		g_free(bytes);
		return NULL;
	}
	bytes[fill] = '\0';
	if (size)
		*size = fill;
	return bytes;
}

char *attribute_text(const char *folder, const char *name)
{
	char *text = attribute_bytes(folder, name, NULL);

	if (text)
		text[strcspn(text, "\n")] = '\0';
	return text;
}

enum attribute_result attribute_write_bytes(const char *folder, const char *name, const void *bytes,
		size_t size, GError **error)
{
	int fd = attribute_open(folder, name, O_WRONLY);
	ssize_t written = -1;
	int saved;

	if (fd < 0 && errno == ENOENT)
		return ATTRIBUTE_ABSENT;
	if (fd >= 0) {
		do {
			written = write(fd, bytes, size);
		} while (written < 0 && errno == EINTR);
	}
	saved = written < 0 ? errno : EIO;
	if (fd >= 0)
		close(fd);
	if (written == (ssize_t)size)
		return ATTRIBUTE_WRITTEN;
	g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(saved), "cannot write %s/%s: %s",
			folder, name, g_strerror(saved));
	return ATTRIBUTE_FAILED;
}

enum attribute_result attribute_write(
		const char *folder, const char *name, const char *text, GError **error)
{
	return attribute_write_bytes(folder, name, text, strlen(text), error);
}
