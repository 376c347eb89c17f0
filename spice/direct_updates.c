/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "spice/direct_updates.h"
#include "spice/huffman.h"
#include "spice/unseen.h"
#include "spice/wire.h"

/* A longer spare is not kept; of a picture at full motion an update has about 300 KB. */
#define SPARE_BYTES (512 * 1024)

struct direct_updates {
	uint64_t state;
	uint64_t image; /* number of the last one */
	guint usual;    /* bytes that updates take of late, to ask for memory once */
	int viewers;
	/* The messages of one that is over, for the next: memory that is new for each update costs
	 * more than what is written into it. NULL: none. */
	GByteArray *spare;

	struct direct_update *newest; /* NULL: none is kept */
	/* What it was made of. */
	uint64_t made_state;
	const struct display_coder *made_coder;
	bool made_full_header;
	struct display_damage made_marks;
	bool made_moved;
	uint8_t *map; /* of made_marks, ours */
};

struct direct_updates *direct_updates_new(void)
{
	return g_new0(struct direct_updates, 1);
}

static void direct_updates_forget(struct direct_updates *updates)
{
	direct_update_unref(updates->newest);
	updates->newest = NULL;
}

static void direct_updates_drop_spare(struct direct_updates *updates)
{
	if (updates->spare)
		g_byte_array_unref(updates->spare);
	updates->spare = NULL;
}

void direct_updates_free(struct direct_updates *updates)
{
	if (!updates)
		return;
	direct_updates_forget(updates);
	direct_updates_drop_spare(updates);
	g_free(updates->map);
	g_free(updates);
}

uint64_t direct_updates_state(struct direct_updates *updates, uint64_t before)
{
	/* One that joins takes part in the state there is: what it missed, it has all marked. */
	if (before == updates->state) {
		updates->state++;
		direct_updates_forget(updates);
	}
	return updates->state;
}

void direct_updates_viewers(struct direct_updates *updates, int more)
{
	updates->viewers += more;
	if (updates->viewers < 2)
		direct_updates_forget(updates);
	if (updates->viewers < 1)
		direct_updates_drop_spare(updates);
}

/* Empty, with room for about what updates have. */
static GByteArray *direct_updates_room(struct direct_updates *updates)
{
	GByteArray *room = g_steal_pointer(&updates->spare);

	return room ? g_byte_array_set_size(room, 0) : g_byte_array_sized_new(updates->usual);
}

void direct_update_unref(struct direct_update *update)
{
	struct direct_updates *updates;

	if (!update || --update->references > 0)
		return;
	updates = update->updates;
	if (updates->viewers > 0 && !updates->spare && update->messages->len <= SPARE_BYTES)
		updates->spare = update->messages;
	else
		g_byte_array_unref(update->messages);
	g_free(update);
}

static bool direct_update_draw(struct direct_updates *updates, GByteArray *out,
		const struct display_coder *coder, const struct display_rectangle *rectangle,
		bool full_header)
{
	guint start = wire_draw_begin(out, rectangle, ++updates->image);
	guint jpeg = out->len;

	if (!coder->write(rectangle, out, coder->data))
		return false;
	if (full_header)
		huffman_insert(out, jpeg);
	wire_draw_end(out, start);
	return true;
}

static struct direct_update *direct_update_new(struct direct_updates *updates,
		const struct display_coder *coder, const struct display_damage *marks,
		bool full_header)
{
	struct display_rectangle rectangles[UPDATE_RECTANGLES];
	struct direct_update *update = g_new0(struct direct_update, 1);
	int count = coder->plan(marks, rectangles, UPDATE_RECTANGLES, coder->data);

	update->references = 1;
	update->updates = updates;
	update->messages = direct_updates_room(updates);
	if (marks->move)
		wire_copy_rows(update->messages, &marks->move->to, marks->move->from);
	for (int i = 0; i < count; i++)
		if (!direct_update_draw(updates, update->messages, coder, &rectangles[i],
				    full_header)) {
			direct_update_unref(update);
			return NULL;
		}
	/* A quarter more than now, a large one forgotten slowly. */
	updates->usual = MAX(updates->usual - updates->usual / 8,
			update->messages->len + update->messages->len / 4);
	return update;
}

static void direct_updates_keep(struct direct_updates *updates, struct direct_update *update,
		const struct display_damage *marks)
{
	size_t units = (size_t)marks->columns * marks->rows;

	direct_updates_forget(updates);
	g_free(updates->map);
	updates->map = g_memdup2(marks->map, units);
	updates->made_marks = *marks;
	updates->made_marks.map = updates->map;
	updates->made_marks.move = NULL;
	updates->made_moved = marks->move;
	update->references++;
	updates->newest = update;
}

struct direct_update *direct_updates_make(struct direct_updates *updates, uint64_t state,
		const struct display_picture *picture, const struct display_damage *marks,
		bool full_header)
{
	struct direct_update *update = updates->newest;

	if (update && updates->made_state == state && updates->made_coder == picture->coder &&
			updates->made_full_header == full_header &&
			updates->made_moved == (marks->move != NULL) &&
			unseen_equal(&updates->made_marks, marks)) {
		update->references++;
		return update;
	}
	update = direct_update_new(updates, picture->coder, marks, full_header);
	if (update && updates->viewers > 1) {
		direct_updates_keep(updates, update, marks);
		updates->made_state = state;
		updates->made_coder = picture->coder;
		updates->made_full_header = full_header;
	}
	return update;
}
