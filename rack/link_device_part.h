/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The kernel's side of link_device.c, for its test to stand in for. */
#include "rack/link.h"

struct link_device_calls {
	int (*open)(const char *path, int flags);
	int (*ioctl)(int fd, unsigned long request, void *argument);
	int (*close)(int fd);
	int answer_ms; /* that the BMC has for an answer */
	int again_ms;  /* until a device that was not there is tried again */
};

/* calls must outlive it. */
struct link *link_device_new_with(
		const char *path, const struct link_device_calls *calls, link_fn told, void *data);
