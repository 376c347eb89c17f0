/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include "sim/shell.h"

#define SHELL_SEQUENCE_MAX 100000 /* lines: what scrolls by without anybody waiting */
#define SHELL_SECONDS_MAX  3600

/* Sizes that the video engine takes. */
#define SHELL_WIDTH_MIN  320
#define SHELL_WIDTH_MAX  1920
#define SHELL_HEIGHT_MIN 200
#define SHELL_HEIGHT_MAX 1200

struct shell {
	struct grid *grid;
	const struct screen *orders;
	int count; /* words, the command included */
	char **words;
};

struct shell_command {
	const char *name, *arguments, *help;
	bool (*run)(struct shell *shell); /* false: it was used wrongly */
};

struct shell_file {
	const char *name, *text;
};

static const struct shell_file shell_files[] = {
		{"hardware", "Processors   2 x 16 cores at 2.40 GHz\n"
			     "Memory       64 GiB in 8 modules\n"
			     "Video        BMC graphics, 16 MiB, one VGA output\n"
			     "Disk         960 GB\n"
			     "Network      2 x 10 Gbit/s\n"
			     "Power        2 supplies of 750 W, one in use\n"},
		{"motd", "This machine has no hardware. Its screen goes through an encoder that works like a\n"
			 "BMC's video engine, and its keyboard and pointers are read from USB HID reports.\n"
			 "Whatever you do to it is forgotten with the next reset.\n"},
		{"rack", "  unit  machine            power   inlet\n"
			 "  ────  ─────────────────  ──────  ─────\n"
			 "    42  switch              64 W    23 C\n"
			 "    41  node 1             212 W    24 C\n"
			 "    40  node 2             198 W    24 C\n"
			 "    39  node 3              12 W    22 C   switched off\n"
			 "    38  node 4             224 W    25 C\n"
			 "     1  power shelf        701 W    21 C\n"},
};

static G_GNUC_PRINTF(2, 3) void shell_print(struct shell *shell, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	grid_print(shell->grid, text);
	g_free(text);
}

static bool shell_number(const char *word, int low, int high, int *number)
{
	char *end;
	long value = strtol(word, &end, 10);

	if (end == word || *end || value < low || value > high)
		return false;
	*number = (int)value;
	return true;
}

static bool shell_size(const char *word, int *width, int *height)
{
	char **sides = g_strsplit(word, "x", 2);
	bool fine = g_strv_length(sides) == 2 &&
		    shell_number(sides[0], SHELL_WIDTH_MIN, SHELL_WIDTH_MAX, width) &&
		    shell_number(sides[1], SHELL_HEIGHT_MIN, SHELL_HEIGHT_MAX, height);

	g_strfreev(sides);
	return fine;
}

static bool shell_cat(struct shell *shell)
{
	if (shell->count != 2)
		return false;
	for (gsize i = 0; i < G_N_ELEMENTS(shell_files); i++) {
		if (strcmp(shell_files[i].name, shell->words[1]) == 0) {
			grid_print(shell->grid, shell_files[i].text);
			return true;
		}
	}
	shell_print(shell, "cat: no file \"%s\"; ls lists them\n", shell->words[1]);
	return true;
}

static bool shell_clear(struct shell *shell)
{
	grid_clear(shell->grid);
	return true;
}

static bool shell_desktop(struct shell *shell)
{
	int width = 1920, height = 1080;

	if (shell->count > 2 ||
			(shell->count == 2 && !shell_size(shell->words[1], &width, &height)))
		return false;
	screen_order(shell->orders, SCREEN_DESKTOP, width, height);
	return true;
}

static bool shell_echo(struct shell *shell)
{
	for (int i = 1; i < shell->count; i++)
		shell_print(shell, "%s%s", i > 1 ? " " : "", shell->words[i]);
	grid_put(shell->grid, '\n');
	return true;
}

static bool shell_ls(struct shell *shell)
{
	for (gsize i = 0; i < G_N_ELEMENTS(shell_files); i++)
		shell_print(shell, "%s\n", shell_files[i].name);
	return true;
}

