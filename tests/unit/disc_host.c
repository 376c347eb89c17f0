/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tests/unit/disc_host.h"
#include <stdlib.h>
#include <string.h>
#include <usbredirparser.h>

/* --- What the client says --- */

static void host_sent(const void *bytes, size_t size, void *data)
{
	g_byte_array_append(((struct disc_host *)data)->to_host, bytes, (guint)size);
}

static void host_offered(struct source *source, void *data)
{
	struct disc_host *host = data;

	host->offers++;
	g_assert_null(host->source);
	g_assert_cmpint(source->state, ==, SOURCE_READY);
	host->source = source;
	if (host->events.state)
		source_listen(source, &host->events);
}

static void host_withdrawn(struct source *source, void *data)
{
	struct disc_host *host = data;

	host->withdrawals++;
	g_assert_true(source == host->source);
	g_assert_cmpint(source->state, ==, SOURCE_FAILED);
	source_close(host->past);
	host->past = g_steal_pointer(&host->source);
}

static void host_refused(const char *why, void *data)
{
	struct disc_host *host = data;

	host->refusals++;
	g_free(host->refused);
	host->refused = g_strdup(why);
}

/* --- The drive --- */

static uint32_t host_be(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void host_answer(struct disc_host *host, const void *data, uint32_t size)
{
	uint32_t expected;

	memcpy(&expected, host->cbw + 8, 4);
	host->data = data;
	host->data_size = MIN(size, GUINT32_FROM_LE(expected));
}

static void host_fail(struct disc_host *host, uint8_t key, uint8_t code)
{
	host->key = key;
	host->code = code;
	host->status = 1;
}

static void host_read(struct disc_host *host)
{
	const uint8_t *cdb = host->cbw + 15;
	uint32_t sector = host_be(cdb + 2), count = (uint32_t)cdb[7] << 8 | cdb[8];
	size_t size = (size_t)count * host->sector_size;

	host->reads++;
	host->read_sectors += count;
	g_assert_cmpuint(count, >, 0);
	g_assert_cmpuint(size, <=, 256 << 10);
	g_assert_cmpuint(sector + count, <=, host->sectors);
	host_answer(host, host->image + (size_t)sector * host->sector_size, (uint32_t)size);
	host->now = host->fault;
	if (host->fault != DISC_SILENT && host->fault != DISC_ALWAYS_WRONG)
		host->fault = DISC_NO_FAULT;
	if (host->now == DISC_FAIL || host->now == DISC_STALL) {
		host_fail(host, 3, 0x11);
		host->data_size = 0;
	} else if (host->now == DISC_SHORT) {
		host->data_size /= 2;
	}
}

static void host_command(struct disc_host *host)
{
	static uint8_t answer[36];
	const uint8_t *cdb = host->cbw + 15;
	bool attention = host->key != 0 && cdb[0] != 0x03 && cdb[0] != 0x12;

	host->commands++;
	host->status = 0;
	host->data_size = 0;
	host->now = host->fault == DISC_ALWAYS_WRONG ? host->fault : DISC_NO_FAULT;
	memset(answer, 0, sizeof(answer));
	if (attention) {
		host->status = 1;
		return;
	}
	switch (cdb[0]) {
	case 0x00:
		if (!host->medium)
			host_fail(host, 2, 0x3a);
		break;
	case 0x03:
		answer[0] = 0x70;
		answer[2] = host->key;
		answer[12] = host->code;
		host->key = 0;
		host_answer(host, answer, 18);
		break;
	case 0x12:
		answer[0] = host->type;
		host_answer(host, answer, 36);
		break;
	case 0x1b:
		host->ejects++;
		host->medium = false;
		break;
	case 0x25:
		memcpy(answer, &(uint32_t){GUINT32_TO_BE(host->sectors - 1)}, 4);
		memcpy(answer + 4, &(uint32_t){GUINT32_TO_BE(host->sector_size)}, 4);
		host_answer(host, answer, 8);
		break;
	case 0x28:
		if (host->medium)
			host_read(host);
		else
			host_fail(host, 2, 0x3a);
		break;
	default:
		g_assert_not_reached();
	}
}

static void host_reply(struct disc_host *host, uint64_t id, uint8_t endpoint, uint8_t status,
		const void *bytes, uint32_t size)
{
	struct usb_redir_bulk_packet_header header = {
			.endpoint = endpoint,
			.status = status,
			.length = (uint16_t)size,
			.length_high = (uint16_t)(size >> 16),
	};

	usbredirparser_send_bulk_packet(host->parser, id, &header, (uint8_t *)bytes,
			endpoint & 0x80 ? (int)size : 0);
}

static void host_out(struct disc_host *host, uint64_t id, const uint8_t *bytes, int size)
{
	uint32_t expected;

	g_assert_cmpint(size, ==, 31);
	g_assert_cmpmem(bytes, 4, "USBC", 4);
	g_assert_false(host->data_due || host->status_due);
	memcpy(host->cbw, bytes, sizeof(host->cbw));
	memcpy(&expected, bytes + 8, 4);
	host_command(host);
	host->data_due = expected > 0;
	host->status_due = true;
	host_reply(host, id, 2, usb_redir_success, NULL, 31);
}

static void host_send_status(struct disc_host *host, uint64_t id)
{
	uint8_t csw[13] = "USBS";
	uint32_t expected, residue;

	memcpy(&expected, host->cbw + 8, 4);
	residue = GUINT32_TO_LE(GUINT32_FROM_LE(expected) - host->data_size);
	memcpy(csw + 4, host->cbw + 4, 4);
	memcpy(csw + 8, &residue, 4);
	csw[12] = host->status;
	if (host->now == DISC_WRONG_TAG || host->now == DISC_ALWAYS_WRONG)
		csw[4] ^= 1;
	if (host->now == DISC_WRONG_SIGNATURE)
		csw[0] = 'X';
	if (host->now == DISC_WRONG_RESIDUE)
		memset(csw + 8, 0xff, 4);
	if (host->now == DISC_PHASE_ERROR)
		csw[12] = 2;
	host->status_due = false;
	host_reply(host, id, 0x81, usb_redir_success, csw, host->now == DISC_STATUS_CUT ? 5 : 13);
}

/* As spice-gtk: the status may be asked for only when the data has been sent. */
static void host_in(struct disc_host *host, uint64_t id, uint32_t size)
{
	static uint8_t more[300 << 10];

	g_assert_true(host->status_due);
	if (!host->data_due) {
		g_assert_cmpuint(size, ==, 13);
		host_send_status(host, id);
		return;
	}
	host->data_due = false;
	host->stalls += host->now == DISC_STALL;
	if (host->now == DISC_STALL)
		host_reply(host, id, 0x81, usb_redir_stall, NULL, 0);
	else if (host->now == DISC_IO_ERROR)
		host_reply(host, id, 0x81, usb_redir_ioerror, NULL, 0);
	else if (host->now == DISC_LONG)
		host_reply(host, id, 0x81, usb_redir_success, more, size + 1);
	else if (host->now != DISC_SILENT)
		host_reply(host, id, 0x81, usb_redir_success, host->data, host->data_size);
}

/* --- usbredir --- */

static int host_feed(void *data, uint8_t *bytes, int count)
{
	struct disc_host *host = data;
	guint size = MIN((guint)count, host->to_host->len);

	if (size > 0) {
		memcpy(bytes, host->to_host->data, size);
		g_byte_array_remove_range(host->to_host, 0, size);
	}
	return (int)size;
}

static int host_keep(void *data, uint8_t *bytes, int count)
{
	g_byte_array_append(((struct disc_host *)data)->to_client, bytes, (guint)count);
	return count;
}

static void host_log(void *data, int level, const char *message)
{
	g_assert_cmpint(level, >, usbredirparser_warning);
}

static void host_hello(void *data, struct usb_redir_hello_header *hello)
{
}

static void host_reset(void *data)
{
	struct disc_host *host = data;

	host->resets++;
	host->data_due = host->status_due = false;
	host->key = 6;
	host->code = 0x29;
}

static void host_configure(
		void *data, uint64_t id, struct usb_redir_set_configuration_header *wanted)
{
	struct disc_host *host = data;
	struct usb_redir_configuration_status_header now = {.configuration = wanted->configuration};

	usbredirparser_send_configuration_status(host->parser, id, &now);
}

static void host_bulk(void *data, uint64_t id, struct usb_redir_bulk_packet_header *header,
		uint8_t *bytes, int size)
{
	struct disc_host *host = data;

	if (!host->connected)
		return;
	if (header->endpoint == 2)
		host_out(host, id, bytes, size);
	else
		host_in(host, id, header->length | (uint32_t)header->length_high << 16);
	free(bytes);
}

static void host_control(void *data, uint64_t id, struct usb_redir_control_packet_header *header,
		uint8_t *bytes, int size)
{
	struct disc_host *host = data;

	g_assert_cmpint(header->request, ==, 1);
	g_assert_cmpint(header->index, ==, 0x81);
	host->clears++;
	usbredirparser_send_control_packet(host->parser, id, header, NULL, 0);
	free(bytes);
}

static void host_reject(void *data)
{
	((struct disc_host *)data)->rejects++;
}

static void host_acknowledge(void *data)
{
}

static void host_open_parser(struct disc_host *host)
{
	struct usbredirparser *parser = usbredirparser_create();
	uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};

	for (int i = usb_redir_cap_connect_device_version; i <= usb_redir_cap_bulk_receiving; i++)
		usbredirparser_caps_set_cap(caps, i);
	parser->priv = host;
	parser->log_func = host_log;
	parser->read_func = host_feed;
	parser->write_func = host_keep;
	parser->hello_func = host_hello;
	parser->reset_func = host_reset;
	parser->set_configuration_func = host_configure;
	parser->bulk_packet_func = host_bulk;
	parser->control_packet_func = host_control;
	parser->filter_reject_func = host_reject;
	parser->device_disconnect_ack_func = host_acknowledge;
	usbredirparser_init(parser, "test", caps, USB_REDIR_CAPS_SIZE, usbredirparser_fl_usb_host);
	host->parser = parser;
}

