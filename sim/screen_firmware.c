/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The firmware in 80 x 25 characters: self test, boot menu, setup. Untouched it boots after
 * FIRMWARE_POST + FIRMWARE_MENU.
 */
#include <glib.h>
#include <string.h>
#include "sim/firmware.h"
#include "sim/keymap.h"

static void screen_firmware_stage(
		struct screen_firmware *firmware, enum firmware_stage stage, int64_t now)
{
	firmware->stage = stage;
	firmware->since = now;
}

/* --- The menu's entries --- */

int screen_firmware_choices(const struct screen_firmware *firmware,
		struct firmware_choice choices[FIRMWARE_ENTRIES_MAX])
{
	unsigned int drives = MIN(bays_count(firmware->bays), BAYS_MAX);
	struct bay_status bay;
	int count = 0;

	choices[count++] = (struct firmware_choice){FIRMWARE_ENTRY_CONSOLE, 0};
	choices[count++] = (struct firmware_choice){FIRMWARE_ENTRY_DESKTOP, 0};
	for (unsigned int i = 0; i < drives; i++) {
		bays_status(firmware->bays, i, &bay);
		choices[count++] = (struct firmware_choice){FIRMWARE_ENTRY_DRIVE, bay.id};
	}
	choices[count++] = (struct firmware_choice){FIRMWARE_ENTRY_SETUP, 0};
	choices[count++] = (struct firmware_choice){FIRMWARE_ENTRY_POWER_OFF, 0};
	return count;
}

int screen_firmware_chosen(const struct screen_firmware *firmware,
		const struct firmware_choice *choices, int count)
{
	for (int i = 0; i < count; i++)
		if (choices[i].entry == firmware->chosen.entry &&
				choices[i].drive == firmware->chosen.drive)
			return i;
	return 0;
}

static void screen_firmware_choose(struct screen_firmware *firmware, int step)
{
	struct firmware_choice choices[FIRMWARE_ENTRIES_MAX];
	int count = screen_firmware_choices(firmware, choices);
	int chosen = screen_firmware_chosen(firmware, choices, count);

	firmware->chosen = choices[(chosen + count + step) % count];
}

/* --- A drive --- */

static void screen_firmware_unboot(struct screen_firmware *firmware)
{
	boot_free(firmware->boot);
	firmware->boot = NULL;
	g_free(firmware->booted);
	firmware->booted = NULL;
}

static void screen_firmware_boot_drive(struct screen_firmware *firmware, int64_t now)
{
	struct scsi_host *host = bays_host(firmware->bays, firmware->chosen.drive);
	struct scsi_host_status status;

	if (!host)
		return;
	screen_firmware_unboot(firmware);
	scsi_host_status(host, &status);
	firmware->booted = g_strdup(status.words);
	firmware->boot = boot_new(host, firmware->touch, firmware->screen.data);
	screen_firmware_stage(firmware, FIRMWARE_BOOTING, now);
}

void screen_firmware_look(struct screen *screen)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	if (firmware->boot)
		boot_look(firmware->boot);
}

/* --- What it does --- */

static void screen_firmware_reset(struct screen *screen, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	screen_firmware_unboot(firmware);
	firmware->setup = false;
	firmware->attended = false;
	firmware->chosen = (struct firmware_choice){FIRMWARE_ENTRY_CONSOLE, 0};
	screen_firmware_stage(firmware, FIRMWARE_TESTING, now);
}

static void screen_firmware_enter(struct screen *screen, int width, int height, int64_t now)
{
}

static void screen_firmware_boot(struct screen_firmware *firmware, int64_t now)
{
	screen_firmware_choose(firmware, 0); /* a drive that is gone is not chosen any more */
	switch (firmware->chosen.entry) {
	case FIRMWARE_ENTRY_SETUP:
		screen_firmware_stage(firmware, FIRMWARE_SETUP, now);
		break;
	case FIRMWARE_ENTRY_DRIVE:
		screen_firmware_boot_drive(firmware, now);
		break;
	case FIRMWARE_ENTRY_POWER_OFF:
		screen_order(&firmware->screen, SCREEN_POWER_OFF, 0, 0);
		break;
	default:
		screen_firmware_stage(firmware, FIRMWARE_DONE, now);
		screen_order(&firmware->screen, SCREEN_BOOT,
				firmware->chosen.entry == FIRMWARE_ENTRY_DESKTOP, 0);
		break;
	}
}

