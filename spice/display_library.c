/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib.h>
#include <spice/macros.h>
#include <string.h>
#include "spice/display_library.h"
#include "spice/drawable.h"
#include "spice/region.h"

#define FIRST_WIDTH  640
#define FIRST_HEIGHT 480

/*
 * A client may insist on GLZ, whose dictionary keeps drawables after they are sent. After this long
 * without anything coming back the library is told that memory is short; doubled each time up to
 * the second value.
 */
#define STUCK_MS     100
#define STUCK_MAX_MS 1600

/* What the worker has completed, as cookies of the asynchronous calls and as bits. */
enum library_done {
	DONE_AREA = 1 << 0,
	DONE_DESTROY = 1 << 1,
	DONE_CREATE = 1 << 2,
};

enum library_state {
	LIBRARY_READY,      /* there is a surface; it may have another size than the picture */
	LIBRARY_DESTROYING, /* asked for, not done yet */
	LIBRARY_CREATING,
	LIBRARY_BARE, /* no surface: memory was short */
};

struct library {
	struct display display;
	QXLInstance qxl;
	display_library_size_fn size;
	void *data;

	struct display_picture picture; /* not ours; no pixels before the first */
	struct region region;           /* what was not pushed yet, size of the picture */
	enum library_state state;
	uint8_t *surface; /* ours, the worker draws into it while it is the primary */
	int width, height;
	int clients;       /* display channels */
	uint32_t image_id; /* of the last drawable */
	guint stuck;       /* timer, 0 when nothing waits */
	guint stuck_ms;    /* its period */
	GSource *bell;     /* rung by the worker, heard by the main thread */

	GMutex lock;       /* for all below: shared with the worker */
	GQueue queue;      /* struct drawable, to be fetched by the worker */
	int in_flight;     /* drawables that have not come back */
	int areas;         /* update_area calls that are not complete */
	bool released;     /* something came back since the stuck timer looked */
	unsigned int done; /* enum library_done bits */
};

struct library_bell {
	GSource source;
	struct library *library;
};

static struct library *library_of(QXLInstance *qxl)
{
	return SPICE_CONTAINEROF(qxl, struct library, qxl);
}

/* --- The worker's side --- */

static void library_attached(QXLInstance *qxl)
{
}

static void library_set_compression_level(QXLInstance *qxl, int level)
{
}

static void library_get_init_info(QXLInstance *qxl, QXLDevInitInfo *info)
{
	/* One slot over the whole address space, so that addresses need no translation. */
	*info = (QXLDevInitInfo){
			.num_memslots_groups = 1,
			.num_memslots = 1,
			.memslot_gen_bits = 1,
			.memslot_id_bits = 1,
			.n_surfaces = 1,
	};
}

static int library_get_command(QXLInstance *qxl, QXLCommandExt *command)
{
	struct library *library = library_of(qxl);
	struct drawable *drawable;

	g_mutex_lock(&library->lock);
	drawable = g_queue_pop_head(&library->queue);
	g_mutex_unlock(&library->lock);
	if (!drawable)
		return 0;
	drawable_command(drawable, command);
	return 1;
}

/* "No" makes the worker fetch again: what was queued since its last fetch would otherwise lie
 * there. */
static int library_req_cmd_notification(QXLInstance *qxl)
{
	struct library *library = library_of(qxl);
	bool empty;

	g_mutex_lock(&library->lock);
	empty = g_queue_is_empty(&library->queue);
	g_mutex_unlock(&library->lock);
	return empty;
}

static void library_release_resource(QXLInstance *qxl, QXLReleaseInfoExt info)
{
	struct library *library = library_of(qxl);
	bool last;

	drawable_free(drawable_of(&info));
	g_mutex_lock(&library->lock);
	last = --library->in_flight == 0;
	library->released = true;
	g_mutex_unlock(&library->lock);
	if (last)
		g_source_set_ready_time(library->bell, 0);
}

static int library_get_cursor_command(QXLInstance *qxl, QXLCommandExt *command)
{
	return 0;
}