void disc_host_run(struct disc_host *host)
{
	do {
		usbredirparser_do_write(host->parser);
		if (host->to_client->len > 0 && host->client) {
			g_autoptr(GByteArray) bytes = g_steal_pointer(&host->to_client);

			host->to_client = g_byte_array_new();
			media_client_receive(host->client, bytes->data, bytes->len);
		}
		while (g_main_context_iteration(NULL, FALSE))
			;
		g_assert_cmpint(usbredirparser_do_read(host->parser), ==, 0);
		usbredirparser_do_write(host->parser);
	} while ((host->to_client->len > 0 && host->client) || host->to_host->len > 0);
}

void disc_host_connect(struct disc_host *host)
{
	struct usb_redir_interface_info_header interfaces = {
			.interface_count = 1,
			.interface_class = {host->class},
			.interface_subclass = {6},
			.interface_protocol = {80},
	};
	struct usb_redir_ep_info_header endpoints = {0};
	struct usb_redir_device_connect_header device = {
			.speed = usb_redir_speed_high, .vendor_id = 0x1234, .product_id = 0x5678};

	memset(endpoints.type, usb_redir_type_invalid, sizeof(endpoints.type));
	endpoints.type[2] = endpoints.type[17] = usb_redir_type_bulk;
	endpoints.max_packet_size[2] = endpoints.max_packet_size[17] = 512;
	host->connected = true;
	usbredirparser_send_interface_info(host->parser, &interfaces);
	usbredirparser_send_ep_info(host->parser, &endpoints);
	usbredirparser_send_device_connect(host->parser, &device);
	disc_host_run(host);
}

