/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include <unistd.h>
#include "gadget/binder.h"
#include "gadget/udc.h"

/* Shared by the main thread and the worker; lock covers the flags. */
struct binder {
	const struct binder_plan *plan;
	binder_done_fn done; /* main thread only; NULL after binder_close */
	void *data;
	GMutex lock;
	GCond changed;
	bool asked, closing, finished;
	int references;
	int owned[BINDER_GADGETS]; /* worker only: gadget_own, -1: not ours */
};

/* What the worker hands over. */
struct binder_news {
	struct binder *binder;
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

/* --- which port */

static void binder_no_such_port(const struct binder_plan *plan, const char *port, GError **error)
{
	char **there = udc_list(plan->sysfs);
	char *list = g_strjoinv(", ", there);

	if (*there)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_WRONG_PORT,
				"there is no USB port %s; there are: %s", port, list);
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_NO_PORT,
				"there is no USB port %s, nor any other; load the controller's driver "
				"(aspeed-vhub; dummy_hcd on a machine without)",
				port);
	g_free(list);
	g_strfreev(there);
}

/* The first port that nobody holds. */
static char *binder_free_port(const struct binder_plan *plan, GError **error)
{
	char **there = udc_list(plan->sysfs);
	GString *holders = g_string_new(NULL);
	char *port = NULL;

	for (char **udc = there; *udc && !port; udc++) {
		char *holder = udc_holder(plan->sysfs, *udc);

		if (holder)
			g_string_append_printf(holders, "%s%s: %s", holders->len ? ", " : "", *udc,
					holder);
		else
			port = g_strdup(*udc);
		g_free(holder);
	}
	if (!*there)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_NO_PORT,
				"there is no USB port (%s/class/udc is empty); load the controller's driver "
				"(aspeed-vhub; dummy_hcd on a machine without)",
				plan->sysfs);
	else if (!port)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TAKEN,
				"all %u USB ports are taken (%s); remove one of these gadgets, it is "
				"noticed at once",
				g_strv_length(there), holders->str);
	g_string_free(holders, TRUE);
	g_strfreev(there);
	return port;
}

/* The port for gadget number i: the assigned one, or a free one. */
static char *binder_port(const struct binder_plan *plan, size_t i, GError **error)
{
	const char *port = plan->ports ? plan->ports[i] : NULL;
	char *holder;

	if (!port)
		return binder_free_port(plan, error);
	if (!udc_exists(plan->sysfs, port)) {
		binder_no_such_port(plan, port, error);
		return NULL;
	}
	holder = udc_holder(plan->sysfs, port);
	if (holder) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TAKEN,
				"USB port %s is taken by gadget %s; remove that or assign another port",
				port, holder);
		g_free(holder);
		return NULL;
	}
	return g_strdup(port);
}

/* A hub that runs out of endpoints says no more than "no such device", so they are counted first.
 */
