/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Bulk-Only transport of the simulated node alone: against our drive, and against nonsense. */
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "sim/cable.h"
#include "sim/storage.h"
#include "tests/unit/wired_drive.h"

#define SIZE (300 << 10)

struct kind {
	enum scsi_kind kind;
	bool stall;
};

struct ending {
	bool done;
	struct storage_outcome outcome;
};

static void on_ready(void *data)
{
	bool *ready = data;

	*ready = true;
}

static void on_gone(void *data)
{
}

static void on_done(const struct storage_outcome *outcome, void *data)
{
	struct ending *ending = data;

	ending->done = true;
	ending->outcome = *outcome;
}

static struct storage_outcome run(struct storage *storage, const uint8_t *cdb, size_t cdb_size,
		bool out, void *bytes, size_t size)
{
	struct ending ending = {0};
	struct storage_command command = {
			.cdb_size = cdb_size,
			.out = out,
			.bytes = bytes,
			.size = size,
			.done = on_done,
			.data = &ending,
	};

	memcpy(command.cdb, cdb, cdb_size);
	storage_run(storage, &command);
	wired_drive_wait(&ending.done, 20);
	return ending.outcome;
}

static struct storage *open_storage(int fd, unsigned int time_out, bool *ready)
{
	const struct storage_events events = {on_ready, on_gone, ready};
	struct storage *storage = storage_new(fd, time_out, &events);

	storage_power(storage, true);
	return storage;
}

/* Unit attentions of being plugged in and of the insert are told first. */
static void heed(struct storage *storage)
{
	static const uint8_t test[6] = {0};

	for (int i = 0; i < 4; i++)
		if (run(storage, test, sizeof(test), false, NULL, 0).result == STORAGE_PASSED)
			return;
	g_assert_not_reached();
}

static void what_is_written_arrives(gconstpointer data)
{
	static const uint8_t write[10] = {[0] = 0x2a, [5] = 4, [8] = 100};
	static uint8_t bytes[100 * 512];
	const struct kind *kind = data;
	struct wired_drive wired;
	struct storage *storage;
	struct storage_outcome outcome;
	bool ready = false;

	wired_drive_open(&wired, kind->kind, kind->stall);
	storage = open_storage(wired.fds[1], 0, &ready);
	wired_drive_wait(&ready, 5);
	wired_drive_insert(&wired, NULL, SIZE, true);
	heed(storage);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i * 13;
	outcome = run(storage, write, sizeof(write), true, bytes, sizeof(bytes));
	g_assert_cmpint(outcome.result, ==, STORAGE_PASSED);
	g_assert_cmpuint(outcome.moved, ==, sizeof(bytes));
	g_assert_cmpmem(wired.medium.bytes + 4 * 512, sizeof(bytes), bytes, sizeof(bytes));
	wired_drive_insert(&wired, NULL, SIZE, false);
	heed(storage);
	outcome = run(storage, write, sizeof(write), true, bytes, sizeof(bytes));
	g_assert_cmpint(outcome.result, ==, STORAGE_FAILED);
	g_assert_cmpuint(outcome.moved, ==, 0);
	g_assert_cmphex(outcome.sense.key << 8 | outcome.sense.code, ==, 0x727);
	storage_free(storage);
	wired_drive_close(&wired);
}

static void the_residue_tells_what_counts(gconstpointer data)
{
	static const uint8_t inquiry[6] = {[0] = 0x12, [4] = 36};
	static const uint8_t read[10] = {[0] = 0x28, [8] = 1};
	const struct kind *kind = data;
	struct wired_drive wired;
	struct storage *storage;
	struct storage_stats stats;
	uint8_t bytes[8192];
	bool ready = false;

	wired_drive_open(&wired, kind->kind, kind->stall);
	storage = open_storage(wired.fds[1], 0, &ready);
	wired_drive_wait(&ready, 5);
	wired_drive_insert(&wired, NULL, SIZE, false);
	heed(storage);
	g_assert_cmpuint(run(storage, inquiry, sizeof(inquiry), false, bytes, 255).moved, ==, 36);
	/* More than the command says, and a multiple of a packet. */
	g_assert_cmpuint(run(storage, read, sizeof(read), false, bytes, sizeof(bytes)).moved, ==,
			kind->kind == SCSI_CD ? 2048 : 512);
	/* In the wrong direction, and less: phase errors, which only a reset mends. */
	g_assert_cmpint(run(storage, read, sizeof(read), true, bytes, 512).result, ==,
			STORAGE_BROKEN);
	heed(storage);
	g_assert_cmpint(run(storage, read, sizeof(read), false, NULL, 0).result, ==,
			STORAGE_BROKEN);
	heed(storage);
	storage_stats(storage, &stats);
	g_assert_cmpuint(stats.recoveries, ==, 2);
	g_assert_cmpuint(stats.time_outs, ==, 0);
	storage_free(storage);
	wired_drive_close(&wired);
}

