/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VR_H
#define VR_H
/*
 * The registers of the AST2600's video engine that the simulation knows, by their offsets (VR004 is
 * the data sheet's name) and as aspeed-video.c uses them.
 */
#include <linux/bits.h>

#define VR_PROTECTION 0x000

#define VR_SEQUENCE          0x004
#define VR_SEQUENCE_DETECT   BIT(0)
#define VR_SEQUENCE_COMPRESS BIT(4)
#define VR_SEQUENCE_WATCHDOG BIT(7)
#define VR_SEQUENCE_YUV420   BIT(10)
#define VR_SEQUENCE_JPEG     BIT(13)
#define VR_SEQUENCE_IDLE     (BIT(16) | BIT(18)) /* capture, compression; set while idle */

#define VR_CONTROL      0x008
#define VR_CONTROL_RATE GENMASK(23, 16)

#define VR_CHANGE_CONTROL      0x02c
#define VR_WINDOW              0x034 /* of the compression: width 31:16, height 15:0 */
#define VR_CHANGE_ADDRESS      0x050
#define VR_STREAM_ADDRESS      0x054
#define VR_STREAM_SIZE         0x058
#define VR_STREAM_SIZE_PACKETS GENMASK(5, 3) /* 4 << n packets */
#define VR_STREAM_SIZE_PACKET  GENMASK(2, 0) /* of 1024 << n bytes */

#define VR_COMPRESSION           0x060
#define VR_COMPRESSION_CHROMA    GENMASK(9, 6) /* without the bit that picks the table's half */
#define VR_COMPRESSION_LUMA      GENMASK(15, 11)
#define VR_COMPRESSION_HQ        BIT(16)
#define VR_COMPRESSION_HQ_CHROMA GENMASK(25, 22)
#define VR_COMPRESSION_HQ_LUMA   GENMASK(31, 27)

#define VR_COMPRESSED_SIZE 0x084

/* What was detected. */
#define VR_EDGES_X         0x090 /* left 11:0, right 27:16 */
#define VR_EDGES_Y         0x094 /* top 12:0, bottom 28:16 */
#define VR_DETECTED        0x098
#define VR_DETECTED_STABLE (BIT(13) | BIT(14))
#define VR_DETECTED_READY  (BIT(30) | BIT(31))
#define VR_DETECTED_LINES  GENMASK(27, 16)
#define VR_SYNC            0x09c /* from one edge of the pulse to the other: horizontal 11:0, vertical 27:16 \
				  */
#define VR_LINE_TOTAL 0x0a0

#define VR_INTERRUPT_ENABLE     0x304
#define VR_INTERRUPT_STATUS     0x308
#define VR_INTERRUPT_WATCHDOG   BIT(0)
#define VR_INTERRUPT_COMPRESSED BIT(3)
#define VR_INTERRUPT_DETECTED   BIT(4)

#endif
