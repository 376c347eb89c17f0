/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* When a peer that lost power or network is gone. Any thread. */

/*
 * After 12 s without an answer, whether we were sending to it or not; TCP alone would not report it
 * for hours. Sockets of other kinds do not have the options, and do not need them: they fail,
 * rightly, and nothing is said.
 */
void keepalive_set(int fd);
