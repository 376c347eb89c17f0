/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "media/image.h"

/* ECMA-119, 6.2.1 and 8.1: volume descriptors from sector 16 on. */
#define DISC_SECTOR     2048u
#define DISC_FIRST      16u
#define DISC_BOOT       0 /* 8.2 */
#define DISC_PRIMARY    1 /* 8.4 */
#define DISC_SUPPLEMENT 2 /* 8.5; with UCS-2 that is Joliet */
#define DISC_LABEL      40
#define DISC_LABEL_SIZE 32u
#define DISC_BLOCKS     80
#define DISC_ESCAPES    88
#define DISC_BLOCK_SIZE 128

/* A disk's first sector: a byte of status, one of type, LBA and count, four times. */
#define DISK_TABLE     446
#define DISK_SIGNATURE 510

/* UEFI 2.10, table 5.5: AlternateLBA of the header, which is in the second sector. */
#define GPT_ALTERNATE 32

static uint64_t image_number(const uint8_t *at, unsigned int bytes)
{
	uint64_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | at[bytes];
	return number;
}

/* --- Discs --- */

static void image_label(struct image *image, const GString *text)
{
	GString *clean = g_string_new(NULL);

	for (const char *at = text->str; *at; at = g_utf8_next_char(at)) {
		gunichar letter = g_utf8_get_char(at);

		g_string_append_unichar(clean, g_unichar_isprint(letter) ? letter : '?');
	}
	g_strstrip(clean->str);
	/* Of the primary and Joliet's, the one that is cut less; in Joliet's there is small type.
	 */
	if (g_utf8_strlen(clean->str, -1) >= g_utf8_strlen(image->label, -1))
		g_strlcpy(image->label, clean->str, sizeof(image->label));
	g_string_free(clean, TRUE);
}

static void image_primary(struct image *image, const uint8_t *sector)
{
	uint64_t block = image_number(sector + DISC_BLOCK_SIZE, 2);
	GString *text = g_string_new(NULL);

	for (unsigned int i = 0; i < DISC_LABEL_SIZE && sector[DISC_LABEL + i]; i++)
		g_string_append_unichar(text, sector[DISC_LABEL + i]);
	image_label(image, text);
	g_string_free(text, TRUE);
	image->size = image_number(sector + DISC_BLOCKS, 4) * block;
}

/* Joliet Specification, "Escape Sequences": UCS-2, levels 1 to 3. */
static void image_joliet(struct image *image, const uint8_t *sector)
{
	const uint8_t *escape = sector + DISC_ESCAPES;
	GString *text = g_string_new(NULL);

	if (escape[0] == '%' && escape[1] == '/' && memchr("@CE", escape[2], 3)) {
		for (unsigned int i = 0; i < DISC_LABEL_SIZE; i += 2) {
			gunichar letter = (gunichar)sector[DISC_LABEL + i] << 8 |
					  sector[DISC_LABEL + i + 1];

			if (letter == 0)
				break;
			g_string_append_unichar(text, g_unichar_validate(letter) ? letter : '?');
		}
		image_label(image, text);
	}
	g_string_free(text, TRUE);
}

static void image_descriptor(struct image *image, const uint8_t *sector)
{
	static const char torito[] = "EL TORITO SPECIFICATION"; /* El Torito 1.0, figure 7 */

	switch (sector[0]) {
	case DISC_BOOT:
		if (memcmp(sector + 7, torito, sizeof(torito) - 1) == 0)
			image->el_torito = true;
		break;
	case DISC_PRIMARY:
		if (!image->iso9660)
			image_primary(image, sector);
		image->iso9660 = true;
		break;
	case DISC_SUPPLEMENT:
		image_joliet(image, sector);
		break;
	default:
		break;
	}
}

static void image_disc(struct image *image, const uint8_t *bytes, size_t size)
{
	/* What may stand among them: ECMA-167, 2/9, also after the end of ISO 9660's. */
	static const char *const others[] = {"BEA01", "BOOT2", "CDW02", "TEA01"};

	for (size_t at = DISC_FIRST * DISC_SECTOR; size >= DISC_SECTOR && at <= size - DISC_SECTOR;
			at += DISC_SECTOR) {
		const char *name = (const char *)bytes + at + 1;
		bool known = false;

		if (memcmp(name, "CD001", 5) == 0) {
			image_descriptor(image, bytes + at);
			known = true;
		}
		if (memcmp(name, "NSR02", 5) == 0 || memcmp(name, "NSR03", 5) == 0)
			image->udf = known = true;
		for (size_t i = 0; i < G_N_ELEMENTS(others); i++)
			known = known || memcmp(name, others[i], 5) == 0;
		if (!known)
			return;
	}
}

/* --- Disks --- */

static void image_boot_record(struct image *image, const uint8_t *bytes)
{
	bool sound = true, used = false;

	image->boot = bytes[DISK_SIGNATURE] == 0x55 && bytes[DISK_SIGNATURE + 1] == 0xaa;
	/* The boot sector of a file system ends so too, and has code where the table would be. */
	for (unsigned int i = 0; i < 4; i++) {
		const uint8_t *entry = bytes + DISK_TABLE + 16 * i;

		sound = sound && (entry[0] & 0x7f) == 0;
		used = used || (entry[4] != 0 && image_number(entry + 12, 4) > 0);
	}
	image->mbr = image->boot && sound && used;
}

static void image_gpt(struct image *image, const uint8_t *bytes, size_t size)
{
	static const unsigned int sectors[] = {512, 4096};

	for (size_t i = 0; i < G_N_ELEMENTS(sectors) && !image->gpt; i++) {
		const uint8_t *header = bytes + sectors[i];
		uint64_t last;

		if (size < sectors[i] + 512u || memcmp(header, "EFI PART", 8) != 0)
			continue;
		image->gpt = true;
		last = image_number(header + GPT_ALTERNATE, 8);
		if (!image->iso9660 && last < UINT64_MAX / sectors[i])
			image->size = (last + 1) * sectors[i];
	}
}

void image_recognise(struct image *image, const uint8_t *bytes, size_t size)
{
	memset(image, 0, sizeof(*image));
	image_disc(image, bytes, size);
	if (size < 512)
		return;
	image_boot_record(image, bytes);
	image_gpt(image, bytes, size);
}

bool image_is_disc(const struct image *image)
{
	return image->iso9660 || image->udf;
}

bool image_is_disk(const struct image *image)
{
	if (image_is_disc(image))
		return image->boot && (image->mbr || image->gpt);
	return image->boot || image->gpt;
}

bool image_is_cut(const struct image *image, uint64_t size)
{
	return size < image->size;
}
