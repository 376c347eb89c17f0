/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event log: entries behind the last one that was read. When that one is not there any more, or
 * is another one, the log was cleared and is read from its beginning. A log is told to have so many
 * entries, and no more are read until it is told to have changed.
 */
#include <string.h>
#include "rack/bmc_part.h"

#define LOG_WALK  1024 /* entries in a round */
#define LOG_SLACK 16   /* that may come while it is read */

void bmc_log_up(struct bmc *bmc, int64_t now)
{
	bmc->log.step = LOG_INFO;
	bmc->log.due = bmc->settings.log_ms > 0 ? now : BMC_NEVER;
}

void bmc_log_drop(struct bmc *bmc)
{
	bmc->log = (struct bmc_log){.due = BMC_NEVER};
}

static int64_t log_due(const struct bmc *bmc)
{
	return bmc->log.due;
}

static void log_ask(struct bmc *bmc, int64_t now)
{
	const struct bmc_log *log = &bmc->log;

	switch (log->step) {
	case LOG_INFO:
		ipmi_sel_info(&bmc->request);
		break;
	case LOG_LAST:
		ipmi_sel_get(&bmc->request, 0, (uint16_t)(log->last[0] | log->last[1] << 8));
		break;
	case LOG_ENTRY:
		ipmi_sel_get(&bmc->request, 0, log->next);
		break;
	}
	(void)now;
}

static void log_go(struct bmc_log *log, int step, int64_t now)
{
	log->step = step;
	log->due = now;
}

static void log_end(struct bmc *bmc, int64_t now, bool whole)
{
	bmc->log.whole = whole;
	log_go(&bmc->log, LOG_INFO, bmc_again(now, bmc->settings.log_ms, now));
}

static void log_from_the_first(struct bmc_log *log, int64_t now)
{
	log->has_last = false;
	log->next = IPMI_FIRST;
	log_go(log, LOG_ENTRY, now);
}

static void log_info(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_log *log = &bmc->log;
	struct ipmi_store store;

	if (!ipmi_store_read(answer->bytes, answer->size, &store)) {
		log_end(bmc, now, log->whole);
		return;
	}
	if (log->whole && ipmi_store_same(&store, &log->store)) {
		log_end(bmc, now, true);
		return;
	}
	if (log->whole || !ipmi_store_same(&store, &log->store))
		log->walked = 0;
	log->store = store;
	if (store.count == 0) {
		log->has_last = false;
		log_end(bmc, now, true);
	} else if (log->has_last) {
		log_go(log, LOG_LAST, now);
	} else {
		log_from_the_first(log, now);
	}
}

static void log_next(struct bmc *bmc, int64_t now, uint16_t next)
{
	struct bmc_log *log = &bmc->log;

	if (next == IPMI_LAST || log->walked >= (size_t)log->store.count + LOG_SLACK) {
		log_end(bmc, now, true);
	} else if (log->walked && log->walked % LOG_WALK == 0) {
		log_end(bmc, now, false);
	} else {
		log->next = next;
		log_go(log, LOG_ENTRY, now);
	}
}

static void log_last(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct ipmi_entry entry;

	if (bmc_good(answer) && ipmi_entry_read(answer->bytes, answer->size, &entry) &&
			memcmp(entry.record, bmc->log.last, IPMI_SEL_RECORD) == 0) {
		if (bmc->log.walked % LOG_WALK == 0) /* the end of the round before */
			bmc->log.walked++;
		log_next(bmc, now, entry.next);
	} else {
		log_from_the_first(&bmc->log, now);
	}
}

static void log_entry(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_log *log = &bmc->log;
	struct bmc_event *event;
	struct ipmi_entry entry;

	if (!bmc_good(answer) || !ipmi_entry_read(answer->bytes, answer->size, &entry)) {
		/* Cleared while it was read, most likely: the next round sees. */
		log_end(bmc, now, log->next == IPMI_FIRST);
		return;
	}
	memcpy(log->last, entry.record, IPMI_SEL_RECORD);
	log->has_last = true;
	log->walked++;
	event = bmc_tell(bmc, BMC_LOG, answer->asked);
	if (event) {
		memcpy(bmc->entry, entry.record, IPMI_SEL_RECORD);
		event->record = bmc->entry;
	}
	log_next(bmc, now, entry.next == entry.id ? IPMI_LAST : entry.next);
}

static void log_answer(struct bmc *bmc, int64_t now, const struct bmc_answer *answer)
{
	struct bmc_log *log = &bmc->log;

	if (!answer->came || answer->code == IPMI_BUSY || answer->code == IPMI_TIMEOUT) {
		log_end(bmc, now, log->step == LOG_INFO && log->whole);
		return;
	}
	switch (log->step) {
	case LOG_INFO:
		if (bmc_good(answer)) {
			log_info(bmc, now, answer);
			break;
		}
		log_end(bmc, now, log->whole);
		log->due = bmc_patience(answer, log->due, now);
		break;
	case LOG_LAST:
		log_last(bmc, now, answer);
		break;
	case LOG_ENTRY:
		log_entry(bmc, now, answer);
		break;
	}
}

const struct bmc_part bmc_log_part = {log_due, log_ask, log_answer};
