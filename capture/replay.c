/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "capture/list.h"
#include "capture/replay.h"

struct replay_line {
	char *path;
	struct capture_frame frame; /* without data */
	bool complete;              /* by itself */
	int64_t retry;              /* not before, us; 0: nothing is wrong with it */
	int delay;                  /* ms */
};

struct replay {
	struct capture capture;
	char *name;
	GArray *lines;  /* of struct replay_line */
	int64_t period; /* us */
	bool loop;
	bool running;
	guint position; /* line whose turn is next; the number of lines: the end */
	int last;       /* line shown last, -1: none since the start */
	int64_t due;    /* when the next turn is, us */
	guint timer;    /* 0: stopped, or at the end */
	enum capture_state state;
	uint8_t *data;
	size_t room;
};

static struct replay_line *replay_line(const struct replay *replay, guint index)
{
	return &g_array_index(replay->lines, struct replay_line, index);
}

static void replay_state(struct replay *replay, enum capture_state state, const char *reason)
{
	if (state == replay->state)
		return;
	replay->state = state;
	if (replay->capture.events.state)
		replay->capture.events.state(state, reason, replay->capture.events.data);
}

static bool replay_room(struct replay *replay, size_t size)
{
	if (size > replay->room) {
		uint8_t *data = g_try_realloc(replay->data, size);

		if (!data)
			return false;
		replay->data = data;
		replay->room = size;
	}
	return true;
}

