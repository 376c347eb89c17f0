/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "media/client_scsi.h"

/* Bulk-Only transport 1.0, 5.1 and 5.2 */
#define CBW_SIZE   31
#define CBW_IN     0x80
#define CSW_SIZE   13
#define CSW_GOOD   0
#define CSW_FAILED 1
#define CBW_MAGIC  0x43425355u
#define CSW_MAGIC  0x53425355u

#define REQUEST_SENSE 0x03
#define SENSE_SIZE    18

#define RESETS_MAX 3 /* without a command that ended in between */

enum scsi_transfer { SCSI_COMMAND, SCSI_DATA, SCSI_STATUS, SCSI_CLEAR_DATA, SCSI_CLEAR_STATUS };

struct scsi_command {
	bool used;
	uint32_t tag, expected;
	uint8_t *bytes; /* what came; of the usb */
	size_t size;
	bool asked; /* its status is */
	bool asked_again;
	client_scsi_done_fn done;
	void *data;
};

struct client_scsi {
	struct client_scsi_events events;
	struct client_usb *usb; /* not ours */
	bool ready;
	bool acknowledge_due;     /* of the last command */
	bool out_of_step;         /* reset once all that is under way has ended */
	unsigned int under_way;   /* transfers */
	unsigned int resets;      /* in a row */
	uint32_t tag;             /* of the last command */
	struct scsi_command now;  /* its data is awaited */
	struct scsi_command past; /* its data came, its status is awaited or not asked for yet */
	/* Whose failure is asked about, while REQUEST SENSE is under way. */
	client_scsi_done_fn sensed;
	void *sensed_data;
};

static void scsi_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(value >> 8 * i);
}

static uint32_t scsi_get32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

static bool scsi_is_full(const struct scsi_command *command)
{
	return command->expected > 0 && command->size == command->expected;
}

bool client_scsi_is_idle(const struct client_scsi *scsi)
{
	return scsi->ready && !scsi->out_of_step && !scsi->acknowledge_due && !scsi->now.used &&
	       !scsi->past.used;
}

bool client_scsi_has_room(const struct client_scsi *scsi)
{
	return scsi->ready && !scsi->out_of_step && !scsi->acknowledge_due && !scsi->now.used &&
	       !scsi->sensed && (!scsi->past.used || scsi_is_full(&scsi->past));
}

static void scsi_read(struct client_scsi *scsi, size_t size, enum scsi_transfer what)
{
	scsi->under_way++;
	client_usb_read(scsi->usb, size, what);
}

static void scsi_ask_status(struct client_scsi *scsi)
{
	if (!scsi->past.used || scsi->past.asked || scsi->out_of_step)
		return;
	scsi->past.asked = true;
	scsi_read(scsi, CSW_SIZE, SCSI_STATUS);
}

void client_scsi_submit(struct client_scsi *scsi, const uint8_t *cdb, size_t cdb_size,
		uint32_t expected, client_scsi_done_fn done, void *data)
{
	uint8_t cbw[CBW_SIZE] = {0};

	scsi_ask_status(scsi);
	scsi->now = (struct scsi_command){
			.used = true,
			.tag = ++scsi->tag,
			.expected = expected,
			.done = done,
			.data = data,
	};
	scsi_put32(cbw, CBW_MAGIC);
	scsi_put32(cbw + 4, scsi->tag);
	scsi_put32(cbw + 8, expected);
	cbw[12] = CBW_IN;
	cbw[14] = (uint8_t)cdb_size;
	memcpy(cbw + 15, cdb, cdb_size);
	scsi->under_way++;
	scsi->acknowledge_due = true;
	client_usb_write(scsi->usb, cbw, sizeof(cbw), SCSI_COMMAND);
	if (expected > 0) {
		scsi_read(scsi, expected, SCSI_DATA);
		return;
	}
	scsi->past = scsi->now;
	scsi->now.used = false;
	scsi_ask_status(scsi);
}

/* --- Ends --- */

static void scsi_finish(struct client_scsi *scsi, struct scsi_command *slot,
		const struct client_scsi_result *result)
{
	struct scsi_command command = *slot;

	slot->used = false;
	slot->bytes = NULL;
	command.done(result, command.data);
	client_usb_free_bytes(scsi->usb, command.bytes);
}

static void scsi_sense_done(const struct client_scsi_result *sense, void *data)
{
	struct client_scsi *scsi = data;
	struct client_scsi_result result = {.end = CLIENT_SCSI_AGAIN};
	client_scsi_done_fn done = scsi->sensed;

	/* SPC-4 4.5.3, fixed format; key 0 is no reason. */
	if (sense->end == CLIENT_SCSI_GOOD && sense->size >= 14 &&
			(sense->bytes[0] & 0x7e) == 0x70 && (sense->bytes[2] & 0x0f)) {
		result.end = CLIENT_SCSI_FAILED;
		result.key = sense->bytes[2] & 0x0f;
		result.code = sense->bytes[12];
		result.qualifier = sense->bytes[13];
	}
	scsi->sensed = NULL;
	done(&result, scsi->sensed_data);
}

/* The next command would drop the reason: when one is under way already, nobody learns it. */
static void scsi_failed(struct client_scsi *scsi)
{
	const uint8_t cdb[6] = {REQUEST_SENSE, [4] = SENSE_SIZE};
	struct scsi_command *past = &scsi->past;

	if (scsi->now.used || past->done == scsi_sense_done) {
		scsi_finish(scsi, past, &(struct client_scsi_result){.end = CLIENT_SCSI_AGAIN});
		return;
	}
	scsi->sensed = past->done;
	scsi->sensed_data = past->data;
	client_usb_free_bytes(scsi->usb, past->bytes);
	past->used = false;
	past->bytes = NULL;
	client_scsi_submit(scsi, cdb, sizeof(cdb), SENSE_SIZE, scsi_sense_done, scsi);
}

