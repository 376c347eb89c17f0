/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef ASPEED_ENGINE_H
#define ASPEED_ENGINE_H
/*
 * /dev/aspeed-engine, where the simulated video engine has its frames compressed: read() waits for
 * the next frame that the driver wants and says how it is to be (one struct aspeed_engine_frame);
 * one write() of the compressed bytes completes it. Bytes past the buffer's size are lost in
 * silence, as the engine loses them, and write() still counts them. ECANCELED: the driver does not
 * want this frame any more; read the next one. One process at a time (EBUSY). It stays while the
 * driver is unbound.
 *
 * Beside it, in /sys/class/misc/aspeed-engine:
 *	mode	the signal, "1024x768", or "none". Writing it makes the watchdog bark, also when it
 *		stays the same.
 *	fps	frames in a second at most; 0: what the driver asks for
 *	fault	"NAME" from now on, or "NAME COUNT" for so many frames:
 *		none
 *		hang	the frame never completes
 *		drop	it completes, and the interrupt is lost
 *		eio	the queue goes into its error state instead
 *		busy	the engine says that it is busy, and STREAMON fails (no COUNT)
 *	frames	how many were completed since the module was loaded
 */
#include <linux/types.h>

enum aspeed_engine_codec {
	ASPEED_ENGINE_JPEG,
	ASPEED_ENGINE_AJPG,
};

struct aspeed_engine_frame {
	__u32 number;        /* of the trigger, from 1; never used again, also not after a rebind */
	__u32 width, height; /* the compression window: what the driver thinks the mode is */
	__u32 signal_width, signal_height;    /* what it is */
	__u32 codec;                          /* enum aspeed_engine_codec */
	__u32 chroma;                         /* 444 or 420 */
	__u32 luma_selector, chroma_selector; /* quantiser tables, 0 coarsest .. 11 */
	__u32 hq;                             /* the second pass is on, with these tables: */
	__u32 hq_luma_selector, hq_chroma_selector;
	__u32 full; /* the change buffer was empty: every macroblock is wanted */
	__u32 size; /* bytes in the buffer */
};

#endif
