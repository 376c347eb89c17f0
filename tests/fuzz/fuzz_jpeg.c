/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any JPEG frames; frames.h says what the input is and what must hold. */
#include "tests/fuzz/frames.h"
#include "tests/fuzz/targets.h"

int target_jpeg(const uint8_t *data, size_t size)
{
	frames_run(DECODER_JPEG, data, size);
	return 0;
}
