/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * What an image is, by its first bytes: a CD or DVD, a disk, or one that is good as either
 * ("isohybrid": a disc whose unused first sectors hold a disk's boot record). Pure.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* To be given, or all of an image that is smaller. With less, less is recognised. */
#define IMAGE_BYTES 65536u

struct image {
	bool iso9660;   /* ECMA-119 */
	bool udf;       /* ECMA-167, 2/9; its name and size are too far in */
	bool el_torito; /* has a boot record of that name: firmware may boot the disc */
	bool boot;      /* the first sector ends in 55 AA: a BIOS may boot the disk */
	bool mbr, gpt;  /* has a table of partitions, with at least one in it */
	char label[97]; /* volume name of an ISO 9660 disc, UTF-8 without controls; "": none */
	uint64_t size;  /* bytes that ISO 9660, or without it GPT, says it has; 0: not said */
};

void image_recognise(struct image *image, const uint8_t *bytes, size_t size);

/* Good as what; an image that is neither is shown as a disk: it may be an empty one. */
bool image_is_disc(const struct image *image);
bool image_is_disk(const struct image *image);

/* Smaller than it says: its download or copying was cut off. size: what there is. */
bool image_is_cut(const struct image *image, uint64_t size);
