/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Two ends of one connection within the process, both non-blocking and close-on-exec.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * By TCP, for those who treat a unix socket's peer differently. Both ends send without delay. What is written to the
 * second is buffered as little as possible on its way to the first, so that who writes feels early
 * when nobody reads. False sets error (G_FILE_ERROR) in words.
 */
bool loopback_pair(int fds[2], GError **error);

/* By unix sockets. What is written to the second may wait in a buffer for a whole picture. */
bool loopback_pair_unix(int fds[2], GError **error);
