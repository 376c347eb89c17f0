/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What frames cost that are kept as blocks and sent as rectangles of JPEG, beside decoding them to
 * pixels: typing, a scrolling window, a moving window and full motion, each eighth frame a full one
 * as the driver's are. Means over all frames of a phase: what is paid in the long run.
 */
void bench_blocks(int width, int height, int selector, int frames);