void disc_host_disconnect(struct disc_host *host)
{
	host->connected = host->data_due = host->status_due = false;
	usbredirparser_send_device_disconnect(host->parser);
	disc_host_run(host);
}

void disc_host_open(struct disc_host *host, uint32_t sectors)
{
	const struct media_client_events events = {
			.send = host_sent,
			.offered = host_offered,
			.withdrawn = host_withdrawn,
			.refused = host_refused,
			.data = host,
	};

	*host = (struct disc_host){
			.to_client = g_byte_array_new(),
			.to_host = g_byte_array_new(),
			.image = g_malloc((size_t)sectors * DISC_SECTOR),
			.sectors = sectors,
			.sector_size = DISC_SECTOR,
			.class = 8,
			.type = 5,
			.medium = true,
	};
	for (size_t i = 0; i < (size_t)sectors * DISC_SECTOR; i++)
		host->image[i] = (uint8_t)(i * 7 + i / DISC_SECTOR * 13);
	host_open_parser(host);
	host->client = media_client_new(&events);
	disc_host_run(host);
}

void disc_host_close(struct disc_host *host)
{
	media_client_close(host->client);
	source_close(host->source);
	source_close(host->past);
	usbredirparser_destroy(host->parser);
	g_byte_array_unref(host->to_client);
	g_byte_array_unref(host->to_host);
	g_free(host->image);
	g_free(host->refused);
}
