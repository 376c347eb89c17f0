/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "rack/presence_part.h"

#define PRESENCE_DEBOUNCE_US 50000
#define PRESENCE_AGAIN_MS    10000
#define PRESENCE_BURST       16 /* events at a time: only the last one counts */

struct presence {
	const struct presence_calls *calls;
	char *spec;
	struct presence_line line;
	int fd; /* of the line, -1: it is not to be had */
	guint watch, timer;
	bool told_any, present; /* what was told last */
	bool supposed;          /* so, and not known */
	presence_fn told;
	void *data;
};

/* --- Names --- */

bool presence_parse(const char *spec, struct presence_line *out, GError **error)
{
	const char *name = spec, *colon;
	guint64 offset;

	*out = (struct presence_line){.low = *name == '!'};
	if (out->low)
		name++;
	colon = strchr(name, ':');
	if (colon && colon != name && (size_t)(colon - name) < sizeof(out->chip) &&
			strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") ==
					(size_t)(colon - name) &&
			g_ascii_string_to_unsigned(colon + 1, 10, 0, 65535, &offset, NULL)) {
		memcpy(out->chip, name, (size_t)(colon - name));
		out->offset = (uint32_t)offset;
		return true;
	}
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
			"\"%s\" is no line of a GPIO chip: \"gpiochip0:12\" is, and "
			"\"!gpiochip0:12\" for one that is low when the node is there",
			spec);
	return false;
}

/* --- The line --- */

static gboolean presence_try(gpointer data);

/* Last in whoever calls it: it may be freed. */
static void presence_tell(struct presence *presence, bool present, const char *why)
{
	bool news = !presence->told_any || presence->present != present ||
		    presence->supposed != (why != NULL);

	presence->told_any = true;
	presence->present = present;
	presence->supposed = why != NULL;
	if (news)
		presence->told(present, why, presence->data);
}

static void presence_lose(struct presence *presence, const char *what)
{
	char *why = g_strdup_printf("GPIO line %s: %s", presence->spec, what);

	if (presence->watch)
		g_source_remove(presence->watch);
	presence->watch = 0;
	if (presence->fd >= 0)
		presence->calls->close(presence->fd);
	presence->fd = -1;
	presence->timer = g_timeout_add((guint)presence->calls->again_ms, presence_try, presence);
	presence_tell(presence, true, why);
	g_free(why);
}

/* Returns 0 or errno. */
static int presence_value(const struct presence *presence, bool *present)
{
	struct gpio_v2_line_values values = {.mask = 1};

	if (presence->calls->ioctl(presence->fd, GPIO_V2_LINE_GET_VALUES_IOCTL, &values) < 0)
		return errno;
	*present = values.bits & 1;
	return 0;
}

/* What the line is now, and not what the events say that it was: none can be lost. */
static void presence_look(struct presence *presence)
{
	bool present = true;
	int problem = presence_value(presence, &present);

	if (problem)
		presence_lose(presence, g_strerror(problem));
	else
		presence_tell(presence, present, NULL);
}

static gboolean presence_edge(gint fd, GIOCondition condition, gpointer data)
{
	struct presence *presence = data;
	struct gpio_v2_line_event events[PRESENCE_BURST];
	ssize_t size = read(fd, events, sizeof(events));

	(void)condition;
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (size <= 0) {
		presence->watch = 0; /* by what is returned here */
		presence_lose(presence, size < 0 ? g_strerror(errno) : "the chip has gone");
		return G_SOURCE_REMOVE;
	}
	presence_look(presence);
	return G_SOURCE_CONTINUE;
}

/* Returns the line's descriptor or -errno. */
static int presence_open(const struct presence *presence)
{
	struct gpio_v2_line_request request = {
			.offsets = {presence->line.offset},
			.consumer = "spicerack presence",
			.num_lines = 1,
			.config = {.flags = GPIO_V2_LINE_FLAG_INPUT |
					    GPIO_V2_LINE_FLAG_EDGE_RISING |
					    GPIO_V2_LINE_FLAG_EDGE_FALLING |
					    (presence->line.low ? GPIO_V2_LINE_FLAG_ACTIVE_LOW : 0),
					.num_attrs = 1,
					.attrs = {{.attr = {.id = GPIO_V2_LINE_ATTR_ID_DEBOUNCE,
								   .debounce_period_us =
										   PRESENCE_DEBOUNCE_US},
							.mask = 1}}},
	};
	char *path = g_strdup_printf("/dev/%s", presence->line.chip);
	int chip = presence->calls->open(path, O_RDWR | O_CLOEXEC), answer = 0;

	if (chip < 0 || presence->calls->ioctl(chip, GPIO_V2_GET_LINE_IOCTL, &request) < 0)
		answer = -errno;
	if (chip >= 0)
		presence->calls->close(chip);
	g_free(path);
	return answer < 0 ? answer : request.fd;
}

static gboolean presence_try(gpointer data)
{
	struct presence *presence = data;
	int fd = presence_open(presence);

	presence->timer = 0;
	if (fd < 0) {
		presence_lose(presence, g_strerror(-fd));
		return G_SOURCE_REMOVE;
	}
	/* A read may find nothing: the kernel drops the oldest of too many events. */
	g_unix_set_fd_nonblocking(fd, TRUE, NULL);
	presence->fd = fd;
	presence->watch = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, presence_edge, presence);
	presence_look(presence);
	return G_SOURCE_REMOVE;
}

/* --- Coming and going --- */

struct presence *presence_new_with(const char *spec, const struct presence_calls *calls,
		presence_fn told, void *data, GError **error)
{
	struct presence_line line;
	struct presence *presence;

	if (!presence_parse(spec, &line, error))
		return NULL;
	presence = g_new0(struct presence, 1);
	presence->calls = calls;
	presence->spec = g_strdup(spec);
	presence->line = line;
	presence->fd = -1;
	presence->told = told;
	presence->data = data;
	presence->timer = g_timeout_add(0, presence_try, presence);
	return presence;
}

static int presence_system_open(const char *path, int flags)
{
	return open(path, flags);
}

static int presence_system_ioctl(int fd, unsigned long request, void *argument)
{
	return ioctl(fd, request, argument);
}

struct presence *presence_new(const char *spec, presence_fn told, void *data, GError **error)
{
	static const struct presence_calls system = {
			presence_system_open, presence_system_ioctl, close, PRESENCE_AGAIN_MS};

	return presence_new_with(spec, &system, told, data, error);
}

void presence_free(struct presence *presence)
{
	if (!presence)
		return;
	if (presence->watch)
		g_source_remove(presence->watch);
	if (presence->timer)
		g_source_remove(presence->timer);
	if (presence->fd >= 0)
		presence->calls->close(presence->fd);
	g_free(presence->spec);
	g_free(presence);
}
