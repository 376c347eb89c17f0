/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/bench/film_play.h"

/* milliseconds */
#define FILM_PLAY_POLL   5
#define FILM_PLAY_LAST   100  /* for what the last frame takes */
#define FILM_PLAY_LATE   1500 /* the same on a slow line */
#define FILM_PLAY_SETTLE 700
#define FILM_PLAY_STILL  2000

struct film_play {
	struct film *film;
	struct board *board;
	film_play_fn fn;
	void *data;
	guint timer;
	int64_t due; /* of the next frame, monotonic us */
	int next;
	int rehearsed; /* frames that came before all phases */
	int selector, wanted;
};

static void film_play_arm(struct film_play *play, int ms, GSourceFunc step)
{
	play->timer = g_timeout_add(ms, step, play);
}

static void film_play_hand_out(struct film_play *play, int number)
{
	const struct film_look *look = film_look(play->film);
	struct board *board = play->board;
	struct capture_frame frame;

	if (look->codec == CAPTURE_JPEG || number % FILM_FULL_EVERY == 0)
		play->selector = play->wanted;
	film_frame(play->film, number, play->selector, &frame);
	if (number > 0 && (!board->lowest || frame.selector < board->lowest))
		board->lowest = frame.selector;
	frame.time = g_get_monotonic_time();
	board->handed[number] = frame.time;
	play->fn(&frame, number, play->data);
}

static gboolean film_play_finish(gpointer data)
{
	struct film_play *play = data;

	play->timer = 0;
	board_phase(play->board, FILM_PHASES);
	play->fn(NULL, film_end(play->film), play->data);
	return G_SOURCE_REMOVE;
}

static gboolean film_play_tick(gpointer data);

/* The next frame when it is due: a late one is no reason for a slower film. */
static void film_play_again(struct film_play *play)
{
	int64_t now = g_get_monotonic_time();

	play->due = MAX(play->due + G_USEC_PER_SEC / play->board->rate, now);
	film_play_arm(play, (int)((play->due - now + 500) / 1000), film_play_tick);
}

static gboolean film_play_stand(gpointer data)
{
	struct film_play *play = data;

	play->due = g_get_monotonic_time();
	board_phase(play->board, FILM_STANDING);
	film_play_arm(play, 0, film_play_tick);
	return G_SOURCE_REMOVE;
}

/* After the phases with marks. */
static gboolean film_play_pause(gpointer data)
{
	struct film_play *play = data;

	board_phase(play->board, FILM_PAUSE);
	if (play->board->moving)
		return film_play_finish(play);
	film_play_hand_out(play, play->next++);
	film_play_arm(play, FILM_PLAY_SETTLE, film_play_stand);
	return G_SOURCE_REMOVE;
}

static gboolean film_play_tick(gpointer data)
{
	struct film_play *play = data;
	int number = play->next;
	int first = film_first(play->film, FILM_MARKED), frames = film_look(play->film)->frames;

	play->timer = 0;
	if (number == first && play->board->phase < FILM_PAUSE) {
		film_play_arm(play, play->board->moving ? FILM_PLAY_LATE : FILM_PLAY_LAST,
				film_play_pause);
	} else if (number == film_end(play->film)) {
		board_phase(play->board, FILM_STILL);
		film_play_arm(play, FILM_PLAY_STILL, film_play_finish);
	} else {
		if (number < first && (number - 1) % frames == 0)
			board_phase(play->board, (number - 1) / frames);
		play->next++;
		film_play_hand_out(play, number);
		film_play_again(play);
	}
	return G_SOURCE_REMOVE;
}

static gboolean film_play_open(gpointer data)
{
	struct film_play *play = data;

	play->next = 1;
	play->due = g_get_monotonic_time();
	play->timer = 0;
	film_play_arm(play, 0, film_play_tick);
	return G_SOURCE_REMOVE;
}

/* The first picture again, and what was seen is forgotten. */
static gboolean film_play_forget(gpointer data)
{
	struct film_play *play = data;

	for (int viewer = 0; viewer < BOARD_VIEWERS; viewer++)
		for (int number = 0; number < FILM_NUMBERS; number++)
			play->board->viewers[viewer].seen[number] = 0;
	film_play_hand_out(play, FILM_STILL_FRAME);
	film_play_arm(play, FILM_PLAY_LATE, film_play_open);
	return G_SOURCE_REMOVE;
}

