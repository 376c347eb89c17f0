/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "media/client_private.h"

/* MMC-6 and SPC-4 */
#define TEST_UNIT_READY 0x00
#define INQUIRY         0x12
#define START_STOP_UNIT 0x1b
#define READ_CAPACITY   0x25

#define INQUIRY_SIZE  36
#define CAPACITY_SIZE 8
#define TYPE_MASK     0x1f
#define TYPE_CD       5
#define EJECT         0x02 /* START STOP UNIT, byte 4 */

/* More is answered short by spice-gtk, which has a buffer of so much. */
#define READ_MOST CLIENT_USB_TRANSFER_MAX

#define SECTOR_MIN  512 /* of an image that is no multiple of 2048 bytes */
#define SECTOR_MAX  4096
#define SECTORS_MAX (UINT64_C(1) << 32) /* READ(10) has 32 bits */

#define POLL_MS   500 /* a drive without a disc */
#define TRIES_MAX 5   /* of an inquiry, an attention, an eject */

#define STOPPED "the viewer stopped sharing"

static void client_pump(struct media_client *client);
static void client_room(void *data);

/* --- Time --- */

void client_set_timer(struct media_client *client, int ms)
{
	g_source_set_ready_time(
			client->timer, ms < 0 ? -1 : g_get_monotonic_time() + (int64_t)ms * 1000);
}

static void client_flush(struct media_client *client)
{
	if (!client->receiving)
		client_usb_flush(client->usb);
}

static gboolean client_late(GSource *timer, GSourceFunc callback, gpointer data)
{
	struct media_client *client = data;

	g_source_set_ready_time(timer, -1);
	if (client->step == CLIENT_PAUSE) {
		client->step = CLIENT_TEST;
		client_pump(client);
		client_flush(client);
	} else if (client->disc) {
		client_disc_state(client->disc, SOURCE_WAITING,
				"the viewer does not send its disc's bytes; waiting for it");
	}
	return G_SOURCE_CONTINUE;
}

/* --- The disc's end --- */

void client_withdraw(struct media_client *client, const char *reason)
{
	struct client_disc *disc = g_steal_pointer(&client->disc);

	if (!disc)
		return;
	client_set_timer(client, -1);
	client_disc_end(disc, reason);
	client->events.withdrawn(client_disc_source(disc), client->events.data);
}

static void client_refuse(struct media_client *client, const char *why)
{
	client->step = CLIENT_OVER;
	client_scsi_gone(client->scsi);
	client_usb_reject(client->usb);
	client->events.refused(why, client->events.data);
}

static void client_disc_closed(void *data)
{
	struct media_client *client = data;

	client->disc = NULL;
	client_set_timer(client, -1);
	client->step = CLIENT_EJECTING;
	client->tries = 0;
	client_pump(client);
	client_flush(client);
	if (client->events.closed)
		client->events.closed(client->events.data);
}

/* --- Steps up to a disc --- */

void client_test_again(struct media_client *client)
{
	client->step = CLIENT_TEST;
	client->tries = 0;
}

static void client_inquired(const struct client_scsi_result *result, void *data)
{
	struct media_client *client = data;
	char *why;

	/* spice-gtk: the first answer may belong to a read that an earlier sharing broke off. */
	if (result->end != CLIENT_SCSI_GOOD || result->size < INQUIRY_SIZE) {
		if (++client->tries == TRIES_MAX)
			client_refuse(client, "what is shared does not say what it is");
		return;
	}
	if ((result->bytes[0] & TYPE_MASK) == TYPE_CD) {
		client_test_again(client);
		return;
	}
	why = g_strdup_printf("what is shared is no CD or DVD drive (SCSI type %02x); share an "
			      "image as a CD instead",
			result->bytes[0] & TYPE_MASK);
	client_refuse(client, why);
	g_free(why);
}

static void client_pause(struct media_client *client)
{
	client->tries = 0;
	client->step = CLIENT_PAUSE;
	if (client->disc)
		client_disc_state(client->disc, SOURCE_WAITING,
				"the viewer's drive is not ready; waiting for it");
	client_set_timer(client, POLL_MS);
}

static void client_tested(const struct client_scsi_result *result, void *data)
{
	struct media_client *client = data;

	if (result->end == CLIENT_SCSI_GOOD) {
		client->step = CLIENT_CAPACITY;
	} else if (result->key == SENSE_ATTENTION && ++client->tries < TRIES_MAX) {
		if (result->code == SENSE_CHANGED)
			client_withdraw(client, "the viewer put another disc in");
	} else {
		if (result->key == SENSE_NOT_READY && result->code == SENSE_NO_MEDIUM)
			client_withdraw(client, "the viewer took its disc out");
		client_pause(client);
	}
}

static uint32_t client_get32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void client_share(struct media_client *client, uint64_t sectors, uint32_t sector)
{
	const struct client_disc_events events = {
			.asked = client_room,
			.closed = client_disc_closed,
			.data = client,
	};

	client->step = CLIENT_SHARING;
	if (client->disc && client_disc_sectors(client->disc) == sectors &&
			client_disc_sector_size(client->disc) == sector) {
		client_disc_state(client->disc, SOURCE_READY, "the viewer sends again");
		return;
	}
	client_withdraw(client, "the viewer put another disc in");
	client_forget_reads(client);
	client->disc = client_disc_new(sectors, sector, READ_MOST, &events);
	client->events.offered(client_disc_source(client->disc), client->events.data);
}

