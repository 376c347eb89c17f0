/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Raw frames of any size, stride and length; frames.h says what the input is and what must hold. */
#include "tests/fuzz/frames.h"
#include "tests/fuzz/targets.h"

int target_raw(const uint8_t *data, size_t size)
{
	frames_run(DECODER_XBGR32, data, size);
	return 0;
}
