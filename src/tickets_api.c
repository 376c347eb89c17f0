/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/tickets_api.h"
#include "spice/password.h"

static const struct http_parameter tickets_api_make[] = {
		{
				.name = "seconds",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = PASSWORD_SECONDS_MAX,
				.help = "how long there is to come in with it; 60 without",
		},
		{
				.name = "view",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "whoever comes with it may only look",
		},
		{0},
};

const struct http_route tickets_api[TICKETS_API_COUNT] = {
		[TICKETS_API_MAKE] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/console/tickets",
						.parameters = tickets_api_make,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "ticket",
						.help = "Makes a ticket that lets one viewer in, once.",
				},
};
