/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * USB Mass Storage Bulk-Only Transport (revision 1.0, "BOT") over a SCSI drive: what arrives goes
 * in as events, what is to be done comes out as actions. It neither moves data nor waits: data that
 * is not here yet is a state. So one and the same serves FunctionFS and usbredir.
 *
 * The caller tells each event, then takes actions with bot_next until there is none, and carries
 * them out in that order; those on one endpoint are queued one behind the other. Memory for
 * the medium's data is the caller's: slots 0..depth-1 of chunk bytes, named in the actions.
 *
 * Each action carries the generation it belongs to, and its end is told with it. Reset,
 * configuration, unbinding and a failed read raise it: BOT_CANCEL is then the first action, and
 * what ends late with an older generation is ignored.
 *
 * One thread at a time, as for the drive.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "gadget/scsi.h"

#define BOT_CBW_SIZE  31 /* BOT, 5.1 */
#define BOT_CSW_SIZE  13 /* BOT, 5.2 */
#define BOT_DEPTH_MAX 16

/* BOT, table 5.3 */
enum bot_status { BOT_PASSED = 0, BOT_FAILED = 1, BOT_PHASE_ERROR = 2 };

enum bot_action_kind {
	/*
	 * Everything of older generations is void: endpoint requests, reads, writes. No bot_...
	 * call is due for it, and its slots may be used again after this.
	 */
	BOT_CANCEL,
	BOT_RECEIVE,   /* size bytes at most from bulk OUT into slot; then bot_received */
	BOT_SEND,      /* bytes to bulk IN, size 0: an empty packet; then bot_sent */
	BOT_SEND_SLOT, /* size bytes of slot to bulk IN; then bot_sent */
	BOT_FETCH,     /* size bytes at offset of the image into slot; then bot_fetched */
	BOT_STORE,     /* size bytes of slot to offset of the image; then bot_stored */
	BOT_FLUSH,     /* what was stored must last; then bot_flushed */
	BOT_STALL_IN,  /* halt the endpoint, nothing is queued on it; no end is told */
	BOT_STALL_OUT,
};

struct bot_action {
	enum bot_action_kind kind;
	uint32_t generation;
	unsigned int slot;
	const uint8_t *bytes; /* BOT_SEND: stay as they are until bot_sent or BOT_CANCEL */
	size_t size;
	uint64_t offset;
};

struct bot_options {
	/*
	 * Halt endpoints where BOT 6.7 lets a device choose between that and a short packet or
	 * reading on, and report every short transfer as a phase error: for compliance testers.
	 * SeaBIOS cannot recover from a halted endpoint, so it is off otherwise.
	 */
	bool stall;
	size_t chunk;       /* bytes of a slot: a multiple of 1024, at least 1024 */
	unsigned int depth; /* slots: 1..BOT_DEPTH_MAX */
};

enum bot_slot_state {
	BOT_SLOT_FREE,
	BOT_SLOT_AWAITED, /* fetched, received or stored just now */
	BOT_SLOT_HERE,    /* has data to send or to store */
	BOT_SLOT_SENDING,
	BOT_SLOT_DONE, /* stored, behind one that is not */
};

enum bot_state {
	BOT_OFF,     /* not configured by a host */
	BOT_COMMAND, /* waits for a CBW */
	BOT_ANSWERING,
	BOT_READING,
	BOT_WONDERING, /* see bot_wonders */
	BOT_RESUMING,  /* a command of the process before: its data phase is ended by a halt */
	BOT_GIVING_UP, /* a read failed: what is under way on the bus ends first */
	BOT_TAKING,    /* data from the host, wanted or not */
	BOT_ENDING,    /* of the data phase: a short packet or a halted endpoint may be due */
	BOT_FLUSHING,
	BOT_REPORTING, /* the CSW */
	BOT_HALTED,    /* BOT 6.6.1: after a bad CBW, until reset recovery */
};

