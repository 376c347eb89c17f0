/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Says no to a SPICE client in the answer to its link message, so that it shows an error rather
 * than a lost connection.
 */

/* Answers and closes the connected socket in the background, within a second or so. */
void refusal_send(int fd);
