/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tests/unit/drive_host.h"

/* --- The bus --- */

static struct drive_host *host_of(struct drive_bus *bus)
{
	return (struct drive_host *)bus;
}

static void host_receive(struct drive_bus *bus, void *bytes, size_t size)
{
	struct drive_host *host = host_of(bus);

	g_assert_null(host->room);
	host->room = bytes;
	host->room_size = size;
}

static void host_send(struct drive_bus *bus, const void *bytes, size_t size)
{
	struct drive_host *host = host_of(bus);

	g_assert_cmpuint(host->size + size, <=, DRIVE_HOST_MOST);
	if (size > 0)
		memcpy(host->data + host->size, bytes, size);
	host->size += size;
	host->sends++;
}

static void host_cancel(struct drive_bus *bus)
{
	host_of(bus)->room = NULL;
	host_of(bus)->sends = 0;
	host_of(bus)->cancels++;
}

static void host_stall(struct drive_bus *bus)
{
	host_of(bus)->stalls++;
}

static void host_stall_out(struct drive_bus *bus)
{
	host_stall(bus);
	host_of(bus)->stalls_out++;
}

static void host_replug(struct drive_bus *bus)
{
	host_of(bus)->replugs++;
}

static const struct drive_bus_ops host_ops = {
		.receive = host_receive,
		.send = host_send,
		.cancel = host_cancel,
		.stall_in = host_stall,
		.stall_out = host_stall_out,
		.replug = host_replug,
};

static void host_take_sends(struct drive_host *host)
{
	while (host->sends > 0) {
		host->sends--;
		drive_bus_sent(&host->bus);
	}
}

void drive_host_plug(struct drive_host *host, struct drive *drive)
{
	*host = (struct drive_host){.bus.ops = &host_ops, .drive = drive};
	host->data = g_malloc(DRIVE_HOST_MOST);
	drive_attach(drive, &host->bus);
	drive_bus_enabled(&host->bus, 512);
	drive_host_ready(host); /* 29/00 */
}

void drive_host_resume(struct drive_host *host, struct drive *drive)
{
	*host = (struct drive_host){.bus.ops = &host_ops, .drive = drive};
	host->data = g_malloc(DRIVE_HOST_MOST);
	drive_attach(drive, &host->bus);
	drive_bus_resumed(&host->bus, 512);
}

void drive_host_unplug(struct drive_host *host)
{
	drive_detach(host->drive);
	g_free(host->data);
}

/* --- Commands --- */

void drive_host_begin(struct drive_host *host, const uint8_t *cdb, size_t size, bool in)
{
	uint8_t cbw[BOT_CBW_SIZE] = {'U', 'S', 'B', 'C', 7, 0, 0, 0, size, size >> 8, size >> 16, 0,
			in ? 0x80 : 0, 0, 10};

	memcpy(cbw + 15, cdb, 10);
	g_assert_nonnull(host->room);
	memcpy(host->room, cbw, sizeof(cbw));
	host->room = NULL;
	host->size = 0;
	drive_bus_received(&host->bus, sizeof(cbw));
}

int drive_host_end(struct drive_host *host, uint32_t *residue)
{
	const uint8_t *csw;

	for (;;) {
		host_take_sends(host);
		if (host->room && host->sends == 0)
			break;
		g_main_context_iteration(NULL, TRUE);
	}
	g_assert_cmpuint(host->size, >=, BOT_CSW_SIZE);
	host->size -= BOT_CSW_SIZE;
	csw = host->data + host->size;
	g_assert_cmpmem(csw, 8, "USBS\7\0\0\0", 8);
	if (residue)
		*residue = csw[8] | csw[9] << 8 | csw[10] << 16;
	return csw[12];
}

int drive_host_command(struct drive_host *host, const uint8_t *cdb, size_t size)
{
	drive_host_begin(host, cdb, size, true);
	return drive_host_end(host, NULL);
}

static size_t host_block(const struct drive_host *host)
{
	struct drive_status status;

	drive_status(host->drive, &status);
	return status.kind == SCSI_CD ? 2048 : 512;
}

void drive_host_begin_read(struct drive_host *host, uint32_t block, uint16_t count)
{
	const uint8_t cdb[10] = {0x28, 0, block >> 24, block >> 16, block >> 8, block, 0,
			count >> 8, count, 0};

	drive_host_begin(host, cdb, count * host_block(host), true);
}

int drive_host_read(struct drive_host *host, uint32_t block, uint16_t count)
{
	drive_host_begin_read(host, block, count);
	return drive_host_end(host, NULL);
}

