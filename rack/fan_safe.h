/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A safe speed for all fans of this board, without any configuration: before it is read, and by the
 * service manager after the daemon has died.
 */
#include <stddef.h>

/*
 * Writes all pwmN of all hwmon devices below root ("/sys"; NULL), with pwmN_enable 1 where there is
 * one. Returns how many were written; failed: how many could not be, errno of the last one is left.
 * A board without such devices has none of both. No memory but readdir's, no GLib, no waiting but
 * for the drivers.
 */
size_t fan_safe(const char *root, int percent, size_t *failed);
