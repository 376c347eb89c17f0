/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The firmware in 80 x 25 characters: self test, boot menu, setup. Untouched it boots after
 * FIRMWARE_POST + FIRMWARE_MENU.
 */
#include <glib.h>
#include <string.h>
#include "sim/grid.h"
#include "sim/keymap.h"
#include "sim/screen.h"

#define FIRMWARE_COLUMNS 80
#define FIRMWARE_ROWS    25
#define FIRMWARE_MEMORY  65536 /* MiB */

#define FIRMWARE_COUNT (SCREEN_SECOND * 3 / 2) /* the memory is counted */
#define FIRMWARE_POST  (SCREEN_SECOND * 5 / 2) /* and the devices have been read */
#define FIRMWARE_MENU  (SCREEN_SECOND * 2)     /* the menu waits for a key */
#define FIRMWARE_STEP  (SCREEN_SECOND / 20)    /* between two counts on the screen */

enum firmware_colour {
	FIRMWARE_BLACK = 0x000000,
	FIRMWARE_BLUE = 0x0000aa,
	FIRMWARE_CYAN = 0x00aaaa,
	FIRMWARE_GREY = 0xaaaaaa,
	FIRMWARE_DARK = 0x555555,
	FIRMWARE_WHITE = 0xffffff,
	FIRMWARE_YELLOW = 0xffff55,
	FIRMWARE_GREEN = 0x55ff55,
};

enum firmware_stage { FIRMWARE_TESTING, FIRMWARE_CHOOSING, FIRMWARE_SETUP, FIRMWARE_DONE };

enum firmware_entry {
	FIRMWARE_ENTRY_CONSOLE,
	FIRMWARE_ENTRY_DESKTOP,
	FIRMWARE_ENTRY_SETUP,
	FIRMWARE_ENTRY_POWER_OFF,
	FIRMWARE_ENTRIES,
};

static const char *const firmware_entries[FIRMWARE_ENTRIES] = {
		"Demonstration system, text console",
		"Demonstration system, graphical desktop",
		"Enter setup",
		"Switch off",
};

struct screen_firmware {
	struct screen screen;
	struct grid grid;
	enum firmware_stage stage;
	int64_t since; /* the stage began */
	bool setup;    /* was asked for during the self test */
	bool attended; /* somebody touched the menu: it waits for ever */
	int chosen;    /* enum firmware_entry */
};

static void screen_firmware_stage(
		struct screen_firmware *firmware, enum firmware_stage stage, int64_t now)
{
	firmware->stage = stage;
	firmware->since = now;
}

static void screen_firmware_reset(struct screen *screen, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;

	firmware->setup = false;
	firmware->attended = false;
	firmware->chosen = FIRMWARE_ENTRY_CONSOLE;
	screen_firmware_stage(firmware, FIRMWARE_TESTING, now);
}

static void screen_firmware_enter(struct screen *screen, int width, int height, int64_t now)
{
}

static void screen_firmware_boot(struct screen_firmware *firmware, int64_t now)
{
	switch (firmware->chosen) {
	case FIRMWARE_ENTRY_SETUP:
		screen_firmware_stage(firmware, FIRMWARE_SETUP, now);
		break;
	case FIRMWARE_ENTRY_POWER_OFF:
		screen_order(&firmware->screen, SCREEN_POWER_OFF, 0, 0);
		break;
	default:
		screen_firmware_stage(firmware, FIRMWARE_DONE, now);
		screen_order(&firmware->screen, SCREEN_BOOT,
				firmware->chosen == FIRMWARE_ENTRY_DESKTOP, 0);
		break;
	}
}

