/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "sim/alarm.h"
#include "sim/verify.h"

struct verify {
	struct iso *iso;
	struct disc *disc;
	void (*changed)(void *data);
	iso_done_fn done;
	void *data;
	struct verify_status status;
	struct alarm *alarm; /* the next file */
	int64_t since;
	char *list;
	struct checksums *sums; /* NULL: the list is read first */
	unsigned int line;      /* under way */
	GByteArray *text;       /* of the list, while it is read */
	GChecksum *sum;         /* of a file, while it is read */
	struct iso_entry entry; /* the extents of what is read; no names */
	unsigned int extent;
	uint32_t at; /* in it */
	uint8_t bytes[SCSI_HOST_MOST];
};

static const struct checksums_line *verify_line(const struct verify *verify)
{
	return &g_array_index(verify->sums->lines, struct checksums_line, verify->line);
}

static void verify_bad(struct verify *verify, const char *what)
{
	struct verify_status *status = &verify->status;

	if (status->named < VERIFY_NAMED)
		status->bad[status->named++] = g_strdup_printf(
				"%s %s", verify_line(verify)->name, what);
}

static void verify_next(struct verify *verify)
{
	if (verify->sum)
		g_checksum_free(verify->sum);
	verify->sum = NULL;
	verify->line++;
	verify->changed(verify->data);
	alarm_set(verify->alarm, 0);
}

static void verify_list_read(struct verify *verify)
{
	g_byte_array_append(verify->text, (const uint8_t *)"", 1);
	verify->sums = checksums_new((char *)g_byte_array_free(verify->text, FALSE));
	verify->text = NULL;
	verify->status.files = verify->sums->lines->len;
	verify->since = g_get_monotonic_time();
	verify->changed(verify->data);
	alarm_set(verify->alarm, 0);
}

static void verify_file_read(struct verify *verify)
{
	if (strcmp(g_checksum_get_string(verify->sum), verify_line(verify)->sum) == 0) {
		verify->status.right++;
	} else {
		verify->status.wrong++;
		verify_bad(verify, "is wrong");
	}
	verify_next(verify);
}

static void verify_read(struct verify *verify);

static void verify_took(const char *reason, void *data)
{
	struct verify *verify = data;
	uint32_t left = verify->entry.extent[verify->extent].size - verify->at;
	uint32_t size = MIN(left, sizeof(verify->bytes));
	int64_t now = g_get_monotonic_time();

	if (reason) {
		verify->done(reason, verify->data);
		return;
	}
	verify->at += size;
	if (verify->sums) {
		g_checksum_update(verify->sum, verify->bytes, size);
		verify->status.bytes += size;
		verify->status.rate = (double)verify->status.bytes * G_USEC_PER_SEC /
				      (double)MAX(now - verify->since, 1);
		verify->changed(verify->data);
	} else {
		g_byte_array_append(verify->text, verify->bytes, size);
	}
	verify_read(verify);
}

/* The next piece of the file; what the disc says of it was checked. */
static void verify_read(struct verify *verify)
{
	const struct iso_entry *entry = &verify->entry;
	uint32_t size, first;

	while (verify->extent < entry->extents &&
			verify->at >= entry->extent[verify->extent].size) {
		verify->extent++;
		verify->at = 0;
	}
	if (verify->extent == entry->extents) {
		if (verify->sums)
			verify_file_read(verify);
		else
			verify_list_read(verify);
		return;
	}
	size = MIN(entry->extent[verify->extent].size - verify->at, sizeof(verify->bytes));
	first = entry->extent[verify->extent].block + verify->at / ISO_SECTOR;
	disc_read(verify->disc, first, (size + ISO_SECTOR - 1) / ISO_SECTOR, verify->bytes,
			verify_took, verify);
}

/* Whether all of it is on the medium. */
static bool verify_inside(const struct verify *verify, const struct iso_entry *entry)
{
	for (unsigned int i = 0; i < entry->extents; i++) {
		uint64_t sectors = ((uint64_t)entry->extent[i].size + ISO_SECTOR - 1) / ISO_SECTOR;

		if (entry->extent[i].size > 0 &&
				entry->extent[i].block + sectors > verify->disc->sectors)
			return false;
	}
	return true;
}

static void verify_begin(struct verify *verify, const struct iso_entry *entry)
{
	verify->entry = *entry;
	verify->entry.name = verify->entry.link = NULL;
	verify->extent = 0;
	verify->at = 0;
	verify_read(verify);
}

static void verify_found(const char *reason, void *data)
{
	struct verify *verify = data;
	const struct iso_entry *entry = reason ? NULL : iso_found(verify->iso);

	if (!reason && entry->directory)
		reason = "is a directory";
	if (!reason && verify_inside(verify, entry)) {
		verify->sum = g_checksum_new(verify_line(verify)->type);
		verify_begin(verify, entry);
		return;
	}
	if (reason && !iso_refused(verify->iso) && !entry) {
		verify->done(reason, verify->data);
		return;
	}
	if (reason) {
		verify->status.missing++;
		verify_bad(verify, reason);
	} else {
		verify->status.wrong++;
		verify_bad(verify, "reaches beyond the end of the disc");
	}
	verify_next(verify);
}

static void verify_list_found(const char *reason, void *data)
{
	struct verify *verify = data;
	const struct iso_entry *entry = reason ? NULL : iso_found(verify->iso);

	if (reason)
		verify->done(reason, verify->data);
	else if (entry->directory || !verify_inside(verify, entry) ||
			iso_entry_size(entry) > CHECKSUMS_MOST)
		verify->done("the list of checksums is none", verify->data);
	else
		verify_begin(verify, entry);
}

static void verify_due(void *data)
{
	struct verify *verify = data;

	if (!verify->sums) {
		iso_find(verify->iso, verify->list, verify_list_found, verify);
	} else if (verify->line < verify->sums->lines->len) {
		verify->status.name = verify_line(verify)->name;
		iso_find(verify->iso, verify->status.name, verify_found, verify);
	} else {
		verify->status.name = NULL;
		verify->done(NULL, verify->data);
	}
}

struct verify *verify_new(struct iso *iso, struct disc *disc, const char *list,
		void (*changed)(void *data), iso_done_fn done, void *data)
{
	struct verify *verify = g_new0(struct verify, 1);

	verify->iso = iso;
	verify->disc = disc;
	verify->list = g_strdup(list);
	verify->changed = changed;
	verify->done = done;
	verify->data = data;
	verify->text = g_byte_array_new();
	verify->alarm = alarm_new(verify_due, verify);
	alarm_set(verify->alarm, 0);
	return verify;
}

const struct verify_status *verify_status(const struct verify *verify)
{
	return &verify->status;
}

void verify_free(struct verify *verify)
{
	if (!verify)
		return;
	disc_cancel(verify->disc);
	alarm_free(verify->alarm);
	for (unsigned int i = 0; i < verify->status.named; i++)
		g_free(verify->status.bad[i]);
	if (verify->text)
		g_byte_array_unref(verify->text);
	if (verify->sum)
		g_checksum_free(verify->sum);
	checksums_free(verify->sums);
	g_free(verify->list);
	g_free(verify);
}
