/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/screenshot.h"
#include <string.h>
#include "src/screen.h"
#include "src/still.h"

/* How long a complete frame may take: a device is opened in half a second, and sends its first one
 * when the mode is known. */
#define SHOT_PATIENCE 5000 /* ms */
/* How long a source that was just started may say that there is no signal, before it is believed.
 */
#define SHOT_SETTLE 1500 /* ms */

struct screenshots {
	struct screen *screen; /* not ours */
	int64_t run;
	screenshots_want_fn want;
	void *data;
	GQueue waiting; /* of struct shot */
	guint timer;    /* while some wait, or to tell them */
	bool settling;  /* that timer is a short one */
	bool fresh;     /* a frame came since the source was started */
	bool told;      /* the source has said a state since then */
	enum capture_state state;
	char *reason;
};

struct shot {
	char *have;
	screenshot_fn fn;
	void *data;
};

GQuark screenshot_error_quark(void)
{
	return g_quark_from_static_string("screenshot-error");
}

static void shot_free(struct shot *shot)
{
	g_free(shot->have);
	g_free(shot);
}

/* --- The picture --- */

static bool screenshots_can(const struct screenshots *shots)
{
	return shots->fresh && screen_is_good(shots->screen);
}

static char *screenshots_tag(const struct screenshots *shots)
{
	return g_strdup_printf("\"%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER "x\"", shots->run,
			screen_serial(shots->screen));
}

static bool shot_has(const struct shot *shot, const char *tag)
{
	return shot->have && (strstr(shot->have, tag) || strcmp(shot->have, "*") == 0);
}

/* For all of them, once. NULL: memory is short. */
static GBytes *screenshots_make(struct screenshots *shots)
{
	GByteArray *jpeg = g_byte_array_new();

	if (still_jpeg(screen_decoder(shots->screen), jpeg))
		return g_byte_array_free_to_bytes(jpeg);
	g_byte_array_unref(jpeg);
	return NULL;
}

static void screenshots_tell(struct screenshots *shots, GQueue *asked, const GError *error)
{
	g_autofree char *tag = screenshots_tag(shots);
	g_autoptr(GBytes) jpeg = NULL;
	g_autoptr(GError) short_of = NULL;
	struct shot *shot;

	while ((shot = g_queue_pop_head(asked))) {
		bool has = !error && shot_has(shot, tag);

		if (!error && !has && !jpeg)
			jpeg = screenshots_make(shots);
		if (!error && !has && !jpeg && !short_of)
			g_set_error_literal(&short_of, SCREENSHOT_ERROR, SCREENSHOT_ERROR_STATE,
					"not enough memory for a picture");
		shot->fn(has || error || !jpeg ? NULL : g_bytes_ref(jpeg), tag,
				error ? error
				: has ? NULL
				      : short_of,
				shot->data);
		shot_free(shot);
	}
}

/* --- Those who wait --- */

static void screenshots_finish(struct screenshots *shots, const GError *error)
{
	GQueue asked = shots->waiting;

	g_queue_init(&shots->waiting);
	if (shots->timer)
		g_source_remove(shots->timer);
	shots->timer = 0;
	shots->settling = false;
	screenshots_tell(shots, &asked, error);
	shots->want(false, shots->data);
}

static GError *screenshots_none(const struct screenshots *shots)
{
	if (shots->told && shots->state != CAPTURE_STREAMING)
		return g_error_new(SCREENSHOT_ERROR, SCREENSHOT_ERROR_STATE,
				"there is no picture of the node: %s", shots->reason);
	return g_error_new(SCREENSHOT_ERROR, SCREENSHOT_ERROR_TIMEOUT,
			"the node's picture did not come within %d s%s%s", SHOT_PATIENCE / 1000,
			shots->told ? ": " : "", shots->told ? shots->reason : "");
}

static gboolean screenshots_over(gpointer data)
{
	struct screenshots *shots = data;
	g_autoptr(GError) error = screenshots_can(shots) ? NULL : screenshots_none(shots);

	shots->timer = 0;
	screenshots_finish(shots, error);
	return G_SOURCE_REMOVE;
}

static void screenshots_set_timer(struct screenshots *shots, guint ms)
{
	if (shots->timer)
		g_source_remove(shots->timer);
	shots->timer = ms ? g_timeout_add(ms, screenshots_over, shots)
			  : g_idle_add(screenshots_over, shots);
}

void screenshots_take(struct screenshots *shots, const char *have, screenshot_fn fn, void *data)
{
	struct shot *shot = g_new0(struct shot, 1);
	GQueue asked = G_QUEUE_INIT;
	bool first = g_queue_is_empty(&shots->waiting);

	*shot = (struct shot){.have = g_strdup(have), .fn = fn, .data = data};
	if (first && shots->told && shots->state != CAPTURE_STREAMING) {
		g_autoptr(GError) error = screenshots_none(shots);

		g_queue_push_tail(&asked, shot);
		screenshots_tell(shots, &asked, error);
	} else if (first && screenshots_can(shots)) {
		g_queue_push_tail(&asked, shot);
		screenshots_tell(shots, &asked, NULL);
	} else {
		g_queue_push_tail(&shots->waiting, shot);
		if (!first)
			return;
		screenshots_set_timer(shots, SHOT_PATIENCE);
		shots->want(true, shots->data);
	}
}

/* --- The source --- */

void screenshots_frame(struct screenshots *shots)
{
	shots->fresh = true;
	/* Not within the source's call: it may be stopped then. */
	if (!g_queue_is_empty(&shots->waiting) && screenshots_can(shots))
		screenshots_set_timer(shots, 0);
}

void screenshots_state(struct screenshots *shots, enum capture_state state, const char *reason)
{
	shots->state = state;
	shots->told = state != CAPTURE_STOPPED;
	if (state != CAPTURE_STREAMING)
		shots->fresh = false;
	g_free(shots->reason);
	shots->reason = g_strdup(reason);
	if (g_queue_is_empty(&shots->waiting) || shots->settling == (state != CAPTURE_STREAMING))
		return;
	shots->settling = state != CAPTURE_STREAMING;
	screenshots_set_timer(shots, shots->settling ? SHOT_SETTLE : SHOT_PATIENCE);
}

/* --- All of them --- */

struct screenshots *screenshots_new(
		struct screen *screen, int64_t run, screenshots_want_fn want, void *data)
{
	struct screenshots *shots = g_new0(struct screenshots, 1);

	shots->screen = screen;
	shots->run = run;
	shots->want = want;
	shots->data = data;
	g_queue_init(&shots->waiting);
	return shots;
}

void screenshots_free(struct screenshots *shots)
{
	if (!shots)
		return;
	if (!g_queue_is_empty(&shots->waiting)) {
		g_autoptr(GError) error = g_error_new_literal(
				SCREENSHOT_ERROR, SCREENSHOT_ERROR_STATE, "the console ends");

		screenshots_finish(shots, error);
	}
	g_free(shots->reason);
	g_free(shots);
}
