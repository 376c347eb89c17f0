/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What can be asked of the drives, in words: the table of their API, as console_api.h. */
#include "http/route.h"

enum drives_api {
	DRIVES_API_LIST,
	DRIVES_API_SHOW,
	DRIVES_API_INSERT,
	DRIVES_API_EJECT,
	DRIVES_API_COUNT,
};

extern const struct http_route drives_api[DRIVES_API_COUNT];
