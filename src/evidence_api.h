/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The console's API for its picture: screenshots and recordings. Words only, for any program. */
#include "http/route.h"

enum evidence_api {
	EVIDENCE_API_SCREENSHOT,
	EVIDENCE_API_STATUS,
	EVIDENCE_API_SAVE,
	EVIDENCE_API_FREEZE,
	EVIDENCE_API_RESUME,
	EVIDENCE_API_COUNT,
};

extern const struct http_route evidence_api[EVIDENCE_API_COUNT];
