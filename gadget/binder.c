/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "gadget/binder.h"
#include "gadget/binder_port.h"
#include "gadget/udc.h"

/* Shared by the main thread and the worker; lock covers the flags. */
struct binder {
	const struct binder_plan *plan;
	binder_done_fn done; /* main thread only; NULL after binder_close */
	void *data;
	GMutex lock;
	GCond changed;
	bool asked, closing, finished;
	unsigned int replugs; /* bit for each gadget */
	unsigned int rebound; /* worker only: of these, those that the next pass is to tell */
	int references;
	struct ffs ffs[BINDER_GADGETS]; /* worker only: of drives */
	GArray *former;            /* worker only: struct ffs that the main thread may still use */
	int owned[BINDER_GADGETS]; /* worker only: gadget_own, -1: not ours */
};

/* What the worker hands over. */
struct binder_news {
	struct binder *binder;
	GArray *former; /* struct ffs, to be closed when nobody uses them any more */
	struct binder_state states[BINDER_GADGETS];
};

static void binder_unref(struct binder *binder)
{
	bool last;

	g_mutex_lock(&binder->lock);
	last = --binder->references == 0;
	g_mutex_unlock(&binder->lock);
	if (!last)
		return;
	g_array_unref(binder->former);
	g_mutex_clear(&binder->lock);
	g_cond_clear(&binder->changed);
	g_free(binder);
}

static void binder_news_free(gpointer data)
{
	struct binder_news *news = data;

	for (int i = 0; i < BINDER_GADGETS; i++) {
		if (news->states[i].watch >= 0)
			close(news->states[i].watch);
		g_free(news->states[i].port);
		g_free(news->states[i].reason);
	}
	for (guint i = 0; i < news->former->len; i++)
		ffs_close(&g_array_index(news->former, struct ffs, i));
	g_array_unref(news->former);
	binder_unref(news->binder);
	g_free(news);
}

static gboolean binder_tell(gpointer data)
{
	struct binder_news *news = data;

	if (news->binder->done)
		news->binder->done(news->states, news->binder->data);
	return G_SOURCE_REMOVE;
}

/* --- one gadget */

static void binder_disown(struct binder *binder, size_t i)
{
	if (binder->owned[i] >= 0)
		close(binder->owned[i]);
	binder->owned[i] = -1;
}

static bool binder_own(struct binder *binder, size_t i, GError **error)
{
	if (binder->owned[i] < 0)
		binder->owned[i] = gadget_own(
				binder->plan->configfs, binder->plan->gadgets[i]->name, error);
	return binder->owned[i] >= 0;
}

/* --- a drive's files */

static bool binder_described(const struct binder *binder, size_t i)
{
	return !binder->plan->gadgets[i]->drive || binder->ffs[i].ep0 >= 0;
}

/* The gadget was made anew. */
static bool binder_describe(struct binder *binder, size_t i, GError **error)
{
	const struct binder_plan *plan = binder->plan;

	if (binder_described(binder, i))
		return true;
	if (!ffs_open(plan->gadgets[i]->drive, &binder->ffs[i], error))
		return false;
	if (plan->kept)
		ffs_keep(plan->kept, plan->gadgets[i]->drive, &binder->ffs[i]);
	return true;
}

/* What a process before this one had open. */
static void binder_take(struct binder *binder, size_t i)
{
	const struct binder_plan *plan = binder->plan;

	if (plan->kept && !binder_described(binder, i))
		ffs_take(plan->kept, plan->gadgets[i]->drive, &binder->ffs[i]);
}

/* Lets go of a gadget's files when the main thread has. */
static void binder_forget(struct binder *binder, size_t i)
{
	const struct binder_plan *plan = binder->plan;

	if (binder->ffs[i].ep0 >= 0)
		g_array_append_val(binder->former, binder->ffs[i]);
	if (plan->kept && plan->gadgets[i]->drive)
		ffs_drop(plan->kept, plan->gadgets[i]->drive);
	binder->ffs[i] = FFS_NONE;
}

static bool binder_remove(struct binder *binder, size_t i, GError **error)
{
	binder_forget(binder, i);
	return gadget_remove(binder->plan->configfs, binder->plan->gadgets[i]->name, error);
}

/* --- making it right */

/* Ports that drives must leave: for those of a pass that come before them and have none. */
static size_t binder_left(
		const struct binder_plan *plan, const struct binder_state *states, size_t i)
{
	size_t left = 0;

	for (size_t before = 0; before < i; before++)
		left += !gadget_is_drive(plan->gadgets[before]) && !states[before].port;
	return gadget_is_drive(plan->gadgets[i]) ? left : 0;
}

/* Whether the gadget is there, as wanted, and on a port that works and is the right one. */
static bool binder_right(struct binder *binder, size_t i, struct binder_state *state)
{
	const struct binder_plan *plan = binder->plan;
	const char *name = plan->gadgets[i]->name;
	char *port = gadget_port(plan->configfs, name);
	char *holder = port ? udc_holder(plan->sysfs, port) : NULL;

	/* A port that went takes the driver with it while configfs still names it. */
	if (holder && (!plan->ports || !strcmp(port, plan->ports[i])))
		state->port = g_steal_pointer(&port);
	g_free(holder);
	g_free(port);
	return state->port != NULL;
}

