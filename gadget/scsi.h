/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * A removable drive as SCSI knows it: a CD/DVD-ROM drive (MMC-6) or a disk (SBC-3), one logical
 * unit. A command goes in, a plan comes out that says which bytes move; moving them is the caller's
 * business. No I/O, no clock, no allocation, so that a table can test it and every transport uses
 * the same.
 *
 * One drive belongs to one thread at a time; whoever shares it brings the lock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCSI_CDB_MAX        16   /* SPC-4, 4.3.4: the longest that Bulk-Only carries */
#define SCSI_BYTES_MAX      2056 /* the longest answer: READ DVD STRUCTURE, MMC-6, 6.22.3.1: 2052 */
#define SCSI_PARAMETERS_MAX 512  /* the longest parameter list that is accepted */
#define SCSI_QUEUE_MAX      8
#define SCSI_SERIAL_MAX     20

enum scsi_kind { SCSI_CD, SCSI_DISK };

/* SAM-5, 5.3.1 */
enum scsi_status { SCSI_GOOD = 0x00, SCSI_CHECK_CONDITION = 0x02 };

enum scsi_key { /* SPC-4, 4.5.6 */
	SCSI_NO_SENSE = 0x0,
	SCSI_NOT_READY = 0x2,
	SCSI_MEDIUM_ERROR = 0x3,
	SCSI_ILLEGAL_REQUEST = 0x5,
	SCSI_UNIT_ATTENTION = 0x6,
	SCSI_DATA_PROTECT = 0x7,
};

/* Additional sense code << 8 | qualifier: SPC-4, annex D.2; MMC-6, annex F */
enum scsi_code {
	SCSI_NOTHING = 0x0000,
	SCSI_BECOMING_READY = 0x0401,
	SCSI_WRITE_ERROR = 0x0c00,
	SCSI_UNRECOVERED_READ = 0x1100,
	SCSI_LIST_LENGTH = 0x1a00,
	SCSI_INVALID_COMMAND = 0x2000,
	SCSI_OUT_OF_RANGE = 0x2100,
	SCSI_INVALID_FIELD = 0x2400,
	SCSI_NO_SUCH_UNIT = 0x2500,
	SCSI_INVALID_PARAMETER = 0x2600,
	SCSI_WRITE_PROTECTED = 0x2700,
	SCSI_MEDIUM_CHANGED = 0x2800,
	SCSI_WAS_RESET = 0x2900,
	SCSI_INCOMPATIBLE_FORMAT = 0x3002,
	SCSI_SAVING_UNSUPPORTED = 0x3900,
	SCSI_NO_MEDIUM = 0x3a00,
	SCSI_NO_MEDIUM_CLOSED = 0x3a01,
	SCSI_NO_MEDIUM_OPEN = 0x3a02,
	SCSI_REMOVAL_PREVENTED = 0x5302,
};

struct scsi_sense {
	enum scsi_key key;
	enum scsi_code code;
};

/* What the host did, for the operator: bits, see scsi_take_news. */
enum scsi_news {
	SCSI_HOST_EJECTED = 1 << 0,  /* the medium is out; its image is not needed any more */
	SCSI_HOST_LOADED = 1 << 1,   /* the host closed the tray */
	SCSI_LOCK_CHANGED = 1 << 2,  /* see prevented: the host has the medium open, or no more */
	SCSI_EJECT_REFUSED = 1 << 3, /* the host tried while it was locked */
};

/* Why the image cannot be read or written just now. */
enum scsi_fault {
	SCSI_NO_FAULT,
	SCSI_FAULT_WAIT,  /* 02/04/01: hosts try again, most of them for a minute */
	SCSI_FAULT_READ,  /* 03/11/00 */
	SCSI_FAULT_WRITE, /* 03/0C/00 */
	SCSI_FAULT_GONE,  /* 02/3A: taken out meanwhile; not for scsi_set_fault */
};

/* ASCII; cut or padded with spaces to what INQUIRY has room for (SPC-4, 6.6.2). */
struct scsi_identity {
	const char *vendor;   /* 8 */
	const char *product;  /* 16 */
	const char *revision; /* 4 */
	const char *serial; /* up to SCSI_SERIAL_MAX; BOT 1.0, 4.1.1 wants 12 hex digits or more */
};

