/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decodes a recording without a console: the picture after each frame as a PPM, faults with their
 * place, damage. For faults that somebody sent in, and for the test vectors.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "capture/list.h"
#include "decoder/decoder.h"

#define DECODE_FILE_MAX  (64 * 1024 * 1024) /* bytes of a frame */
#define DECODE_WIDTH_MAX 9                  /* digits */

enum decode_exit {
	DECODE_GOOD = 0,
	DECODE_FAULTS = 1, /* or something could not be read or written */
	DECODE_USAGE = 2,
};

/* A pattern for file names, taken apart: nothing of it ever is a format. */
struct decode_names {
	char *before, *after;
	int width; /* digits at least */
	char fill; /* before them */
};

struct decode {
	const char *list, *output;
	struct decode_names names;
	bool damage; /* print it */
	struct decoder *decoder;
	int count; /* frames so far */
	bool faults;
};

static void decode_help(FILE *to)
{
	fputs("Usage: spicerack-decode --list FILE [--output PATTERN] [--damage]\n"
	      "Decodes recorded frames of a video engine, one after the other.\n"
	      "\n"
	      "  -l, --list FILE       frames, one a line, tabs between: path, width, height,\n"
	      "                        444|420|jpeg, selector, second selector (-1: none),\n"
	      "                        full|studio; - is standard input\n"
	      "  -o, --output PATTERN  write the picture after each frame, as PPM;\n"
	      "                        %d in the pattern counts from 0, %03d from 000\n"
	      "  -d, --damage          print what each frame changed\n"
	      "  -h, --help            print this\n"
	      "  -V, --version         print the version\n"
	      "\n"
	      "Exit status: 0 when every frame was good, 1 when one was not or something could\n"
	      "not be read or written, 2 for a wrong command line.\n",
			to);
}

/* --- Names of the pictures --- */

/* Copies up to the pattern's number or end, with %% as one %. Returns the rest, NULL when a % says
 * anything else. */
static const char *decode_literal(const char *pattern, char **literal)
{
	GString *text = g_string_new(NULL);

	for (; *pattern && (*pattern != '%' || pattern[1] == '%'); pattern++) {
		g_string_append_c(text, *pattern);
		pattern += *pattern == '%';
	}
	*literal = g_string_free(text, FALSE);
	return pattern;
}

static bool decode_names_init(struct decode_names *names, const char *pattern)
{
	const char *at = decode_literal(pattern, &names->before);

	if (*at++ != '%')
		return false;
	names->fill = ' ';
	if (*at == '0') {
		names->fill = '0';
		at++;
	}
	if (*at >= '1' && *at <= '0' + DECODE_WIDTH_MAX)
		names->width = *at++ - '0';
	if (*at++ != 'd')
		return false;
	at = decode_literal(at, &names->after);
	return !*at;
}

static char *decode_name(const struct decode_names *names, int number)
{
	g_autofree char *digits = g_strdup_printf("%d", number);
	int missing = names->width - (int)strlen(digits);
	g_autofree char *fill = g_strnfill(missing > 0 ? missing : 0, names->fill);

	return g_strconcat(names->before, fill, digits, names->after, NULL);
}

static bool decode_write(FILE *file, const struct picture *picture)
{
	fprintf(file, "P6\n%d %d\n255\n", picture->width, picture->height);
	for (int y = 0; y < picture->height; y++) {
		const uint32_t *pixels = picture->pixels + (size_t)y * picture->stride;
		uint8_t line[3 * PICTURE_MAX] = {0};

		for (int x = 0; x < picture->width; x++) {
			line[x * 3] = pixels[x] >> 16;
			line[x * 3 + 1] = pixels[x] >> 8;
			line[x * 3 + 2] = pixels[x];
		}
		if (fwrite(line, 3, picture->width, file) != (size_t)picture->width)
			return false;
	}
	return true;
}

static bool decode_show(const struct decode *decode)
{
	g_autofree char *name = NULL;
	FILE *file;
	bool written;

	if (!decode->output)
		return true;
	name = decode_name(&decode->names, decode->count);
	file = fopen(name, "wbe");
	written = file && decode_write(file, decoder_picture(decode->decoder));
	if (file && fclose(file) != 0)
		written = false;
	if (!written)
		fprintf(stderr, "%s: %s\n", name, g_strerror(errno));
	return written;
}

/* --- Frames --- */

/* What a file holds; returns NULL, or what is wrong with it. */
static const char *decode_read(const char *path, GByteArray *bytes)
{
	FILE *file = fopen(path, "rbe");
	uint8_t chunk[16384];
	const char *wrong = NULL;
	size_t got;

	if (!file)
		return g_strerror(errno);
	while (!wrong && (got = fread(chunk, 1, sizeof(chunk), file)) > 0) {
		g_byte_array_append(bytes, chunk, got);
		if (bytes->len > DECODE_FILE_MAX)
			wrong = "larger than 64 MiB";
	}
	if (ferror(file))
		wrong = g_strerror(errno);
	fclose(file);
	return wrong;
}

