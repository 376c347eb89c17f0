/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes from a SPICE client's USB channel while its disc is read. The input is steps, a byte
 * each that says what comes, and what belongs to it:
 *	0 N BYTES	N bytes as they are
 *	1		a greeting
 *	2 CLASS		a device, and 3: it goes
 *	4 STATUS	the configuration is set
 *	5 STATUS	the next transfer ended, without data
 *	6 STATUS N BYTE	... with N times 64 bytes
 *	7 STATUS BYTE	... with the status of a command
 *	8 BYTES		... with 8 bytes: a capacity
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <usbredirproto.h>
#include "media/client.h"
#include "tests/fuzz/targets.h"

#define READS 3

struct fuzz {
	struct media_client *client;
	struct source *source;
	uint32_t id, tag;
	uint8_t bytes[READS][300000];
};

static void fuzz_ended(const GError *error, void *data)
{
}

static void fuzz_send(const void *bytes, size_t size, void *data)
{
	/* A read of what is sent, for the sanitizers. */
	free(memcpy(malloc(size), bytes, size));
}

static void fuzz_offered(struct source *source, void *data)
{
	struct fuzz *fuzz = data;

	if (fuzz->source || source->state != SOURCE_READY || source->size == 0)
		abort();
	fuzz->source = source;
	for (int i = 0; i < READS; i++)
		source_read(source, i * 1000 % source->size,
				MIN(sizeof(fuzz->bytes[i]), source->size - i * 1000 % source->size),
				fuzz->bytes[i], fuzz_ended, fuzz);
}

static void fuzz_withdrawn(struct source *source, void *data)
{
	struct fuzz *fuzz = data;

	if (source != fuzz->source || source->state != SOURCE_FAILED)
		abort();
	source_close(source);
	fuzz->source = NULL;
}

static void fuzz_refused(const char *why, void *data)
{
	if (!*why)
		abort();
}

static void fuzz_packet(struct fuzz *fuzz, uint32_t type, uint64_t id, const void *head,
		size_t head_size, const uint8_t *bytes, size_t size)
{
	const struct usb_redir_header header = {type, (uint32_t)(head_size + size), id};
	/* A greeting has the short kind of number. */
	size_t start = type == usb_redir_hello ? sizeof(header) - 4 : sizeof(header);
	uint8_t *packet = g_malloc(sizeof(header) + head_size + size);

	memcpy(packet, &header, start);
	memcpy(packet + start, head, head_size);
	if (size > 0)
		memcpy(packet + start + head_size, bytes, size);
	media_client_receive(fuzz->client, packet, start + head_size + size);
	g_free(packet);
}

static void fuzz_device(struct fuzz *fuzz, uint8_t class)
{
	struct usb_redir_interface_info_header interfaces = {
			.interface_count = 1,
			.interface_class = {class},
			.interface_subclass = {6},
			.interface_protocol = {80},
	};
	struct usb_redir_ep_info_header endpoints = {.type = {[2] = 2, [17] = 2}};
	struct usb_redir_device_connect_header device = {0};

	fuzz_packet(fuzz, usb_redir_interface_info, 0, &interfaces, sizeof(interfaces), NULL, 0);
	/* Without what only those who know streams have. */
	fuzz_packet(fuzz, usb_redir_ep_info, 0, &endpoints,
			offsetof(struct usb_redir_ep_info_header, max_streams), NULL, 0);
	fuzz_packet(fuzz, usb_redir_device_connect, 0, &device, sizeof(device), NULL, 0);
}

static void fuzz_greet(struct fuzz *fuzz)
{
	const struct usb_redir_hello_header hello = {.version = "fuzz"};
	const uint8_t caps[4] = {0xff};

	fuzz_packet(fuzz, usb_redir_hello, 0, &hello, sizeof(hello), caps, sizeof(caps));
}

static void fuzz_answer(struct fuzz *fuzz, uint8_t endpoint, uint8_t status, const uint8_t *bytes,
		size_t size)
{
	const struct usb_redir_bulk_packet_header head = {
			.endpoint = endpoint, .status = status, .length = (uint16_t)size};

	fuzz_packet(fuzz, usb_redir_bulk_packet, ++fuzz->id, &head, sizeof(head), bytes, size);
}

static void fuzz_status(struct fuzz *fuzz, uint8_t status, uint8_t csw_status)
{
	uint8_t csw[13] = "USBS";

	fuzz->tag += csw_status < 0xf0; /* else: that of the one before */
	memcpy(csw + 4, &fuzz->tag, 4);
	csw[12] = csw_status & 0x0f;
	csw[8] = csw_status & 0x80 ? 0xff : 0;
	fuzz_answer(fuzz, 0x81, status, csw, sizeof(csw));
}

/* Returns the size of the step; 0: it is not whole. */
static size_t fuzz_step(struct fuzz *fuzz, const uint8_t *data, size_t size)
{
	static const size_t sizes[] = {2, 1, 2, 1, 2, 2, 4, 3, 9};
	uint8_t step = data[0] % G_N_ELEMENTS(sizes);
	struct usb_redir_configuration_status_header configured = {.configuration = 1};
	uint8_t block[255 * 64];

	if (size < sizes[step] || (step == 0 && size < 2u + data[1]))
		return 0;
	switch (step) {
	case 0:
		media_client_receive(fuzz->client, data + 2, data[1]);
		return 2u + data[1];
	case 1:
		fuzz_greet(fuzz);
		break;
	case 2:
		fuzz_device(fuzz, data[1]);
		break;
	case 3:
		fuzz_packet(fuzz, usb_redir_device_disconnect, 0, "", 0, NULL, 0);
		break;
	case 4:
		configured.status = data[1];
		fuzz_packet(fuzz, usb_redir_configuration_status, 1, &configured,
				sizeof(configured), NULL, 0);
		break;
	case 5:
		fuzz_answer(fuzz, data[1] & 0x80 ? 0x81 : 2, data[1] & 0x7f, NULL, 0);
		break;
	case 6:
		memset(block, data[3], sizeof(block));
		fuzz_answer(fuzz, 0x81, data[1], block,
				data[2] & 0x80 ? (data[2] & 0x7f) * 64u : data[2]);
		break;
	case 7:
		fuzz_status(fuzz, data[1], data[2]);
		break;
	default:
		fuzz_answer(fuzz, 0x81, 0, data + 1, 8);
		break;
	}
	return sizes[step];
}

int target_client(const uint8_t *data, size_t size)
{
	struct fuzz *fuzz = g_new0(struct fuzz, 1);
	const struct media_client_events events = {
			.send = fuzz_send,
			.offered = fuzz_offered,
			.withdrawn = fuzz_withdrawn,
			.refused = fuzz_refused,
			.data = fuzz,
	};
	size_t step;

	fuzz->id = 1; /* numbers of transfers begin behind that of the configuration */
	fuzz->client = media_client_new(&events);
	while (size > 0 && (step = fuzz_step(fuzz, data, size)) > 0) {
		while (g_main_context_iteration(NULL, FALSE))
			;
		data += step;
		size -= step;
	}
	media_client_close(fuzz->client);
	source_close(fuzz->source);
	g_free(fuzz);
	return 0;
}