struct scsi_drive {
	enum scsi_kind kind;
	char vendor[8], product[16], revision[4], serial[SCSI_SERIAL_MAX];
	uint8_t serial_size;
	uint32_t block; /* bytes: 2048 or 512 */
	bool present;
	uint64_t blocks; /* of the medium; 0 without one */
	bool writable;
	bool prevented; /* PREVENT ALLOW MEDIUM REMOVAL is in force */
	bool open;      /* the tray */
	enum scsi_fault fault;
	struct scsi_sense sense;
	enum scsi_code attentions[SCSI_QUEUE_MAX];
	uint8_t attention_count;
	uint8_t events[SCSI_QUEUE_MAX]; /* MMC-6, table 313: media event codes */
	uint8_t event_count;
	unsigned int news;
};

enum scsi_plan_kind {
	SCSI_NONE,   /* no data */
	SCSI_SEND,   /* plan's bytes to the host */
	SCSI_READ,   /* that part of the image to the host */
	SCSI_WRITE,  /* from the host to that part of the image */
	SCSI_ACCEPT, /* parameters from the host, then scsi_data */
};

struct scsi_plan {
	enum scsi_plan_kind kind;
	enum scsi_status status; /* when the data phase goes well */
	bool flush;      /* before the status: what was written must have reached the image */
	uint8_t opcode;  /* of the command */
	uint64_t offset; /* bytes, in the image: READ and WRITE; always inside with size */
	uint64_t size;   /* bytes of the data phase; never 0 unless NONE */
	uint8_t bytes[SCSI_BYTES_MAX];
};

/* An empty drive with a closed tray that was just switched on. identity is copied. */
void scsi_init(struct scsi_drive *drive, enum scsi_kind kind, const struct scsi_identity *identity);

/* The host reset the device, or configured it: unit attention 29/00; the lock is off. */
void scsi_reset(struct scsi_drive *drive);

/*
 * Puts a medium in; one that is in there is taken out first, and the host hears of both. size:
 * bytes of the image; what follows its last whole block is not shown. writable: disks only. False,
 * and the drive as it was: less than one block, or more than the commands can name (CD: 2^32 - 1
 * blocks, that is 8 TiB; disk: 2^63 bytes).
 */
bool scsi_insert(struct scsi_drive *drive, uint64_t size, bool writable);

/*
 * Takes the medium out. When the host locked it: asks the host to give it free (a system with a
 * desktop then unmounts and ejects, which comes back as SCSI_HOST_EJECTED) and returns false.
 */
bool scsi_eject(struct scsi_drive *drive);

/* Takes the medium out whatever the host does with it. */
void scsi_eject_forced(struct scsi_drive *drive);

/*
 * From now on commands that move data of the medium, and TEST UNIT READY for SCSI_FAULT_WAIT, fail
 * like that. What is in memory (capacity, table of contents) is still told. An insert or eject
 * clears it.
 */
void scsi_set_fault(struct scsi_drive *drive, enum scsi_fault fault);

/* Returns the scsi_news bits since the last time. */
unsigned int scsi_take_news(struct scsi_drive *drive);

/* Bytes of the image that the host can reach. */
uint64_t scsi_size(const struct scsi_drive *drive);

/* Carries out a command of length bytes (1..SCSI_CDB_MAX) as far as possible without data. */
void scsi_command(struct scsi_drive *drive, const uint8_t *cdb, size_t length,
		struct scsi_plan *plan);

/* The same for a logical unit that is not there: SPC-4, 4.6.4 and 6.6.2. */
void scsi_command_elsewhere(const uint8_t *cdb, size_t length, struct scsi_plan *plan);

/* The parameters of a plan SCSI_ACCEPT came; sets its status. */
void scsi_data(struct scsi_drive *drive, struct scsi_plan *plan, const uint8_t *bytes, size_t size);

/* The data phase of a plan READ or WRITE, or its flush, failed: sets sense and status. */
void scsi_data_failed(struct scsi_drive *drive, struct scsi_plan *plan, enum scsi_fault fault);
