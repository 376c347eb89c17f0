/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>
#include <usbredirfilter.h>
#include <usbredirparser.h>
#include "media/client_usb.h"

/* USB mass storage, Bulk-Only transport 1.0, 4.3: the interface that a disc drive has. */
#define CLASS_STORAGE      8
#define SUBCLASS_SCSI      6
#define PROTOCOL_BULK_ONLY 80

/* USB 2.0, 9.4.1, CLEAR_FEATURE(ENDPOINT_HALT) */
#define REQUEST_CLEAR_FEATURE 1
#define TO_ENDPOINT           0x02

#define ENDPOINTS    32 /* of usbredir's tables: 0..15 OUT, 16..31 IN */
#define ENDPOINT_IN  0x80
#define TRANSFERS    4
#define CONFIGURE_ID 1

enum usb_state {
	USB_EMPTY,
	USB_CONFIGURING,
	USB_READY,
	USB_UNWANTED, /* a device is there that we do nothing with */
	USB_BROKEN,   /* the peer speaks nonsense */
};

struct usb_transfer {
	uint64_t id; /* 0: none */
	uint32_t size;
	int what;
};

struct client_usb {
	struct client_usb_events events;
	struct usbredirparser *parser;
	enum usb_state state;
	const uint8_t *bytes; /* what came and is not parsed yet */
	size_t size;
	bool nonsense; /* seen by a callback of the parser */
	GByteArray *out;
	struct usb_redir_interface_info_header interfaces;
	struct usb_redir_ep_info_header endpoints;
	uint8_t pipes[2]; /* addresses, by enum client_usb_pipe */
	uint64_t id;      /* of the last transfer; grows for ever, so that no late answer fits */
	struct usb_transfer transfers[TRANSFERS];
};

/* --- The parser's needs --- */

static int usb_feed(void *data, uint8_t *bytes, int count)
{
	struct client_usb *usb = data;
	size_t size = MIN((size_t)count, usb->size);

	/* The parser has room for whatever a packet's head announces; we ask for less. */
	if (usb->nonsense || (size_t)count > CLIENT_USB_TRANSFER_MAX) {
		usb->nonsense = true;
		return -1;
	}
	memcpy(bytes, usb->bytes, size);
	usb->bytes += size;
	usb->size -= size;
	return (int)size;
}

static int usb_keep(void *data, uint8_t *bytes, int count)
{
	struct client_usb *usb = data;

	g_byte_array_append(usb->out, bytes, (guint)count);
	return count;
}

static void usb_log(void *data, int level, const char *message)
{
}

/* --- A device comes and goes --- */

static void usb_refuse(struct client_usb *usb, const char *why)
{
	usb->state = USB_UNWANTED;
	client_usb_reject(usb);
	usb->events.refused(why, usb->events.data);
}

static uint8_t usb_find_pipe(const struct client_usb *usb, int first)
{
	for (int i = first; i < first + ENDPOINTS / 2; i++) {
		if (usb->endpoints.type[i] == usb_redir_type_bulk)
			return (uint8_t)((i & 0x0f) | (i & 0x10 ? ENDPOINT_IN : 0));
	}
	return 0;
}

static bool usb_suits(struct client_usb *usb)
{
	const struct usb_redir_interface_info_header *has = &usb->interfaces;

	usb->pipes[CLIENT_USB_OUT] = usb_find_pipe(usb, 0);
	usb->pipes[CLIENT_USB_IN] = usb_find_pipe(usb, ENDPOINTS / 2);
	return has->interface_count == 1 && has->interface_class[0] == CLASS_STORAGE &&
	       has->interface_subclass[0] == SUBCLASS_SCSI &&
	       has->interface_protocol[0] == PROTOCOL_BULK_ONLY && usb->pipes[CLIENT_USB_OUT] &&
	       usb->pipes[CLIENT_USB_IN];
}