static int library_req_cursor_notification(QXLInstance *qxl)
{
	return 1;
}

static void library_notify_update(QXLInstance *qxl, uint32_t update_id)
{
}

static int library_flush_resources(QXLInstance *qxl)
{
	return 0;
}

static void library_async_complete(QXLInstance *qxl, uint64_t cookie)
{
	struct library *library = library_of(qxl);

	g_mutex_lock(&library->lock);
	if (cookie == DONE_AREA)
		library->areas--;
	library->done |= cookie;
	g_mutex_unlock(&library->lock);
	g_source_set_ready_time(library->bell, 0);
}

static void library_update_area_complete(
		QXLInstance *qxl, uint32_t surface, struct QXLRect *rectangles, uint32_t count)
{
}

static void library_set_client_capabilities(
		QXLInstance *qxl, uint8_t present, uint8_t caps[SPICE_CAPABILITIES_SIZE])
{
}

static int library_client_monitors_config(QXLInstance *qxl, VDAgentMonitorsConfig *config)
{
	return 1; /* heard, and not followed: the node alone sets its resolution */
}

static const QXLInterface library_interface = {
		.base = {.type = SPICE_INTERFACE_QXL,
				.description = "screen",
				.major_version = SPICE_INTERFACE_QXL_MAJOR,
				.minor_version = SPICE_INTERFACE_QXL_MINOR},
		.attached_worker = library_attached,
		.set_compression_level = library_set_compression_level,
		.get_init_info = library_get_init_info,
		.get_command = library_get_command,
		.req_cmd_notification = library_req_cmd_notification,
		.release_resource = library_release_resource,
		.get_cursor_command = library_get_cursor_command,
		.req_cursor_notification = library_req_cursor_notification,
		.notify_update = library_notify_update,
		.flush_resources = library_flush_resources,
		.async_complete = library_async_complete,
		.update_area_complete = library_update_area_complete,
		.set_client_capabilities = library_set_client_capabilities,
		.client_monitors_config = library_client_monitors_config,
};

/* --- The main thread's side --- */

static bool library_fits(const struct library *library)
{
	return library->width == library->picture.width &&
	       library->height == library->picture.height;
}

/* Whether everything pushed is with the clients' sockets. */
static bool library_sent(struct library *library)
{
	bool sent;

	g_mutex_lock(&library->lock);
	sent = library->in_flight == 0;
	g_mutex_unlock(&library->lock);
	return sent;
}

/* Whether the worker has nothing of ours: then the surface's memory may be touched from here. */
static bool library_idle(struct library *library)
{
	bool idle;

	g_mutex_lock(&library->lock);
	idle = library->in_flight == 0 && library->areas == 0;
	g_mutex_unlock(&library->lock);
	return idle;
}

/* The surface becomes the newest picture without telling anybody. */
static void library_fill(struct library *library)
{
	const struct display_picture *picture = &library->picture;

	for (int y = 0; y < library->height; y++)
		memcpy(library->surface + (size_t)y * library->width * 4,
				picture->pixels + (size_t)y * picture->stride,
				(size_t)library->width * 4);
	region_clear(&library->region);
}

static QXLDevSurfaceCreate library_surface(const struct library *library)
{
	return (QXLDevSurfaceCreate){
			.width = library->width,
			.height = library->height,
			.stride = library->width * 4, /* positive: top row first */
			.format = SPICE_SURFACE_FMT_32_xRGB,
			.mouse_mode = 1, /* or clients get no absolute pointer */
			.flags = QXL_SURF_FLAG_KEEP_DATA,
			.type = QXL_SURF_TYPE_PRIMARY,
			.mem = (uintptr_t)library->surface,
	};
}

