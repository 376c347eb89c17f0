/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <string.h>
#include "capture/list.h"

#define LIST_LINE_MAX     8192 /* bytes: a path of PATH_MAX and the rest */
#define LIST_SELECTOR_MAX 11
/* A block's position has 8 bits: 256 macroblocks, of 8 pixels in 4:4:4 and of 16 in 4:2:0. */
#define LIST_SIZE_MAX     4096
#define LIST_SIZE_MAX_444 2048

enum list_field {
	LIST_PATH,
	LIST_WIDTH,
	LIST_HEIGHT,
	LIST_CODEC,
	LIST_SELECTOR,
	LIST_SECOND_SELECTOR,
	LIST_RANGE,
	LIST_FIELDS,
};

struct list {
	FILE *stream;
	char *name, *folder;
	char *path; /* of the last frame */
	int line;
	char text[LIST_LINE_MAX];
};

GQuark list_error_quark(void)
{
	return g_quark_from_static_string("list-error");
}

static void list_complain(const struct list *list, GError **error, const char *format, ...)
		G_GNUC_PRINTF(3, 4);

static void list_complain(const struct list *list, GError **error, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error(error, LIST_ERROR, LIST_ERROR_SYNTAX, "%s:%d: %s", list->name, list->line,
			text);
}

struct list *list_open_stream(FILE *stream, const char *name, const char *folder)
{
	struct list *list = g_new0(struct list, 1);

	list->stream = stream;
	list->name = g_strdup(name);
	list->folder = g_strdup(folder);
	return list;
}

struct list *list_open(const char *path, GError **error)
{
	g_autofree char *folder = NULL;
	FILE *stream;

	if (strcmp(path, "-") == 0)
		return list_open_stream(stdin, "standard input", NULL);
	stream = fopen(path, "re");
	if (!stream) {
		g_set_error(error, LIST_ERROR, LIST_ERROR_READ, "%s: %s", path, g_strerror(errno));
		return NULL;
	}
	folder = g_path_get_dirname(path);
	return list_open_stream(stream, path, folder);
}

/* Reads a line without its end. A line that is too long is read to its end and refused. */
static enum list_result list_read(struct list *list, GError **error)
{
	size_t size = 0;
	bool nul = false;
	int c;

	list->line++;
	while ((c = getc(list->stream)) != EOF && c != '\n') {
		nul |= c == 0;
		if (size < sizeof(list->text))
			list->text[size++] = c;
	}
	if (c == EOF && ferror(list->stream)) {
		g_set_error(error, LIST_ERROR, LIST_ERROR_READ, "%s:%d: %s", list->name, list->line,
				g_strerror(errno));
		return LIST_FAILED;
	}
	if (c == EOF && size == 0)
		return LIST_END;
	if (nul) {
		list_complain(list, error, "a zero byte, which no text has");
		return LIST_FAILED;
	}
	if (size == sizeof(list->text)) {
		list_complain(list, error, "more than %d bytes in a line", LIST_LINE_MAX - 1);
		return LIST_FAILED;
	}
	list->text[size] = 0;
	return LIST_FRAME;
}

static bool list_split(const struct list *list, char *text, char **fields, GError **error)
{
	int count = 0;

	for (char *next = text; next; count++) {
		char *field = next;

		next = strchr(field, '\t');
		if (next)
			*next++ = 0;
		if (count < LIST_FIELDS)
			fields[count] = field;
	}
	if (count == LIST_FIELDS)
		return true;
	list_complain(list, error, "%d fields with tabs between, there should be %d", count,
			LIST_FIELDS);
	return false;
}

static bool list_number(const struct list *list, const char *what, const char *text, int min,
		int max, int *number, GError **error)
{
	g_autofree char *shown = NULL;
	gint64 value;

	if (g_ascii_string_to_signed(text, 10, min, max, &value, NULL)) {
		*number = value;
		return true;
	}
	shown = g_strescape(text, NULL);
	list_complain(list, error, "%s \"%s\" is not a number %d..%d", what, shown, min, max);
	return false;
}

static bool list_word(const struct list *list, const char *what, const char *text,
		const char *const *words, int *word, GError **error)
{
	g_autofree char *shown = NULL;
	g_autofree char *allowed = NULL;

	for (int i = 0; words[i]; i++) {
		if (strcmp(text, words[i]) == 0) {
			*word = i;
			return true;
		}
	}
	shown = g_strescape(text, NULL);
	allowed = g_strjoinv(", ", (char **)words);
	list_complain(list, error, "%s \"%s\" is none of %s", what, shown, allowed);
	return false;
}

static bool list_parse(struct list *list, struct list_frame *frame, GError **error)
{
	static const char *const codecs[] = {"444", "420", "jpeg", NULL};
	static const char *const ranges[] = {"full", "studio", NULL};
	char *fields[LIST_FIELDS] = {0};
	int codec = 0, range = 0, most;

	if (!list_split(list, list->text, fields, error))
		return false;
	if (!*fields[LIST_PATH]) {
		list_complain(list, error, "the path is empty");
		return false;
	}
	if (!list_word(list, "codec", fields[LIST_CODEC], codecs, &codec, error))
		return false;
	most = codec == 0 ? LIST_SIZE_MAX_444 : LIST_SIZE_MAX;
	if (!list_number(list, "width", fields[LIST_WIDTH], 1, most, &frame->width, error) ||
			!list_number(list, "height", fields[LIST_HEIGHT], 1, most, &frame->height,
					error) ||
			!list_number(list, "selector", fields[LIST_SELECTOR], 0, LIST_SELECTOR_MAX,
					&frame->selector, error) ||
			!list_number(list, "second selector", fields[LIST_SECOND_SELECTOR], -1,
					LIST_SELECTOR_MAX, &frame->second_selector, error) ||
			!list_word(list, "range", fields[LIST_RANGE], ranges, &range, error))
		return false;
	frame->codec = codec == 2 ? CAPTURE_JPEG : CAPTURE_AJPG;
	frame->chroma = codec == 0 ? 444 : 420;
	frame->studio = range == 1;
	g_free(list->path);
	if (list->folder && !g_path_is_absolute(fields[LIST_PATH]))
		list->path = g_build_filename(list->folder, fields[LIST_PATH], NULL);
	else
		list->path = g_strdup(fields[LIST_PATH]);
	frame->path = list->path;
	return true;
}

enum list_result list_next(struct list *list, struct list_frame *frame, GError **error)
{
	enum list_result result;

	do
		result = list_read(list, error);
	while (result == LIST_FRAME && (!list->text[0] || list->text[0] == '#'));
	if (result == LIST_FRAME && !list_parse(list, frame, error))
		result = LIST_FAILED;
	return result;
}

int list_line(const struct list *list)
{
	return list->line;
}

void list_close(struct list *list)
{
	if (!list)
		return;
	if (list->stream != stdin)
		fclose(list->stream);
	g_free(list->name);
	g_free(list->folder);
	g_free(list->path);
	g_free(list);
}
