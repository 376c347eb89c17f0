/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* An answer on its way into the library. Main thread. */
#include <microhttpd.h>
#include "http/server.h"

/* Sends it with the style's headers (NULL: none). The answer stays the caller's. */
enum MHD_Result http_reply_send(struct MHD_Connection *connection, const struct http_answer *answer,
		const struct http_style *style);
