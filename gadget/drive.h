/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A removable drive that the node has, a CD/DVD drive or a disk: the SCSI core, the Bulk-Only
 * transport, a bus that carries it to the node (drive_bus.h) and a medium whose bytes somebody else
 * has. It is there from the start, empty; media come and go in it while it stays.
 *
 * While the bytes of a read are not here the host waits, DRIVE_HOLD_MS at most; then it is told to
 * ask again (02/04/01) and the reading goes on. SeaBIOS gives up after 5.1 s, EDK2 after 5.0.
 *
 * Main thread, default main context. The medium is called there, or in the main loop's turn by a
 * thread of the bus (turn.h); events are told from the main loop.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "gadget/bot.h"
#include "gadget/scsi.h"

#define DRIVE_HOLD_MS 4500

struct drive;
struct drive_bus;
struct drive_memory;

/* The end of a read, write or flush; not from within the call that began it. */
typedef void (*drive_done_fn)(enum scsi_fault fault, void *data);

/*
 * What is put in. Any number of reads and writes at once, in any order of ending; memory is the
 * drive's until done or cancel. They may take for ever.
 */
struct drive_medium {
	uint64_t size; /* bytes */
	bool writable; /* disks only */
	/* NULL: the bytes were at hand and are there now; done is not called. */
	void *(*read)(void *owner, uint64_t offset, size_t size, void *bytes, drive_done_fn done,
			void *data);
	/*
	 * The bytes of a read where they are, if they are at hand in one piece: they stay as they
	 * are until given back, which is before drive_eject or the like returns. NULL: to be read.
	 * Both may be NULL.
	 */
	const void *(*lend)(void *owner, uint64_t offset, size_t size);
	void (*give_back)(void *owner, const void *bytes);
	/* Both may be NULL when not writable; flush also when there is nothing to it. */
	void *(*write)(void *owner, uint64_t offset, size_t size, const void *bytes,
			drive_done_fn done, void *data);
	void *(*flush)(void *owner, drive_done_fn done, void *data);
	/* done is not called any more and nothing touches its memory. */
	void (*cancel)(void *owner, void *request);
	void *owner;
};

/* Never from within a call of the drive, except those that the bus makes; may call it. */
struct drive_events {
	/* The host ejected the medium; nothing of it is used any more. */
	void (*ejected)(void *data);
	/* Something else of the status changed. May be NULL. */
	void (*changed)(void *data);
	void *data;
};

struct drive_settings {
	enum scsi_kind kind;
	struct scsi_identity identity;
	bool stall;         /* see struct bot_options */
	size_t chunk;       /* bytes asked of the medium at once: 16, 32 or 64 KiB; 0: 64 KiB */
	unsigned int depth; /* of them at once; 0: 4 */
};

/* Counters are since the drive is there. */
struct drive_status {
	enum scsi_kind kind;
	bool configured; /* a node has it */
	bool present;    /* a medium is in */
	bool awaited;    /* ... as far as the host knows: see drive_remember */
	bool open;       /* the tray is: the host ejected */
	bool locked;     /* the host holds the medium: it has it mounted, say */
	bool writable;
	uint64_t size;              /* of the medium */
	uint64_t bytes_read;        /* that went to the host */
	uint64_t bytes_written;     /* that came from it */
	unsigned int reads, writes; /* commands' pieces of the medium */
	unsigned int holds;         /* times that the host was told to ask again */
	unsigned int errors;        /* reads and writes that failed for the host */
};

/* On no bus yet. Strings of the identity are copied. */
struct drive *drive_new(const struct drive_settings *settings, const struct drive_events *events);

/*
 * From now on notes down what the next process needs when this one dies, and takes up what the one
 * before had noted. If it had a medium in, the host is told to ask again (02/04/01) until that is
 * put in by drive_insert: the host notices nothing when its size and writability are the same. Or
 * until drive_eject. To be called before the drive is on a bus; the memory stays the caller's.
 * Returns whether there was something to take up.
 */
bool drive_remember(struct drive *drive, struct drive_memory *memory);

/* Whether it is what an awaited drive waits for, as far as the host can tell. */
bool drive_awaits(const struct drive *drive, const struct drive_medium *medium);

/*
 * Puts a medium in; one that is there is taken out first (drive_eject with force). False: less than
 * one block, or more than the commands can name (see scsi_insert), or writable and a CD.
 */
bool drive_insert(struct drive *drive, const struct drive_medium *medium);

/*
 * Takes the medium out. When the host holds it and force is not said, asks the host for it and
 * returns false: events.ejected comes when it gives it free, if ever.
 */
bool drive_eject(struct drive *drive, bool force);

/*
 * The medium cannot be read any more, whatever is tried: hosts hear so at once (03/11/00) instead
 * of waiting for each read. false: it can be again. An insert or eject makes it good.
 */
void drive_set_bad(struct drive *drive, bool bad);

/*
 * Makes a CD drive a disk or the other way round, empty: the node sees the one unplugged and the
 * other plugged in.
 */
void drive_set_kind(struct drive *drive, enum scsi_kind kind);

void drive_status(const struct drive *drive, struct drive_status *status);

/* Leaves the bus and cancels what is under way; at once, also when a read hangs. NULL is fine. */
void drive_close(struct drive *drive);
