/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A text console: boot messages, then a prompt with a line to edit, a history and a blinking
 * cursor. */
#include <glib.h>
#include <string.h>
#include "decoder/text.h"
#include "sim/grid.h"
#include "sim/keymap.h"
#include "sim/screen.h"
#include "sim/shell.h"

#define CONSOLE_LINE_MAX    500
#define CONSOLE_HISTORY_MAX 50
#define CONSOLE_BLINK       (SCREEN_SECOND / 2)  /* half a period */
#define CONSOLE_STEP        (SCREEN_SECOND / 25) /* between two boot messages */

#define CONSOLE_INK    0xaaaaaa
#define CONSOLE_BRIGHT 0xffffff
#define CONSOLE_GREEN  0x55ff55

static const char console_prompt[] = "node:~ $ ";

static const char *const console_messages[] = {
		"Loading the demonstration system ...",
		"cpu: 32 cores in 2 packages",
		"memory: 65536 MiB, 64912 MiB free",
		"pci: 14 devices",
		"video: BMC graphics, mode set",
		"usb: hub with 4 ports",
		"usb: keyboards and pointers are read as they come",
		"disk: 960 GB, 3 partitions",
		"net: 2 ports, link up at 10 Gbit/s",
		"root file system mounted",
		"started: clock",
		"started: network",
		"started: console",
};

struct screen_console {
	struct screen screen;
	struct grid grid;
	int64_t since; /* the boot messages began */
	int said;      /* of them; G_N_ELEMENTS: the prompt is there */
	int64_t typed; /* the blinking starts with it */
	GString *line;
	gsize at;                      /* the cursor's place in it */
	int prompt_column, prompt_row; /* where the line begins on the grid */
	GPtrArray *history;            /* of char *, newest last */
	guint recalled;                /* index into history; its length: none */
};

static bool screen_console_ready(const struct screen_console *console)
{
	return console->said == (int)G_N_ELEMENTS(console_messages);
}

static void screen_console_prompt(struct screen_console *console)
{
	if (console->grid.column > 0)
		grid_put(&console->grid, '\n');
	console->grid.ink = CONSOLE_GREEN;
	grid_print(&console->grid, console_prompt);
	console->grid.ink = CONSOLE_INK;
	console->prompt_column = console->grid.column;
	console->prompt_row = console->grid.row;
	g_string_truncate(console->line, 0);
	console->at = 0;
	console->recalled = console->history->len;
}

/* Writes the line anew behind the prompt and puts the cursor where it belongs. */
static void screen_console_show_line(struct screen_console *console)
{
	struct grid *grid = &console->grid;
	const char *line = console->line->str;
	int cells = console->prompt_column + (int)g_utf8_strlen(line, -1);
	int place = console->prompt_column + (int)g_utf8_strlen(line, (gssize)console->at);
	int beyond;

	grid_move(grid, console->prompt_column, console->prompt_row);
	grid_print(grid, console->line->str);
	/* One blank more: what a deletion left behind. It also makes room for the cursor at the
	 * end. */
	grid_put(grid, ' ');
	grid_clear_line(grid);
	beyond = console->prompt_row + cells / grid->columns - (grid->rows - 1);
	if (beyond > 0)
		console->prompt_row -= beyond;
	grid_move(grid, place % grid->columns, console->prompt_row + place / grid->columns);
}

static void screen_console_reset(struct screen *screen, int64_t now)
{
	struct screen_console *console = (struct screen_console *)screen;

	console->grid.ink = CONSOLE_INK;
	console->grid.paper = 0;
	if (console->grid.cells)
		grid_clear(&console->grid);
	console->said = 0;
	console->since = now;
	g_string_truncate(console->line, 0);
	console->at = 0;
	g_ptr_array_set_size(console->history, 0);
	console->recalled = 0;
}

static void screen_console_enter(struct screen *screen, int width, int height, int64_t now)
{
	struct screen_console *console = (struct screen_console *)screen;
	int columns = MAX(width / TEXT_WIDTH, 20), rows = MAX(height / TEXT_HEIGHT, 4);
	int row = console->grid.row;

	if (console->said == 0)
		console->since = now;
	if (columns == console->grid.columns && rows == console->grid.rows)
		return;
	grid_resize(&console->grid, columns, rows);
	console->prompt_row = MAX(console->prompt_row + console->grid.row - row, 0);
}

static int64_t screen_console_tick(struct screen *screen, int64_t now)
{
	struct screen_console *console = (struct screen_console *)screen;

	while (!screen_console_ready(console)) {
		int64_t due = console->since + (console->said + 1) * CONSOLE_STEP;
		char seconds[32];

		if (now < due)
			return due;
		g_snprintf(seconds, sizeof(seconds), "[%5.2f] ",
				(double)(due - console->since) / SCREEN_SECOND);
		grid_print(&console->grid, seconds);
		grid_print(&console->grid, console_messages[console->said]);
		grid_put(&console->grid, '\n');
		console->said++;
		if (!screen_console_ready(console))
			continue;
		console->grid.ink = CONSOLE_BRIGHT;
		grid_print(&console->grid, "\nWelcome. Type help for what can be done here.\n\n");
		screen_console_prompt(console);
		console->typed = due;
	}
	return SCREEN_NEVER;
}

static void screen_console_replace(struct screen_console *console, const char *text)
{
	struct grid *grid = &console->grid;

	/* A longer line may have gone over several rows. */
	for (int row = grid->rows - 1; row >= console->prompt_row; row--) {
		grid_move(grid, row == console->prompt_row ? console->prompt_column : 0, row);
		grid_clear_line(grid);
	}
	g_string_assign(console->line, text);
	console->at = console->line->len;
}

