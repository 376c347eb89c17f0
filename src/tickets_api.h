/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What can be asked for tickets, in words: the table of their API, as console_api.h. */
#include "http/route.h"

#define TICKETS_SECONDS 60 /* without a word about it */

enum tickets_api {
	TICKETS_API_MAKE,
	TICKETS_API_COUNT,
};

extern const struct http_route tickets_api[TICKETS_API_COUNT];