static void usb_configure(struct client_usb *usb)
{
	struct usb_redir_set_configuration_header wanted = {.configuration = 1};

	usb->state = USB_CONFIGURING;
	usbredirparser_send_reset(usb->parser);
	usbredirparser_send_set_configuration(usb->parser, CONFIGURE_ID, &wanted);
}

static void usb_connect(void *data, struct usb_redir_device_connect_header *device)
{
	struct client_usb *usb = data;
	char *why;

	if (usb->state != USB_EMPTY) {
		usb->nonsense = true;
		return;
	}
	if (usb_suits(usb)) {
		usb_configure(usb);
		return;
	}
	why = g_strdup_printf("USB device %04x:%04x is no disc drive; only a CD or DVD is taken",
			device->vendor_id, device->product_id);
	usb_refuse(usb, why);
	g_free(why);
}

static void usb_forget(struct client_usb *usb)
{
	memset(usb->transfers, 0, sizeof(usb->transfers));
	memset(&usb->interfaces, 0, sizeof(usb->interfaces));
	memset(&usb->endpoints, 0, sizeof(usb->endpoints));
}

/* The parser acknowledges by itself. */
static void usb_disconnect(void *data)
{
	struct client_usb *usb = data;
	enum usb_state before = usb->state;

	usb->state = USB_EMPTY;
	usb_forget(usb);
	if (before != USB_EMPTY)
		usb->events.gone(usb->events.data);
}

static void usb_interfaces(void *data, struct usb_redir_interface_info_header *interfaces)
{
	((struct client_usb *)data)->interfaces = *interfaces;
}

static void usb_endpoints(void *data, struct usb_redir_ep_info_header *endpoints)
{
	((struct client_usb *)data)->endpoints = *endpoints;
}

static void usb_configured(
		void *data, uint64_t id, struct usb_redir_configuration_status_header *now)
{
	struct client_usb *usb = data;

	if (usb->state != USB_CONFIGURING || id != CONFIGURE_ID)
		return;
	/* A real device has told its interfaces anew. */
	if (now->status != usb_redir_success || !usb_suits(usb)) {
		usb_disconnect(usb);
		usb_refuse(usb, "the disc drive cannot be set up; share it again");
		return;
	}
	usb->state = USB_READY;
	usb->events.ready(usb->events.data);
}

/* --- Transfers --- */

static struct usb_transfer *usb_find(struct client_usb *usb, uint64_t id)
{
	for (int i = 0; i < TRANSFERS; i++) {
		if (usb->transfers[i].id == id)
			return &usb->transfers[i];
	}
	return NULL;
}

static struct usb_transfer *usb_begin(struct client_usb *usb, size_t size, int what)
{
	struct usb_transfer *transfer = usb_find(usb, 0);

	g_assert(transfer && usb->state == USB_READY);
	*transfer = (struct usb_transfer){++usb->id, (uint32_t)size, what};
	return transfer;
}

/* Takes over the bytes. */
static void usb_end(
		struct client_usb *usb, uint64_t id, uint8_t status, uint8_t *bytes, size_t size)
{
	struct usb_transfer *transfer = id ? usb_find(usb, id) : NULL;
	enum client_usb_status word = status == usb_redir_success ? CLIENT_USB_GOOD
				      : status == usb_redir_stall ? CLIENT_USB_STALL
								  : CLIENT_USB_ERROR;

	if (!transfer || usb->nonsense || size > transfer->size) {
		usb->nonsense |= transfer != NULL;
		usbredirparser_free_packet_data(usb->parser, bytes);
		return;
	}
	transfer->id = 0;
	if (size == 0) {
		usbredirparser_free_packet_data(usb->parser, bytes);
		bytes = NULL;
	}
	usb->events.ended(transfer->what, word, bytes, size, usb->events.data);
}

static void usb_bulk(void *data, uint64_t id, struct usb_redir_bulk_packet_header *header,
		uint8_t *bytes, int size)
{
	usb_end(data, id, header->status, bytes, (size_t)size);
}

