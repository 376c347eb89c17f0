/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How the firmware looks, page by page. */
#include <glib.h>
#include <string.h>
#include "sim/disc.h"
#include "sim/firmware.h"

enum firmware_colour {
	FIRMWARE_BLACK = 0x000000,
	FIRMWARE_BLUE = 0x0000aa,
	FIRMWARE_CYAN = 0x00aaaa,
	FIRMWARE_GREY = 0xaaaaaa,
	FIRMWARE_DARK = 0x555555,
	FIRMWARE_WHITE = 0xffffff,
	FIRMWARE_YELLOW = 0xffff55,
	FIRMWARE_GREEN = 0x55ff55,
	FIRMWARE_RED = 0xff5555,
};

static void firmware_colours(struct screen_firmware *firmware, enum firmware_colour ink,
		enum firmware_colour paper)
{
	firmware->grid.ink = ink;
	firmware->grid.paper = paper;
}

static void firmware_at(struct screen_firmware *firmware, int column, int row, const char *text)
{
	grid_move(&firmware->grid, column, row);
	grid_print(&firmware->grid, text);
}

static void firmware_fill(struct screen_firmware *firmware, int row, const char *text)
{
	char line[FIRMWARE_COLUMNS];

	g_snprintf(line, sizeof(line), " %-*s", FIRMWARE_COLUMNS - 2, text);
	firmware_at(firmware, 0, row, line);
	grid_put(&firmware->grid, ' ');
}

/* From the present place on, so many characters at most. */
static void firmware_cut(struct screen_firmware *firmware, const char *text, int most)
{
	char *cut = g_utf8_substring(text, 0, MIN(g_utf8_strlen(text, -1), most));

	grid_print(&firmware->grid, cut);
	g_free(cut);
}

void firmware_write_test(struct screen_firmware *firmware, int64_t age)
{
	static const char *const found[] = {
			"USB devices: keyboard, pointing device, mass storage",
			"SATA port 0: Demonstration disk, 960 GB",
			"Network    : 2 ports, PXE switched off",
			"BMC        : present, video memory 16 MiB",
	};
	int memory = (int)(MIN(age, FIRMWARE_COUNT) * FIRMWARE_MEMORY / FIRMWARE_COUNT);
	char line[FIRMWARE_COLUMNS];

	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	grid_clear(&firmware->grid);
	firmware_colours(firmware, FIRMWARE_YELLOW, FIRMWARE_BLACK);
	firmware_at(firmware, 1, 1, "▄▀▀ ▀█▀ █▄ ▄█    Simulated Server Firmware 1.0");
	firmware_at(firmware, 1, 2, " ▀▄  █  █ ▀ █");
	firmware_at(firmware, 1, 3, "▀▀  ▀▀▀ ▀   ▀");
	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	firmware_at(firmware, 18, 2, "A node for trying out remote consoles");
	firmware_at(firmware, 1, 6, "Processor  : 2 x 16 cores at 2.40 GHz");
	/* Whole steps of 64 MiB look like counting. */
	g_snprintf(line, sizeof(line), "Memory test: %6d MiB%s", memory / 64 * 64,
			age >= FIRMWARE_COUNT ? " OK" : "");
	firmware_at(firmware, 1, 7, line);
	for (int i = 0; age >= FIRMWARE_COUNT && i < (int)G_N_ELEMENTS(found); i++)
		if (age >= FIRMWARE_COUNT + i * SCREEN_SECOND / 5)
			firmware_at(firmware, 1, 9 + i, found[i]);
	firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLACK);
	firmware_at(firmware, 1, 23,
			firmware->setup      ? "Entering setup ..."
			: firmware->attended ? "Entering the boot menu ..."
					     : "Press F2 for setup, F12 for the boot menu");
}

/* What a drive is, and what is in it. */
static void firmware_write_drive(
		struct screen_firmware *firmware, int column, int row, unsigned int id)
{
	struct bay_status bay = {0};
	char line[FIRMWARE_COLUMNS];
	char size[DISC_SIZE_WORDS];

	for (unsigned int i = 0; i < bays_count(firmware->bays) && bay.id != id; i++)
		bays_status(firmware->bays, i, &bay);
	g_snprintf(line, sizeof(line), "%s: %.25s", bay.drive.cd ? "CD/DVD" : "Disk",
			bay.drive.words);
	firmware_at(firmware, column, row, line);
	grid_move(&firmware->grid, column + 34, row);
	switch (bay.drive.medium) {
	case SCSI_HOST_EMPTY:
		grid_print(&firmware->grid, "no medium");
		break;
	case SCSI_HOST_COMING:
		grid_print(&firmware->grid, "not ready yet");
		break;
	case SCSI_HOST_PRESENT:
		disc_size(bay.drive.blocks * bay.drive.block, size);
		firmware_cut(firmware, *bay.label ? bay.label : "no name", 21);
		g_snprintf(line, sizeof(line), ", %s", size);
		grid_print(&firmware->grid, line);
		break;
	}
}

static void firmware_write_entry(struct screen_firmware *firmware,
		const struct firmware_choice *choice, bool chosen, int row)
{
	static const char *const entries[] = {
			[FIRMWARE_ENTRY_CONSOLE] = "Demonstration system, text console",
			[FIRMWARE_ENTRY_DESKTOP] = "Demonstration system, graphical desktop",
			[FIRMWARE_ENTRY_DRIVE] = "",
			[FIRMWARE_ENTRY_SETUP] = "Enter setup",
			[FIRMWARE_ENTRY_POWER_OFF] = "Switch off",
	};
	char line[FIRMWARE_COLUMNS];

	if (chosen)
		firmware_colours(firmware, FIRMWARE_BLUE, FIRMWARE_GREY);
	else
		firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	g_snprintf(line, sizeof(line), "  %-68s", entries[choice->entry]);
	firmware_at(firmware, 5, row, line);
	if (choice->entry == FIRMWARE_ENTRY_DRIVE)
		firmware_write_drive(firmware, 7, row, choice->drive);
}

