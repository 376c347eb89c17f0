/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/evidence_api.h"

static const struct http_parameter evidence_api_save[] = {
		{
				.name = "rate",
				.place = HTTP_IN_QUERY,
				.type = HTTP_INTEGER,
				.min = 1,
				.max = 60,
				.help = "frames a second at most; without it all",
		},
		{0},
};

const struct http_route evidence_api[EVIDENCE_API_COUNT] = {
		[EVIDENCE_API_SCREENSHOT] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/screenshot",
						.role = HTTP_READ,
						.type = "image/jpeg",
						.command = "screenshot",
						.help = "Gets the node's picture as it is now, a JPEG.",
				},
		[EVIDENCE_API_STATUS] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/recording/status",
						.role = HTTP_READ,
						.command = "recording",
						.help = "Says what was recorded, and what of it is kept.",
				},
		[EVIDENCE_API_SAVE] =
				{
						.method = HTTP_GET,
						.path = "/api/v1/console/recording",
						.parameters = evidence_api_save,
						.role = HTTP_READ,
						.type = "video/x-matroska",
						.command = "recording save",
						.help = "Gets what is kept, or was recorded up to now, a video.",
				},
		[EVIDENCE_API_FREEZE] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/console/recording/freeze",
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "recording freeze",
						.help = "Keeps what was recorded up to now.",
				},
		[EVIDENCE_API_RESUME] =
				{
						.method = HTTP_POST,
						.path = "/api/v1/console/recording/resume",
						.role = HTTP_OPERATE,
						.changes = true,
						.command = "recording resume",
						.help = "Drops what is kept.",
				},
};