/* Scrolling from one complete frame to before another, over and over. */
static gboolean film_play_before(gpointer data)
{
	struct film_play *play = data;
	int first = (film_first(play->film, FILM_SCROLL) + FILM_FULL_EVERY) / FILM_FULL_EVERY *
		    FILM_FULL_EVERY;
	int count = film_look(play->film)->frames / FILM_FULL_EVERY * FILM_FULL_EVERY -
		    FILM_FULL_EVERY;

	if (play->rehearsed == play->board->before || count <= 0) {
		film_play_arm(play, FILM_PLAY_LATE, film_play_forget);
		return G_SOURCE_REMOVE;
	}
	film_play_hand_out(play, first + play->rehearsed++ % count);
	return G_SOURCE_CONTINUE;
}

static gboolean film_play_wait(gpointer data)
{
	struct film_play *play = data;

	if (!play->board->go)
		return G_SOURCE_CONTINUE;
	if (play->board->before)
		film_play_arm(play, 1000 / play->board->rate, film_play_before);
	else
		film_play_open(play);
	return G_SOURCE_REMOVE;
}

struct film_play *film_play_start(
		struct film *film, struct board *board, film_play_fn fn, void *data)
{
	struct film_play *play = g_new0(struct film_play, 1);

	play->film = film;
	play->board = board;
	play->fn = fn;
	play->data = data;
	play->wanted = board->selector ? board->selector : film_look(film)->selectors[0];
	film_play_arm(play, FILM_PLAY_POLL, film_play_wait);
	film_play_hand_out(play, FILM_STILL_FRAME);
	return play;
}

void film_play_adjust(struct film_play *play, int selector)
{
	play->board->asked++;
	play->board->last = selector;
	if (!play->board->selector)
		play->wanted = selector;
}

void film_play_stop(struct film_play *play)
{
	if (!play)
		return;
	if (play->timer)
		g_source_remove(play->timer);
	g_free(play);
}

/* --- A capture source --- */

struct film_source {
	struct capture capture;
	struct film *film;
	struct board *board;
	struct film_play *play; /* NULL: nobody has looked yet */
	void (*done)(void *data);
	void *data;
};

static void film_source_frame(const struct capture_frame *frame, int number, void *data)
{
	struct film_source *source = data;

	(void)number;
	if (frame)
		source->capture.events.frame(frame, source->capture.events.data);
	else
		source->done(source->data);
}

static gboolean film_source_begin(gpointer data)
{
	struct film_source *source = data;

	if (!source->play)
		source->play = film_play_start(
				source->film, source->board, film_source_frame, source);
	return G_SOURCE_REMOVE;
}

static void film_source_start(struct capture *capture)
{
	/* As of a device: not before the call has returned. */
	if (!((struct film_source *)capture)->play)
		g_idle_add(film_source_begin, capture);
}

static void film_source_stop(struct capture *capture)
{
	(void)capture; /* the last viewer goes after the end */
}

static void film_source_key_frame(struct capture *capture)
{
	(void)capture; /* one comes soon */
}

static void film_source_adjust(struct capture *capture, const struct capture_quality *quality)
{
	struct film_source *source = (struct film_source *)capture;

	if (source->play)
		film_play_adjust(source->play, quality->selector);
}

static void film_source_close(struct capture *capture)
{
	film_play_stop(((struct film_source *)capture)->play);
	g_free(capture);
}

struct capture *film_capture(
		struct film *film, struct board *board, void (*done)(void *data), void *data)
{
	static const struct capture_ops ops = {
			.start = film_source_start,
			.stop = film_source_stop,
			.key_frame = film_source_key_frame,
			.adjust = film_source_adjust,
			.close = film_source_close,
	};
	struct film_source *source = g_new0(struct film_source, 1);

	source->capture.ops = &ops;
	source->film = film;
	source->board = board;
	source->done = done;
	source->data = data;
	return &source->capture;
}