static bool shell_mode(struct shell *shell)
{
	int width, height;

	if (shell->count != 2 || !shell_size(shell->words[1], &width, &height))
		return false;
	screen_order(shell->orders, SCREEN_MODE, width, height);
	return true;
}

static bool shell_motion(struct shell *shell)
{
	static const char *const names[] = {"off", "on", "full"};

	for (int i = 0; shell->count == 2 && i < (int)G_N_ELEMENTS(names); i++) {
		if (strcmp(shell->words[1], names[i]) == 0) {
			screen_order(shell->orders, SCREEN_MOTION, i, 0);
			return true;
		}
	}
	return false;
}

static bool shell_nosignal(struct shell *shell)
{
	int seconds;

	if (shell->count != 2 || !shell_number(shell->words[1], 1, SHELL_SECONDS_MAX, &seconds))
		return false;
	screen_order(shell->orders, SCREEN_NO_SIGNAL, seconds, 0);
	return true;
}

static bool shell_poweroff(struct shell *shell)
{
	screen_order(shell->orders, SCREEN_POWER_OFF, 0, 0);
	return true;
}

static bool shell_reboot(struct shell *shell)
{
	screen_order(shell->orders, SCREEN_REBOOT, 0, 0);
	return true;
}

static bool shell_seq(struct shell *shell)
{
	int last;

	if (shell->count != 2 || !shell_number(shell->words[1], 1, SHELL_SEQUENCE_MAX, &last))
		return false;
	for (int i = 1; i <= last; i++) {
		char line[16];

		g_snprintf(line, sizeof(line), "%d\n", i);
		grid_print(shell->grid, line);
	}
	return true;
}

static bool shell_sleep(struct shell *shell)
{
	screen_order(shell->orders, SCREEN_SLEEP, 0, 0);
	return true;
}

static bool shell_help(struct shell *shell);

static const struct shell_command shell_commands[] = {
		{"cat", "FILE", "shows a file", shell_cat},
		{"clear", "", "empties the screen", shell_clear},
		{"desktop", "[WxH]", "graphics, 1920x1080 unless told otherwise; Escape comes back",
				shell_desktop},
		{"echo", "TEXT", "says it again", shell_echo},
		{"help", "", "this list", shell_help},
		{"ls", "", "lists the files", shell_ls},
		{"mode", "WxH", "changes the resolution, for example 1280x1024", shell_mode},
		{"motion", "on|full|off", "a moving picture on the desktop", shell_motion},
		{"nosignal", "SECONDS", "cuts the video signal for a while", shell_nosignal},
		{"poweroff", "", "switches off", shell_poweroff},
		{"reboot", "", "starts again; so does Ctrl-Alt-Del", shell_reboot},
		{"seq", "LAST", "counts, a line for each number", shell_seq},
		{"sleep", "", "turns the display off until a key is pressed", shell_sleep},
};

static bool shell_help(struct shell *shell)
{
	for (gsize i = 0; i < G_N_ELEMENTS(shell_commands); i++)
		shell_print(shell, "  %-9s%-12s %s\n", shell_commands[i].name,
				shell_commands[i].arguments, shell_commands[i].help);
	return true;
}

static void shell_run_words(struct shell *shell)
{
	for (gsize i = 0; i < G_N_ELEMENTS(shell_commands); i++) {
		const struct shell_command *command = &shell_commands[i];

		if (strcmp(command->name, shell->words[0]) != 0)
			continue;
		if (!command->run(shell))
			shell_print(shell, "usage: %s %s\n", command->name, command->arguments);
		return;
	}
	shell_print(shell, "%s: no such command; help lists them\n", shell->words[0]);
}

void shell_run(const char *line, struct grid *grid, const struct screen *orders)
{
	char **parts = g_strsplit(line, " ", -1);
	struct shell shell = {grid, orders, 0, parts};

	for (int i = 0; parts[i]; i++) {
		if (*parts[i])
			parts[shell.count++] = parts[i];
		else
			g_free(parts[i]);
	}
	parts[shell.count] = NULL;
	if (shell.count > 0)
		shell_run_words(&shell);
	g_strfreev(parts);
}
