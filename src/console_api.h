/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What can be asked of a console, in words: the one table of its API. The daemon has a handler for
 * each (console_routes.c), spicerackctl its commands and its help.
 */
#include <limits.h>
#include "http/route.h"

enum console_api {
	CONSOLE_API_STATUS,
	CONSOLE_API_WAKE,
	CONSOLE_API_DISCONNECT,
	CONSOLE_API_PASSWORD,
	CONSOLE_API_VIEWERS,
	CONSOLE_API_QUALITY,
	CONSOLE_API_SET_QUALITY,
	CONSOLE_API_EVENTS,
	CONSOLE_API_METRICS,
	CONSOLE_API_COUNT,
};

extern const struct http_route console_api[CONSOLE_API_COUNT];

/* A viewer, as a parameter of the path. */
#define CONSOLE_API_VIEWER                                                               \
	{                                                                                \
		.name = "viewer", .place = HTTP_IN_PATH, .type = HTTP_INTEGER, .min = 1, \
		.max = UINT_MAX, .help = "its number, as the status has it",             \
	}