static void screen_firmware_menu_key(struct screen_firmware *firmware, uint8_t usage, int64_t now)
{
	firmware->attended = true;
	switch (usage) {
	case KEYMAP_UP:
		screen_firmware_choose(firmware, -1);
		break;
	case KEYMAP_DOWN:
		screen_firmware_choose(firmware, 1);
		break;
	case KEYMAP_HOME:
		firmware->chosen = (struct firmware_choice){FIRMWARE_ENTRY_CONSOLE, 0};
		break;
	case KEYMAP_END:
		firmware->chosen = (struct firmware_choice){FIRMWARE_ENTRY_POWER_OFF, 0};
		break;
	case KEYMAP_F2:
	case KEYMAP_DELETE:
		screen_firmware_stage(firmware, FIRMWARE_SETUP, now);
		break;
	case KEYMAP_ENTER:
	case KEYMAP_KEYPAD_ENTER:
		screen_firmware_boot(firmware, now);
		break;
	default:
		break;
	}
}

static void screen_firmware_key(struct screen *screen, const struct screen_key *key, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	switch (firmware->stage) {
	case FIRMWARE_TESTING:
		if (key->usage == KEYMAP_F2 || key->usage == KEYMAP_DELETE)
			firmware->setup = true;
		else if (key->usage == KEYMAP_F12)
			firmware->attended = true;
		break;
	case FIRMWARE_CHOOSING:
		screen_firmware_menu_key(firmware, key->usage, now);
		break;
	case FIRMWARE_SETUP:
		if (key->usage == KEYMAP_ESCAPE) {
			firmware->chosen = (struct firmware_choice){FIRMWARE_ENTRY_CONSOLE, 0};
			firmware->attended = true;
			screen_firmware_stage(firmware, FIRMWARE_CHOOSING, now);
		}
		break;
	case FIRMWARE_BOOTING:
		if (key->usage == KEYMAP_ESCAPE) {
			screen_firmware_unboot(firmware);
			firmware->attended = true;
			screen_firmware_stage(firmware, FIRMWARE_CHOOSING, now);
		}
		break;
	case FIRMWARE_DONE:
		break;
	}
}

static void screen_firmware_pointer(
		struct screen *screen, const struct screen_pointer *pointer, int64_t now)
{
}

static int64_t screen_firmware_tick(struct screen *screen, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	if (firmware->stage == FIRMWARE_TESTING) {
		int64_t due = firmware->since + FIRMWARE_POST;

		if (now < due)
			return due;
		screen_firmware_stage(firmware,
				firmware->setup ? FIRMWARE_SETUP : FIRMWARE_CHOOSING, now);
	}
	if (firmware->stage == FIRMWARE_CHOOSING && !firmware->attended) {
		int64_t due = firmware->since + FIRMWARE_MENU;

		if (now < due)
			return due;
		screen_firmware_boot(firmware, now);
	}
	return SCREEN_NEVER;
}

static int64_t screen_firmware_draw(
		struct screen *screen, struct picture *picture, bool fresh, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;
	int64_t age = now - firmware->since, next = SCREEN_NEVER;

	switch (firmware->stage) {
	case FIRMWARE_TESTING:
		firmware_write_test(firmware, age);
		next = now + FIRMWARE_STEP;
		break;
	case FIRMWARE_CHOOSING:
		firmware_write_menu(firmware, age);
		if (!firmware->attended)
			next = firmware->since + (age / SCREEN_SECOND + 1) * SCREEN_SECOND;
		break;
	case FIRMWARE_SETUP:
		firmware_write_setup(firmware);
		break;
	case FIRMWARE_BOOTING:
		firmware_write_boot(firmware, now);
		if (boot_state(firmware->boot) <= BOOT_CHECKING)
			next = now + SCREEN_SECOND; /* what it waits for is counted */
		break;
	case FIRMWARE_DONE:
		break;
	}
	grid_draw(&firmware->grid, picture, fresh);
	return next;
}

static void screen_firmware_close(struct screen *screen)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	screen_firmware_unboot(firmware);
	grid_release(&firmware->grid);
	g_free(firmware);
}

static const struct screen_ops screen_firmware_ops = {
		.reset = screen_firmware_reset,
		.enter = screen_firmware_enter,
		.key = screen_firmware_key,
		.pointer = screen_firmware_pointer,
		.tick = screen_firmware_tick,
		.draw = screen_firmware_draw,
		.close = screen_firmware_close,
};

struct screen *screen_firmware_new(
		screen_order_fn order, void *data, struct bays *bays, void (*touch)(void *data))
{
	struct screen_firmware *firmware = g_new0(struct screen_firmware, 1);

	firmware->screen = (struct screen){&screen_firmware_ops, order, data};
	firmware->bays = bays;
	firmware->touch = touch;
	grid_resize(&firmware->grid, FIRMWARE_COLUMNS, FIRMWARE_ROWS);
	return &firmware->screen;
}

const struct grid *screen_firmware_grid(const struct screen *screen)
{
	return &((const struct screen_firmware *)screen)->grid;
}
