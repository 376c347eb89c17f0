/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Says no to a SPICE client in an answer that it reads, so that it shows an error rather than a
 * lost connection. Main thread only.
 */
#include <stddef.h>

/* Answers and closes the connected socket in the background, within a second or so. */
void refusal_send(int fd);

/* The same with an answer of the caller's. */
void refusal_say(int fd, const void *bytes, size_t size);