static void library_create(struct library *library)
{
	QXLDevSurfaceCreate surface;

	g_free(library->surface);
	library->surface = g_try_malloc(
			(size_t)library->picture.width * library->picture.height * 4);
	if (!library->surface) {
		g_warning("viewer: no memory for a picture of %dx%d; it stays dark until the next change of size",
				library->picture.width, library->picture.height);
		library->width = 0;
		library->height = 0;
		library->state = LIBRARY_BARE;
		return;
	}
	library->width = library->picture.width;
	library->height = library->picture.height;
	/* Clients get the surface with what is in it: the whole picture needs no drawable. */
	library_fill(library);
	surface = library_surface(library);
	/* Before any client can see the new surface and point at it. */
	library->size(library->width, library->height, library->data);
	library->state = LIBRARY_CREATING;
	spice_qxl_create_primary_surface_async(&library->qxl, 0, &surface, DONE_CREATE);
}

/*
 * Queues everything marked as one update. The worker is woken for the first rectangle already: it
 * is on its way while the others are copied, and not held back to share a segment with them.
 * Rendering all at the end frees the drawables as soon as they are sent, and nothing piles up in
 * the worker's tree.
 */
static void library_push(struct library *library)
{
	struct region_rectangle rectangles[REGION_RECTANGLES];
	QXLRect all = {.bottom = library->height, .right = library->width};
	int count = region_rectangles(&library->region, rectangles), queued = 0;

	g_mutex_lock(&library->lock);
	library->areas++;
	library->released = true; /* the time of being stuck begins anew */
	g_mutex_unlock(&library->lock);
	for (; queued < count; queued++) {
		struct drawable *drawable = drawable_new(
				&library->picture, &rectangles[queued], ++library->image_id);

		if (!drawable)
			break; /* memory is short */
		g_mutex_lock(&library->lock);
		g_queue_push_tail(&library->queue, drawable);
		library->in_flight++;
		g_mutex_unlock(&library->lock);
		if (queued == 0)
			spice_qxl_wakeup(&library->qxl);
	}
	if (queued == count)
		region_clear(&library->region); /* else all stays marked for the next update */
	if (queued > 1)
		spice_qxl_wakeup(&library->qxl);
	spice_qxl_update_area_async(&library->qxl, 0, &all, 1, DONE_AREA);
}

static gboolean library_stuck(gpointer data)
{
	struct library *library = data;
	bool released;

	g_mutex_lock(&library->lock);
	released = library->released;
	library->released = false;
	g_mutex_unlock(&library->lock);
	if (released) {
		library->stuck_ms = STUCK_MS;
	} else {
		spice_qxl_oom(&library->qxl);
		library->stuck_ms = MIN(library->stuck_ms * 2, STUCK_MAX_MS);
	}
	library->stuck = g_timeout_add(library->stuck_ms, library_stuck, library);
	return G_SOURCE_REMOVE;
}

/* Looks after an update that does not end, only while something newer waits for it. */
static void library_watch_stuck(struct library *library, bool waiting)
{
	if (waiting && library->stuck == 0) {
		library->stuck_ms = STUCK_MS;
		library->stuck = g_timeout_add(library->stuck_ms, library_stuck, library);
	} else if (!waiting && library->stuck) {
		g_source_remove(library->stuck);
		library->stuck = 0;
	}
}

/* Does the next thing that can be done; every change of state comes through here. */
static void library_step(struct library *library)
{
	/*
	 * A new size also waits for the update before it: the worker would wait for it otherwise,
	 * up to 30 s with a client that does not read, and stop answering.
	 */
	bool wanted = library->state == LIBRARY_READY && library->picture.pixels &&
		      (!library_fits(library) || (library->clients > 0 && library->region.dirty));
	bool sent = library_sent(library);

	if (wanted && library_fits(library)) {
		if (sent)
			library_push(library);
	} else if (wanted && library_idle(library)) {
		library->state = LIBRARY_DESTROYING;
		spice_qxl_destroy_primary_surface_async(&library->qxl, 0, DONE_DESTROY);
	}
	library_watch_stuck(library, wanted && !sent);
}

