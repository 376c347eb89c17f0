/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shared disc behind clients that behave, and that do not. */
#include <string.h>
#include <usbredirparser.h>
#include "tests/unit/disc_host.h"
#include "tests/unit/moves.h"

#define SECTORS 1024

struct fixture {
	struct disc_host host;
	uint8_t bytes[SECTORS * DISC_SECTOR];
	enum source_state state; /* the last that was told */
	char reason[128];
};

static void told(enum source_state state, const char *reason, void *data)
{
	struct fixture *f = data;

	f->state = state;
	g_strlcpy(f->reason, reason, sizeof(f->reason));
}

static void fixture_open(struct fixture *f, gconstpointer data)
{
	disc_host_open(&f->host, SECTORS);
	f->host.events = (struct source_events){told, f};
}

static void fixture_close(struct fixture *f, gconstpointer data)
{
	disc_host_close(&f->host);
}

static void open_shared(struct fixture *f, gconstpointer data)
{
	fixture_open(f, data);
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.offers, ==, 1);
	g_assert_cmpuint(f->host.source->size, ==, SECTORS * DISC_SECTOR);
}

static void assert_reads(struct fixture *f, size_t offset, size_t size)
{
	struct move move;

	move_read(&move, f->host.source, offset, size, f->bytes);
	disc_host_run(&f->host);
	g_assert_true(move.ended);
	g_assert_cmpint(move.code, ==, -1);
	g_assert_cmpmem(f->bytes, size, f->host.image + offset, size);
}

/* --- As it should be --- */

static void test_disc_is_offered_with_its_size(struct fixture *f, gconstpointer data)
{
	assert_reads(f, 0, SECTORS * DISC_SECTOR);
	assert_reads(f, 5, 1);
	assert_reads(f, SECTORS * DISC_SECTOR - 1, 1);
	g_assert_cmpuint(f->host.resets, ==, 1);
}

static void test_neighbours_are_read_at_once(struct fixture *f, gconstpointer data)
{
	struct move moves[64];

	for (int i = 0; i < 64; i++)
		move_read(&moves[i], f->host.source, (uint64_t)i * DISC_SECTOR, DISC_SECTOR,
				f->bytes + (size_t)i * DISC_SECTOR);
	disc_host_run(&f->host);
	for (int i = 0; i < 64; i++)
		g_assert_cmpint(moves[i].code, ==, -1);
	g_assert_cmpuint(f->host.reads, ==, 1);
	g_assert_cmpuint(f->host.read_sectors, ==, 64);
	g_assert_cmpmem(f->bytes, 64 * DISC_SECTOR, f->host.image, 64 * DISC_SECTOR);
}

#define PIECE (32 * DISC_SECTOR) /* of a cache; a client sends four at once */

struct reader {
	struct fixture *f;
	uint64_t next;
};

static void read_next(const GError *error, void *data)
{
	struct reader *reader = data;
	uint64_t at = reader->next;

	g_assert_no_error(error);
	if (at == SECTORS * DISC_SECTOR)
		return;
	reader->next += PIECE;
	source_read(reader->f->host.source, at, PIECE, reader->f->bytes + at, read_next, reader);
}

static void test_reading_on_takes_as_much_at_once(struct fixture *f, gconstpointer data)
{
	struct reader reader = {.f = f};

	for (int i = 0; i < 8; i++)
		read_next(NULL, &reader);
	disc_host_run(&f->host);
	g_assert_cmpmem(f->bytes, SECTORS * DISC_SECTOR, f->host.image, SECTORS * DISC_SECTOR);
	g_assert_cmpuint(f->host.reads, ==, SECTORS * DISC_SECTOR / (4 * PIECE));
}

static void test_small_sectors_are_read_right(struct fixture *f, gconstpointer data)
{
	f->host.sector_size = 512;
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.source->size, ==, SECTORS * 512);
	assert_reads(f, 100, SECTORS * 512 - 100);
}

static void test_cancelled_read_touches_nothing(struct fixture *f, gconstpointer data)
{
	struct move move;

	move_read(&move, f->host.source, 0, 4096, f->bytes);
	move_settle();
	source_cancel(f->host.source, move.request);
	memset(f->bytes, 0x55, 4096);
	disc_host_run(&f->host);
	g_assert_false(move.ended);
	g_assert_cmpint(f->bytes[1], ==, 0x55);
	assert_reads(f, 0, 4096);
}