int drive_host_write(struct drive_host *host, uint32_t block, uint16_t count, const uint8_t *bytes)
{
	const uint8_t cdb[10] = {0x2a, 0, block >> 24, block >> 16, block >> 8, block, 0,
			count >> 8, count, 0};
	size_t size = count * host_block(host), sent = 0;

	drive_host_begin(host, cdb, size, false);
	while (sent < size) {
		size_t piece = MIN(host->room_size, size - sent);

		if (!host->room) {
			g_main_context_iteration(NULL, TRUE);
			continue;
		}
		memcpy(host->room, bytes + sent, piece);
		host->room = NULL;
		sent += piece;
		drive_bus_received(&host->bus, piece);
	}
	return drive_host_end(host, NULL);
}

unsigned int drive_host_sense(struct drive_host *host)
{
	const uint8_t cdb[10] = {0x03, 0, 0, 0, 18};

	g_assert_cmpint(drive_host_command(host, cdb, 18), ==, 0);
	return (unsigned int)host->data[2] << 16 | host->data[12] << 8 | host->data[13];
}

unsigned int drive_host_ready(struct drive_host *host)
{
	const uint8_t cdb[10] = {0};

	return drive_host_command(host, cdb, 0) == 0 ? 0 : drive_host_sense(host);
}

int drive_host_prevent(struct drive_host *host, bool prevent)
{
	const uint8_t cdb[10] = {0x1e, 0, 0, 0, prevent};

	return drive_host_command(host, cdb, 0);
}

int drive_host_start_stop(struct drive_host *host, uint8_t bits)
{
	const uint8_t cdb[10] = {0x1b, 0, 0, 0, bits};

	return drive_host_command(host, cdb, 0);
}

/* --- The medium --- */

struct host_request {
	struct drive_host_medium *medium;
	drive_done_fn done;
	void *data;
	guint idle;
};

static gboolean host_done(gpointer data)
{
	struct host_request *request = data;
	struct drive_host_medium *medium = request->medium;
	drive_done_fn done = request->done;
	void *done_data = request->data;

	if (medium->hangs) {
		request->idle = 0;
		return G_SOURCE_REMOVE;
	}
	g_ptr_array_remove_fast(medium->pending, request);
	done(medium->fault, done_data);
	return G_SOURCE_REMOVE;
}

static void *host_request(struct drive_host_medium *medium, drive_done_fn done, void *data)
{
	struct host_request *request = g_new0(struct host_request, 1);

	*request = (struct host_request){.medium = medium, .done = done, .data = data};
	g_ptr_array_add(medium->pending, request);
	request->idle = g_idle_add(host_done, request);
	return request;
}

static void *host_medium_read(void *owner, uint64_t offset, size_t size, void *bytes,
		drive_done_fn done, void *data)
{
	struct drive_host_medium *medium = owner;

	g_assert_cmpuint(offset + size, <=, medium->size);
	memcpy(bytes, medium->bytes + offset, size);
	return host_request(medium, done, data);
}

static void *host_medium_write(void *owner, uint64_t offset, size_t size, const void *bytes,
		drive_done_fn done, void *data)
{
	struct drive_host_medium *medium = owner;

	g_assert_cmpuint(offset + size, <=, medium->size);
	memcpy(medium->bytes + offset, bytes, size);
	return host_request(medium, done, data);
}

static void *host_medium_flush(void *owner, drive_done_fn done, void *data)
{
	struct drive_host_medium *medium = owner;

	medium->flushes++;
	return host_request(medium, done, data);
}

static void host_medium_cancel(void *owner, void *handle)
{
	struct drive_host_medium *medium = owner;
	struct host_request *request = handle;

	if (request->idle)
		g_source_remove(request->idle);
	medium->cancelled++;
	g_assert_true(g_ptr_array_remove_fast(medium->pending, request));
}

void drive_host_medium_init(struct drive_host_medium *medium, size_t size)
{
	*medium = (struct drive_host_medium){.bytes = g_malloc(size), .size = size};
	for (size_t i = 0; i < size; i++)
		medium->bytes[i] = i * 7 + i / 2048;
	medium->pending = g_ptr_array_new_with_free_func(g_free);
}

void drive_host_medium_clear(struct drive_host_medium *medium)
{
	g_assert_cmpuint(medium->pending->len, ==, 0);
	g_ptr_array_unref(medium->pending);
	g_free(medium->bytes);
}

struct drive_medium drive_host_medium(struct drive_host_medium *medium, bool writable)
{
	return (struct drive_medium){
			.size = medium->size,
			.writable = writable,
			.read = host_medium_read,
			.write = host_medium_write,
			.flush = host_medium_flush,
			.cancel = host_medium_cancel,
			.owner = medium,
	};
}