static void client_measured(const struct client_scsi_result *result, void *data)
{
	struct media_client *client = data;
	uint64_t sectors;
	uint32_t sector;

	if (result->end != CLIENT_SCSI_GOOD || result->size < CAPACITY_SIZE) {
		client_pause(client);
		return;
	}
	sectors = (uint64_t)client_get32(result->bytes) + 1;
	sector = client_get32(result->bytes + 4);
	if (sectors == SECTORS_MAX || sector < SECTOR_MIN || sector > SECTOR_MAX ||
			(sector & (sector - 1))) {
		client_withdraw(client, "the viewer put another disc in");
		client_refuse(client, "the size of the shared disc makes no sense");
		return;
	}
	client_share(client, sectors, sector);
}

static void client_ejected(const struct client_scsi_result *result, void *data)
{
	struct media_client *client = data;

	if (result->end == CLIENT_SCSI_GOOD || ++client->tries == TRIES_MAX)
		client->step = CLIENT_OVER;
}

static void client_ask(struct media_client *client, uint8_t opcode, uint8_t byte4, size_t cdb_size,
		uint32_t expected, client_scsi_done_fn done)
{
	const uint8_t cdb[10] = {opcode, [4] = byte4};

	client_scsi_submit(client->scsi, cdb, cdb_size, expected, done, client);
}

static void client_pump(struct media_client *client)
{
	if (client->step == CLIENT_SHARING && client->disc) {
		if (client_scsi_has_room(client->scsi))
			client_read_on(client);
		client_flush(client);
		return;
	}
	if (!client_scsi_is_idle(client->scsi))
		return;
	switch (client->step) {
	case CLIENT_INQUIRY:
		client_ask(client, INQUIRY, INQUIRY_SIZE, 6, INQUIRY_SIZE, client_inquired);
		break;
	case CLIENT_TEST:
		client_ask(client, TEST_UNIT_READY, 0, 6, 0, client_tested);
		break;
	case CLIENT_CAPACITY:
		client_ask(client, READ_CAPACITY, 0, 10, CAPACITY_SIZE, client_measured);
		break;
	case CLIENT_EJECTING:
		client_ask(client, START_STOP_UNIT, EJECT, 6, 0, client_ejected);
		break;
	default:
		break;
	}
}

/* --- Events from below --- */

static void client_room(void *data)
{
	client_pump(data);
}

static void client_hopeless(void *data)
{
	struct media_client *client = data;

	client_withdraw(client, "the viewer's disc drive gives wrong answers");
	client_refuse(client, "the shared drive gives wrong answers; share the image again");
}

static void client_send(const void *bytes, size_t size, void *data)
{
	struct media_client *client = data;

	client->events.send(bytes, size, client->events.data);
}

static void client_ready(void *data)
{
	struct media_client *client = data;

	/* After a reset it goes on where it was. */
	if (client->step == CLIENT_NOTHING) {
		client->step = CLIENT_INQUIRY;
		client->tries = 0;
	}
	client_scsi_ready(client->scsi);
}

static void client_gone(void *data)
{
	struct media_client *client = data;

	client->step = CLIENT_NOTHING;
	client_forget_reads(client);
	client_scsi_gone(client->scsi);
	client_set_timer(client, -1);
	client_withdraw(client, STOPPED);
}

static void client_unwanted(const char *why, void *data)
{
	struct media_client *client = data;

	client->events.refused(why, client->events.data);
}

static void client_transferred(
		int what, enum client_usb_status status, uint8_t *bytes, size_t size, void *data)
{
	struct media_client *client = data;

	client_scsi_ended(client->scsi, what, status, bytes, size);
}

/* --- As a whole --- */

static GSourceFuncs client_timer = {.dispatch = client_late};

static gboolean client_never(gpointer unused)
{
	return G_SOURCE_CONTINUE;
}

struct media_client *media_client_new(const struct media_client_events *events)
{
	struct media_client *client = g_new0(struct media_client, 1);
	const struct client_usb_events usb_events = {
			.send = client_send,
			.ready = client_ready,
			.gone = client_gone,
			.refused = client_unwanted,
			.ended = client_transferred,
			.data = client,
	};
	const struct client_scsi_events scsi_events = {
			.room = client_room,
			.hopeless = client_hopeless,
			.data = client,
	};

	client->events = *events;
	client->timer = g_source_new(&client_timer, sizeof(GSource));
	g_source_set_callback(client->timer, client_never, client, NULL);
	g_source_attach(client->timer, NULL);
	client->usb = client_usb_new(&usb_events);
	client->scsi = client_scsi_new(client->usb, &scsi_events);
	client_forget_reads(client);
	return client;
}

void media_client_receive(struct media_client *client, const void *bytes, size_t size)
{
	client->receiving = true;
	client_usb_receive(client->usb, bytes, size);
	client->receiving = false;
}

void media_client_reject(struct media_client *client)
{
	client->step = CLIENT_OVER;
	client_scsi_gone(client->scsi);
	client_usb_reject(client->usb);
	if (client->disc)
		client_disc_end(g_steal_pointer(&client->disc), "the disc was refused");
	client_set_timer(client, -1);
	client_flush(client);
}

void media_client_close(struct media_client *client)
{
	if (!client)
		return;
	client_withdraw(client, STOPPED);
	g_source_destroy(client->timer);
	g_source_unref(client->timer);
	client_scsi_free(client->scsi);
	client_usb_free(client->usb);
	g_free(client);
}