static void usb_control(void *data, uint64_t id, struct usb_redir_control_packet_header *header,
		uint8_t *bytes, int size)
{
	usb_end(data, id, header->status, bytes, (size_t)size);
}

static void usb_send_bulk(struct client_usb *usb, enum client_usb_pipe pipe, const void *bytes,
		size_t size, int what)
{
	const struct usb_transfer *transfer = usb_begin(usb, size, what);
	struct usb_redir_bulk_packet_header header = {
			.endpoint = usb->pipes[pipe],
			.length = (uint16_t)size,
			.length_high = (uint16_t)(size >> 16),
	};

	usbredirparser_send_bulk_packet(usb->parser, transfer->id, &header, (uint8_t *)bytes,
			pipe == CLIENT_USB_OUT ? (int)size : 0);
}

void client_usb_write(struct client_usb *usb, const void *bytes, size_t size, int what)
{
	usb_send_bulk(usb, CLIENT_USB_OUT, bytes, size, what);
	usb_find(usb, usb->id)->size = 0; /* nothing is to come back */
}

void client_usb_read(struct client_usb *usb, size_t size, int what)
{
	usb_send_bulk(usb, CLIENT_USB_IN, NULL, size, what);
}

void client_usb_clear(struct client_usb *usb, enum client_usb_pipe pipe, int what)
{
	const struct usb_transfer *transfer = usb_begin(usb, 0, what);
	struct usb_redir_control_packet_header header = {
			.request = REQUEST_CLEAR_FEATURE,
			.requesttype = TO_ENDPOINT,
			.index = usb->pipes[pipe],
	};

	usbredirparser_send_control_packet(usb->parser, transfer->id, &header, NULL, 0);
}

void client_usb_reset(struct client_usb *usb)
{
	if (usb->state == USB_READY)
		usb_configure(usb);
}

void client_usb_reject(struct client_usb *usb)
{
	if (usb->state == USB_EMPTY || usb->state == USB_BROKEN)
		return;
	usb->state = USB_UNWANTED;
	memset(usb->transfers, 0, sizeof(usb->transfers));
	if (usbredirparser_peer_has_cap(usb->parser, usb_redir_cap_filter))
		usbredirparser_send_filter_reject(usb->parser);
}

/* --- What a peer may send and nobody asked it for --- */

static void usb_ignore_hello(void *data, struct usb_redir_hello_header *header)
{
}

static void usb_ignore_alternative(
		void *data, uint64_t id, struct usb_redir_alt_setting_status_header *header)
{
}

static void usb_ignore_iso_status(
		void *data, uint64_t id, struct usb_redir_iso_stream_status_header *header)
{
}

static void usb_ignore_interrupt_status(
		void *data, uint64_t id, struct usb_redir_interrupt_receiving_status_header *header)
{
}

static void usb_ignore_streams(
		void *data, uint64_t id, struct usb_redir_bulk_streams_status_header *header)
{
}

static void usb_ignore_receiving(
		void *data, uint64_t id, struct usb_redir_bulk_receiving_status_header *header)
{
}

static void usb_ignore_iso(void *data, uint64_t id, struct usb_redir_iso_packet_header *header,
		uint8_t *bytes, int size)
{
	usbredirparser_free_packet_data(((struct client_usb *)data)->parser, bytes);
}

static void usb_ignore_interrupt(void *data, uint64_t id,
		struct usb_redir_interrupt_packet_header *header, uint8_t *bytes, int size)
{
	usbredirparser_free_packet_data(((struct client_usb *)data)->parser, bytes);
}

static void usb_ignore_buffered(void *data, uint64_t id,
		struct usb_redir_buffered_bulk_packet_header *header, uint8_t *bytes, int size)
{
	usbredirparser_free_packet_data(((struct client_usb *)data)->parser, bytes);
}

static void usb_ignore_filter(void *data, struct usbredirfilter_rule *rules, int count)
{
	free(rules);
}

static void usb_ignore(void *data)
{
}

/* --- As a whole --- */

