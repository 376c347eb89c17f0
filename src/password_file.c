/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "src/password_file.h"

#define PASSWORD_FILE_END 2 /* bytes behind the password: CR LF, or what is too many */

void password_file_forget(char *password)
{
	if (password)
		explicit_bzero(password, strlen(password));
	g_free(password);
}

static char *password_file_wrong(char **wrong, const char *text)
{
	*wrong = g_strdup(text);
	return NULL;
}

/* The first line of what was read. */
static char *password_file_line(const char *text, size_t size, size_t most, char **wrong)
{
	size_t length;

	for (length = 0; length < size && text[length] != '\n'; length++)
		if (!text[length])
			return password_file_wrong(wrong, "a zero byte in the first line");
	if (length && text[length - 1] == '\r') /* written on Windows */
		length--;
	if (length == 0)
		return password_file_wrong(wrong, "the first line is empty");
	if (length <= most)
		return g_strndup(text, length);
	*wrong = g_strdup_printf("the first line has more than %zu bytes", most);
	return NULL;
}

static char *password_file_begin(int fd, size_t most, char **wrong)
{
	size_t room = most + PASSWORD_FILE_END, size = 0;
	char *text = g_malloc(room), *password;
	ssize_t got;

	while ((got = read(fd, text + size, room - size)) > 0 || (got < 0 && errno == EINTR))
		size += (size_t)MAX(got, 0);
	password = got < 0 ? password_file_wrong(wrong, g_strerror(errno))
			   : password_file_line(text, size, most, wrong);
	explicit_bzero(text, room);
	g_free(text);
	return password;
}

static char *password_file_open(int fd, size_t most, char **wrong)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return password_file_wrong(wrong, g_strerror(errno));
	if (!S_ISREG(status.st_mode))
		return password_file_wrong(wrong, "not a file");
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return password_file_wrong(wrong,
				"group or others have access to it; chmod 600 takes that away");
	return password_file_begin(fd, most, wrong);
}

char *password_file_read(const char *path, size_t most, char **wrong)
{
	char *password;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return password_file_wrong(wrong, g_strerror(errno));
	password = password_file_open(fd, most, wrong);
	close(fd);
	return password;
}
