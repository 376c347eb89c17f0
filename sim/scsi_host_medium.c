/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in the drive: asked from time to time, and after every word of a change. */
#include <glib.h>
#include "sim/alarm.h"
#include "sim/scsi_host_private.h"

/* SPC-4, SBC-3, MMC-6 */
#define SCSI_HOST_TEST_UNIT_READY  0x00
#define SCSI_HOST_READ_CAPACITY    0x25
#define SCSI_HOST_EVENT_STATUS     0x4a
#define SCSI_HOST_READ_CAPACITY_16 0x9e /* service action 0x10 */

#define SCSI_HOST_MEDIA_CLASS 4 /* MMC-6, table 310 */

static uint32_t scsi_host_get32(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

void scsi_host_set_medium(struct scsi_host *host, enum scsi_host_medium medium)
{
	struct scsi_host_status *status = &host->status;

	if (status->medium == medium)
		return;
	if (status->medium == SCSI_HOST_PRESENT || medium == SCSI_HOST_PRESENT)
		status->changes++;
	if (medium == SCSI_HOST_EMPTY)
		status->asked = false;
	status->medium = medium;
	scsi_host_tell(host);
}

static void scsi_host_poll_in(struct scsi_host *host, int64_t milliseconds)
{
	alarm_set(host->poll, g_get_monotonic_time() + milliseconds * SCSI_HOST_MILLI);
}

static void scsi_host_looked(struct scsi_host *host, enum scsi_host_medium medium)
{
	host->asking = false;
	scsi_host_set_medium(host, medium);
	scsi_host_poll_in(host, medium == SCSI_HOST_COMING ? SCSI_HOST_SOON : SCSI_HOST_POLL);
}

static void scsi_host_changed(struct scsi_host *host)
{
	scsi_host_looked(host, SCSI_HOST_EMPTY);
	scsi_host_poll_in(host, 0);
}

static void scsi_host_measured(struct scsi_host *host, uint64_t last, uint32_t block)
{
	bool sane = block >= 512 && block <= 4096 && (block & (block - 1)) == 0 &&
		    last < UINT64_MAX / 4096;

	if (sane) {
		host->status.blocks = last + 1;
		host->status.block = block;
	}
	scsi_host_looked(host, sane ? SCSI_HOST_PRESENT : SCSI_HOST_COMING);
}

static void scsi_host_capacity_16(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	const uint8_t *answer = request->answer;

	if (outcome->result != STORAGE_PASSED || outcome->moved < 12)
		scsi_host_looked(request->host, SCSI_HOST_COMING);
	else
		scsi_host_measured(request->host,
				(uint64_t)scsi_host_get32(answer) << 32 |
						scsi_host_get32(answer + 4),
				scsi_host_get32(answer + 8));
}

static void scsi_host_capacity(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	static const uint8_t cdb[16] = {[0] = SCSI_HOST_READ_CAPACITY_16, [1] = 0x10, [13] = 32};
	uint32_t last = scsi_host_get32(request->answer);

	if (outcome->result != STORAGE_PASSED || outcome->moved < 8)
		scsi_host_looked(request->host, SCSI_HOST_COMING);
	else if (last == UINT32_MAX)
		scsi_host_run(scsi_host_command(
				request->host, cdb, sizeof(cdb), 32, scsi_host_capacity_16));
	else
		scsi_host_measured(request->host, last, scsi_host_get32(request->answer + 4));
}

static void scsi_host_tested(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	static const uint8_t cdb[10] = {SCSI_HOST_READ_CAPACITY};
	struct scsi_host *host = request->host;

	if (outcome->result == STORAGE_PASSED && host->status.medium == SCSI_HOST_PRESENT)
		scsi_host_looked(host, SCSI_HOST_PRESENT);
	else if (outcome->result == STORAGE_PASSED)
		scsi_host_run(scsi_host_command(host, cdb, sizeof(cdb), 8, scsi_host_capacity));
	else if (outcome->sense.key == SCSI_HOST_NOT_READY && outcome->sense.code == 0x3a)
		scsi_host_looked(host, SCSI_HOST_EMPTY);
	else if (outcome->sense.key == SCSI_HOST_ATTENTION) /* heard, and it is told once */
		scsi_host_changed(host);
	else /* what was ready may wait for its server */
		scsi_host_looked(host, host->status.medium == SCSI_HOST_PRESENT ? SCSI_HOST_PRESENT
										: SCSI_HOST_COMING);
}

static void scsi_host_test(struct scsi_host *host)
{
	static const uint8_t cdb[6] = {SCSI_HOST_TEST_UNIT_READY};

	scsi_host_run(scsi_host_command(host, cdb, sizeof(cdb), 0, scsi_host_tested));
}

/* MMC-6, table 313 */
static void scsi_host_events(
		struct scsi_host_request *request, const struct storage_outcome *outcome)
{
	struct scsi_host *host = request->host;
	const uint8_t *answer = request->answer;

	if (outcome->result == STORAGE_PASSED && outcome->moved >= 8 &&
			(answer[2] & 7) == SCSI_HOST_MEDIA_CLASS && !(answer[2] & 0x80)) {
		switch (answer[4] & 0x0f) {
		case 1:
			host->status.asked = true;
			scsi_host_tell(host);
			break;
		case 2: /* new: what was there is not any more */
		case 3: /* removed */
			scsi_host_set_medium(host, SCSI_HOST_EMPTY);
			break;
		default:
			break;
		}
	}
	scsi_host_test(host);
}

void scsi_host_look(struct scsi_host *host)
{
	static const uint8_t cdb[10] = {[0] = SCSI_HOST_EVENT_STATUS,
			[1] = 1,
			[4] = 1 << SCSI_HOST_MEDIA_CLASS,
			[8] = 8};

	if (!host->status.there || host->asking)
		return;
	host->asking = true;
	if (host->status.cd)
		scsi_host_run(scsi_host_command(host, cdb, sizeof(cdb), 8, scsi_host_events));
	else
		scsi_host_test(host);
}