/* The parser calls them unseen; what only a host is sent cannot reach us. */
static void usb_listen(struct client_usb *usb, struct usbredirparser *parser)
{
	parser->priv = usb;
	parser->log_func = usb_log;
	parser->read_func = usb_feed;
	parser->write_func = usb_keep;
	parser->hello_func = usb_ignore_hello;
	parser->device_connect_func = usb_connect;
	parser->device_disconnect_func = usb_disconnect;
	parser->interface_info_func = usb_interfaces;
	parser->ep_info_func = usb_endpoints;
	parser->configuration_status_func = usb_configured;
	parser->alt_setting_status_func = usb_ignore_alternative;
	parser->iso_stream_status_func = usb_ignore_iso_status;
	parser->interrupt_receiving_status_func = usb_ignore_interrupt_status;
	parser->bulk_streams_status_func = usb_ignore_streams;
	parser->bulk_receiving_status_func = usb_ignore_receiving;
	parser->control_packet_func = usb_control;
	parser->bulk_packet_func = usb_bulk;
	parser->iso_packet_func = usb_ignore_iso;
	parser->interrupt_packet_func = usb_ignore_interrupt;
	parser->buffered_bulk_packet_func = usb_ignore_buffered;
	parser->filter_filter_func = usb_ignore_filter;
	parser->filter_reject_func = usb_ignore;
	parser->device_disconnect_ack_func = usb_ignore;
}

struct client_usb *client_usb_new(const struct client_usb_events *events)
{
	const int wanted[] = {
			usb_redir_cap_connect_device_version,
			usb_redir_cap_filter,
			usb_redir_cap_device_disconnect_ack,
			usb_redir_cap_ep_info_max_packet_size,
			usb_redir_cap_64bits_ids,
			usb_redir_cap_32bits_bulk_length,
	};
	struct usbredirparser *parser = usbredirparser_create();
	uint32_t caps[USB_REDIR_CAPS_SIZE] = {0};
	struct client_usb *usb;

	if (!parser)
		g_error("no memory for a USB channel"); /* as GLib does */
	usb = g_new0(struct client_usb, 1);
	usb->events = *events;
	usb->parser = parser;
	usb->out = g_byte_array_new();
	usb->id = CONFIGURE_ID;
	usb_listen(usb, parser);
	for (size_t i = 0; i < G_N_ELEMENTS(wanted); i++)
		usbredirparser_caps_set_cap(caps, wanted[i]);
	usbredirparser_init(parser, PACKAGE_STRING, caps, USB_REDIR_CAPS_SIZE, 0);
	client_usb_flush(usb);
	return usb;
}

static void usb_break(struct client_usb *usb)
{
	enum usb_state before = usb->state;

	usb->state = USB_BROKEN;
	usb_forget(usb);
	usb->events.refused("what comes over the USB channel is no USB redirection; the disc can "
			    "be shared again after a new connection",
			usb->events.data);
	if (before != USB_EMPTY)
		usb->events.gone(usb->events.data);
}

void client_usb_receive(struct client_usb *usb, const void *bytes, size_t size)
{
	int result;

	if (usb->state == USB_BROKEN)
		return;
	usb->bytes = bytes;
	usb->size = size;
	result = usbredirparser_do_read(usb->parser);
	if (result < 0 || usb->nonsense)
		usb_break(usb);
	client_usb_flush(usb);
}

void client_usb_flush(struct client_usb *usb)
{
	if (usb->state == USB_BROKEN)
		return;
	usbredirparser_do_write(usb->parser);
	if (usb->out->len > 0)
		usb->events.send(usb->out->data, usb->out->len, usb->events.data);
	g_byte_array_set_size(usb->out, 0);
}

void client_usb_free_bytes(struct client_usb *usb, uint8_t *bytes)
{
	usbredirparser_free_packet_data(usb->parser, bytes);
}

void client_usb_free(struct client_usb *usb)
{
	if (!usb)
		return;
	usbredirparser_destroy(usb->parser);
	g_byte_array_unref(usb->out);
	g_free(usb);
}
