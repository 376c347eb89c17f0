/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/steering.h"
#include "src/console.h"
#include "src/console_config.h"

#define LOOK_MS 250 /* how often the viewers' links are looked at */

struct steering {
	struct steering_settings settings;
	struct steering_events events;
	int best;      /* selector while no link is slow */
	int selector;  /* that the engine is told */
	bool adaptive; /* links are followed */
	bool watched, ajpg;
	struct quality quality;
	guint look; /* timer, while somebody looks and links are followed */
};

void steering_read(const struct steering *steering, struct console_quality *out)
{
	*out = (struct console_quality){
			.known = steering->settings.capture->ops->adjust != NULL,
			.selector = steering->selector,
			.best = steering->best,
			.automatic = steering->adaptive,
	};
}

/* The engine begins anew, so this is for when it is worth it. */
static void steering_tell(struct steering *steering)
{
	struct capture_quality quality = steering->settings.quality;

	quality.selector = steering->selector;
	capture_adjust(steering->settings.capture, &quality);
}

static void steering_say(struct steering *steering)
{
	struct console_quality quality;

	steering_read(steering, &quality);
	steering->events.changed(&quality, steering->events.data);
}

static void steering_use(struct steering *steering, int selector)
{
	if (selector == steering->selector)
		return;
	steering->selector = selector;
	steering_say(steering);
	steering_tell(steering);
}

static gboolean steering_look(gpointer data)
{
	struct steering *steering = data;
	struct quality_link links[CONSOLE_CONFIG_VIEWERS_MAX];
	size_t count = steering->events.links(links, G_N_ELEMENTS(links), steering->events.data);

	if (steering->ajpg)
		steering_use(steering, quality_look(&steering->quality, links, count,
						       g_get_monotonic_time()));
	return G_SOURCE_CONTINUE;
}

static void steering_look_or_not(struct steering *steering)
{
	bool look = steering->adaptive && steering->watched;

	if (look && !steering->look)
		steering->look = g_timeout_add(LOOK_MS, steering_look, steering);
	else if (!look)
		g_clear_handle_id(&steering->look, g_source_remove);
}

void steering_watched(struct steering *steering, bool watched)
{
	steering->watched = watched;
	steering_look_or_not(steering);
	if (watched || !steering->adaptive)
		return;
	quality_reset(&steering->quality);
	steering_use(steering, steering->best);
}

void steering_codec(struct steering *steering, enum capture_codec codec)
{
	steering->ajpg = codec == CAPTURE_AJPG;
}

/* --- Who decides --- */

static void steering_begin(struct steering *steering, int best, bool adaptive)
{
	bool said = adaptive == steering->adaptive;

	steering->best = best;
	steering->adaptive = adaptive;
	quality_init(&steering->quality, best);
	steering_look_or_not(steering);
	if (!said && best == steering->selector)
		steering_say(steering);
	steering_use(steering, best);
}

static bool steering_has_engine(const struct steering *steering, GError **error)
{
	if (steering->settings.capture->ops->adjust)
		return true;
	g_set_error_literal(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE,
			"this picture comes from no video engine that could be told a quality");
	return false;
}

bool steering_set(struct steering *steering, int selector, GError **error)
{
	if (!steering_has_engine(steering, error))
		return false;
	steering_begin(steering, selector, false);
	return true;
}

bool steering_follow(struct steering *steering, GError **error)
{
	if (!steering_has_engine(steering, error))
		return false;
	if (!steering->settings.links) {
		g_set_error_literal(error, CONSOLE_ERROR, CONSOLE_ERROR_STATE,
				"with display = library in [spice] nobody knows how the viewers' "
				"links do");
		return false;
	}
	steering_begin(steering, steering->settings.quality.selector, true);
	return true;
}

void steering_configure(
		struct steering *steering, const struct capture_quality *quality, bool adaptive)
{
	const struct capture_quality *former = &steering->settings.quality;
	bool rest = quality->chroma != former->chroma ||
		    quality->hq_selector != former->hq_selector;
	int told = steering->selector;

	steering->settings.quality = *quality;
	steering_begin(steering, quality->selector, adaptive && steering->settings.links);
	if (rest && told == steering->selector)
		steering_tell(steering);
}

/* --- Its life --- */

struct steering *steering_new(
		const struct steering_settings *settings, const struct steering_events *events)
{
	struct steering *steering = g_new0(struct steering, 1);

	steering->settings = *settings;
	steering->events = *events;
	steering->best = steering->selector = settings->quality.selector;
	steering->adaptive = settings->adaptive && settings->links;
	quality_init(&steering->quality, steering->best);
	return steering;
}

void steering_free(struct steering *steering)
{
	if (!steering)
		return;
	g_clear_handle_id(&steering->look, g_source_remove);
	g_free(steering);
}
