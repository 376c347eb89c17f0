/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "spice/password.h"
#include "src/console_api.h"
#include "src/event_api.h"
#include "src/metrics_api.h"

static const struct http_parameter console_api_disconnect[] = {
		CONSOLE_API_VIEWER,
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

/* What answers have (http/describe_answer.h). */
#define VIEWERS                                                                   \
	"[{'viewer': 'integer', 'peer': 'string', 'encrypted': 'boolean', "       \
	"'websocket': 'boolean', 'looking': 'boolean', 'since': 'string', "       \
	"'age_ms': 'integer', 'display': 'string', 'round_trip_ms?': 'integer', " \
	"'rate?': 'integer', 'behind?': 'boolean', 'updates?': 'integer', "       \
	"'sent?': 'integer'}]"
#define QUALITY  "'selector': 'integer?', 'best': 'integer?', 'automatic': 'boolean'"
#define PASSWORD "{'state': 'string', 'expires': 'string?', 'left_ms': 'integer?'}"
#define STATUS                                                                  \
	"{'name': 'string', 'program': 'string', 'version': 'string', "         \
	"'started': 'string', 'uptime_ms': 'integer', 'source': 'string', "     \
	"'device': 'string?', 'state': 'string', 'reason': 'string', "          \
	"'since': 'string', 'age_ms': 'integer', "                              \
	"'mode': {'?': 0, 'width': 'integer', 'height': 'integer', "            \
	"'codec': 'string', 'chroma?': 'integer', 'selector?': 'integer', "     \
	"'second_selector?': 'integer?', 'range': 'string'}, "                  \
	"'frames': 'integer', 'fps': 'number', 'damage_rate': 'number', "       \
	"'quality': {'?': 0, " QUALITY "}, 'viewers': " VIEWERS ", "            \
	"'password': " PASSWORD ", "                                            \
	"'input': {'keyboard': 'string', 'absolute': 'string', "                \
	"'relative': 'string', 'leds': {'num_lock': 'boolean', "                \
	"'caps_lock': 'boolean', 'scroll_lock': 'boolean'}}, "                  \
	"'usb': [{'gadget': 'string?', 'port': 'string?', "                     \
	"'functions': ['string'], 'drive': 'string?', 'node': 'string', "       \
	"'listening': 'boolean', 'adopted': 'boolean', 'reason': 'string?'}], " \
	"'fault': {'?': 0, 'message': 'string', 'time': 'string', "             \
	"'age_ms': 'integer'}}"

const struct http_route console_api[CONSOLE_API_COUNT] = {
		[CONSOLE_API_STATUS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console",
						.answer = STATUS,
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
						.answer = PASSWORD,
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
						.answer = "{'viewers': " VIEWERS "}",
						.role = HTTP_READ,
						.command = "viewers",
						.help = "Lists who looks, from where, and how the links do.",
				},
		[CONSOLE_API_QUALITY] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/quality",
						.answer = "{" QUALITY "}",
						.role = HTTP_READ,
						.help = "Says which quality the video engine is told to use, and who decides.",
				},
		[CONSOLE_API_SET_QUALITY] =
				{
						.method = HTTP_PUT,
						.path = "/api/v1/console/quality",
						.answer = "{" QUALITY "}",
						.parameters = console_api_quality,
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "quality",
						.help = "Sets the video engine's quality, or shows it.",
				},
		[CONSOLE_API_EVENTS] = EVENT_API_ROUTE,
		[CONSOLE_API_METRICS] = METRICS_API_ROUTE(
				"Tells picture, viewers and drives to Prometheus."),
};
