/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shared disc's sectors, by two READs at a time. */
#include <inttypes.h>
#include "media/client_private.h"

#define READ_10   0x28 /* MMC-6 */
#define TRIES_MAX 5    /* of a read that nobody knows why it failed */

/* The drive says what is wrong with the disc, or with the read. */
static void client_read_failed(struct media_client *client, struct client_read *read,
		const struct client_scsi_result *why)
{
	char *words;

	if (why->key == SENSE_NOT_READY && why->code == SENSE_NO_MEDIUM) {
		client_withdraw(client, "the viewer took its disc out");
		client_test_again(client);
	} else if (why->key == SENSE_ATTENTION && why->code == SENSE_CHANGED) {
		client_withdraw(client, "the viewer put another disc in");
		client_test_again(client);
	} else if (why->key == SENSE_ATTENTION || why->key == SENSE_NOT_READY) {
		/* After a reset, say: goes on when it is still the same disc. */
		read->used = read->again = true;
		client_test_again(client);
	} else {
		words = g_strdup_printf("sector %" PRIu32 " cannot be read: sense %x/%02x/%02x",
				read->range.sector, why->key, why->code, why->qualifier);
		client_disc_failed(client->disc, &read->range, words);
		g_free(words);
	}
}

/* One before is to be asked for again: what came is of use after that only. */
static bool client_read_overtakes(const struct media_client *client, const struct client_read *read)
{
	for (size_t i = 0; i < G_N_ELEMENTS(client->reads); i++) {
		if (client->reads[i].again && client->reads[i].number < read->number)
			return true;
	}
	return false;
}

static void client_read_done(const struct client_scsi_result *result, void *data)
{
	struct client_read *read = data;
	struct media_client *client = read->client;
	uint32_t size;

	read->used = false;
	if (!client->disc)
		return;
	size = read->range.count * client_disc_sector_size(client->disc);
	client_disc_state(client->disc, SOURCE_READY, "the viewer sends again");
	if (result->end == CLIENT_SCSI_FAILED) {
		client_read_failed(client, read, result);
	} else if (client_read_overtakes(client, read)) {
		read->used = read->again = true;
	} else if (result->end == CLIENT_SCSI_GOOD && result->size == size) {
		client_disc_came(client->disc, &read->range, result->bytes);
	} else if (++read->tries < TRIES_MAX) {
		read->used = read->again = true;
	} else {
		client_disc_failed(client->disc, &read->range,
				"the viewer cannot read all of the image; is its file still there "
				"and complete?");
	}
}

static void client_submit_read(struct media_client *client, struct client_read *read)
{
	const struct client_disc_read *range = &read->range;
	const uint8_t cdb[10] = {
			READ_10,
			0,
			(uint8_t)(range->sector >> 24),
			(uint8_t)(range->sector >> 16),
			(uint8_t)(range->sector >> 8),
			(uint8_t)range->sector,
			0,
			(uint8_t)(range->count >> 8),
			(uint8_t)range->count,
	};

	read->used = true;
	read->again = false;
	client_set_timer(client, CLIENT_SLOW_MS);
	client_scsi_submit(client->scsi, cdb, sizeof(cdb),
			range->count * client_disc_sector_size(client->disc), client_read_done,
			read);
}

static struct client_read *client_read_again(struct media_client *client)
{
	struct client_read *first = NULL;

	for (size_t i = 0; i < G_N_ELEMENTS(client->reads); i++) {
		struct client_read *read = &client->reads[i];

		if (read->again && !client_disc_is_wanted(client->disc, &read->range))
			read->used = read->again = false;
		if (read->again && (!first || read->number < first->number))
			first = read;
	}
	return first;
}

/* Those again go first, and alone, so that their failure can be asked about. */
void client_read_on(struct media_client *client)
{
	struct client_read *read = client_read_again(client);

	if (read) {
		if (client_scsi_is_idle(client->scsi))
			client_submit_read(client, read);
		return;
	}
	for (size_t i = 0; i < G_N_ELEMENTS(client->reads); i++) {
		if (!client->reads[i].used)
			read = &client->reads[i];
		else if (client->reads[i].tries > 0)
			return;
	}
	if (!read)
		return;
	read->tries = 0;
	read->number = ++client->number;
	if (client_disc_next(client->disc, &read->range))
		client_submit_read(client, read);
	else if (client_scsi_is_idle(client->scsi))
		client_set_timer(client, -1);
}

void client_forget_reads(struct media_client *client)
{
	for (size_t i = 0; i < G_N_ELEMENTS(client->reads); i++)
		client->reads[i] = (struct client_read){.client = client};
}
