/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* An answer on its way into the library. Main thread. */
#include <microhttpd.h>
#include "http/server.h"

/* Sends it with the style's headers (NULL: none). Both stay the caller's. stream: the body; NULL:
 * it is in the answer. */
enum MHD_Result http_reply_send(struct MHD_Connection *connection, const struct http_answer *answer,
		struct http_stream *stream, const struct http_style *style);
