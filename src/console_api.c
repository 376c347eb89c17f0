/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/console_api.h"

const struct http_route console_api[CONSOLE_API_COUNT] = {
		[CONSOLE_API_STATUS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console",
						.role = HTTP_READ,
						.command = "status",
						.help = "Says how the console is: picture, viewers, the node's devices, faults.",
				},
		[CONSOLE_API_WAKE] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/console/wake",
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "wake",
						.help = "Wakes a sleeping node over USB.",
				},
};