struct bot {
	struct scsi_drive *drive;
	struct bot_options options;
	enum bot_state state;
	uint32_t generation;
	bool cancel;
	size_t packet; /* bytes of the bulk endpoints' packets */
	struct scsi_plan plan;
	uint32_t tag;
	uint32_t expected; /* dCBWDataTransferLength */
	bool in;           /* its direction */
	bool phase_error;
	bool resumed; /* the command's CSW may have been taken from the process before */
	bool asked;   /* for what the state needs once: a CBW, a flush, a CSW, halted endpoints */
	uint32_t wanted;      /* bytes of the data phase that the drive cares for */
	uint32_t begun;       /* bytes of it that were asked for */
	uint32_t moved;       /* sent; or received and dealt with, as far as wanted */
	uint32_t received;    /* from the host, wanted or not */
	bool receiving;       /* a receive is under way */
	bool short_data;      /* the host ended its data early */
	unsigned int halts;   /* endpoints that were halted for BOT_HALTED */
	unsigned int sending; /* sends under way */
	struct {
		enum bot_slot_state state;
		uint32_t start, size; /* in the data phase */
	} slots[BOT_DEPTH_MAX];
	unsigned int first, used; /* the ring of slots in use, in the order of their data */
	uint8_t csw[BOT_CSW_SIZE];
};

/* Not configured yet. drive stays the caller's and must outlive the bot; options are copied. */
void bot_init(struct bot *bot, struct scsi_drive *drive, const struct bot_options *options);

/* A host configured the device. packet: bytes of a bulk packet: 64, 512 or 1024. */
void bot_enable(struct bot *bot, size_t packet);

/*
 * A command under way, as the next process needs it when this one dies: only the host knows how
 * much of it it has.
 */
struct bot_command {
	uint32_t tag, expected;
	bool in;
	bool ending; /* the host has sent its data */
	bool told;   /* the CSW was on its way: the host may have it */
};

/* False: there is none. */
bool bot_command(const struct bot *bot, struct bot_command *command);

/*
 * Goes on where another bot was, with a host that has the device configured and heard of nothing:
 * no unit attention. The command that was under way fails with 02/04/01, so that the host asks
 * again. NULL: there was none.
 */
void bot_resume(struct bot *bot, size_t packet, const struct bot_command *command);

/* The same with a command that came when there was no bot to hear of it. */
void bot_resume_with(struct bot *bot, size_t packet, const uint8_t cbw[BOT_CBW_SIZE]);

/*
 * While true it is not known whether the host has the status: one that has it sends its next
 * command. When that does not come for a moment, bot_tell_again.
 */
bool bot_wonders(const struct bot *bot);
void bot_tell_again(struct bot *bot);

/* The configuration or the bus is gone, or the transport ends. */
void bot_disable(struct bot *bot);

/* Bulk-Only Mass Storage Reset (BOT, 3.1). The host then clears the halted endpoints. */
void bot_reset(struct bot *bot);

/* An endpoint failed for a reason that is no reset: both are halted until the host resets. */
void bot_broken(struct bot *bot, uint32_t generation);

/* While true both endpoints must be kept halted, also when the host clears them (BOT, 6.6.1). */
bool bot_halted(const struct bot *bot);

/* The next thing to do; false: nothing until something happens. */
bool bot_next(struct bot *bot, struct bot_action *action);

/*
 * A receive ended with size bytes; it may be more than was asked for when the host sent more (up to
 * the end of its packet). bytes: them, as far as they have room in the slot.
 */
void bot_received(struct bot *bot, uint32_t generation, const uint8_t *bytes, size_t size);

/* The oldest send has ended with all its bytes. */
void bot_sent(struct bot *bot, uint32_t generation);

/* In any order. A read that takes too long is ended here with SCSI_FAULT_WAIT. */
void bot_fetched(struct bot *bot, uint32_t generation, unsigned int slot, enum scsi_fault fault);
void bot_stored(struct bot *bot, uint32_t generation, unsigned int slot, enum scsi_fault fault);
void bot_flushed(struct bot *bot, uint32_t generation, enum scsi_fault fault);

/*
 * The medium was taken out, or another put in, while a command may be under way: it fails with
 * 02/3A. Fetches need no end after BOT_CANCEL; stores are still to be ended, with a fault.
 */
void bot_medium_gone(struct bot *bot);