/* Reads all of fd; returns NULL, or what is wrong with it. */
static const char *replay_read_all(struct replay *replay, int fd, size_t *size)
{
	struct stat status;
	size_t done = 0;

	if (fstat(fd, &status) < 0)
		return g_strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "not a file";
	if (status.st_size == 0)
		return "empty";
	if (status.st_size > REPLAY_FILE_MAX)
		return "larger than 64 MiB";
	if (!replay_room(replay, status.st_size))
		return g_strerror(ENOMEM);
	while (done < (size_t)status.st_size) {
		ssize_t got = read(fd, replay->data + done, status.st_size - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return g_strerror(errno);
		if (got == 0)
			return "shrank while it was read";
		done += got;
	}
	*size = done;
	return NULL;
}

static const char *replay_read(struct replay *replay, const char *path, size_t *size)
{
	const char *wrong;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO must not block */

	if (fd < 0)
		return g_strerror(errno);
	wrong = replay_read_all(replay, fd, size);
	close(fd);
	return wrong;
}

/* The first complete line after a line; false when there is none before the end. */
static bool replay_next_complete(const struct replay *replay, guint *index)
{
	guint at = *index + 1;

	while (at < replay->lines->len && !replay_line(replay, at)->complete)
		at++;
	if (at == replay->lines->len)
		return false;
	*index = at;
	return true;
}

/*
 * Moves to the next line whose turn it is at a time, past those that failed a short while ago.
 * Returns 0, or when to come again since all that is left to show failed.
 */
static int64_t replay_seek(struct replay *replay, int64_t now)
{
	guint start = replay->position, at = start;
	int64_t soonest = 0;
	bool wrapped = false;

	while (true) {
		const struct replay_line *line = replay_line(replay, at);

		if (line->retry <= now) {
			replay->position = at;
			return 0;
		}
		soonest = soonest ? MIN(soonest, line->retry) : line->retry;
		if (!replay_next_complete(replay, &at)) {
			if (wrapped || !replay->loop)
				return soonest;
			wrapped = true;
			at = 0;
		}
		if (wrapped && at >= start)
			return soonest;
	}
}

static gboolean replay_tick(gpointer data);

static void replay_arm(struct replay *replay, int64_t time)
{
	int64_t wait = time - g_get_monotonic_time();

	if (replay->timer)
		g_source_remove(replay->timer);
	replay->timer = g_timeout_add(MAX(0, (wait + 999) / 1000), replay_tick, replay);
}

static void replay_failed(struct replay *replay, struct replay_line *line, const char *wrong)
{
	bool first = !line->retry;
	g_autofree char *reason = NULL;

	line->delay = MIN(first ? REPLAY_RETRY_MIN_MS : line->delay * 2, REPLAY_RETRY_MAX_MS);
	line->retry = g_get_monotonic_time() + line->delay * 1000;
	if (!first)
		return;
	reason = g_strdup_printf(
			"%s: %s; trying again in %g s", line->path, wrong, line->delay / 1000.0);
	replay_state(replay, CAPTURE_NO_DEVICE, reason);
}

static void replay_shown(struct replay *replay, guint index, size_t size)
{
	struct capture_frame frame = replay_line(replay, index)->frame;
	g_autofree char *reason = g_strdup_printf("replaying %s", replay->name);

	frame.data = replay->data;
	frame.size = size;
	frame.time = g_get_monotonic_time();
	replay_state(replay, CAPTURE_STREAMING, reason);
	/* Whoever heard of the state may have stopped us, or started anew. */
	if (replay->last == (int)index)
		replay->capture.events.frame(&frame, replay->capture.events.data);
}

static gboolean replay_tick(gpointer data)
{
	struct replay *replay = data;
	int64_t now = g_get_monotonic_time();
	int64_t wait = replay_seek(replay, now);
	guint index = replay->position;
	struct replay_line *line = replay_line(replay, index);
	const char *wrong;
	size_t size = 0;

	replay->timer = 0;
	if (wait) {
		replay_arm(replay, wait);
		return G_SOURCE_REMOVE;
	}
	wrong = replay_read(replay, line->path, &size);
	if (!wrong) {
		line->retry = 0;
		replay->last = index;
		replay->position++;
		if (replay->loop)
			replay->position %= replay->lines->len;
	}
	/* A late turn is no reason to hurry afterwards. */
	replay->due = MAX(replay->due + replay->period, now);
	if (replay->position < replay->lines->len)
		replay_arm(replay, replay->due);
	if (wrong)
		replay_failed(replay, line, wrong);
	else
		replay_shown(replay, index, size);
	return G_SOURCE_REMOVE;
}

static void replay_start(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;

	if (replay->running)
		return;
	replay->running = true;
	replay->position = 0;
	replay->due = g_get_monotonic_time();
	replay_arm(replay, replay->due);
}

static void replay_stop(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;

	if (replay->timer)
		g_source_remove(replay->timer);
	replay->timer = 0;
	replay->running = false;
	replay->last = -1;
	replay->state = CAPTURE_STOPPED;
}

static void replay_key_frame(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;

	if (!replay->running || replay->last < 0)
		return;
	replay->position = replay->last;
	while (!replay_line(replay, replay->position)->complete)
		replay->position--;
	if (!replay->timer)
		replay_arm(replay, MAX(replay->due, g_get_monotonic_time()));
}

static void replay_close(struct capture *capture)
{
	struct replay *replay = (struct replay *)capture;

	replay_stop(capture);
	g_array_unref(replay->lines);
	g_free(replay->data);
	g_free(replay->name);
	g_free(replay);
}

static const struct capture_ops replay_ops = {
		.start = replay_start,
		.stop = replay_stop,
		.key_frame = replay_key_frame,
		.close = replay_close,
};

static void replay_line_clear(gpointer line)
{
	g_free(((struct replay_line *)line)->path);
}

static bool replay_complete(const struct replay *replay, const struct list_frame *frame)
{
	const struct capture_frame *before;

	if (frame->codec == CAPTURE_JPEG || replay->lines->len == 0)
		return true;
	before = &replay_line(replay, replay->lines->len - 1)->frame;
	return before->codec != frame->codec || before->width != frame->width ||
	       before->height != frame->height || before->chroma != frame->chroma;
}

static void replay_add(struct replay *replay, const struct list_frame *frame)
{
	const struct replay_line line = {
			.path = g_strdup(frame->path),
			.frame =
					{
							.width = frame->width,
							.height = frame->height,
							.codec = frame->codec,
							.chroma = frame->chroma,
							.selector = frame->selector,
							.second_selector = frame->second_selector,
							.studio = frame->studio,
					},
			.complete = replay_complete(replay, frame),
	};

	g_array_append_val(replay->lines, line);
}

static bool replay_load(struct replay *replay, const char *path, GError **error)
{
	struct list *list = list_open(path, error);
	struct list_frame frame;
	enum list_result result;

	if (!list)
		return false;
	while ((result = list_next(list, &frame, error)) == LIST_FRAME)
		replay_add(replay, &frame);
	list_close(list);
	if (result == LIST_END && replay->lines->len == 0) {
		g_set_error(error, LIST_ERROR, LIST_ERROR_SYNTAX, "%s: no frames in it", path);
		return false;
	}
	return result == LIST_END;
}

struct capture *replay_open(const char *path, double rate, bool loop, GError **error)
{
	struct replay *replay;

	if (!(rate >= REPLAY_RATE_MIN && rate <= REPLAY_RATE_MAX)) {
		g_set_error(error, LIST_ERROR, LIST_ERROR_SYNTAX,
				"%g frames per second are not %g..%g", rate, REPLAY_RATE_MIN,
				REPLAY_RATE_MAX);
		return NULL;
	}
	replay = g_new0(struct replay, 1);
	replay->capture.ops = &replay_ops;
	replay->name = g_strdup(path);
	replay->period = G_USEC_PER_SEC / rate;
	replay->loop = loop;
	replay->last = -1;
	replay->lines = g_array_new(FALSE, FALSE, sizeof(struct replay_line));
	g_array_set_clear_func(replay->lines, replay_line_clear);
	if (!replay_load(replay, path, error)) {
		replay_close(&replay->capture);
		return NULL;
	}
	return &replay->capture;
}
