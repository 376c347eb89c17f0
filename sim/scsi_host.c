/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include "sim/alarm.h"
#include "sim/scsi_host_private.h"

/* SPC-4, SBC-3 */
#define SCSI_HOST_INQUIRY    0x12
#define SCSI_HOST_START_STOP 0x1b
#define SCSI_HOST_PREVENT    0x1e
#define SCSI_HOST_READ_10    0x28
#define SCSI_HOST_READ_16    0x88

#define SCSI_HOST_INQUIRY_SIZE 36
#define SCSI_HOST_CD           5 /* SPC-4, table 144: peripheral device type */
#define SCSI_HOST_ATTEMPTS     4 /* of what broke, or met a unit attention */

static void scsi_host_put32(uint8_t *bytes, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		bytes[i] = value >> (24 - 8 * i);
}

void scsi_host_tell(const struct scsi_host *host)
{
	if (host->changed)
		host->changed(host->data);
}

/* --- Commands, and when they are tried again --- */

static void scsi_host_waits(struct scsi_host *host)
{
	int64_t first = 0;

	for (GList *link = host->requests.head; link; link = link->next) {
		const struct scsi_host_request *request = link->data;

		if (request->patient && request->attempts > 0 &&
				(first == 0 || request->since < first))
			first = request->since;
	}
	if (first == host->status.waits)
		return;
	host->status.waits = first;
	scsi_host_tell(host);
}

void scsi_host_run(struct scsi_host_request *request)
{
	request->again = 0;
	request->under_way = storage_run(request->host->storage, &request->command);
}

static void scsi_host_retry_in(struct scsi_host_request *request, int64_t milliseconds)
{
	request->again = g_get_monotonic_time() + milliseconds * SCSI_HOST_MILLI;
	alarm_set(request->host->again, request->again);
}

/* Whether it is worth another attempt. */
static bool scsi_host_retry(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	struct scsi_host *host = request->host;
	const struct storage_sense *sense = &outcome->sense;
	int64_t age = g_get_monotonic_time() - request->since;

	if (outcome->result == STORAGE_BROKEN) {
		if (++request->attempts >= SCSI_HOST_ATTEMPTS)
			return false;
		scsi_host_retry_in(request, 0);
		return true;
	}
	if (outcome->result != STORAGE_FAILED)
		return false;
	if (sense->key == SCSI_HOST_ATTENTION && sense->code == 0x29) { /* was reset */
		host->status.locked = false;
		if (++request->attentions > SCSI_HOST_ATTEMPTS)
			return false;
		scsi_host_retry_in(request, 0);
		return true;
	}
	if (request->patient && sense->key == SCSI_HOST_NOT_READY && sense->code == 0x04 &&
			age < (int64_t)SCSI_HOST_PATIENCE * SCSI_HOST_MILLI) {
		request->attempts = MAX(request->attempts, 1);
		scsi_host_retry_in(request, SCSI_HOST_AGAIN);
		scsi_host_waits(host);
		return true;
	}
	return false;
}

/* What any command's sense says of the medium. */
static void scsi_host_heed(struct scsi_host *host, const struct storage_outcome *outcome)
{
	const struct storage_sense *sense = &outcome->sense;

	if (outcome->result != STORAGE_FAILED)
		return;
	if (sense->key == SCSI_HOST_NOT_READY && sense->code == 0x3a) {
		scsi_host_set_medium(host, SCSI_HOST_EMPTY);
	} else if (sense->key == SCSI_HOST_ATTENTION && sense->code == 0x28) {
		scsi_host_set_medium(host, SCSI_HOST_EMPTY); /* the one that was there */
		scsi_host_look(host);
	}
}

static void scsi_host_ended(const struct storage_outcome *outcome, void *data)
{
	struct scsi_host_request *request = data;
	struct scsi_host *host = request->host;

	request->under_way = NULL;
	if (scsi_host_retry(request, outcome))
		return;
	g_queue_remove(&host->requests, request);
	scsi_host_heed(host, outcome);
	request->ended(request, outcome);
	scsi_host_waits(host);
	g_free(request);
}

