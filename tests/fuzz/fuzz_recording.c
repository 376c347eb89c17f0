/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of frames: whatever the text, each line is a frame within limits or an error that says
 * why. */
#include <stdlib.h>
#include "capture/list.h"
#include "tests/fuzz/targets.h"

static void fuzz_frame(const struct list_frame *frame)
{
	int most = frame->chroma == 444 ? 2048 : 4096;

	if (!*frame->path || frame->width < 1 || frame->height < 1 || frame->width > most ||
			frame->height > most || frame->selector < 0 || frame->selector > 11 ||
			frame->second_selector < -1 || frame->second_selector > 11)
		abort();
}

int target_recording(const uint8_t *data, size_t size)
{
	FILE *stream = size ? fmemopen((void *)data, size, "r") : NULL;
	struct list *list;
	struct list_frame frame;
	enum list_result result;
	GError *error = NULL;

	if (!stream)
		return 0;
	list = list_open_stream(stream, "list", "folder");
	while ((result = list_next(list, &frame, &error)) != LIST_END) {
		if (result == LIST_FRAME)
			fuzz_frame(&frame);
		if ((result == LIST_FAILED) != (error != NULL))
			abort();
		g_clear_error(&error);
	}
	list_close(list);
	return 0;
}
