/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Two ends of one TCP connection within the process: for those who treat a unix socket's peer
 * differently.
 */
#include <glib.h>
#include <stdbool.h>

/*
 * Both ends are non-blocking and close-on-exec, and send without delay. What is written to the
 * second is buffered as little as possible on its way to the first, so that who writes feels early
 * when nobody reads. False sets error (G_FILE_ERROR) in words.
 */
bool loopback_pair(int fds[2], GError **error);
