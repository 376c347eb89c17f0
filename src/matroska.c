/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/matroska.h"
#include <string.h>

/* Elements: EBML's are in RFC 8794, 11.2, the others in RFC 9559, 5.1. */
enum matroska_element {
	EBML_HEADER = 0x1a45dfa3,
	EBML_VERSION = 0x4286,
	EBML_READ_VERSION = 0x42f7,
	EBML_MAX_ID_LENGTH = 0x42f2,
	EBML_MAX_SIZE_LENGTH = 0x42f3,
	EBML_DOC_TYPE = 0x4282,
	EBML_DOC_TYPE_VERSION = 0x4287,
	EBML_DOC_TYPE_READ_VERSION = 0x4285,
	SEGMENT = 0x18538067,
	INFO = 0x1549a966,
	TIMESTAMP_SCALE = 0x2ad7b1,
	DURATION = 0x4489,
	DATE_UTC = 0x4461,
	TITLE = 0x7ba9,
	MUXING_APP = 0x4d80,
	WRITING_APP = 0x5741,
	TRACKS = 0x1654ae6b,
	TRACK_ENTRY = 0xae,
	TRACK_NUMBER = 0xd7,
	TRACK_UID = 0x73c5,
	TRACK_TYPE = 0x83,
	FLAG_LACING = 0x9c,
	CODEC_ID = 0x86,
	LANGUAGE = 0x22b59c,
	VIDEO = 0xe0,
	FLAG_INTERLACED = 0x9a,
	PIXEL_WIDTH = 0xb0,
	PIXEL_HEIGHT = 0xba,
	CHAPTERS = 0x1043a770,
	EDITION_ENTRY = 0x45b9,
	EDITION_UID = 0x45bc,
	CHAPTER_ATOM = 0xb6,
	CHAPTER_UID = 0x73c4,
	CHAPTER_TIME_START = 0x91,
	CHAPTER_DISPLAY = 0x80,
	CHAP_STRING = 0x85,
	CHAP_LANGUAGE = 0x437c,
	CLUSTER = 0x1f43b675,
	TIMESTAMP = 0xe7,
	SIMPLE_BLOCK = 0xa3,
	BLOCK_GROUP = 0xa0,
	BLOCK = 0xa1,
	BLOCK_DURATION = 0x9b,
};

#define MATROSKA_TRACK       1
#define MATROSKA_VIDEO       1 /* TrackType */
#define MATROSKA_PROGRESSIVE 2 /* FlagInterlaced */
#define MATROSKA_KEY         0x80
#define MATROSKA_MS          1000000 /* TimestampScale: ns of a tick */
/* DateUTC counts from 2001-01-01T00:00:00Z, in seconds since 1970. */
#define MATROSKA_EPOCH INT64_C(978307200)

/* A master element's size is written once it is there: in eight bytes, which may be too many. */
#define MATROSKA_SIZE 8

/* --- Elements --- */

static void put_big(GByteArray *out, uint64_t value, int bytes)
{
	uint8_t big[8];

	for (int i = 0; i < bytes; i++)
		big[i] = value >> 8 * (bytes - 1 - i);
	g_byte_array_append(out, big, (guint)bytes);
}

static int bytes_of(uint64_t value)
{
	int bytes = 1;

	while (bytes < 8 && value >> 8 * bytes)
		bytes++;
	return bytes;
}

/* The class of an identifier is among its bits. */
static void put_id(GByteArray *out, enum matroska_element id)
{
	put_big(out, id, bytes_of(id));
}

/* With all bits set it would mean that nobody knows (RFC 8794, 6.2). */
static void put_size(GByteArray *out, uint64_t size)
{
	int bytes = 1;

	while (bytes < 8 && size + 1 >= UINT64_C(1) << 7 * bytes)
		bytes++;
	put_big(out, size | UINT64_C(1) << 7 * bytes, bytes);
}

static void put_unsigned(GByteArray *out, enum matroska_element id, uint64_t value)
{
	int bytes = bytes_of(value);

	put_id(out, id);
	put_size(out, (uint64_t)bytes);
	put_big(out, value, bytes);
}

static void put_date(GByteArray *out, enum matroska_element id, int64_t wall)
{
	int64_t date = (wall - MATROSKA_EPOCH * G_USEC_PER_SEC) * 1000;

	put_id(out, id);
	put_size(out, sizeof(date));
	put_big(out, (uint64_t)date, sizeof(date));
}

static void put_real(GByteArray *out, enum matroska_element id, double value)
{
	uint64_t bits;

	memcpy(&bits, &value, sizeof(bits));
	put_id(out, id);
	put_size(out, sizeof(bits));
	put_big(out, bits, sizeof(bits));
}

static void put_text(GByteArray *out, enum matroska_element id, const char *text)
{
	size_t size = strlen(text);

	put_id(out, id);
	put_size(out, size);
	g_byte_array_append(out, (const guint8 *)text, (guint)size);
}

static guint master_begin(GByteArray *out, enum matroska_element id)
{
	put_id(out, id);
	put_big(out, 0, MATROSKA_SIZE);
	return out->len;
}

