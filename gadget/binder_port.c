/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "gadget/binder_port.h"
#include "gadget/udc.h"

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

/* The first port that nobody holds, but for so many that others are to get. */
static char *binder_free_port(const struct binder_plan *plan, size_t left, GError **error)
{
	char **there = udc_list(plan->sysfs);
	GString *holders = g_string_new(NULL);
	char *port = NULL;

	for (char **udc = there; *udc && !port; udc++) {
		char *holder = udc_holder(plan->sysfs, *udc);

		if (holder)
			g_string_append_printf(holders, "%s%s: %s", holders->len ? ", " : "", *udc,
					holder);
		else if (left > 0 && left--)
			g_string_append_printf(holders, "%s%s: left for keyboard and pointers",
					holders->len ? ", " : "", *udc);
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

char *binder_port(const struct binder_plan *plan, size_t i, size_t left, GError **error)
{
	const char *port = plan->ports ? plan->ports[i] : NULL;
	char *holder;

	if (!port)
		return binder_free_port(plan, left, error);
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

bool binder_fits(const struct binder_plan *plan, const struct gadget *gadget, const char *port,
		GError **error)
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
