/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <linux/videodev2.h>
#include "capture/v4l2_formats.h"

#ifndef V4L2_PIX_FMT_AJPG /* since Linux 6.2 */
#define V4L2_PIX_FMT_AJPG v4l2_fourcc('A', 'J', 'P', 'G')
#endif

#define V4L2_FORMATS_PACKET 1024

static const struct v4l2_format_entry formats[] = {
		{V4L2_CHOICE_AJPG, V4L2_PIX_FMT_AJPG, CAPTURE_AJPG, "AJPG", 0},
		{V4L2_CHOICE_JPEG, V4L2_PIX_FMT_JPEG, CAPTURE_JPEG, "JPEG", 0},
		{V4L2_CHOICE_MJPEG, V4L2_PIX_FMT_MJPEG, CAPTURE_JPEG, "MJPEG", 0},
		{V4L2_CHOICE_XBGR32, V4L2_PIX_FMT_XBGR32, CAPTURE_XBGR32, "XBGR32", 32},
		{V4L2_CHOICE_BGR24, V4L2_PIX_FMT_BGR24, CAPTURE_BGR24, "BGR24", 24},
		{V4L2_CHOICE_UYVY, V4L2_PIX_FMT_UYVY, CAPTURE_UYVY, "UYVY", 16},
		{V4L2_CHOICE_YUYV, V4L2_PIX_FMT_YUYV, CAPTURE_YUYV, "YUYV", 16},
};

const struct v4l2_format_entry *v4l2_formats_candidate(enum v4l2_choice choice, int position)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (choice != V4L2_CHOICE_AUTO && choice != formats[i].choice)
			continue;
		if (position-- == 0)
			return &formats[i];
	}
	return NULL;
}

bool v4l2_formats_studio(const struct v4l2_format_entry *entry, uint32_t quantization)
{
	/* V4L2_MAP_QUANTIZATION_DEFAULT: limited for YUV, full for RGB and what JPEG is made of. */
	if (quantization == V4L2_QUANTIZATION_DEFAULT)
		return entry->codec == CAPTURE_UYVY || entry->codec == CAPTURE_YUYV;
	return quantization == V4L2_QUANTIZATION_LIM_RANGE;
}

bool v4l2_formats_bt709(uint32_t colorspace, uint32_t encoding)
{
	if (encoding == V4L2_YCBCR_ENC_DEFAULT)
		encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(colorspace);
	return encoding == V4L2_YCBCR_ENC_709 || encoding == V4L2_YCBCR_ENC_XV709;
}

static bool v4l2_formats_jpeg_ends(const uint8_t *data, size_t size)
{
	size_t from = size > V4L2_FORMATS_PACKET ? size - V4L2_FORMATS_PACKET : 0;

	/* ITU-T T.81 B.1.1.5: in a scan every 0xff is followed by 0, so this cannot be data. */
	for (size_t i = from; i + 1 < size; i++)
		if (data[i] == 0xff && data[i + 1] == 0xd9)
			return true;
	return false;
}

bool v4l2_formats_cut(enum capture_codec codec, const uint8_t *data, size_t size, size_t room)
{
	if (codec != CAPTURE_JPEG && codec != CAPTURE_AJPG)
		return false;
	if (size + V4L2_FORMATS_PACKET <= room)
		return false;
	return codec == CAPTURE_AJPG || !v4l2_formats_jpeg_ends(data, size);
}
