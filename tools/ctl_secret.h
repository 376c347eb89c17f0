/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Passwords and tokens on their way from a file to a request: never from the command line, which
 * everybody on the machine can read. */
#include <jansson.h>

/*
 * The first line of a file; "-" is standard input, which is asked for where it is a terminal. NULL,
 * and said why: there is none. For ctl_secret_put.
 */
char *ctl_secret_read(const char *path);

/* Takes the secret, and overwrites what it has no more use for. */
void ctl_secret_put(json_t *values, const char *name, char *secret);
