/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Passwords in files of their own, which nobody but their owner may have access to. Any thread. */
#include <stddef.h>

/*
 * Returns the first line, of 1 to most bytes, without its end; it is to be given to
 * password_file_forget. NULL: it is not to be had, and wrong is set to why, in words, to be freed.
 */
char *password_file_read(const char *path, size_t most, char **wrong);

/* Wipes and frees; NULL is fine. */
void password_file_forget(char *password);
