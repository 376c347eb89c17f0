/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "sim/encoder_picture.h"
#include "tools/bench/film.h"
#include "tools/bench/scenes.h"

#define FILM_ROOM (1u << 30) /* bytes reserved; only what is written is used */
#define FILM_STEP 8          /* pixels that the photo moves by */
#define FILM_PAGE 4096       /* frames begin at one, so that each can be mapped by itself */

const char *const film_phase_names[FILM_PHASES] = {
		"typing", "scrolling", "window move", "full motion", "pause", "standing", "still"};

struct film_index {
	size_t offset, size;
};

/* At the beginning of what is shared; the frames' data follow. */
struct film_head {
	struct film_look look;
	int versions;
	struct film_index index[FILM_VERSIONS][FILM_NUMBERS];
};

struct film {
	int fd;
	struct film_head *head;
};

/* What takes long to draw, drawn once. */
struct film_stock {
	struct picture desktop;
	struct picture photo; /* a wide one, that passes by */
};

static void film_copy(struct picture *picture, const struct picture *from, int x)
{
	for (int row = 0; row < picture->height; row++)
		memcpy(picture->pixels + (size_t)row * picture->stride,
				from->pixels + (size_t)row * from->stride + x,
				(size_t)picture->width * sizeof(*picture->pixels));
}

static void film_draw(struct picture *picture, const struct film_stock *stock,
		enum film_phase phase, int n)
{
	switch (phase) {
	case FILM_TYPING:
		scene_type(picture, n);
		scene_status(picture, n);
		break;
	case FILM_SCROLL:
		scene_scroll(picture, n);
		break;
	case FILM_WINDOW:
		film_copy(picture, &stock->desktop, 0);
		scene_dialog(picture, n % 40);
		break;
	case FILM_MOTION:
		film_copy(picture, &stock->photo, n * FILM_STEP);
		break;
	default:
		film_copy(picture, &stock->desktop, 0);
	}
}

static void film_stock(struct film_stock *stock, const struct film_look *look)
{
	g_assert_true(picture_resize(&stock->desktop, look->width, look->height));
	scene_draw(&stock->desktop, SCENE_DESKTOP, 0);
	g_assert_true(picture_resize(
			&stock->photo, look->width + FILM_STEP * look->frames, look->height));
	scene_draw(&stock->photo, SCENE_PHOTO, 0);
}

/* Returns where the next frame's data go. */
static size_t film_encode(struct film *film, struct encoder *encoder, const struct picture *picture,
		int version, int number, size_t offset)
{
	struct film_head *head = film->head;
	const struct film_look *look = &head->look;
	const struct encoder_settings settings = {.chroma = look->chroma,
			.selector = look->selectors[version],
			.second_selector = -1};
	const uint8_t *data;
	size_t size;

	data = encoder_picture(encoder, picture, &settings, look->codec == CAPTURE_JPEG,
			number % FILM_FULL_EVERY == 0, &size);
	g_assert_true(data && offset + size < FILM_ROOM);
	memcpy((uint8_t *)head + offset, data, size);
	head->index[version][number] = (struct film_index){offset, size};
	return (offset + size + FILM_PAGE - 1) / FILM_PAGE * FILM_PAGE;
}

static void film_make(struct film *film)
{
	struct film_head *head = film->head;
	struct encoder *encoders[FILM_VERSIONS] = {0};
	struct film_stock stock = {0};
	struct picture picture = {0};
	size_t offset = (sizeof(*head) + FILM_PAGE - 1) / FILM_PAGE * FILM_PAGE;

	for (int version = 0; version < head->versions; version++)
		encoders[version] = encoder_new();
	g_assert_true(picture_resize(&picture, head->look.width, head->look.height));
	film_stock(&stock, &head->look);
	film_copy(&picture, &stock.desktop, 0);
	for (int i = 0; i < film_end(film); i++) {
		enum film_phase phase = i ? (i - 1) / head->look.frames : FILM_TYPING;
		int n = i ? (i - 1) % head->look.frames : 0;

		if (i > 0 && (phase < FILM_MARKED || n == 0))
			film_draw(&picture, &stock, phase, n);
		if (phase < FILM_MARKED)
			scene_mark(&picture, i);
		for (int version = 0; version < head->versions; version++)
			if (phase < FILM_MARKED || n <= FILM_FULL_EVERY)
				offset = film_encode(film, encoders[version], &picture, version, i,
						offset);
			else /* nothing has changed, as eight frames ago */
				head->index[version][i] = head->index[version][i - FILM_FULL_EVERY];
	}
	for (int version = 0; version < head->versions; version++)
		encoder_free(encoders[version]);
	picture_release(&stock.desktop);
	picture_release(&stock.photo);
	picture_release(&picture);
}

static struct film *film_map(int fd, int protection)
{
	struct film *film = g_new0(struct film, 1);

	film->fd = fd;
	film->head = mmap(NULL, FILM_ROOM, protection, MAP_SHARED | MAP_NORESERVE, fd, 0);
	g_assert_true(film->head != MAP_FAILED);
	return film;
}

struct film *film_new(const struct film_look *look)
{
	struct film *film;
	int fd = memfd_create("film", 0); /* for the processes of the benchmark */

	g_assert_true(fd >= 0 && ftruncate(fd, FILM_ROOM) == 0 && look->frames <= FILM_MOST);
	film = film_map(fd, PROT_READ | PROT_WRITE);
	film->head->look = *look;
	while (film->head->versions < FILM_VERSIONS && look->selectors[film->head->versions])
		film->head->versions++;
	film_make(film);
	return film;
}

/* Maps the pages of all frames now: an engine's buffers are mapped before the first frame, so what
 * that takes is nothing that a frame costs. */
static void film_touch(const struct film *film)
{
	const struct film_head *head = film->head;

	for (int version = 0; version < head->versions; version++)
		for (int i = 0; i < film_end(film); i++) {
			const struct film_index *frame = &head->index[version][i];
			const volatile uint8_t *data = (const uint8_t *)head + frame->offset;

			for (size_t at = 0; at < frame->size; at += FILM_PAGE)
				(void)data[at];
		}
}

struct film *film_open(int fd)
{
	struct film *film = film_map(fd, PROT_READ);

	film_touch(film);
	return film;
}

int film_fd(const struct film *film)
{
	return film->fd;
}

const struct film_look *film_look(const struct film *film)
{
	return &film->head->look;
}

int film_first(const struct film *film, enum film_phase phase)
{
	return 1 + (int)phase * film->head->look.frames;
}

size_t film_offset(const struct film *film, const struct capture_frame *frame)
{
	return (size_t)(frame->data - (const uint8_t *)film->head);
}

int film_end(const struct film *film)
{
	return film_first(film, FILM_MARKED + 1);
}

void film_frame(const struct film *film, int number, int selector, struct capture_frame *frame)
{
	const struct film_head *head = film->head;
	int version = 0;

	while (version + 1 < head->versions && head->look.selectors[version] > selector)
		version++;
	*frame = (struct capture_frame){
			.data = (const uint8_t *)head + head->index[version][number].offset,
			.size = head->index[version][number].size,
			.width = head->look.width,
			.height = head->look.height,
			.codec = head->look.codec,
			.chroma = head->look.chroma,
			.selector = head->look.selectors[version],
			.second_selector = -1,
	};
}

void film_free(struct film *film)
{
	if (!film)
		return;
	munmap(film->head, FILM_ROOM);
	close(film->fd);
	g_free(film);
}
