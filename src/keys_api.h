/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What can be typed on the node, in words: the table of its API, as console_api.h. */
#include "http/route.h"

enum keys_api {
	KEYS_API_TYPE,
	KEYS_API_SHOW,
	KEYS_API_STOP,
	KEYS_API_COUNT,
};

extern const struct http_route keys_api[KEYS_API_COUNT];