/* Whether it is bound as it should be. What is not right is out of the way afterwards. */
static bool binder_adopt(
		struct binder *binder, size_t i, struct binder_state *state, GError **error)
{
	const struct binder_plan *plan = binder->plan;
	const struct gadget *gadget = plan->gadgets[i];

	if (!gadget_exists(plan->configfs, gadget->name))
		return false;
	if (!binder_own(binder, i, error))
		return false;
	binder_take(binder, i);
	if (!gadget_same(plan->configfs, gadget) || !binder_described(binder, i)) {
		binder_remove(binder, i, error);
		return false;
	}
	if (binder_right(binder, i, state)) {
		state->fresh = binder->rebound & 1u << i;
		binder->rebound &= ~(1u << i);
		return true;
	}
	if (!gadget_unbind(plan->configfs, gadget->name, NULL))
		binder_remove(binder, i, error);
	return false;
}

/* Makes it, if there is none, and binds it. */
static bool binder_bind(struct binder *binder, size_t i, const char *port,
		struct binder_state *state, GError **error)
{
	const struct binder_plan *plan = binder->plan;
	const struct gadget *gadget = plan->gadgets[i];

	if (!gadget_exists(plan->configfs, gadget->name)) {
		binder_disown(binder, i);
		binder_forget(binder, i);
		if (!gadget_create(plan->configfs, gadget, error))
			return false;
	}
	/* Before it is bound, so that the node's answer to that is told from what was before. */
	state->watch = udc_state_open(plan->sysfs, port);
	if (binder_own(binder, i, error) && binder_describe(binder, i, error) &&
			binder_fits(plan, gadget, port, error) &&
			gadget_bind(plan->configfs, gadget->name, port, error))
		return true;
	/* A drive begins from the start, whatever of it was in the way. */
	if (gadget->drive && binder->owned[i] >= 0)
		binder_remove(binder, i, NULL);
	return false;
}

static bool binder_arrange(struct binder *binder, size_t i, struct binder_state *states,
		struct binder_state *state, GError **error)
{
	const struct binder_plan *plan = binder->plan;
	const struct gadget *gadget = plan->gadgets[i];
	GError *failed = NULL;
	char *port;

	if (plan->ports && i >= g_strv_length((char **)plan->ports)) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TOO_FEW,
				"no port is assigned to gadget %s: there are %u for %zu gadgets; assign one "
				"port for each, or none",
				gadget->name, g_strv_length((char **)plan->ports), plan->count);
		return false;
	}
	if (binder_adopt(binder, i, state, &failed))
		return true;
	if (failed) {
		g_propagate_error(error, failed);
		return false;
	}
	port = binder_port(plan, i, binder_left(plan, states, i), error);
	if (!port)
		return false;
	if (!binder_bind(binder, i, port, state, error)) {
		g_free(port);
		return false;
	}
	state->port = port;
	state->fresh = true;
	return true;
}

static void binder_fault(struct binder_state *state, GError *error)
{
	state->fault = error->domain == GADGET_FAULT ? (enum gadget_fault)error->code
						     : GADGET_FAULT_OTHER;
	state->reason = g_strdup(error->message);
	g_error_free(error);
}

/* A gadget of ours that nobody wants, unless another process runs it. */
static void binder_sweep(const struct binder_plan *plan, const char *name)
{
	int fd = gadget_exists(plan->configfs, name) ? gadget_own(plan->configfs, name, NULL) : -1;

	if (fd < 0)
		return;
	gadget_remove(plan->configfs, name, NULL);
	close(fd);
}

static bool binder_wanted(const struct binder_plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->count; i++)
		if (!strcmp(plan->gadgets[i]->name, name))
			return true;
	return false;
}

/* Drives that other settings had. */
static void binder_sweep_drives(const struct binder_plan *plan)
{
	char *root = g_build_filename(plan->configfs, "usb_gadget", NULL);
	GDir *dir = g_dir_open(root, 0, NULL);
	GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		if (g_str_has_prefix(name, plan->drives) && !binder_wanted(plan, name))
			g_ptr_array_add(names, g_strdup(name));
	if (dir)
		g_dir_close(dir);
	for (guint i = 0; i < names->len; i++)
		binder_sweep(plan, names->pdata[i]);
	g_ptr_array_free(names, TRUE);
	g_free(root);
}

static void binder_run(struct binder *binder, struct binder_state *states)
{
	const struct binder_plan *plan = binder->plan;
	GError *error = NULL;

	for (const char *const *name = plan->unwanted; *name; name++)
		binder_sweep(plan, *name);
	binder_sweep_drives(plan);
	for (size_t i = 0; i < plan->count; i++) {
		const struct gadget *gadget = plan->gadgets[i];

		if (!gadget_possible(plan->configfs, &error) ||
				!binder_arrange(binder, i, states, &states[i], &error)) {
			binder_fault(&states[i], g_steal_pointer(&error));
			continue;
		}
		states[i].ffs = binder->ffs[i];
		for (size_t f = 0; f < gadget->count; f++)
			states[i].devices[f] = hid_gadget_device(
					plan->configfs, gadget->name, gadget->functions[f]);
	}
}

