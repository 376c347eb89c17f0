/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/boot.h"
#include "sim/disc.h"
#include "sim/partitions.h"
#include "sim/verify.h"

#define BOOT_COLUMNS    78 /* of a line */
#define BOOT_NAMES_MOST 4  /* lines of names in the root directory */
#define BOOT_BAR        30

struct boot {
	struct scsi_host *host; /* kept */
	void (*changed)(void *data);
	void *data;
	enum boot_state state;
	unsigned int medium; /* the status's changes when it began */
	GString *text;
	struct disc disc;
	struct iso *iso;
	struct verify *verify; /* NULL: not so far */
	struct partitions partitions;
	uint32_t entry, entries_size; /* of a GUID table */
	uint64_t entries;
	struct scsi_host_request *request; /* of blocks, for the partitions */
	uint8_t bytes[PARTITIONS_ENTRIES + 4096];
};

static void boot_say(struct boot *boot, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void boot_say(struct boot *boot, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	g_string_append_vprintf(boot->text, format, arguments);
	va_end(arguments);
	g_string_append_c(boot->text, '\n');
	boot->changed(boot->data);
}

static void boot_fail(struct boot *boot, const char *reason)
{
	if (boot->state == BOOT_FAILED)
		return;
	boot->state = BOOT_FAILED;
	boot_say(boot, "Stopped: %s.", reason);
}

/* --- The files --- */

static void boot_verified(const char *reason, void *data)
{
	struct boot *boot = data;
	const struct verify_status *status = verify_status(boot->verify);
	unsigned int bad = status->wrong + status->missing;

	if (boot->state == BOOT_FAILED)
		return;
	if (reason) {
		if (status->name)
			boot_say(boot, "Reading %s ...", status->name);
		boot_fail(boot, reason);
		return;
	}
	for (unsigned int i = 0; i < status->named; i++)
		boot_say(boot, "  %s", status->bad[i]);
	if (bad > status->named)
		boot_say(boot, "  and %u more", bad - status->named);
	boot->state = BOOT_DONE;
	if (bad > 0)
		boot_say(boot, "%u files right, %u wrong, %u missing.", status->right,
				status->wrong, status->missing);
	else
		boot_say(boot, "%u files right.", status->right);
}

static void boot_verify_changed(void *data)
{
	struct boot *boot = data;

	boot->changed(boot->data);
}

/* The best list of checksums among the entries; NULL: there is none. */
static const struct iso_entry *boot_list(const GPtrArray *entries)
{
	for (const char *const *name = checksums_names; *name; name++)
		for (guint i = 0; i < entries->len; i++) {
			const struct iso_entry *entry = g_ptr_array_index(entries, i);

			if (g_ascii_strcasecmp(entry->name, *name) == 0)
				return entry;
		}
	return NULL;
}

static void boot_say_names(struct boot *boot, const GPtrArray *entries)
{
	GString *line = g_string_new("Files    :");
	glong indent = (glong)line->len;
	int lines = 1;
	guint i;

	for (i = 0; i < entries->len; i++) {
		const struct iso_entry *entry = g_ptr_array_index(entries, i);
		char *word = g_strdup_printf(" %s%s", entry->name, entry->directory ? "/" : "");
		glong size = g_utf8_strlen(line->str, -1) + g_utf8_strlen(word, -1);

		if (size > BOOT_COLUMNS - 12 && lines == BOOT_NAMES_MOST) {
			g_free(word);
			break;
		}
		if (size > BOOT_COLUMNS && g_utf8_strlen(line->str, -1) > indent) {
			boot_say(boot, "%s", line->str);
			g_string_printf(line, "%*s", (int)indent, "");
			lines++;
		}
		g_string_append(line, word);
		g_free(word);
	}
	if (i < entries->len)
		g_string_append_printf(line, " and %u more", entries->len - i);
	boot_say(boot, "%s", line->str);
	g_string_free(line, TRUE);
}

static void boot_listed(const char *reason, void *data)
{
	struct boot *boot = data;
	const struct iso_entry *list;

	if (reason || boot->state == BOOT_FAILED) {
		boot_fail(boot, reason ? reason : "");
		return;
	}
	boot_say_names(boot, iso_listed(boot->iso));
	list = boot_list(iso_listed(boot->iso));
	if (!list) {
		boot->state = BOOT_DONE;
		boot_say(boot, "Checksums: there is no list of them; the files are not checked.");
		return;
	}
	boot->state = BOOT_CHECKING;
	boot_say(boot, "Checksums: %s", list->name);
	boot->verify = verify_new(boot->iso, &boot->disc, list->name, boot_verify_changed,
			boot_verified, boot);
}

/* --- The volume --- */

static const char *boot_platform(uint8_t platform)
{
	switch (platform) {
	case 0:
		return "BIOS";
	case 1:
		return "PowerPC";
	case 2:
		return "Mac";
	case 0xef:
		return "UEFI";
	default:
		return "unknown platform";
	}
}

static void boot_say_catalogue(struct boot *boot, const struct iso_volume *volume)
{
	if (volume->boots == 0)
		boot_say(boot, "Boot     : %s",
				volume->catalogue ? "the boot catalogue is damaged"
						  : "no boot catalogue: nothing in it boots");
	for (unsigned int i = 0; i < volume->boots; i++) {
		const struct iso_boot *entry = &volume->boot[i];

		boot_say(boot, "%s %s, %s, %u sectors at block %u%s%s",
				i == 0 ? "Boot     :" : "          ",
				boot_platform(entry->platform),
				entry->emulation ? "emulated disk" : "no emulation", entry->sectors,
				entry->block, entry->bootable ? "" : ", not bootable",
				entry->block < boot->disc.sectors ? "" : ", beyond the end");
	}
}

static void boot_opened(const char *reason, void *data)
{
	struct boot *boot = data;
	const struct iso_volume *volume = iso_volume(boot->iso);
	char size[DISC_SIZE_WORDS];

	if (boot->state == BOOT_FAILED)
		return;
	if (reason && boot->partitions.sound && iso_refused(boot->iso)) {
		boot->state = BOOT_DONE;
		boot_say(boot, "This firmware reads no other file system than ISO 9660.");
		return;
	}
	if (reason) {
		boot_fail(boot, reason);
		return;
	}
	disc_size((uint64_t)volume->words.blocks * ISO_SECTOR, size);
	boot_say(boot, "Volume   : \"%s\", %s, %s%s%s", volume->words.volume, size, "ISO 9660",
			volume->rock_ridge ? ", Rock Ridge" : "", volume->joliet ? ", Joliet" : "");
	if (volume->words.blocks > boot->disc.sectors)
		boot_say(boot, "           The medium ends before the volume does.");
	if (*volume->words.publisher)
		boot_say(boot, "Publisher: %.60s", volume->words.publisher);
	if (*volume->words.application)
		boot_say(boot, "Made by  : %.60s", volume->words.application);
	boot_say_catalogue(boot, volume);
	iso_list(boot->iso, boot_listed, boot);
}

static void boot_open(struct boot *boot)
{
	struct iso_medium medium;

	for (unsigned int i = 0; i < boot->partitions.count; i++) {
		const struct partition *partition = &boot->partitions.partition[i];
		struct scsi_host_status status;
		char size[DISC_SIZE_WORDS];

		scsi_host_status(boot->host, &status);
		disc_size(partition->blocks * status.block, size);
		if (i < 4)
			boot_say(boot, "%s %u: %s at block %" G_GUINT64_FORMAT ", %s%s",
					i == 0 ? "Partition" : "         ", i + 1, size,
					partition->first, partition->name,
					partition->active ? ", active" : "");
	}
	if (boot->partitions.count > 4)
		boot_say(boot, "          and %u more", boot->partitions.count - 4);
	medium = disc_medium(&boot->disc);
	boot->iso = iso_new(&medium);
	iso_open(boot->iso, boot_opened, boot);
}

/* --- Partitions of a disk --- */

static void boot_read(struct boot *boot, uint64_t first, uint32_t count, scsi_host_done_fn done)
{
	boot->request = scsi_host_read(boot->host, first, count, boot->bytes, done, boot);
}

static bool boot_blocks_read(struct boot *boot, const char *reason)
{
	boot->request = NULL;
	if (reason)
		boot_fail(boot, reason);
	return boot->state != BOOT_FAILED;
}

static void boot_entries_read(const char *reason, void *data)
{
	struct boot *boot = data;
	struct scsi_host_status status;

	if (!boot_blocks_read(boot, reason))
		return;
	scsi_host_status(boot->host, &status);
	partitions_read_guid(&boot->partitions, boot->bytes, boot->entries_size, boot->entry,
			status.blocks);
	boot_open(boot);
}

static void boot_head_read(const char *reason, void *data)
{
	struct boot *boot = data;
	struct scsi_host_status status;

	if (!boot_blocks_read(boot, reason))
		return;
	scsi_host_status(boot->host, &status);
	if (partitions_guid_head(boot->bytes, status.block, status.blocks, &boot->entries,
			    &boot->entries_size, &boot->entry))
		boot_read(boot, boot->entries,
				(boot->entries_size + status.block - 1) / status.block,
				boot_entries_read);
	else
		boot_open(boot);
}

static void boot_table_read(const char *reason, void *data)
{
	struct boot *boot = data;
	struct scsi_host_status status;

	if (!boot_blocks_read(boot, reason))
		return;
	scsi_host_status(boot->host, &status);
	partitions_read_pc(&boot->partitions, boot->bytes, status.blocks);
	if (boot->partitions.guid && status.blocks > 1)
		boot_read(boot, 1, 1, boot_head_read);
	else
		boot_open(boot);
}

/* --- All of it --- */

struct boot *boot_new(struct scsi_host *host, void (*changed)(void *data), void *data)
{
	struct boot *boot = g_new0(struct boot, 1);
	struct scsi_host_status status;
	char size[DISC_SIZE_WORDS];

	scsi_host_status(host, &status);
	boot->host = scsi_host_keep(host);
	boot->changed = changed;
	boot->data = data;
	boot->medium = status.changes;
	boot->text = g_string_new(NULL);
	if (status.medium != SCSI_HOST_PRESENT) {
		boot->state = BOOT_FAILED;
		g_string_append(boot->text, "Stopped: there is no medium in the drive.\n");
		return boot;
	}
	disc_size(status.blocks * status.block, size);
	g_string_append_printf(boot->text,
			"Medium   : %s, %" G_GUINT64_FORMAT " blocks of %u bytes\n", size,
			status.blocks, status.block);
	disc_init(&boot->disc, host);
	scsi_host_lock(host, true);
	if (status.cd)
		boot_open(boot);
	else
		boot_read(boot, 0, 1, boot_table_read);
	return boot;
}

enum boot_state boot_state(const struct boot *boot)
{
	return boot->state;
}

const char *boot_text(const struct boot *boot)
{
	return boot->text->str;
}

static void boot_bar(const struct verify_status *status, GString *text)
{
	unsigned int looked = status->right + status->wrong + status->missing;
	unsigned int full = status->files ? looked * BOOT_BAR / status->files : 0;

	g_string_append_c(text, '[');
	for (unsigned int i = 0; i < BOOT_BAR; i++)
		g_string_append(text, i < full ? "█" : "·");
	g_string_append_printf(text, "] %u of %u files, %.1f MB, %.1f MB/s\n", looked,
			status->files, (double)status->bytes / 1e6, status->rate / 1e6);
}

void boot_progress(const struct boot *boot, int64_t now, GString *text)
{
	struct scsi_host_status status;

	if (boot->verify)
		boot_bar(verify_status(boot->verify), text);
	if (boot->state != BOOT_READING && boot->state != BOOT_CHECKING)
		return;
	if (boot->verify && verify_status(boot->verify)->name)
		g_string_append_printf(text, "%.76s\n", verify_status(boot->verify)->name);
	scsi_host_status(boot->host, &status);
	if (status.waits > 0)
		g_string_append_printf(text,
				"The drive is not ready; it is asked again (for %d s now).\n",
				(int)((now - status.waits) / G_USEC_PER_SEC));
}

/* Nothing goes on being read. */
static void boot_stop(struct boot *boot)
{
	if (boot->request)
		scsi_host_cancel(boot->host, boot->request);
	boot->request = NULL;
	verify_free(boot->verify);
	boot->verify = NULL;
	iso_free(boot->iso);
	boot->iso = NULL;
}

void boot_look(struct boot *boot)
{
	struct scsi_host_status status;

	scsi_host_status(boot->host, &status);
	if (boot->state == BOOT_FAILED)
		return;
	if (!status.there) {
		boot_stop(boot);
		boot_fail(boot, "the drive was unplugged");
	} else if (status.changes != boot->medium) {
		boot_stop(boot);
		boot_fail(boot, "the medium was taken out");
	} else if (status.asked) {
		boot_stop(boot);
		scsi_host_lock(boot->host, false);
		scsi_host_eject(boot->host);
		boot_fail(boot, "the medium was asked for, and is given free");
	}
}

void boot_free(struct boot *boot)
{
	struct scsi_host_status status;

	if (!boot)
		return;
	boot_stop(boot);
	scsi_host_status(boot->host, &status);
	if (status.locked)
		scsi_host_lock(boot->host, false);
	scsi_host_free(boot->host);
	g_string_free(boot->text, TRUE);
	g_free(boot);
}
