/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include "decoder/decoder.h"
#include "sim/encoder.h"
#include "tools/bench/film.h"
#include "tools/bench/scenes.h"

#define FILM_ROOM       (512u << 20) /* bytes reserved; only what is written is used */
#define FILM_FULL_EVERY 8            /* drivers/media/platform/aspeed/aspeed-video.c */
#define FILM_WARM_UP    500          /* milliseconds from the first picture to the first phase */
#define FILM_STILL_TIME 3000         /* milliseconds */

const char *const film_phase_names[FILM_PHASES] = {
		"typing", "scrolling", "window move", "full motion", "still"};

struct film_index {
	size_t offset, size;
	double decode_ms;
};

struct film {
	int width, height, selector, frames;
	uint8_t *data;            /* shared */
	struct film_index *frame; /* 1 + FILM_STILL * frames, the first: the whole screen */
	int64_t *times;           /* shared */
};

struct film_source {
	struct capture capture;
	struct film *film;
	film_phase_fn phase;
	void *data;
	guint timer;
	int interval; /* milliseconds */
	int next;
};

static void *film_share(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	g_assert_true(memory != MAP_FAILED);
	return memory;
}

static void film_draw(struct picture *picture, enum film_phase phase, int n)
{
	switch (phase) {
	case FILM_TYPING:
		scene_type(picture, n);
		break;
	case FILM_SCROLL:
		scene_scroll(picture, n);
		break;
	case FILM_WINDOW:
		scene_draw(picture, SCENE_DESKTOP, n % 20);
		break;
	default:
		scene_draw(picture, SCENE_PHOTO, n);
	}
}

static double film_decode(
		const struct film *film, struct decoder *decoder, const uint8_t *data, size_t size)
{
	const struct decoder_frame frame = {
			.data = data,
			.size = size,
			.codec = DECODER_AJPG,
			.width = film->width,
			.height = film->height,
			.chroma = DECODER_420,
			.selector = film->selector,
			.second_selector = -1,
	};
	struct decoder_result result;
	struct timespec before, after;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &before);
	g_assert_true(decoder_decode(decoder, &frame, &result));
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &after);
	return (after.tv_sec - before.tv_sec) * 1e3 + (after.tv_nsec - before.tv_nsec) / 1e6;
}

static void film_encode(struct film *film)
{
	const struct encoder_settings settings = {
			.chroma = 420, .selector = film->selector, .second_selector = -1};
	struct encoder *encoder = encoder_new();
	struct picture picture = {0};
	struct decoder *decoder = decoder_new();
	size_t offset = 0;

	g_assert_true(picture_resize(&picture, film->width, film->height));
	scene_draw(&picture, SCENE_DESKTOP, 0);
	for (int i = 0; i <= FILM_STILL * film->frames; i++) {
		const uint8_t *data;
		size_t size;

		if (i > 0)
			film_draw(&picture, (i - 1) / film->frames, (i - 1) % film->frames);
		scene_mark(&picture, i);
		data = encoder_ajpg(encoder, picture.pixels, film->width, film->height,
				picture.stride, &settings, i % FILM_FULL_EVERY == 0, &size);
		g_assert_true(data && offset + size < FILM_ROOM);
		memcpy(film->data + offset, data, size);
		film->frame[i] = (struct film_index){
				.offset = offset,
				.size = size,
				.decode_ms = film_decode(film, decoder, film->data + offset, size),
		};
		offset += size;
	}
	picture_release(&picture);
	encoder_free(encoder);
	decoder_free(decoder);
}

struct film *film_new(int width, int height, int selector, int frames)
{
	struct film *film = g_new0(struct film, 1);

	film->width = width;
	film->height = height;
	film->selector = selector;
	film->frames = frames;
	film->data = film_share(FILM_ROOM);
	film->frame = g_new0(struct film_index, 1 + FILM_STILL * frames);
	film->times = film_share((1 + FILM_STILL * frames) * sizeof(*film->times));
	film_encode(film);
	return film;
}

int film_frames(const struct film *film)
{
	return film->frames;
}

double film_decode_ms(const struct film *film, int number)
{
	return film->frame[number].decode_ms;
}

int film_first(const struct film *film, enum film_phase phase)
{
	return 1 + phase * film->frames;
}

int64_t film_time(const struct film *film, int number)
{
	return film->times[number];
}

void film_free(struct film *film)
{
	munmap(film->data, FILM_ROOM);
	munmap(film->times, (1 + FILM_STILL * film->frames) * sizeof(*film->times));
	g_free(film->frame);
	g_free(film);
}

/* --- The source --- */

static void film_hand_out(struct film_source *source, int number)
{
	struct film *film = source->film;
	struct capture_frame frame = {
			.data = film->data + film->frame[number].offset,
			.size = film->frame[number].size,
			.width = film->width,
			.height = film->height,
			.codec = CAPTURE_AJPG,
			.chroma = 420,
			.selector = film->selector,
			.second_selector = -1,
			.time = g_get_monotonic_time(),
	};

	film->times[number] = frame.time;
	source->capture.events.frame(&frame, source->capture.events.data);
}

static gboolean film_end(gpointer data)
{
	struct film_source *source = data;

	source->timer = 0;
	source->phase(FILM_PHASES, source->data);
	return G_SOURCE_REMOVE;
}

static gboolean film_tick(gpointer data)
{
	struct film_source *source = data;
	int number = source->next++;

	if (number > FILM_STILL * source->film->frames) {
		source->phase(FILM_STILL, source->data);
		source->timer = g_timeout_add(FILM_STILL_TIME, film_end, source);
		return G_SOURCE_REMOVE;
	}
	if ((number - 1) % source->film->frames == 0)
		source->phase((number - 1) / source->film->frames, source->data);
	film_hand_out(source, number);
	return G_SOURCE_CONTINUE;
}

static gboolean film_begin(gpointer data)
{
	struct film_source *source = data;

	source->timer = g_timeout_add(source->interval, film_tick, source);
	return G_SOURCE_REMOVE;
}

static void film_start(struct capture *capture)
{
	struct film_source *source = (struct film_source *)capture;

	if (source->next)
		return;
	source->next = 1;
	film_hand_out(source, 0);
	source->timer = g_timeout_add(FILM_WARM_UP, film_begin, source);
}

static void film_stop(struct capture *capture)
{
	struct film_source *source = (struct film_source *)capture;

	if (source->timer)
		g_source_remove(source->timer);
	source->timer = 0;
}

static void film_key_frame(struct capture *capture)
{
	(void)capture;
}

static void film_close(struct capture *capture)
{
	film_stop(capture);
	g_free(capture);
}

struct capture *film_play(struct film *film, int rate, film_phase_fn phase, void *data)
{
	static const struct capture_ops ops = {
			.start = film_start,
			.stop = film_stop,
			.key_frame = film_key_frame,
			.close = film_close,
	};
	struct film_source *source = g_new0(struct film_source, 1);

	source->capture.ops = &ops;
	source->film = film;
	source->phase = phase;
	source->data = data;
	source->interval = 1000 / rate;
	return &source->capture;
}
