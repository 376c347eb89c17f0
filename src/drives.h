/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's drives and what is in them: opens the image that an operator names, lays a cache over
 * it, puts it into the drive, follows it and takes it out again. Main thread.
 */
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DRIVES_ERROR drives_error_quark()
GQuark drives_error_quark(void);

enum drives_error {
	DRIVES_ERROR_REQUEST, /* makes no sense: wrong source, a writable CD */
	DRIVES_ERROR_STATE,   /* not as things are: nothing is in it, the host holds it */
};

enum drives_state {
	DRIVES_EMPTY,
	DRIVES_OPENING,  /* asked for, and not in the drive yet */
	DRIVES_READY,    /* in the drive */
	DRIVES_WAITING,  /* in the drive; its server is away and tried again */
	DRIVES_EJECTING, /* in the drive; the host was asked to give it free */
	DRIVES_FAILED,   /* could not be opened, or is in the drive and reads of it fail */
};

enum drives_as {
	DRIVES_AS_AUTO, /* as the image looks, and the drive is */
	DRIVES_AS_CD,
	DRIVES_AS_DISK,
};

enum drives_write {
	DRIVES_READ_ONLY,
	DRIVES_OVERLAY,    /* what the host writes is kept beside, and dropped at eject */
	DRIVES_READ_WRITE, /* what the host writes goes into the image */
};

/* What runs a drive. */
enum drives_backend {
	DRIVES_BACKEND_OWN,    /* gadget/drive.h */
	DRIVES_BACKEND_KERNEL, /* gadget/kernel_drive.h: see kernel_slot.h for what it cannot */
};

/* What to put in. Strings may be NULL but source; copied. */
struct drives_request {
	/* A path, or file:, http:, https:, nbd:, nbds:, nbd+unix:, nbds+unix: */
	const char *source;
	enum drives_as as;
	enum drives_write write;
	const char *user, *password, *token; /* never shown back */
	const char *ca_file;
	bool insecure;   /* takes any certificate */
	bool persistent; /* blocks are kept on disk too, where that is configured */
};

/* Strings are the drives', until the next turn of the main loop. */
struct drives_status {
	const char *name; /* in the API: "cd", "disk" */
	enum drives_backend backend;
	enum drives_state state;
	const char *reason; /* one line on the state; "" when there is nothing to say */
	const char *source; /* what is in it or asked for, without secrets; NULL */
	enum drives_as as;  /* what the node sees: _CD or _DISK */
	enum drives_write write;
	bool hybrid;                      /* the image is good as either */
	const char *label;                /* the image's volume name; NULL */
	const char *viewer;               /* shared by this SPICE client; NULL */
	uint64_t size;                    /* bytes; 0: not known */
	int64_t since;                    /* g_get_monotonic_time of the state */
	/* From here to errors, and locked: nobody knows of a drive of the kernel's. */
	uint64_t host_read, host_written; /* bytes since the insert */
	uint64_t fetched, cached;         /* bytes from the source; bytes in memory */
	double rate;                      /* bytes per second from the source, of late */
	unsigned int errors;
	/* Of the drive itself. */
	const char *port;  /* where it is plugged in; NULL: nowhere */
	bool connected;    /* the node has it configured */
	bool locked;       /* the node holds the medium */
	const char *fault; /* of its port; NULL: none */
};

/* One drive. */
struct drives_unit {
	const char *name;
	enum drives_as kind; /* its own: _CD or _DISK; what an image makes of it ends with that */
	enum drives_backend backend;
};

/* Strings may be NULL but names; all is copied. */
struct drives_settings {
	const struct drives_unit *units;
	size_t count;
	size_t cache;                /* bytes for blocks of what is in a drive; 0: 32 MiB */
	size_t read_ahead;           /* bytes at most */
	unsigned int retry_limit;    /* s that a server may be away; 0: for ever */
	const char *serial;          /* what the serial numbers that the node sees come from */
	const char *overlay_folder;  /* where what the host writes is kept; NULL: the usual */
	const char *cache_folder;    /* where blocks are kept for the next time; NULL: nowhere */
	uint64_t cache_folder_limit; /* bytes in it */
	/*
	 * With it the next process goes on with what is in the drives when this one dies, and this
	 * one with what was in them before; must outlive the drives. NULL: without.
	 */
	struct keep *keep;
};

struct drives;
struct drive;
struct keep;
struct source;

/* The drives, on no bus yet; empty, or as they were in the process that died. */
struct drives *drives_new(const struct drives_settings *settings);

/* At once, also when a source hangs; nothing is kept of them. Whoever attached a bus has detached
 * it. NULL is fine. */
void drives_close(struct drives *drives);

size_t drives_count(const struct drives *drives);

const char *drives_name(const struct drives *drives, size_t drive);

enum drives_backend drives_backend(const struct drives *drives, size_t drive);

/* Its own: _CD or _DISK. */
enum drives_as drives_kind(const struct drives *drives, size_t drive);

/* What a bus is attached to (drive_bus.h); the drives'. NULL: it is the kernel's. */
struct drive *drives_drive(struct drives *drives, size_t drive);

/* The gadget of a drive of the kernel's, as hub_events::kernel_drive has it. */
void drives_set_gadget(
		struct drives *drives, size_t drive, const char *configfs, const char *gadget);

/*
 * What is known of where a drive is plugged in: the port's name or NULL, whether the node has it
 * configured, and what is wrong, or NULL. Copied.
 */
void drives_set_port(struct drives *drives, size_t drive, const char *port, bool connected,
		const char *fault);

/* The index of a drive by its name or its number; -1: there is none. */
int drives_find(const struct drives *drives, const char *name);

/*
 * Begins to open it; what is in the drive is ejected first, as with force false: refused when the
 * host holds it, and always by a drive of the kernel's. How it goes is in the status. Errors:
 * DRIVES_ERROR.
 */
bool drives_insert(struct drives *drives, size_t drive, const struct drives_request *request,
		GError **error);

/*
 * Without force the host is asked when it holds the medium (state DRIVES_EJECTING) and this
 * returns true. Errors: DRIVES_ERROR_STATE, there is nothing in it.
 */
bool drives_eject(struct drives *drives, size_t drive, bool force, GError **error);

void drives_status(struct drives *drives, size_t drive, struct drives_status *status);

/*
 * Puts a SPICE client's disc into the first CD drive that is empty, read-only, and takes the source
 * over: when it is out again, for whatever reason, the source is closed. viewer: who shares it.
 * False when no CD drive is empty; the source stays the caller's.
 */
bool drives_offer(struct drives *drives, struct source *source, const char *viewer);

/* Takes such a disc out, by force, and closes the source. Nothing when it is in no drive. */
void drives_withdraw(struct drives *drives, struct source *source);

/*
 * Whoever wants to hear of changes of state. Called from the main loop, not from within a call of
 * the drives. The id is for drives_unlisten.
 */
typedef void (*drives_changed_fn)(size_t drive, void *data);
unsigned int drives_listen(struct drives *drives, drives_changed_fn changed, void *data);
void drives_unlisten(struct drives *drives, unsigned int id);

/* Words for the wire: "empty", "opening", ...; "cd", "disk"; "read-only", "overlay", "read-write";
 * "own", "kernel". */
const char *drives_state_word(enum drives_state state);
const char *drives_as_word(enum drives_as as);
const char *drives_write_word(enum drives_write write);
const char *drives_backend_word(enum drives_backend backend);