static void binder_clean(struct binder *binder)
{
	for (size_t i = 0; i < binder->plan->count; i++) {
		if (binder->owned[i] >= 0)
			gadget_remove(binder->plan->configfs, binder->plan->gadgets[i]->name, NULL);
		binder_disown(binder, i);
		ffs_close(&binder->ffs[i]);
		if (binder->plan->kept && binder->plan->gadgets[i]->drive)
			ffs_drop(binder->plan->kept, binder->plan->gadgets[i]->drive);
	}
	for (guint i = 0; i < binder->former->len; i++)
		ffs_close(&g_array_index(binder->former, struct ffs, i));
}

/*
 * The lock is held. Unbinding is what every controller can do; what is in soft_connect of sysfs
 * leaves some without interrupts (dummy_udc_stop of drivers/usb/gadget/udc/dummy_hcd.c).
 */
static void binder_replug_one(struct binder *binder, size_t i)
{
	const char *configfs = binder->plan->configfs, *name = binder->plan->gadgets[i]->name;
	int64_t until = g_get_monotonic_time() + BINDER_REPLUG_MS * G_TIME_SPAN_MILLISECOND;
	char *port;

	binder->replugs &= ~(1u << i);
	g_mutex_unlock(&binder->lock);
	port = gadget_port(configfs, name);
	if (port && !gadget_unbind(configfs, name, NULL))
		g_clear_pointer(&port, g_free);
	g_mutex_lock(&binder->lock);
	while (port && !binder->closing &&
			g_cond_wait_until(&binder->changed, &binder->lock, until))
		;
	g_mutex_unlock(&binder->lock);
	if (port && gadget_bind(configfs, name, port, NULL))
		binder->rebound |= 1u << i;
	g_free(port);
	g_mutex_lock(&binder->lock);
}

/* --- the thread */

static gpointer binder_thread(gpointer data)
{
	struct binder *binder = data;

	g_mutex_lock(&binder->lock);
	for (;;) {
		struct binder_news *news;

		while (!binder->asked && !binder->closing && !binder->replugs)
			g_cond_wait(&binder->changed, &binder->lock);
		if (binder->closing)
			break;
		for (size_t i = 0; i < binder->plan->count; i++)
			if (binder->replugs & 1u << i)
				binder_replug_one(binder, i);
		binder->asked = false;
		binder->references++;
		g_mutex_unlock(&binder->lock);
		news = g_new0(struct binder_news, 1);
		news->binder = binder;
		for (int i = 0; i < BINDER_GADGETS; i++)
			news->states[i] = (struct binder_state){.watch = -1, .ffs = FFS_NONE};
		binder_run(binder, news->states);
		news->former = binder->former;
		binder->former = g_array_new(FALSE, FALSE, sizeof(struct ffs));
		g_idle_add_full(G_PRIORITY_DEFAULT, binder_tell, news, binder_news_free);
		g_mutex_lock(&binder->lock);
	}
	g_mutex_unlock(&binder->lock);
	binder_clean(binder);
	g_mutex_lock(&binder->lock);
	binder->finished = true;
	g_cond_broadcast(&binder->changed);
	g_mutex_unlock(&binder->lock);
	binder_unref(binder);
	return NULL;
}

struct binder *binder_new(const struct binder_plan *plan, binder_done_fn done, void *data)
{
	struct binder *binder = g_new0(struct binder, 1);

	binder->plan = plan;
	binder->done = done;
	binder->data = data;
	binder->references = 2; /* the caller's and the thread's */
	g_mutex_init(&binder->lock);
	g_cond_init(&binder->changed);
	binder->former = g_array_new(FALSE, FALSE, sizeof(struct ffs));
	for (int i = 0; i < BINDER_GADGETS; i++) {
		binder->owned[i] = -1;
		binder->ffs[i] = FFS_NONE;
	}
	g_thread_unref(g_thread_new("hub", binder_thread, binder));
	return binder;
}

void binder_pass(struct binder *binder)
{
	g_mutex_lock(&binder->lock);
	binder->asked = true;
	g_cond_broadcast(&binder->changed);
	g_mutex_unlock(&binder->lock);
}

void binder_replug(struct binder *binder, size_t gadget)
{
	g_mutex_lock(&binder->lock);
	binder->replugs |= 1u << gadget;
	g_cond_broadcast(&binder->changed);
	g_mutex_unlock(&binder->lock);
}

bool binder_close(struct binder *binder)
{
	int64_t until = g_get_monotonic_time() + BINDER_CLOSE_MS * 1000;
	bool finished;

	if (!binder)
		return true;
	binder->done = NULL;
	g_mutex_lock(&binder->lock);
	binder->closing = true;
	g_cond_broadcast(&binder->changed);
	while (!binder->finished && g_cond_wait_until(&binder->changed, &binder->lock, until))
		;
	finished = binder->finished;
	g_mutex_unlock(&binder->lock);
	binder_unref(binder);
	return finished;
}