static bool binder_fits(const struct binder_plan *plan, const struct gadget *gadget,
		const char *port, GError **error)
{
	struct udc_pool pool;
	GString *by = g_string_new(NULL);
	bool fits = true;

	udc_pool(plan->sysfs, port, &pool);
	if (pool.hub) {
		int wanted = gadget_endpoints(plan->configfs, gadget);
		int used = udc_pool_used(plan->sysfs, plan->configfs, &pool, gadget->name, by);

		fits = used + wanted <= pool.endpoints;
		if (!fits)
			g_set_error(error, GADGET_FAULT, GADGET_FAULT_ENDPOINTS,
					"gadget %s needs %d endpoints, but %s has %d for all its ports and %d "
					"are in use (%s); configure fewer drives or functions",
					gadget->name, wanted, pool.hub, pool.endpoints, used,
					by->str);
	}
	g_string_free(by, TRUE);
	udc_pool_clear(&pool);
	return fits;
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

static bool binder_arrange(
		struct binder *binder, size_t i, struct binder_state *state, GError **error)
{
	const struct binder_plan *plan = binder->plan;
	const struct gadget *gadget = plan->gadgets[i];
	char *port;

	if (plan->ports && i >= g_strv_length((char **)plan->ports)) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TOO_FEW,
				"no port is assigned to gadget %s: there are %u for %zu gadgets; assign one "
				"port for each, or none",
				gadget->name, g_strv_length((char **)plan->ports), plan->count);
		return false;
	}
	if (gadget_exists(plan->configfs, gadget->name)) {
		if (!binder_own(binder, i, error))
			return false;
		if (gadget_same(plan->configfs, gadget)) {
			if (binder_right(binder, i, state))
				return true;
			if (!gadget_unbind(plan->configfs, gadget->name, NULL) &&
					!gadget_remove(plan->configfs, gadget->name, error))
				return false;
		} else if (!gadget_remove(plan->configfs, gadget->name, error)) {
			return false;
		}
	}
	port = binder_port(plan, i, error);
	if (!port)
		return false;
	if (!gadget_exists(plan->configfs, gadget->name)) {
		binder_disown(binder, i);
		if (!gadget_create(plan->configfs, gadget, error)) {
			g_free(port);
			return false;
		}
	}
	/* Before it is bound, so that the node's answer to that is told from what was before. */
	state->watch = udc_state_open(plan->sysfs, port);
	if (binder_own(binder, i, error) && binder_fits(plan, gadget, port, error) &&
			gadget_bind(plan->configfs, gadget->name, port, error)) {
		state->port = port;
		state->fresh = true;
		return true;
	}
	g_free(port);
	return false;
}

static void binder_fault(struct binder_state *state, GError *error)
{
	state->fault = error->domain == GADGET_FAULT ? (enum gadget_fault)error->code
						     : GADGET_FAULT_OTHER;
	state->reason = g_strdup(error->message);
	g_error_free(error);
}

static void binder_run(struct binder *binder, struct binder_state *states)
{
	const struct binder_plan *plan = binder->plan;
	GError *error = NULL;

	for (const char *const *name = plan->unwanted; *name; name++) {
		int fd = gadget_exists(plan->configfs, *name)
					 ? gadget_own(plan->configfs, *name, NULL)
					 : -1;

		if (fd >= 0) {
			gadget_remove(plan->configfs, *name, NULL);
			close(fd);
		}
	}
	for (size_t i = 0; i < plan->count; i++) {
		const struct gadget *gadget = plan->gadgets[i];

		if (!gadget_possible(plan->configfs, &error) ||
				!binder_arrange(binder, i, &states[i], &error)) {
			binder_fault(&states[i], g_steal_pointer(&error));
			continue;
		}
		for (size_t f = 0; f < gadget->count; f++)
			states[i].devices[f] = hid_gadget_device(
					plan->configfs, gadget->name, gadget->functions[f]);
	}
}

static void binder_clean(struct binder *binder)
{
	for (size_t i = 0; i < binder->plan->count; i++) {
		if (binder->owned[i] >= 0)
			gadget_remove(binder->plan->configfs, binder->plan->gadgets[i]->name,
					NULL);
		binder_disown(binder, i);
	}
}

/* --- the thread */

static gpointer binder_thread(gpointer data)
{
	struct binder *binder = data;

	g_mutex_lock(&binder->lock);
	for (;;) {
		struct binder_news *news;

		while (!binder->asked && !binder->closing)
			g_cond_wait(&binder->changed, &binder->lock);
		if (binder->closing)
			break;
		binder->asked = false;
		binder->references++;
		g_mutex_unlock(&binder->lock);
		news = g_new0(struct binder_news, 1);
		news->binder = binder;
		for (int i = 0; i < BINDER_GADGETS; i++)
			news->states[i].watch = -1;
		binder_run(binder, news->states);
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
	for (int i = 0; i < BINDER_GADGETS; i++)
		binder->owned[i] = -1;
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