static void scsi_host_again(void *data)
{
	struct scsi_host *host = data;
	int64_t now = g_get_monotonic_time(), next = INT64_MAX;

	for (GList *link = host->requests.head; link; link = link->next) {
		struct scsi_host_request *request = link->data;

		if (request->again > 0 && request->again <= now)
			scsi_host_run(request);
		else if (request->again > 0)
			next = MIN(next, request->again);
	}
	if (next < INT64_MAX)
		alarm_set(host->again, next);
}

struct scsi_host_request *scsi_host_command(struct scsi_host *host, const uint8_t *cdb,
		size_t cdb_size, size_t answer, scsi_host_ended_fn ended)
{
	struct scsi_host_request *request = g_new0(struct scsi_host_request, 1);

	request->host = host;
	request->since = g_get_monotonic_time();
	request->ended = ended;
	memcpy(request->command.cdb, cdb, cdb_size);
	request->command.cdb_size = cdb_size;
	request->command.bytes = request->answer;
	request->command.size = answer;
	request->command.done = scsi_host_ended;
	request->command.data = request;
	g_queue_push_tail(&host->requests, request);
	return request;
}

static void scsi_host_nothing_more(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
}

/* --- The drive --- */

static void scsi_host_word(char *words, size_t room, const uint8_t *bytes, size_t size)
{
	size_t at = strlen(words);

	if (at > 0 && at + 1 < room)
		words[at++] = ' ';
	for (size_t i = 0; i < size && at + 1 < room; i++)
		words[at++] = bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '?';
	words[at] = 0;
	g_strchomp(words);
}

static void scsi_host_known(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	struct scsi_host *host = request->host;
	struct scsi_host_status *status = &host->status;

	if (outcome->result != STORAGE_PASSED || outcome->moved < SCSI_HOST_INQUIRY_SIZE)
		return;
	status->there = true;
	status->cd = (request->answer[0] & 0x1f) == SCSI_HOST_CD;
	*status->words = 0;
	scsi_host_word(status->words, sizeof(status->words), request->answer + 8, 8);
	scsi_host_word(status->words, sizeof(status->words), request->answer + 16, 16);
	scsi_host_tell(host);
	scsi_host_look(host);
}

static void scsi_host_ready(void *data)
{
	static const uint8_t cdb[6] = {SCSI_HOST_INQUIRY, 0, 0, 0, SCSI_HOST_INQUIRY_SIZE};
	struct scsi_host *host = data;

	scsi_host_run(scsi_host_command(
			host, cdb, sizeof(cdb), SCSI_HOST_INQUIRY_SIZE, scsi_host_known));
}

static void scsi_host_gone(void *data)
{
	struct scsi_host *host = data;
	struct scsi_host_request *request;
	const struct storage_outcome outcome = {.result = STORAGE_GONE};

	/* Those under way were told; what waits to be tried again is told here. */
	while ((request = g_queue_pop_head(&host->requests))) {
		request->ended(request, &outcome);
		g_free(request);
	}
	alarm_clear(host->poll);
	alarm_clear(host->again);
	host->asking = false;
	host->status = (struct scsi_host_status){.changes = host->status.changes + 1};
	scsi_host_tell(host);
}

static void scsi_host_poll(void *data)
{
	scsi_host_look(data);
}

struct scsi_host *scsi_host_new(
		int fd, unsigned int time_out, void (*changed)(void *data), void *data)
{
	struct scsi_host *host = g_new0(struct scsi_host, 1);
	struct storage_events events = {scsi_host_ready, scsi_host_gone, host};

	host->keepers = 1;
	host->changed = changed;
	host->data = data;
	g_queue_init(&host->requests);
	host->poll = alarm_new(scsi_host_poll, host);
	host->again = alarm_new(scsi_host_again, host);
	host->storage = storage_new(fd, time_out, &events);
	return host;
}

void scsi_host_power(struct scsi_host *host, bool on)
{
	storage_power(host->storage, on);
}

void scsi_host_status(const struct scsi_host *host, struct scsi_host_status *status)
{
	*status = host->status;
}

/* --- For those who boot --- */