static void screen_firmware_menu_key(struct screen_firmware *firmware, uint8_t usage, int64_t now)
{
	firmware->attended = true;
	switch (usage) {
	case KEYMAP_UP:
		firmware->chosen = (firmware->chosen + FIRMWARE_ENTRIES - 1) % FIRMWARE_ENTRIES;
		break;
	case KEYMAP_DOWN:
		firmware->chosen = (firmware->chosen + 1) % FIRMWARE_ENTRIES;
		break;
	case KEYMAP_HOME:
		firmware->chosen = 0;
		break;
	case KEYMAP_END:
		firmware->chosen = FIRMWARE_ENTRIES - 1;
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
			firmware->chosen = FIRMWARE_ENTRY_CONSOLE;
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

static void screen_firmware_colours(struct screen_firmware *firmware, enum firmware_colour ink,
		enum firmware_colour paper)
{
	firmware->grid.ink = ink;
	firmware->grid.paper = paper;
}

static void screen_firmware_at(
		struct screen_firmware *firmware, int column, int row, const char *text)
{
	grid_move(&firmware->grid, column, row);
	grid_print(&firmware->grid, text);
}

static void screen_firmware_fill(struct screen_firmware *firmware, int row, const char *text)
{
	char line[FIRMWARE_COLUMNS];

	g_snprintf(line, sizeof(line), " %-*s", FIRMWARE_COLUMNS - 2, text);
	screen_firmware_at(firmware, 0, row, line);
	grid_put(&firmware->grid, ' ');
}

static void screen_firmware_write_test(struct screen_firmware *firmware, int64_t age)
{
	static const char *const found[] = {
			"USB devices: keyboard, pointing device, mass storage",
			"SATA port 0: Demonstration disk, 960 GB",
			"Network    : 2 ports, PXE switched off",
			"BMC        : present, video memory 16 MiB",
	};
	int memory = (int)(MIN(age, FIRMWARE_COUNT) * FIRMWARE_MEMORY / FIRMWARE_COUNT);
	char line[FIRMWARE_COLUMNS];

	screen_firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	grid_clear(&firmware->grid);
	screen_firmware_colours(firmware, FIRMWARE_YELLOW, FIRMWARE_BLACK);
	screen_firmware_at(firmware, 1, 1, "▄▀▀ ▀█▀ █▄ ▄█    Simulated Server Firmware 1.0");
	screen_firmware_at(firmware, 1, 2, " ▀▄  █  █ ▀ █");
	screen_firmware_at(firmware, 1, 3, "▀▀  ▀▀▀ ▀   ▀");
	screen_firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	screen_firmware_at(firmware, 18, 2, "A node for trying out remote consoles");
	screen_firmware_at(firmware, 1, 6, "Processor  : 2 x 16 cores at 2.40 GHz");
	/* Whole steps of 64 MiB look like counting. */
	g_snprintf(line, sizeof(line), "Memory test: %6d MiB%s", memory / 64 * 64,
			age >= FIRMWARE_COUNT ? " OK" : "");
	screen_firmware_at(firmware, 1, 7, line);
	for (int i = 0; age >= FIRMWARE_COUNT && i < (int)G_N_ELEMENTS(found); i++)
		if (age >= FIRMWARE_COUNT + i * SCREEN_SECOND / 5)
			screen_firmware_at(firmware, 1, 9 + i, found[i]);
	screen_firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLACK);
	screen_firmware_at(firmware, 1, 23,
			firmware->setup      ? "Entering setup ..."
			: firmware->attended ? "Entering the boot menu ..."
					     : "Press F2 for setup, F12 for the boot menu");
}

static void screen_firmware_write_menu(struct screen_firmware *firmware, int64_t age)
{
	static const char bar[] = "════════════════════════════════════════════════════════";
	char line[FIRMWARE_COLUMNS];

	screen_firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	grid_clear(&firmware->grid);
	screen_firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	for (int row = 6; row <= 15; row++) {
		char blank[FIRMWARE_COLUMNS];

		g_snprintf(blank, sizeof(blank), "║%56s║", "");
		screen_firmware_at(firmware, 11, row, blank);
	}
	{
		GString *edge = g_string_new(NULL);

		g_string_printf(edge, "╔%s╗", bar);
		screen_firmware_at(firmware, 11, 5, edge->str);
		g_string_printf(edge, "╠%s╣", bar);
		screen_firmware_at(firmware, 11, 7, edge->str);
		g_string_printf(edge, "╚%s╝", bar);
		screen_firmware_at(firmware, 11, 15, edge->str);
		g_string_free(edge, TRUE);
	}
	screen_firmware_at(firmware, 35, 6, "Boot menu");
	for (int i = 0; i < FIRMWARE_ENTRIES; i++) {
		if (i == firmware->chosen)
			screen_firmware_colours(firmware, FIRMWARE_BLUE, FIRMWARE_GREY);
		else
			screen_firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
		g_snprintf(line, sizeof(line), "  %-48s", firmware_entries[i]);
		screen_firmware_at(firmware, 15, 9 + i, line);
	}
	screen_firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	screen_firmware_at(firmware, 11, 17, "↑ and ↓ choose, Enter boots, F2 enters setup.");
	if (!firmware->attended) {
		int left = (int)((FIRMWARE_MENU - age + SCREEN_SECOND - 1) / SCREEN_SECOND);

		g_snprintf(line, sizeof(line), "The highlighted entry is booted in %d s.", left);
		screen_firmware_at(firmware, 11, 18, line);
	}
}

static void screen_firmware_write_setup(struct screen_firmware *firmware)
{
	static const char *const values[][2] = {
			{"Firmware version", "1.0"},
			{"Processors", "2 x 16 cores"},
			{"Memory", "65536 MiB"},
			{"Video output", "on board, VGA"},
			{"USB legacy support", "Enabled"},
			{"After power loss", "Last state"},
			{"Serial console", "Disabled"},
			{"Boot order", "Disk, CD/DVD, network"},
	};

	screen_firmware_colours(firmware, FIRMWARE_BLACK, FIRMWARE_GREY);
	grid_clear(&firmware->grid);
	screen_firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	screen_firmware_fill(firmware, 0, "Setup - Simulated Server Firmware 1.0");
	screen_firmware_fill(firmware, 24, "Esc  leave setup");
	for (int i = 0; i < (int)G_N_ELEMENTS(values); i++) {
		screen_firmware_colours(firmware, FIRMWARE_BLACK, FIRMWARE_GREY);
		screen_firmware_at(firmware, 4, 4 + 2 * i, values[i][0]);
		screen_firmware_colours(firmware, FIRMWARE_BLUE, FIRMWARE_GREY);
		screen_firmware_at(firmware, 32, 4 + 2 * i, "[");
		screen_firmware_at(firmware, 34, 4 + 2 * i, values[i][1]);
		screen_firmware_at(firmware, 58, 4 + 2 * i, "]");
	}
}

static int64_t screen_firmware_draw(
		struct screen *screen, struct picture *picture, bool fresh, int64_t now)
{
	struct screen_firmware *firmware = (struct screen_firmware *)screen;
	int64_t age = now - firmware->since, next = SCREEN_NEVER;

	switch (firmware->stage) {
	case FIRMWARE_TESTING:
		screen_firmware_write_test(firmware, age);
		next = now + FIRMWARE_STEP;
		break;
	case FIRMWARE_CHOOSING:
		screen_firmware_write_menu(firmware, age);
		if (!firmware->attended)
			next = firmware->since + (age / SCREEN_SECOND + 1) * SCREEN_SECOND;
		break;
	case FIRMWARE_SETUP:
		screen_firmware_write_setup(firmware);
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

struct screen *screen_firmware_new(screen_order_fn order, void *data)
{
	struct screen_firmware *firmware = g_new0(struct screen_firmware, 1);

	firmware->screen = (struct screen){&screen_firmware_ops, order, data};
	grid_resize(&firmware->grid, FIRMWARE_COLUMNS, FIRMWARE_ROWS);
	return &firmware->screen;
}

const struct grid *screen_firmware_grid(const struct screen *screen)
{
	return &((const struct screen_firmware *)screen)->grid;
}