/* A device that answers every request the same way, whatever it is. */
struct parrot {
	int fd;
	guint watch;
	enum cable_kind answer;
	uint8_t bytes[64];
	size_t size;
	bool mute;
	unsigned int heard;
};

static gboolean on_request(gint fd, GIOCondition condition, gpointer data)
{
	struct parrot *parrot = data;
	uint8_t message[sizeof(struct cable_head) + CABLE_PART];
	struct cable_head head;
	bool control;

	if (recv(fd, message, sizeof(message), 0) <= 0)
		return G_SOURCE_CONTINUE;
	memcpy(&head, message, sizeof(head));
	parrot->heard++;
	if (parrot->mute || head.kind == CABLE_ABORT)
		return G_SOURCE_CONTINUE;
	control = head.kind >= CABLE_PORT_RESET && head.kind <= CABLE_CLEAR_OUT;
	if (control || head.kind == CABLE_OUT) {
		head.kind = control && parrot->answer == CABLE_STALLED ? CABLE_STALLED : CABLE_DONE;
		head.value = 0;
	} else {
		head.kind = parrot->answer;
	}
	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), parrot->bytes, parrot->size);
	g_assert_cmpint(send(fd, message,
					sizeof(head) + (head.kind == CABLE_DATA ? parrot->size : 0),
					0),
			>, 0);
	return G_SOURCE_CONTINUE;
}

static void nonsense_is_recovered_from(void)
{
	static const uint8_t test[6] = {0};
	static const struct cable_head plugged = {.kind = CABLE_PLUGGED};
	struct parrot parrot = {.answer = CABLE_DATA};
	struct storage *storage;
	struct storage_stats stats;
	bool ready = false;
	int fds[2];

	wired_drive_pair(fds);
	parrot.watch = g_unix_fd_add(fds[0], G_IO_IN, on_request, &parrot);
	storage = open_storage(fds[1], 200, &ready);
	g_assert_cmpint(send(fds[0], "x", 1, 0), ==, 1);
	g_assert_cmpint(send(fds[0], &plugged, sizeof(plugged), 0), ==, sizeof(plugged));
	wired_drive_wait(&ready, 5);
	/* A status of 13 bytes that is none; one too short; none at all; a halted pipe for ever. */
	memcpy(parrot.bytes, "USBSabcd\0\0\0\0\0", 13);
	for (parrot.size = 13; parrot.size < 14; parrot.size--) {
		g_assert_cmpint(run(storage, test, sizeof(test), false, NULL, 0).result, ==,
				STORAGE_BROKEN);
		if (parrot.size == 0)
			break;
	}
	parrot.answer = CABLE_BABBLE;
	g_assert_cmpint(run(storage, test, sizeof(test), false, NULL, 0).result, ==,
			STORAGE_BROKEN);
	storage_stats(storage, &stats);
	g_assert_cmpuint(stats.recoveries, ==, 15);
	g_assert_cmpuint(stats.port_resets, ==, 0);
	/* Deaf: the port is reset, and once more for the next command. */
	parrot.mute = true;
	g_assert_cmpint(run(storage, test, sizeof(test), false, NULL, 0).result, ==,
			STORAGE_BROKEN);
	g_assert_cmpint(run(storage, test, sizeof(test), false, NULL, 0).result, ==,
			STORAGE_BROKEN);
	storage_stats(storage, &stats);
	g_assert_cmpuint(stats.port_resets, ==, 2);
	storage_free(storage);
	g_source_remove(parrot.watch);
	close(fds[0]);
	close(fds[1]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		struct kind kind;
	} kinds[] = {
			{"cd", {SCSI_CD, false}},
			{"disk", {SCSI_DISK, false}},
			{"stalling-cd", {SCSI_CD, true}},
			{"stalling-disk", {SCSI_DISK, true}},
	};

	g_test_init(&argc, &argv, NULL);
	for (size_t k = 0; k < G_N_ELEMENTS(kinds); k++) {
		g_autofree char *residue = g_strdup_printf(
				"/bulk-only/%s/the-residue-tells-what-counts", kinds[k].name);
		g_autofree char *write = g_strdup_printf(
				"/bulk-only/%s/what-is-written-arrives", kinds[k].name);

		g_test_add_data_func(residue, &kinds[k].kind, the_residue_tells_what_counts);
		if (kinds[k].kind.kind == SCSI_DISK)
			g_test_add_data_func(write, &kinds[k].kind, what_is_written_arrives);
	}
	g_test_add_func("/bulk-only/nonsense-is-recovered-from", nonsense_is_recovered_from);
	return g_test_run();
}