static void master_end(GByteArray *out, guint begin)
{
	uint64_t size = (out->len - begin) | UINT64_C(1) << 7 * MATROSKA_SIZE;

	for (guint i = 0; i < MATROSKA_SIZE; i++)
		out->data[begin - MATROSKA_SIZE + i] = size >> 8 * (MATROSKA_SIZE - 1 - i);
}

/* --- Before the first frame --- */

static void put_header(GByteArray *out)
{
	guint header = master_begin(out, EBML_HEADER);

	put_unsigned(out, EBML_VERSION, 1);
	put_unsigned(out, EBML_READ_VERSION, 1);
	put_unsigned(out, EBML_MAX_ID_LENGTH, 4);
	put_unsigned(out, EBML_MAX_SIZE_LENGTH, 8);
	put_text(out, EBML_DOC_TYPE, "matroska");
	put_unsigned(out, EBML_DOC_TYPE_VERSION, 4);
	put_unsigned(out, EBML_DOC_TYPE_READ_VERSION, 2); /* SimpleBlock */
	master_end(out, header);
}

static void put_info(GByteArray *out, const struct matroska_about *about)
{
	guint info = master_begin(out, INFO);

	put_unsigned(out, TIMESTAMP_SCALE, MATROSKA_MS);
	if (about->duration >= 0)
		put_real(out, DURATION, (double)about->duration);
	put_date(out, DATE_UTC, about->wall);
	put_text(out, TITLE, about->title);
	put_text(out, MUXING_APP, about->program);
	put_text(out, WRITING_APP, about->program);
	master_end(out, info);
}

static void put_tracks(GByteArray *out, const struct matroska_about *about)
{
	guint tracks = master_begin(out, TRACKS);
	guint entry = master_begin(out, TRACK_ENTRY), video;

	put_unsigned(out, TRACK_NUMBER, MATROSKA_TRACK);
	put_unsigned(out, TRACK_UID, MATROSKA_TRACK);
	put_unsigned(out, TRACK_TYPE, MATROSKA_VIDEO);
	put_unsigned(out, FLAG_LACING, 0);
	put_text(out, CODEC_ID, "V_MJPEG");
	put_text(out, LANGUAGE, "und");
	video = master_begin(out, VIDEO);
	put_unsigned(out, FLAG_INTERLACED, MATROSKA_PROGRESSIVE);
	put_unsigned(out, PIXEL_WIDTH, (uint64_t)about->width);
	put_unsigned(out, PIXEL_HEIGHT, (uint64_t)about->height);
	master_end(out, video);
	master_end(out, entry);
	master_end(out, tracks);
}

static void put_chapter(GByteArray *out, const struct matroska_chapter *chapter, uint64_t uid)
{
	guint atom = master_begin(out, CHAPTER_ATOM), display;

	put_unsigned(out, CHAPTER_UID, uid);
	put_unsigned(out, CHAPTER_TIME_START, (uint64_t)chapter->time * MATROSKA_MS);
	display = master_begin(out, CHAPTER_DISPLAY);
	put_text(out, CHAP_STRING, chapter->name);
	put_text(out, CHAP_LANGUAGE, "eng");
	master_end(out, display);
	master_end(out, atom);
}

static void put_chapters(GByteArray *out, const struct matroska_about *about)
{
	guint chapters, edition;

	if (about->chapter_count == 0)
		return;
	chapters = master_begin(out, CHAPTERS);
	edition = master_begin(out, EDITION_ENTRY);
	put_unsigned(out, EDITION_UID, 1);
	for (size_t i = 0; i < about->chapter_count; i++)
		put_chapter(out, &about->chapters[i], i + 1);
	master_end(out, edition);
	master_end(out, chapters);
}

void matroska_begin(GByteArray *out, const struct matroska_about *about)
{
	put_header(out);
	put_id(out, SEGMENT);
	/* Up to the end of the file, wherever that will be. */
	put_big(out, UINT64_MAX >> 7, MATROSKA_SIZE);
	put_info(out, about);
	put_tracks(out, about);
	put_chapters(out, about);
}

/* --- Frames --- */

static void put_block(GByteArray *out, enum matroska_element id, uint8_t flags, const void *jpeg,
		size_t size)
{
	const uint8_t head[] = {0x80 | MATROSKA_TRACK, 0, 0, flags}; /* at its cluster's time */

	put_id(out, id);
	put_size(out, sizeof(head) + size);
	g_byte_array_append(out, head, sizeof(head));
	g_byte_array_append(out, jpeg, (guint)size);
}

void matroska_frame(GByteArray *out, int64_t time, int64_t lasts, const void *jpeg, size_t size)
{
	guint cluster = master_begin(out, CLUSTER), group;

	put_unsigned(out, TIMESTAMP, (uint64_t)time);
	if (lasts < 0) {
		put_block(out, SIMPLE_BLOCK, MATROSKA_KEY, jpeg, size);
	} else {
		group = master_begin(out, BLOCK_GROUP);
		put_block(out, BLOCK, 0, jpeg, size);
		put_unsigned(out, BLOCK_DURATION, (uint64_t)lasts);
		master_end(out, group);
	}
	master_end(out, cluster);
}
