/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any AJPG frames; frames.h says what the input is and what must hold. */
#include "tests/fuzz/frames.h"
#include "tests/fuzz/targets.h"

int target_ajpg(const uint8_t *data, size_t size)
{
	frames_run(DECODER_AJPG, data, size);
	return 0;
}
