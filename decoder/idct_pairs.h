/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The transform of idct.h with its sums multiplied out: every output is a sum of eight products of
 * 16-bit terms with 16-bit constants, which come in pairs (terms 0 and 2, 4 and 6, 1 and 3, 5 and
 * 7). In arithmetic that wraps around the results are the same to the bit.
 */
#define IDCT_SUM0  8192, 10703 /* terms 0, 2: even parts of outputs 0 and 7 .. 3 and 4 */
#define IDCT_SUM1  8192, 4433
#define IDCT_SUM2  8192, -4433
#define IDCT_SUM3  8192, -10703
#define IDCT_HIGH0 8192, 4433 /* terms 4, 6 */
#define IDCT_HIGH1 -8192, -10704
#define IDCT_HIGH2 -8192, 10704
#define IDCT_HIGH3 8192, -4433
#define IDCT_ODD0  11363, 9633 /* terms 1, 3: odd parts */
#define IDCT_ODD1  9633, -2259
#define IDCT_ODD2  6437, -11362
#define IDCT_ODD3  2260, -6436
#define IDCT_TOP0  6437, 2260 /* terms 5, 7 */
#define IDCT_TOP1  -11362, -6436
#define IDCT_TOP2  2261, 9633
#define IDCT_TOP3  9633, -11363
