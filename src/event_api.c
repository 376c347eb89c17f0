/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/event_api.h"
#include <limits.h>

const struct http_parameter event_api_parameters[] = {
		{
				.name = "since",
				.place = HTTP_IN_QUERY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = LLONG_MAX,
				.help = "begins after this number; 0: with the oldest that is kept",
		},
		{
				.name = "follow",
				.place = HTTP_IN_QUERY,
				.type = HTTP_BOOLEAN,
				.help = "false: ends after those that are kept",
		},
		{0},
};