static void scsi_host_read_ended(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	const struct storage_sense *sense = &outcome->sense;
	char words[80];
	const char *reason = words;

	if (outcome->result == STORAGE_PASSED && outcome->moved == request->command.size)
		reason = NULL;
	else if (outcome->result == STORAGE_GONE)
		reason = "the drive was unplugged";
	else if (outcome->result == STORAGE_BROKEN)
		reason = "the drive does not answer, although it was reset";
	else if (outcome->result == STORAGE_PASSED)
		reason = "the drive sent less than it was asked for";
	else if (sense->key == SCSI_HOST_NOT_READY && sense->code == 0x3a)
		reason = "the medium was taken out";
	else if (sense->key == SCSI_HOST_ATTENTION && sense->code == 0x28)
		reason = "the medium was changed";
	else if (sense->key == SCSI_HOST_NOT_READY)
		g_snprintf(words, sizeof(words), "the drive was not ready for %d s",
				SCSI_HOST_PATIENCE / 1000);
	else
		g_snprintf(words, sizeof(words), "the drive reports an error, sense %X/%02X/%02X",
				sense->key, sense->code, sense->qualifier);
	request->done(reason, request->data);
}

struct scsi_host_request *scsi_host_read(struct scsi_host *host, uint64_t first, uint32_t count,
		void *bytes, scsi_host_done_fn done, void *data)
{
	struct scsi_host_request *request;
	uint8_t cdb[16] = {0};

	if (first + count <= UINT32_MAX) {
		cdb[0] = SCSI_HOST_READ_10;
		scsi_host_put32(cdb + 2, (uint32_t)first);
		cdb[7] = count >> 8;
		cdb[8] = count;
	} else {
		cdb[0] = SCSI_HOST_READ_16;
		scsi_host_put32(cdb + 2, first >> 32);
		scsi_host_put32(cdb + 6, (uint32_t)first);
		scsi_host_put32(cdb + 10, count);
	}
	request = scsi_host_command(host, cdb, cdb[0] == SCSI_HOST_READ_10 ? 10 : 16,
			(size_t)count * host->status.block, scsi_host_read_ended);
	request->command.bytes = bytes;
	request->done = done;
	request->data = data;
	request->patient = true;
	scsi_host_run(request);
	return request;
}

void scsi_host_cancel(struct scsi_host *host, struct scsi_host_request *request)
{
	if (request->under_way)
		storage_cancel(host->storage, request->under_way);
	g_queue_remove(&host->requests, request);
	g_free(request);
	scsi_host_waits(host);
}

void scsi_host_lock(struct scsi_host *host, bool locked)
{
	const uint8_t cdb[6] = {[0] = SCSI_HOST_PREVENT, [4] = locked};

	if (!host->status.there)
		return;
	host->status.locked = locked;
	scsi_host_run(scsi_host_command(host, cdb, sizeof(cdb), 0, scsi_host_nothing_more));
}

static void scsi_host_moved(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	scsi_host_look(request->host);
}

static void scsi_host_tray(struct scsi_host *host, bool in)
{
	const uint8_t cdb[6] = {[0] = SCSI_HOST_START_STOP, [4] = in ? 3 : 2}; /* LoEj, Start */

	if (host->status.there)
		scsi_host_run(scsi_host_command(host, cdb, sizeof(cdb), 0, scsi_host_moved));
}

void scsi_host_eject(struct scsi_host *host)
{
	scsi_host_tray(host, false);
}

void scsi_host_load(struct scsi_host *host)
{
	scsi_host_tray(host, true);
}

void scsi_host_stats(const struct scsi_host *host, struct storage_stats *stats)
{
	storage_stats(host->storage, stats);
}

void scsi_host_unplug(struct scsi_host *host)
{
	host->changed = NULL;
	storage_unplug(host->storage);
}

struct scsi_host *scsi_host_keep(struct scsi_host *host)
{
	host->keepers++;
	return host;
}

void scsi_host_free(struct scsi_host *host)
{
	struct scsi_host_request *request;

	if (!host || --host->keepers > 0)
		return;
	while ((request = g_queue_pop_head(&host->requests)))
		g_free(request);
	storage_free(host->storage);
	alarm_free(host->poll);
	alarm_free(host->again);
	g_free(host);
}
