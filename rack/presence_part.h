/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The kernel's side of presence.c, for its test to stand in for. */
#include <linux/gpio.h>
#include "rack/presence.h"

struct presence_calls {
	int (*open)(const char *path, int flags);
	int (*ioctl)(int fd, unsigned long request, void *argument);
	int (*close)(int fd);
	int again_ms; /* until a line that was not to be had is tried again */
};

/* calls must outlive it. The line's events are read from the descriptor that the ioctl gave. */
struct presence *presence_new_with(const char *spec, const struct presence_calls *calls,
		presence_fn told, void *data, GError **error);