static gboolean library_hear(GSource *source, GSourceFunc callback, gpointer data)
{
	struct library *library = ((struct library_bell *)source)->library;
	unsigned int done;

	g_source_set_ready_time(source, -1);
	g_mutex_lock(&library->lock);
	done = library->done;
	library->done = 0;
	g_mutex_unlock(&library->lock);
	if (done & DONE_DESTROY)
		library_create(library);
	if (done & DONE_CREATE)
		library->state = LIBRARY_READY;
	library_step(library);
	return G_SOURCE_CONTINUE;
}

static void library_show(struct display *display, const struct display_picture *picture)
{
	struct library *library = (struct library *)display;

	if (library->region.width != picture->width || library->region.height != picture->height)
		if (!region_resize(&library->region, picture->width, picture->height)) {
			g_warning("viewer: no memory to follow a picture of %dx%d", picture->width,
					picture->height);
			return;
		}
	library->picture = *picture;
	region_mark_all(&library->region);
	if (library->state == LIBRARY_BARE)
		library_create(library);
	library_step(library);
}

static void library_damage(struct display *display, const struct display_damage *damage)
{
	struct library *library = (struct library *)display;

	if (!library->picture.pixels)
		return;
	region_add(&library->region, damage);
	if (library->clients > 0)
		library_step(library);
}

static void library_close(struct display *display)
{
	struct library *library = (struct library *)display;

	library_watch_stuck(library, false);
	g_source_destroy(library->bell);
	g_source_unref(library->bell);
	/* What the worker had not fetched when it ended. */
	g_queue_foreach(&library->queue, (GFunc)(void (*)(void))drawable_free, NULL);
	g_queue_clear(&library->queue);
	g_mutex_clear(&library->lock);
	region_release(&library->region);
	g_free(library->surface);
	g_free(library);
}

void display_library_join(struct display *display)
{
	struct library *library = (struct library *)display;

	library->clients++;
	if (!library->picture.pixels)
		return;
	/*
	 * The library greets a client with the surface as it is. With nobody else there, bringing
	 * that up to date is all it takes; otherwise both clients get everything as an update.
	 */
	if (library->clients == 1 && library->state == LIBRARY_READY && library_fits(library) &&
			library_idle(library))
		library_fill(library);
	else
		region_mark_all(&library->region);
	library_step(library);
}

void display_library_leave(struct display *display)
{
	struct library *library = (struct library *)display;

	library->clients--;
	library_step(library);
}

struct display *display_library_new(SpiceServer *server, display_library_size_fn size, void *data)
{
	static const struct display_ops ops = {
			.show = library_show,
			.damage = library_damage,
			.close = library_close,
	};
	static GSourceFuncs bell_funcs = {.dispatch = library_hear};
	QXLDevMemSlot slot = {.virt_end = UINTPTR_MAX, .qxl_ram_size = UINT32_MAX};
	QXLDevSurfaceCreate surface;
	struct library *library = g_new0(struct library, 1);

	library->display.ops = &ops;
	library->size = size;
	library->data = data;
	g_mutex_init(&library->lock);
	g_queue_init(&library->queue);
	library->bell = g_source_new(&bell_funcs, sizeof(struct library_bell));
	((struct library_bell *)library->bell)->library = library;
	g_source_attach(library->bell, NULL);
	library->width = FIRST_WIDTH;
	library->height = FIRST_HEIGHT;
	library->surface = g_try_malloc0((size_t)FIRST_WIDTH * FIRST_HEIGHT * 4);
	library->qxl.base.sif = &library_interface.base;
	if (!library->surface || spice_server_add_interface(server, &library->qxl.base) != 0) {
		library_close(&library->display);
		return NULL;
	}
	spice_qxl_add_memslot(&library->qxl, &slot);
	/*
	 * The first surface is made synchronously: it turns the absolute pointer on, and the
	 * asynchronous call would do that from the worker's thread, where the main channel must not
	 * be touched. Later ones change nothing in that respect.
	 */
	surface = library_surface(library);
	spice_qxl_create_primary_surface(&library->qxl, 0, &surface);
	library->state = LIBRARY_READY;
	size(library->width, library->height, data);
	return &library->display;
}