static void scsi_status_came(struct client_scsi *scsi, const uint8_t *csw, size_t size)
{
	struct scsi_command *past = &scsi->past;
	uint32_t residue;

	if ((scsi->acknowledge_due && !scsi->now.used) || size != CSW_SIZE ||
			scsi_get32(csw) != CSW_MAGIC || !past->used ||
			scsi_get32(csw + 4) != past->tag || csw[12] > CSW_FAILED) {
		scsi->out_of_step = true;
		return;
	}
	residue = scsi_get32(csw + 8);
	if (residue > past->expected || past->size > past->expected - residue) {
		scsi->out_of_step = true;
		return;
	}
	scsi->resets = 0;
	if (csw[12] == CSW_FAILED)
		scsi_failed(scsi);
	else
		scsi_finish(scsi, past,
				&(struct client_scsi_result){
						.end = CLIENT_SCSI_GOOD,
						.bytes = past->bytes,
						.size = past->size,
				});
}

static void scsi_data_came(struct client_scsi *scsi)
{
	if (scsi->past.used || scsi->out_of_step) {
		scsi->out_of_step = true;
		return;
	}
	scsi->past = scsi->now;
	scsi->now.used = false;
	scsi->now.bytes = NULL;
	if (client_scsi_has_room(scsi))
		scsi->events.room(scsi->events.data);
	scsi_ask_status(scsi);
}

/* Everybody asks again, of a drive that is like new. */
static void scsi_reset(struct client_scsi *scsi)
{
	const struct client_scsi_result again = {.end = CLIENT_SCSI_AGAIN};
	bool hopeless = ++scsi->resets > RESETS_MAX;

	scsi->ready = scsi->out_of_step = false;
	if (scsi->past.used)
		scsi_finish(scsi, &scsi->past, &again);
	if (scsi->now.used)
		scsi_finish(scsi, &scsi->now, &again);
	if (hopeless)
		scsi->events.hopeless(scsi->events.data);
	else
		client_usb_reset(scsi->usb);
}

void client_scsi_ended(struct client_scsi *scsi, int what, enum client_usb_status status,
		uint8_t *bytes, size_t size)
{
	uint8_t *unused = bytes;

	scsi->under_way--;
	switch ((enum scsi_transfer)what) {
	case SCSI_COMMAND:
		scsi->acknowledge_due = false;
		scsi->out_of_step |= status != CLIENT_USB_GOOD;
		break;
	case SCSI_DATA:
		if (!scsi->now.used || status == CLIENT_USB_ERROR) {
			scsi->out_of_step = true;
			break;
		}
		scsi->now.bytes = bytes;
		scsi->now.size = size;
		unused = NULL;
		if (status == CLIENT_USB_STALL) {
			scsi->under_way++;
			client_usb_clear(scsi->usb, CLIENT_USB_IN, SCSI_CLEAR_DATA);
		} else {
			scsi_data_came(scsi);
		}
		break;
	case SCSI_CLEAR_DATA:
		if (scsi->now.used)
			scsi_data_came(scsi);
		break;
	case SCSI_STATUS:
		if (status == CLIENT_USB_STALL && scsi->past.used && !scsi->past.asked_again) {
			scsi->past.asked_again = true;
			scsi->under_way++;
			client_usb_clear(scsi->usb, CLIENT_USB_IN, SCSI_CLEAR_STATUS);
		} else if (status == CLIENT_USB_GOOD) {
			scsi_status_came(scsi, bytes, size);
		} else {
			scsi->out_of_step = true;
		}
		break;
	case SCSI_CLEAR_STATUS:
		if (scsi->past.used)
			scsi_read(scsi, CSW_SIZE, SCSI_STATUS);
		break;
	}
	client_usb_free_bytes(scsi->usb, unused);
	if (scsi->out_of_step && scsi->under_way == 0)
		scsi_reset(scsi);
	else if (client_scsi_has_room(scsi))
		scsi->events.room(scsi->events.data);
}

/* --- As a whole --- */

struct client_scsi *client_scsi_new(struct client_usb *usb, const struct client_scsi_events *events)
{
	struct client_scsi *scsi = g_new0(struct client_scsi, 1);

	scsi->usb = usb;
	scsi->events = *events;
	return scsi;
}

static void scsi_drop(struct client_scsi *scsi)
{
	client_usb_free_bytes(scsi->usb, scsi->now.bytes);
	client_usb_free_bytes(scsi->usb, scsi->past.bytes);
	scsi->now = scsi->past = (struct scsi_command){0};
	scsi->sensed = NULL;
	scsi->under_way = 0;
	scsi->ready = scsi->out_of_step = scsi->acknowledge_due = false;
}

void client_scsi_ready(struct client_scsi *scsi)
{
	scsi->ready = true;
	scsi->events.room(scsi->events.data);
}

void client_scsi_gone(struct client_scsi *scsi)
{
	scsi_drop(scsi);
	scsi->resets = 0;
}

void client_scsi_free(struct client_scsi *scsi)
{
	if (!scsi)
		return;
	scsi_drop(scsi);
	g_free(scsi);
}
