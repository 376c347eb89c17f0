/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "decoder/text.h"
#include "sim/grid.h"

static struct grid_cell *grid_row(const struct grid *grid, int row)
{
	return grid->cells + (size_t)((grid->top + row) % grid->rows) * grid->columns;
}

static void grid_blank(const struct grid *grid, struct grid_cell *cells, int count)
{
	for (int i = 0; i < count; i++)
		cells[i] = (struct grid_cell){' ', grid->ink, grid->paper};
}

void grid_resize(struct grid *grid, int columns, int rows)
{
	struct grid former = *grid;
	int skip, kept_columns;

	if (columns == grid->columns && rows == grid->rows)
		return;
	grid->columns = columns;
	grid->rows = rows;
	grid->top = 0;
	grid->cells = g_new(struct grid_cell, (gsize)columns * rows);
	grid->drawn = g_new0(struct grid_cell, (gsize)columns * rows);
	grid_blank(grid, grid->cells, columns * rows);
	skip = former.row >= rows ? former.row - rows + 1 : 0;
	kept_columns = MIN(columns, former.columns);
	for (int row = 0; row < rows && row + skip < former.rows; row++)
		memcpy(grid_row(grid, row), grid_row(&former, row + skip),
				kept_columns * sizeof(struct grid_cell));
	grid_move(grid, former.column, former.row - skip);
	grid_release(&former);
}

void grid_release(struct grid *grid)
{
	g_free(grid->cells);
	g_free(grid->drawn);
	grid->cells = grid->drawn = NULL;
}

void grid_clear(struct grid *grid)
{
	grid_blank(grid, grid->cells, grid->columns * grid->rows);
	grid_move(grid, 0, 0);
}

void grid_move(struct grid *grid, int column, int row)
{
	grid->column = CLAMP(column, 0, grid->columns - 1);
	grid->row = CLAMP(row, 0, grid->rows - 1);
}

static void grid_new_line(struct grid *grid)
{
	grid->column = 0;
	if (grid->row < grid->rows - 1) {
		grid->row++;
		return;
	}
	grid->top = (grid->top + 1) % grid->rows;
	grid_blank(grid, grid_row(grid, grid->row), grid->columns);
}

void grid_put(struct grid *grid, uint32_t code)
{
	switch (code) {
	case '\n':
		grid_new_line(grid);
		break;
	case '\b':
		if (grid->column > 0) {
			grid->column--;
		} else if (grid->row > 0) {
			grid->row--;
			grid->column = grid->columns - 1;
		}
		break;
	default:
		if (grid->column == grid->columns)
			grid_new_line(grid);
		grid_row(grid, grid->row)[grid->column++] = (struct grid_cell){
				code, grid->ink, grid->paper};
		break;
	}
}

void grid_print(struct grid *grid, const char *text)
{
	uint32_t code;

	while ((code = text_next(&text)) != 0)
		grid_put(grid, code);
}

void grid_clear_line(struct grid *grid)
{
	if (grid->column < grid->columns)
		grid_blank(grid, grid_row(grid, grid->row) + grid->column,
				grid->columns - grid->column);
}

static struct grid_cell grid_shown(const struct grid *grid, int column, int row)
{
	struct grid_cell cell = grid_row(grid, row)[column];

	if (grid->cursor && row == grid->row && column == MIN(grid->column, grid->columns - 1))
		return (struct grid_cell){cell.code, cell.paper, cell.ink};
	return cell;
}

void grid_draw(struct grid *grid, struct picture *picture, bool fresh)
{
	if (fresh)
		memset(picture->pixels, 0,
				(size_t)picture->stride * picture->height *
						sizeof(*picture->pixels));
	for (int row = 0; row < grid->rows; row++) {
		for (int column = 0; column < grid->columns; column++) {
			struct grid_cell *drawn = &grid->drawn[row * grid->columns + column];
			struct grid_cell cell = grid_shown(grid, column, row);
			struct text_style style = {cell.ink, cell.paper, true, 1};

			if (!fresh && drawn->code == cell.code && drawn->ink == cell.ink &&
					drawn->paper == cell.paper)
				continue;
			text_draw_code(picture, column * TEXT_WIDTH, row * TEXT_HEIGHT, cell.code,
					&style);
			*drawn = cell;
		}
	}
}

void grid_text(const struct grid *grid, GString *text)
{
	for (int row = 0; row < grid->rows; row++) {
		const struct grid_cell *cells = grid_row(grid, row);
		int used = grid->columns;

		while (used > 0 && cells[used - 1].code == ' ')
			used--;
		for (int column = 0; column < used; column++)
			g_string_append_unichar(text, cells[column].code);
		g_string_append_c(text, '\n');
	}
}