static void test_unsharing_fails_what_waits(struct fixture *f, gconstpointer data)
{
	struct move move;

	f->host.fault = DISC_SILENT;
	move_read(&move, f->host.source, 0, 4096, f->bytes);
	disc_host_run(&f->host);
	g_assert_false(move.ended);
	disc_host_disconnect(&f->host);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpuint(f->host.withdrawals, ==, 1);
	g_assert_cmpint(f->state, ==, SOURCE_FAILED);
	g_assert_cmpstr(f->reason, ==, "the viewer stopped sharing");
	f->host.fault = DISC_NO_FAULT;
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.offers, ==, 2);
	assert_reads(f, 0, 4096);
}

static void test_source_outlives_its_channel(struct fixture *f, gconstpointer data)
{
	struct move move;

	media_client_close(g_steal_pointer(&f->host.client));
	g_assert_cmpuint(f->host.withdrawals, ==, 1);
	move_settle();
	g_assert_cmpint(f->state, ==, SOURCE_FAILED);
	move_read(&move, f->host.past, 0, 4096, f->bytes);
	move_wait(&move);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
}

static void test_closing_ejects(struct fixture *f, gconstpointer data)
{
	source_close(g_steal_pointer(&f->host.source));
	disc_host_run(&f->host);
	g_assert_cmpuint(f->host.ejects, ==, 1);
	g_assert_cmpuint(f->host.rejects, ==, 0);
	g_assert_cmpuint(f->host.withdrawals, ==, 0);
}

static void test_rejecting_is_told_to_the_user(struct fixture *f, gconstpointer data)
{
	media_client_reject(f->host.client);
	disc_host_run(&f->host);
	g_assert_cmpuint(f->host.rejects, ==, 1);
	g_assert_cmpint(f->host.source->state, ==, SOURCE_FAILED);
	source_close(g_steal_pointer(&f->host.source));
	disc_host_disconnect(&f->host);
	disc_host_connect(&f->host);
	assert_reads(f, 0, 4096);
}

static void test_reset_drive_goes_on(struct fixture *f, gconstpointer data)
{
	f->host.key = 6;
	f->host.code = 0x29;
	assert_reads(f, 2048, 300000);
	g_assert_cmpuint(f->host.offers, ==, 1);
}

static void test_changed_disc_is_another_source(struct fixture *f, gconstpointer data)
{
	struct move move;

	f->host.key = 6;
	f->host.code = 0x28;
	move_read(&move, f->host.source, 0, 4096, f->bytes);
	disc_host_run(&f->host);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpuint(f->host.withdrawals, ==, 1);
	g_assert_cmpuint(f->host.offers, ==, 2);
	assert_reads(f, 0, 4096);
}

/* --- What is not taken --- */

static void test_other_devices_are_refused(struct fixture *f, gconstpointer data)
{
	f->host.class = 3;
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.commands, ==, 0);
	g_assert_cmpuint(f->host.rejects, ==, 1);
	g_assert_cmpstr(f->host.refused, ==,
			"USB device 1234:5678 is no disc drive; only a CD or DVD is taken");
	disc_host_disconnect(&f->host);
	f->host.class = 8;
	disc_host_connect(&f->host);
	assert_reads(f, 0, 4096);
}

static void test_disks_are_refused(struct fixture *f, gconstpointer data)
{
	f->host.type = 0;
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.commands, ==, 1);
	g_assert_cmpuint(f->host.rejects, ==, 1);
	g_assert_nonnull(strstr(f->host.refused, "no CD or DVD drive"));
}

static void test_senseless_capacity_is_refused(struct fixture *f, gconstpointer data)
{
	f->host.sector_size = 2352;
	disc_host_connect(&f->host);
	g_assert_cmpuint(f->host.offers, ==, 0);
	g_assert_cmpuint(f->host.rejects, ==, 1);
}

/* --- Faults --- */

/* Those that another try mends. */
static void test_fault_is_mended(struct fixture *f, gconstpointer data)
{
	f->host.fault = (enum disc_fault)GPOINTER_TO_INT(data);
	assert_reads(f, 2048, 4 * 65536);
	assert_reads(f, 0, SECTORS * DISC_SECTOR);
	g_assert_cmpuint(f->host.offers, ==, 1);
}

/* Those that the drive calls final, for one read. */
static void test_fault_fails_one_read(struct fixture *f, gconstpointer data)
{
	struct move move;

	f->host.fault = (enum disc_fault)GPOINTER_TO_INT(data);
	move_read(&move, f->host.source, 2048, 4096, f->bytes);
	disc_host_run(&f->host);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_nonnull(strstr(move.words, "sector 1 cannot be read: sense 3/11/00"));
	g_assert_cmpuint(f->host.clears, ==, f->host.stalls);
	assert_reads(f, 0, SECTORS * DISC_SECTOR);
}

