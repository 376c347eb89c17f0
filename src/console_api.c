/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <limits.h>
#include "spice/password.h"
#include "src/console_api.h"
#include "src/event_api.h"

static const struct http_parameter console_api_disconnect[] = {
		{
				.name = "viewer",
				.place = HTTP_IN_PATH,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = UINT_MAX,
				.help = "its number, as the status has it",
		},
		{0},
};

static const struct http_parameter console_api_password[] = {
		{
				.name = "password",
				.place = HTTP_IN_BODY,
				.required = true,
				.secret = true,
				.help = "1 to 60 bytes",
		},
		{
				.name = "seconds",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = PASSWORD_SECONDS_MAX,
				.help = "how long it lets viewers in; 0: until there is another",
		},
		{0},
};

static const struct http_parameter console_api_quality[] = {
		{
				.name = "selector",
				.place = HTTP_IN_BODY,
				.type = HTTP_INTEGER,
				.min = 0,
				.max = 11,
				.help = "the engine's quantiser for everybody, 0 is the coarsest",
		},
		{
				.name = "automatic",
				.place = HTTP_IN_BODY,
				.type = HTTP_BOOLEAN,
				.help = "true: the slowest link is followed; false: it stays as it is",
		},
		{0},
};

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
		[CONSOLE_API_DISCONNECT] =
				{
						.method = HTTP_DELETE,
						.path = "/api/v1/console/viewers/{viewer}",
						.parameters = console_api_disconnect,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "disconnect",
						.help = "Sends a viewer away.",
				},
		[CONSOLE_API_PASSWORD] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/console/password",
						.parameters = console_api_password,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "password",
						.help = "Sets the password that viewers are let in with.",
				},
		[CONSOLE_API_VIEWERS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/viewers",
						.role = HTTP_READ,
						.command = "viewers",
						.help = "Lists who looks, from where, and how the links do.",
				},
		[CONSOLE_API_QUALITY] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/quality",
						.role = HTTP_READ,
						.help = "Says which quality the video engine is told to use, and who decides.",
				},
		[CONSOLE_API_SET_QUALITY] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/console/quality",
						.parameters = console_api_quality,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "quality",
						.help = "Sets the video engine's quality, or shows it.",
				},
		[CONSOLE_API_EVENTS] =
				{
						.method = HTTP_GET,
						.path = EVENT_API_PATH,
						.parameters = event_api_parameters,
						.role = HTTP_READ,
						.command = "events",
						.help = "Tells what happens, as Server-Sent Events without end.",
				},
		[CONSOLE_API_METRICS] =
				{
						.method = HTTP_GET,
						.path = "/metrics",
						.role = HTTP_READ,
						.help = "Tells picture, viewers and drives to Prometheus.",
				},
};