static void firmware_write_frame(struct screen_firmware *firmware, int bottom)
{
	static const char bar[] =
			"══════════════════════════════════════════════════════════════════"
			"══════";
	char line[4 * FIRMWARE_COLUMNS];

	firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	for (int row = 4; row < bottom; row++) {
		g_snprintf(line, sizeof(line), "║%72s║", "");
		firmware_at(firmware, 3, row, line);
	}
	g_snprintf(line, sizeof(line), "╔%s╗", bar);
	firmware_at(firmware, 3, 3, line);
	g_snprintf(line, sizeof(line), "╠%s╣", bar);
	firmware_at(firmware, 3, 5, line);
	g_snprintf(line, sizeof(line), "╚%s╝", bar);
	firmware_at(firmware, 3, bottom, line);
	firmware_at(firmware, 35, 4, "Boot menu");
}

void firmware_write_menu(struct screen_firmware *firmware, int64_t age)
{
	struct firmware_choice choices[FIRMWARE_ENTRIES_MAX];
	int count = screen_firmware_choices(firmware, choices);
	int chosen = screen_firmware_chosen(firmware, choices, count);
	int bottom = 8 + count;
	char line[FIRMWARE_COLUMNS];

	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	grid_clear(&firmware->grid);
	firmware_write_frame(firmware, bottom);
	for (int i = 0; i < count; i++)
		firmware_write_entry(firmware, &choices[i], i == chosen, 7 + i);
	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	firmware_at(firmware, 3, bottom + 2, "↑ and ↓ choose, Enter boots, F2 enters setup.");
	if (!firmware->attended) {
		int left = (int)((FIRMWARE_MENU - age + SCREEN_SECOND - 1) / SCREEN_SECOND);

		g_snprintf(line, sizeof(line), "The highlighted entry is booted in %d s.", left);
		firmware_at(firmware, 3, bottom + 3, line);
	}
}

void firmware_write_setup(struct screen_firmware *firmware)
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

	firmware_colours(firmware, FIRMWARE_BLACK, FIRMWARE_GREY);
	grid_clear(&firmware->grid);
	firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	firmware_fill(firmware, 0, "Setup - Simulated Server Firmware 1.0");
	firmware_fill(firmware, 24, "Esc  leave setup");
	for (int i = 0; i < (int)G_N_ELEMENTS(values); i++) {
		firmware_colours(firmware, FIRMWARE_BLACK, FIRMWARE_GREY);
		firmware_at(firmware, 4, 4 + 2 * i, values[i][0]);
		firmware_colours(firmware, FIRMWARE_BLUE, FIRMWARE_GREY);
		firmware_at(firmware, 32, 4 + 2 * i, "[");
		firmware_at(firmware, 34, 4 + 2 * i, values[i][1]);
		firmware_at(firmware, 58, 4 + 2 * i, "]");
	}
}

/* Lines from that row on, as far as there is room; returns the next row. */
static int firmware_write_lines(struct screen_firmware *firmware, int row, const char *text)
{
	char **lines = g_strsplit(text, "\n", -1);

	for (char **line = lines; *line && line[1] && row < FIRMWARE_ROWS - 2; line++) {
		char *valid = g_utf8_make_valid(*line, -1);

		grid_move(&firmware->grid, 1, row++);
		firmware_cut(firmware, valid, FIRMWARE_COLUMNS - 2);
		g_free(valid);
	}
	g_strfreev(lines);
	return row;
}

/* How it ended. */
static const char *firmware_last_line(const char *text)
{
	const char *end = text + strlen(text);

	while (end > text && (end[0] == 0 || end[-1] != '\n'))
		end--;
	return end;
}

void firmware_write_boot(struct screen_firmware *firmware, int64_t now)
{
	static const enum firmware_colour colours[] = {
			[BOOT_READING] = FIRMWARE_YELLOW,
			[BOOT_CHECKING] = FIRMWARE_YELLOW,
			[BOOT_DONE] = FIRMWARE_GREEN,
			[BOOT_FAILED] = FIRMWARE_RED,
	};
	const char *text = boot_text(firmware->boot);
	GString *lines = g_string_new(NULL), *progress = g_string_new(NULL);
	char line[FIRMWARE_COLUMNS];
	int row;

	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	grid_clear(&firmware->grid);
	firmware_colours(firmware, FIRMWARE_WHITE, FIRMWARE_BLUE);
	g_snprintf(line, sizeof(line), "Booting from %s", firmware->booted);
	firmware_fill(firmware, 0, line);
	firmware_fill(firmware, 24, "Esc  back to the boot menu");
	firmware_colours(firmware, FIRMWARE_GREY, FIRMWARE_BLACK);
	if (boot_state(firmware->boot) >= BOOT_DONE)
		g_string_append(progress, firmware_last_line(text));
	g_string_append_len(lines, text, (gssize)(strlen(text) - progress->len));
	row = firmware_write_lines(firmware, 2, lines->str);
	boot_progress(firmware->boot, now, progress);
	firmware_colours(firmware, colours[boot_state(firmware->boot)], FIRMWARE_BLACK);
	firmware_write_lines(firmware, row, progress->str);
	g_string_free(lines, TRUE);
	g_string_free(progress, TRUE);
}