static void screen_console_recall(struct screen_console *console, int step)
{
	guint length = console->history->len;

	if ((step < 0 && console->recalled == 0) || (step > 0 && console->recalled >= length))
		return;
	console->recalled += step;
	screen_console_replace(console,
			console->recalled < length
					? g_ptr_array_index(console->history, console->recalled)
					: "");
}

static void screen_console_enter_line(struct screen_console *console)
{
	char *line = g_strdup(console->line->str);
	guint length = console->history->len;

	console->at = console->line->len;
	screen_console_show_line(console);
	grid_put(&console->grid, '\n');
	if (*line && (length == 0 || strcmp(g_ptr_array_index(console->history, length - 1),
						     line) != 0))
		g_ptr_array_add(console->history, g_strdup(line));
	if (console->history->len > CONSOLE_HISTORY_MAX)
		g_ptr_array_remove_index(console->history, 0);
	g_string_truncate(console->line, 0);
	console->at = 0;
	shell_run(line, &console->grid, &console->screen);
	/* A reset has begun anew already. */
	if (screen_console_ready(console))
		screen_console_prompt(console);
	g_free(line);
}

/* Bytes of the character before the cursor, and of the one under it; 0: there is none. */
static gsize screen_console_before(const struct screen_console *console)
{
	const char *line = console->line->str, *at = line + console->at;

	return at > line ? (gsize)(at - g_utf8_prev_char(at)) : 0;
}

static gsize screen_console_under(const struct screen_console *console)
{
	const char *at = console->line->str + console->at;

	return *at ? (gsize)(g_utf8_next_char(at) - at) : 0;
}

static void screen_console_insert(struct screen_console *console, uint32_t code)
{
	char bytes[6];

	g_string_insert_len(
			console->line, (gssize)console->at, bytes, g_unichar_to_utf8(code, bytes));
	console->at += screen_console_under(console);
}

/* A line never fills the whole screen: its beginning would scroll away. */
static gsize screen_console_room(const struct screen_console *console)
{
	return MIN(CONSOLE_LINE_MAX, console->grid.columns * (console->grid.rows - 2));
}

static void screen_console_edit(struct screen_console *console, const struct screen_key *key)
{
	GString *line = console->line;
	gsize bytes;

	switch (key->usage) {
	case KEYMAP_BACKSPACE:
		bytes = screen_console_before(console);
		console->at -= bytes;
		g_string_erase(line, (gssize)console->at, (gssize)bytes);
		break;
	case KEYMAP_DELETE:
		g_string_erase(line, (gssize)console->at, (gssize)screen_console_under(console));
		break;
	case KEYMAP_LEFT:
		console->at -= screen_console_before(console);
		break;
	case KEYMAP_RIGHT:
		console->at += screen_console_under(console);
		break;
	case KEYMAP_HOME:
		console->at = 0;
		break;
	case KEYMAP_END:
		console->at = line->len;
		break;
	case KEYMAP_UP:
		screen_console_recall(console, -1);
		break;
	case KEYMAP_DOWN:
		screen_console_recall(console, 1);
		break;
	default:
		if (key->code >= ' ' && !key->control && !key->alt &&
				line->len < screen_console_room(console))
			screen_console_insert(console, key->code);
		break;
	}
	screen_console_show_line(console);
}

static void screen_console_key(struct screen *screen, const struct screen_key *key, int64_t now)
{
	struct screen_console *console = (struct screen_console *)screen;

	if (!screen_console_ready(console))
		return;
	console->typed = now;
	if (key->control && key->code == 'c') {
		grid_print(&console->grid, "^C");
		screen_console_prompt(console);
	} else if (key->control && key->code == 'u') {
		screen_console_replace(console, "");
		screen_console_show_line(console);
	} else if (key->code == '\n') {
		screen_console_enter_line(console);
	} else {
		screen_console_edit(console, key);
	}
}

static void screen_console_pointer(
		struct screen *screen, const struct screen_pointer *pointer, int64_t now)
{
}

static int64_t screen_console_draw(
		struct screen *screen, struct picture *picture, bool fresh, int64_t now)
{
	struct screen_console *console = (struct screen_console *)screen;
	int64_t halves = (now - console->typed) / CONSOLE_BLINK;

	console->grid.cursor = screen_console_ready(console) && halves % 2 == 0;
	grid_draw(&console->grid, picture, fresh);
	return screen_console_ready(console) ? console->typed + (halves + 1) * CONSOLE_BLINK
					     : SCREEN_NEVER;
}

static void screen_console_close(struct screen *screen)
{
	struct screen_console *console = (struct screen_console *)screen;

	grid_release(&console->grid);
	g_string_free(console->line, TRUE);
	g_ptr_array_unref(console->history);
	g_free(console);
}

static const struct screen_ops screen_console_ops = {
		.reset = screen_console_reset,
		.enter = screen_console_enter,
		.key = screen_console_key,
		.pointer = screen_console_pointer,
		.tick = screen_console_tick,
		.draw = screen_console_draw,
		.close = screen_console_close,
};

struct screen *screen_console_new(screen_order_fn order, void *data)
{
	struct screen_console *console = g_new0(struct screen_console, 1);

	console->screen = (struct screen){&screen_console_ops, order, data};
	console->line = g_string_new(NULL);
	console->history = g_ptr_array_new_with_free_func(g_free);
	screen_console_reset(&console->screen, 0);
	return &console->screen;
}

const struct grid *screen_console_grid(const struct screen *screen)
{
	return &((const struct screen_console *)screen)->grid;
}

const char *screen_console_line(const struct screen *screen)
{
	return ((const struct screen_console *)screen)->line->str;
}
