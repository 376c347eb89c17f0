/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What can be asked of a console about who holds its input, in words; see console_api.h. */
#include "http/route.h"

enum control_api {
	CONTROL_API_ORDER,
	CONTROL_API_COUNT,
};

extern const struct http_route control_api[CONTROL_API_COUNT];