static void test_too_much_data_ends_the_channel(struct fixture *f, gconstpointer data)
{
	struct move move;

	f->host.fault = DISC_LONG;
	move_read(&move, f->host.source, 0, 4096, f->bytes);
	disc_host_run(&f->host);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpuint(f->host.refusals, ==, 1);
	g_assert_cmpuint(f->host.withdrawals, ==, 1);
}

static void test_hopeless_drive_is_given_up(struct fixture *f, gconstpointer data)
{
	struct move move;

	f->host.fault = DISC_ALWAYS_WRONG;
	move_read(&move, f->host.source, 0, 4096, f->bytes);
	disc_host_run(&f->host);
	g_assert_cmpint(move.code, ==, G_FILE_ERROR_IO);
	g_assert_cmpuint(f->host.rejects, ==, 1);
	g_assert_cmpuint(f->host.resets, <, 6);
}

static void test_nonsense_ends_the_channel(struct fixture *f, gconstpointer data)
{
	uint8_t nonsense[64];

	memset(nonsense, 0xee, sizeof(nonsense));
	media_client_receive(f->host.client, nonsense, sizeof(nonsense));
	move_settle();
	g_assert_cmpuint(f->host.refusals, ==, 1);
	g_assert_cmpint(f->state, ==, SOURCE_FAILED);
	media_client_receive(f->host.client, nonsense, sizeof(nonsense));
	g_assert_cmpuint(f->host.refusals, ==, 1);
}

/* 100 MiB in one packet: its first byte is not waited for. */
static void test_announced_flood_ends_the_channel(struct fixture *f, gconstpointer data)
{
	const uint32_t head[4] = {GUINT32_TO_LE(usb_redir_bulk_packet), GUINT32_TO_LE(100u << 20),
			GUINT32_TO_LE(77), 0};
	const struct usb_redir_bulk_packet_header bulk = {.endpoint = 0x81, .length_high = 1600};

	media_client_receive(f->host.client, head, sizeof(head));
	media_client_receive(f->host.client, &bulk, sizeof(bulk));
	media_client_receive(f->host.client, head, 1);
	g_assert_cmpuint(f->host.refusals, ==, 1);
}

#define ADD(name, open) \
	g_test_add("/client/" #name, struct fixture, NULL, open, test_##name, fixture_close)
#define ADD_FAULT(name, fault, test)                                                           \
	g_test_add("/client/" name, struct fixture, GINT_TO_POINTER(fault), open_shared, test, \
			fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(disc_is_offered_with_its_size, open_shared);
	ADD(neighbours_are_read_at_once, open_shared);
	ADD(reading_on_takes_as_much_at_once, open_shared);
	ADD(small_sectors_are_read_right, fixture_open);
	ADD(cancelled_read_touches_nothing, open_shared);
	ADD(unsharing_fails_what_waits, open_shared);
	ADD(source_outlives_its_channel, open_shared);
	ADD(closing_ejects, open_shared);
	ADD(rejecting_is_told_to_the_user, open_shared);
	ADD(reset_drive_goes_on, open_shared);
	ADD(changed_disc_is_another_source, open_shared);
	ADD(other_devices_are_refused, fixture_open);
	ADD(disks_are_refused, fixture_open);
	ADD(senseless_capacity_is_refused, fixture_open);
	ADD_FAULT("short_data_is_read_again", DISC_SHORT, test_fault_is_mended);
	ADD_FAULT("wrong_tag_is_mended", DISC_WRONG_TAG, test_fault_is_mended);
	ADD_FAULT("wrong_signature_is_mended", DISC_WRONG_SIGNATURE, test_fault_is_mended);
	ADD_FAULT("wrong_residue_is_mended", DISC_WRONG_RESIDUE, test_fault_is_mended);
	ADD_FAULT("phase_error_is_mended", DISC_PHASE_ERROR, test_fault_is_mended);
	ADD_FAULT("cut_status_is_mended", DISC_STATUS_CUT, test_fault_is_mended);
	ADD_FAULT("transfer_error_is_mended", DISC_IO_ERROR, test_fault_is_mended);
	ADD_FAULT("medium_error_fails_one_read", DISC_FAIL, test_fault_fails_one_read);
	ADD_FAULT("stalled_error_fails_one_read", DISC_STALL, test_fault_fails_one_read);
	ADD(too_much_data_ends_the_channel, open_shared);
	ADD(hopeless_drive_is_given_up, open_shared);
	ADD(nonsense_ends_the_channel, open_shared);
	ADD(announced_flood_ends_the_channel, open_shared);
	return g_test_run();
}
