/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any request for a websocket: what is granted is within what came, names are strings, the answer
 * fits, and a part of what is understood is never understood otherwise. */
#include <stdlib.h>
#include <string.h>
#include "spice/websocket.h"
#include "tests/fuzz/targets.h"

int target_upgrade(const uint8_t *data, size_t size)
{
	struct websocket_request request, part;
	char answer[WEBSOCKET_ANSWER_MOST];
	enum websocket_verdict verdict = websocket_request_read(data, size, &request);

	if (verdict == WEBSOCKET_MORE)
		return 0;
	if (verdict != WEBSOCKET_GOOD) {
		if (websocket_refusal(verdict, answer) >= sizeof(answer))
			abort();
		return 0;
	}
	if (request.size > size || !memchr(request.host, 0, sizeof(request.host)) ||
			!memchr(request.origin, 0, sizeof(request.origin)))
		abort();
	if (websocket_grant(&request, answer) >= sizeof(answer) || strchr(request.origin, '\n'))
		abort();
	if (websocket_request_read(data, request.size, &part) != WEBSOCKET_GOOD ||
			websocket_request_read(data, request.size - 1, &part) != WEBSOCKET_MORE)
		abort();
	return 0;
}
