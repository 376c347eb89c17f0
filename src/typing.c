/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/typing.h"
#include <string.h>
#include "src/layout.h"
#include "src/typing_part.h"

#define STEPS_FIRST 64

GQuark typing_error_quark(void)
{
	return g_quark_from_static_string("typing-error");
}

/* --- Steps --- */

static void typing_forget(struct typing_step *steps, size_t count)
{
	if (steps)
		explicit_bzero(steps, count * sizeof(*steps));
	g_free(steps);
}

static void typing_grow(struct typing_steps *steps)
{
	size_t room = steps->room ? steps->room * 2 : STEPS_FIRST;
	struct typing_step *larger = g_new(struct typing_step, room);

	if (steps->count)
		memcpy(larger, steps->steps, steps->count * sizeof(*larger));
	typing_forget(steps->steps, steps->count);
	steps->steps = larger;
	steps->room = room;
}

void typing_add(struct typing_steps *steps, uint8_t usage, bool down, uint16_t wait)
{
	if (steps->count == steps->room)
		typing_grow(steps);
	steps->steps[steps->count++] = (struct typing_step){
			.usage = usage, .down = down, .wait = wait};
}

void typing_end(struct typing_steps *steps)
{
	if (steps->count)
		steps->steps[steps->count - 1].ends = true;
}

void typing_modifiers(struct typing_steps *steps, uint8_t now, uint8_t wanted)
{
	for (uint8_t bit = 0; bit < 8; bit++)
		if ((now & ~wanted) >> bit & 1)
			typing_add(steps, TYPING_FIRST + bit, false, 0);
	for (uint8_t bit = 0; bit < 8; bit++)
		if ((wanted & ~now) >> bit & 1)
			typing_add(steps, TYPING_FIRST + bit, true, 0);
}

struct typing *typing_new(struct typing_steps *steps)
{
	struct typing *typing = g_new0(struct typing, 1);

	typing->steps = steps->steps;
	typing->count = steps->count;
	for (size_t i = 0; i < steps->count; i++)
		typing->units += steps->steps[i].ends;
	*steps = (struct typing_steps){0};
	return typing;
}

void typing_free(struct typing *typing)
{
	if (!typing)
		return;
	typing_forget(typing->steps, typing->count);
	g_free(typing);
}

/* --- A text --- */

struct typing_writer {
	const struct layout *layout;
	struct typing_steps steps;
	uint8_t modifiers; /* down now */
	GArray *lacks;
	unsigned int position, line, column;
};

static void typing_lacks(struct typing_writer *writer, gunichar character)
{
	struct typing_lack lack = {character, writer->position, writer->line, writer->column, 1};

	for (guint i = 0; i < writer->lacks->len; i++) {
		struct typing_lack *each = &g_array_index(writer->lacks, struct typing_lack, i);

		if (each->character == character) {
			each->times++;
			return;
		}
	}
	g_array_append_val(writer->lacks, lack);
}

/* Modifiers stay down from one stroke to the next as long as they are the same. */
static void typing_stroke(struct typing_writer *writer, const struct layout_stroke *stroke)
{
	typing_modifiers(&writer->steps, writer->modifiers, stroke->modifiers);
	writer->modifiers = stroke->modifiers;
	typing_add(&writer->steps, stroke->usage, true, 0);
	typing_add(&writer->steps, stroke->usage, false, 0);
}

static void typing_character(struct typing_writer *writer, gunichar character)
{
	struct layout_stroke strokes[LAYOUT_STROKES];
	int count = 1;

	if (character == '\n')
		strokes[0] = (struct layout_stroke){TYPING_ENTER, 0};
	else if (character == '\t')
		strokes[0] = (struct layout_stroke){TYPING_TAB, 0};
	else
		count = layout_strokes(writer->layout, character, strokes);
	for (int i = 0; i < count; i++)
		typing_stroke(writer, &strokes[i]);
	if (count > 0)
		typing_end(&writer->steps);
	else
		typing_lacks(writer, character);
}

static void typing_write(struct typing_writer *writer, const char *text)
{
	for (const char *at = text; *at; at = g_utf8_next_char(at)) {
		gunichar character = g_utf8_get_char(at);

		if (character == '\r' && at[1] == '\n')
			continue;
		if (character == '\r')
			character = '\n';
		writer->position++;
		writer->column++;
		typing_character(writer, character);
		if (character == '\n') {
			writer->line++;
			writer->column = 0;
		}
	}
	typing_modifiers(&writer->steps, writer->modifiers, 0);
}

struct typing *typing_text(
		const struct layout *layout, const char *text, GArray **lacks, GError **error)
{
	struct typing_writer writer = {.layout = layout, .line = 1};
	struct typing *typing = NULL;
	char *composed = NULL;

	*lacks = NULL;
	if (strlen(text) > TYPING_TEXT_MAX)
		g_set_error(error, TYPING_ERROR, TYPING_ERROR_REQUEST,
				"the text has more than %d bytes", TYPING_TEXT_MAX);
	else if (!*text)
		g_set_error_literal(error, TYPING_ERROR, TYPING_ERROR_REQUEST, "the text is empty");
	else if (!(composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE)))
		g_set_error_literal(
				error, TYPING_ERROR, TYPING_ERROR_REQUEST, "the text is not UTF-8");
	if (!composed)
		return NULL;
	writer.lacks = g_array_new(FALSE, FALSE, sizeof(struct typing_lack));
	typing_write(&writer, composed);
	explicit_bzero(composed, strlen(composed));
	g_free(composed);
	typing = typing_new(&writer.steps);
	typing->text = true;
	typing->caps_with_shift = layout_caps_with_shift(layout);
	if (writer.lacks->len == 0) {
		g_array_unref(writer.lacks);
		return typing;
	}
	typing_free(typing);
	*lacks = writer.lacks;
	return NULL;
}
