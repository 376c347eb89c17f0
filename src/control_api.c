/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/control_api.h"
#include "src/console_api.h"

static const struct http_parameter control_api_order[] = {
		{
				.name = "act",
				.place = HTTP_IN_PATH,
				.help = "grant or deny what it asks for, or give",
		},
		CONSOLE_API_VIEWER,
		{0},
};

const struct http_route control_api[CONTROL_API_COUNT] = {
		[CONTROL_API_ORDER] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/console/viewers/{viewer}/control/{act}",
						.parameters = control_api_order,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "control",
						.help = "Gives a viewer the input, or grants or denies its request.",
				},
};
