/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the two files of the firmware share: what it does (screen_firmware.c), how it looks
 * (firmware_pages.c). */
#include "sim/bays.h"
#include "sim/boot.h"
#include "sim/grid.h"
#include "sim/screen.h"

#define FIRMWARE_COLUMNS 80
#define FIRMWARE_ROWS    25
#define FIRMWARE_MEMORY  65536 /* MiB */

#define FIRMWARE_COUNT (SCREEN_SECOND * 3 / 2) /* the memory is counted */
#define FIRMWARE_POST  (SCREEN_SECOND * 5 / 2) /* and the devices have been read */
#define FIRMWARE_MENU  (SCREEN_SECOND * 2)     /* the menu waits for a key */
#define FIRMWARE_STEP  (SCREEN_SECOND / 20)    /* between two counts on the screen */

enum firmware_stage {
	FIRMWARE_TESTING,
	FIRMWARE_CHOOSING,
	FIRMWARE_SETUP,
	FIRMWARE_BOOTING, /* a drive's medium */
	FIRMWARE_DONE,
};

enum firmware_entry {
	FIRMWARE_ENTRY_CONSOLE,
	FIRMWARE_ENTRY_DESKTOP,
	FIRMWARE_ENTRY_DRIVE,
	FIRMWARE_ENTRY_SETUP,
	FIRMWARE_ENTRY_POWER_OFF,
};

#define FIRMWARE_ENTRIES_MAX (4 + BAYS_MAX)

struct firmware_choice {
	enum firmware_entry entry;
	unsigned int drive; /* the bay's id, for FIRMWARE_ENTRY_DRIVE; else 0 */
};

struct screen_firmware {
	struct screen screen;
	struct grid grid;
	struct bays *bays; /* the node's */
	void (*touch)(void *data);
	enum firmware_stage stage;
	int64_t since; /* the stage began */
	bool setup;    /* was asked for during the self test */
	bool attended; /* somebody touched the menu: it waits for ever */
	struct firmware_choice chosen;
	struct boot *boot; /* NULL: none */
	char *booted;      /* the drive's words */
};

/* What the menu offers now; returns how much. */
int screen_firmware_choices(const struct screen_firmware *firmware,
		struct firmware_choice choices[FIRMWARE_ENTRIES_MAX]);

/* The place of what is chosen; a drive that is gone: the first. */
int screen_firmware_chosen(const struct screen_firmware *firmware,
		const struct firmware_choice *choices, int count);

/* Each writes its page into the grid. age: since the stage began; now: monotonic microseconds. */
void firmware_write_test(struct screen_firmware *firmware, int64_t age);
void firmware_write_menu(struct screen_firmware *firmware, int64_t age);
void firmware_write_setup(struct screen_firmware *firmware);
void firmware_write_boot(struct screen_firmware *firmware, int64_t now);