static void decode_print_damage(const struct decode *decode, const char *path, bool key_frame)
{
	const struct picture *picture = decoder_picture(decode->decoder);
	const struct damage *damage = decoder_damage(decode->decoder);
	int left = damage->columns, top = damage->rows, right = 0, bottom = 0;

	for (int row = 0; row < damage->rows; row++) {
		for (int column = 0; column < damage->columns; column++) {
			if (!damage->map[(size_t)row * damage->columns + column])
				continue;
			left = MIN(left, column);
			top = MIN(top, row);
			right = MAX(right, column + 1);
			bottom = MAX(bottom, row + 1);
		}
	}
	printf("%s\t%s\t%d/%d\t", path, key_frame ? "key" : "delta", damage->count,
			damage->columns * damage->rows);
	if (damage->count)
		printf("%d,%d %dx%d\n", left * damage->unit, top * damage->unit,
				MIN(right * damage->unit, picture->width) - left * damage->unit,
				MIN(bottom * damage->unit, picture->height) - top * damage->unit);
	else
		printf("-\n");
}

static void decode_frame(struct decode *decode, const struct list_frame *line)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	const struct picture *picture = decoder_picture(decode->decoder);
	const char *wrong = decode_read(line->path, bytes);
	struct decoder_result result;
	struct decoder_frame frame = {
			.data = bytes->data,
			.size = wrong ? 0 : bytes->len,
			.codec = line->codec == CAPTURE_JPEG ? DECODER_JPEG : DECODER_AJPG,
			.width = line->width,
			.height = line->height,
			.chroma = line->chroma == 444 ? DECODER_444 : DECODER_420,
			.selector = line->selector,
			.second_selector = line->second_selector,
			.studio = line->studio,
	};

	if (wrong) {
		fprintf(stderr, "%s: %s\n", line->path, wrong);
		decode->faults = true;
		/* The screen has its size all the same. */
		if (picture->width != line->width || picture->height != line->height)
			decoder_decode(decode->decoder, &frame, &result);
		return;
	}
	if (!decoder_decode(decode->decoder, &frame, &result)) {
		printf("%s: fault at word %zu, macroblock %d,%d: %s\n", line->path, result.word,
				result.x, result.y, decoder_fault_text(result.fault));
		decode->faults = true;
	}
	if (decode->damage)
		decode_print_damage(decode, line->path, result.key_frame);
}

static enum decode_exit decode_run(struct decode *decode, GError **error)
{
	struct list *list = list_open(decode->list, error);
	enum list_result result = LIST_FAILED;
	struct list_frame line;

	if (!list)
		return DECODE_FAULTS;
	while ((result = list_next(list, &line, error)) == LIST_FRAME) {
		decode_frame(decode, &line);
		if (!decode_show(decode)) {
			decode->faults = true;
			break;
		}
		decode->count++;
	}
	list_close(list);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "standard output: %s\n", g_strerror(errno));
		decode->faults = true;
	}
	return result == LIST_FAILED || decode->faults ? DECODE_FAULTS : DECODE_GOOD;
}

/* --- Command line --- */

static enum decode_exit decode_wrong(const char *what)
{
	fprintf(stderr, "spicerack-decode: %s; try --help\n", what);
	return DECODE_USAGE;
}

/* Sets *done when there is nothing to decode. */
static enum decode_exit decode_arguments(struct decode *decode, int argc, char **argv, bool *done)
{
	static const struct option options[] = {
			{"list", required_argument, NULL, 'l'},
			{"output", required_argument, NULL, 'o'},
			{"damage", no_argument, NULL, 'd'},
			{"help", no_argument, NULL, 'h'},
			{"version", no_argument, NULL, 'V'},
			{0},
	};
	int option;

	*done = true;
	while ((option = getopt_long(argc, argv, "l:o:dhV", options, NULL)) != -1) {
		switch (option) {
		case 'l':
			decode->list = optarg;
			break;
		case 'o':
			decode->output = optarg;
			break;
		case 'd':
			decode->damage = true;
			break;
		case 'h':
			decode_help(stdout);
			return DECODE_GOOD;
		case 'V':
			puts("spicerack-decode " PACKAGE_VERSION);
			return DECODE_GOOD;
		default:
			return decode_wrong("wrong option");
		}
	}
	if (optind < argc)
		return decode_wrong("only options are taken");
	if (!decode->list)
		return decode_wrong("--list is missing");
	if (decode->output && !decode_names_init(&decode->names, decode->output))
		return decode_wrong("--output needs one number, %d or like %03d, and %% for a %");
	*done = false;
	return DECODE_GOOD;
}

int main(int argc, char **argv)
{
	struct decode decode = {0};
	g_autoptr(GError) error = NULL;
	enum decode_exit status;
	bool done;

	setvbuf(stdout, NULL, _IOLBF, 0); /* findings and errors in their order */
	status = decode_arguments(&decode, argc, argv, &done);
	if (!done) {
		decode.decoder = decoder_new();
		if (!decode.decoder)
			g_error("out of memory");
		status = decode_run(&decode, &error);
		decoder_free(decode.decoder);
	}
	if (error)
		fprintf(stderr, "spicerack-decode: %s\n", error->message);
	g_free(decode.names.before);
	g_free(decode.names.after);
	return status;
}
