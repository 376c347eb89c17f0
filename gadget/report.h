/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The way of HID reports to the node and back: one channel for each keyboard or pointer. A device
 * keeps what is to be said; the channel asks it for one report at a time, when the node can take
 * it.
 *
 * A node is in one of three conditions:
 *  - it listens: reports go out in order. A report that was not fetched yet holds the next ones
 * back (EAGAIN), for a moment that is normal: a host polls every 1 to 10 ms.
 *  - it stalls: nothing was fetched for REPORT_STALL_MS. The device forgets all but its present
 *    state, which goes out when the node fetches again.
 *  - it is away: the write fails (ESHUTDOWN: not configured by a host; EPIPE, ENODEV: gone). The
 *    device forgets all but its present state; writing that is how the channel tries, every
 *    REPORT_PROBE_MIN_MS to REPORT_PROBE_MAX_MS. Polling would not do: a hidg device that nobody
 *    configured may be writable for ever. A node that comes back has heard nothing, so the state is
 *    sent even if it was sent before.
 * What the kernel already holds (hidg: one report) cannot be taken back.
 *
 * Default main context, main thread.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPORT_MAX          8    /* bytes */
#define REPORT_STALL_MS     1000 /* no host with a driver leaves a report lying that long */
#define REPORT_PROBE_MIN_MS 100
#define REPORT_PROBE_MAX_MS 1600

struct report_events {
	/*
	 * Fills in the next report and returns true, or returns false when the node knows all.
	 * anew: the node knows nothing; the present state is due even when nothing changed. Called
	 * again with the same result until taken or forget.
	 */
	bool (*next)(uint8_t *bytes, bool anew, void *data);
	/* The report that next gave is on its way. */
	void (*taken)(void *data);
	/* The node does not listen: only the present state counts, until it does. */
	void (*forget)(void *data);
	/* The node sent an output report (1..REPORT_MAX bytes). NULL: the device has none. */
	void (*output)(const uint8_t *bytes, size_t size, void *data);
	/* The node began or ceased to listen. NULL: nobody asks. */
	void (*listening)(bool listening, void *data);
	void *data;
};

struct report;

/*
 * fd: non-blocking, one report per read or write: /dev/hidgN or one end of a SOCK_SEQPACKET pair.
 * It stays the caller's and must stay open until another is attached; -1: none. size: bytes of a
 * report, at most REPORT_MAX. events is copied; no callback may close the channel.
 */
struct report *report_new(int fd, size_t size, const struct report_events *events);

/* Another descriptor, on which the node knows nothing and all is at rest. -1: gone. */
void report_attach(struct report *report, int fd);

/* What the node heard last may be another's word: the present state is due even when nothing
 * changed.
 */
void report_renew(struct report *report);

/* There may be something to say. Never blocks. */
void report_flush(struct report *report);

/* Whether the node takes reports, as far as writing showed; true before the first one. */
bool report_listening(const struct report *report);

void report_close(struct report *report); /* NULL is fine */
