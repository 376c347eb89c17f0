/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The constant tables of Aspeed's AJPG stream. The quantiser steps are those of the kernel's
 * drivers/media/platform/aspeed/aspeed-video.c (which has them as JPEG headers); the Huffman tables
 * are ITU-T T.81 annex K.3, zigzag is T.81 figure A.6.
 */
#include <stdint.h>

#define AJPG_SELECTORS 12 /* 0 coarsest .. 11 finest */

/* Steps in natural order (row = vertical frequency). */
extern const uint8_t ajpg_luma_steps[AJPG_SELECTORS][64];
extern const uint8_t ajpg_chroma_steps[AJPG_SELECTORS][64];

/* Zigzag position -> natural index. */
extern const uint8_t ajpg_zigzag[64];

/* The same, to blocks that are stored column after column. */
extern const uint8_t ajpg_zigzag_columns[64];

/* How a Huffman table is given: codes of each length 1..16, then the symbols in order of code. */
struct ajpg_huffman_spec {
	uint8_t counts[16];
	uint8_t symbols[162];
};

extern const struct ajpg_huffman_spec ajpg_dc_luma, ajpg_dc_chroma, ajpg_ac_luma, ajpg_ac_chroma;

/* Codes of macroblock records, 4 bits. Bit 3 says that a position follows, except in AJPG_END. */
enum ajpg_code {
	AJPG_DCT = 0,
	AJPG_PASS2 = 2,
	AJPG_LOW = 4,
	AJPG_VQ1 = 5,
	AJPG_VQ2 = 6,
	AJPG_VQ4 = 7,
	AJPG_POSITION = 8, /* added to one of the above */
	AJPG_END = 9,
};

/* The palette at the start of each frame, as 0x00YYBBRR (luma, Cb, Cr). */
#define AJPG_PALETTE_SLOTS 4
extern const uint32_t ajpg_palette[AJPG_PALETTE_SLOTS];
