/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "gadget/attribute.h"
#include "gadget/udc.h"

static char *udc_folder(const char *sysfs, const char *udc)
{
	return g_build_filename(sysfs, "class", "udc", udc, NULL);
}

static int udc_compare(gconstpointer a, gconstpointer b)
{
	char *key_a = g_utf8_collate_key_for_filename(*(const char *const *)a, -1);
	char *key_b = g_utf8_collate_key_for_filename(*(const char *const *)b, -1);
	int order = strcmp(key_a, key_b);

	g_free(key_a);
	g_free(key_b);
	return order;
}

/* Names in a folder, sorted; empty when it cannot be read. */
static GPtrArray *udc_names(const char *path)
{
	GPtrArray *names = g_ptr_array_new();
	GDir *dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)))
		g_ptr_array_add(names, g_strdup(name));
	if (dir)
		g_dir_close(dir);
	g_ptr_array_sort(names, udc_compare);
	g_ptr_array_add(names, NULL);
	return names;
}

char **udc_list(const char *sysfs)
{
	char *path = g_build_filename(sysfs, "class", "udc", NULL);
	char **list = (char **)g_ptr_array_free(udc_names(path), FALSE);

	g_free(path);
	return list;
}

bool udc_exists(const char *sysfs, const char *udc)
{
	char *path = udc_folder(sysfs, udc);
	bool exists = *udc && !strchr(udc, '/') && access(path, F_OK) == 0;

	g_free(path);
	return exists;
}

char *udc_holder(const char *sysfs, const char *udc)
{
	char *path = udc_folder(sysfs, udc);
	char *holder = attribute_text(path, "function");

	g_free(path);
	if (holder && !*holder)
		g_clear_pointer(&holder, g_free);
	return holder;
}

enum udc_state udc_state_parse(const char *line)
{
	static const struct {
		const char *name; /* usb_state_string in drivers/usb/common/common.c */
		enum udc_state state;
	} states[] = {
			{"not attached", UDC_UNPLUGGED},
			{"attached", UDC_POWERED},
			{"powered", UDC_POWERED},
			{"reconnecting", UDC_POWERED},
			{"unauthenticated", UDC_POWERED},
			{"default", UDC_DEFAULT},
			{"addressed", UDC_ADDRESSED},
			{"configured", UDC_CONFIGURED},
			{"suspended", UDC_SUSPENDED},
	};
	size_t length = strcspn(line, "\n");

	for (size_t i = 0; i < G_N_ELEMENTS(states); i++)
		if (strlen(states[i].name) == length && !strncmp(line, states[i].name, length))
			return states[i].state;
	return UDC_UNPLUGGED;
}

const char *udc_state_name(enum udc_state state)
{
	static const char *const names[] = {
			[UDC_GONE] = "missing",
			[UDC_NOT_BOUND] = "not bound",
			[UDC_UNPLUGGED] = "unplugged",
			[UDC_POWERED] = "powered",
			[UDC_DEFAULT] = "reset",
			[UDC_ADDRESSED] = "addressed",
			[UDC_CONFIGURED] = "configured",
			[UDC_SUSPENDED] = "suspended",
	};

	return names[state];
}

/* libcomposite's flag lies in the gadget's device, a sibling of the UDC's: "gadget" or "gadget.0".
 */
static bool udc_suspended(const char *udc_path)
{
	char *device = g_build_filename(udc_path, "device", NULL);
	GDir *dir = g_dir_open(device, 0, NULL);
	bool suspended = false;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *attribute, *text;

		if (!g_str_has_prefix(name, "gadget"))
			continue;
		attribute = g_build_filename(name, "suspended", NULL);
		text = attribute_text(device, attribute);
		suspended |= text && !strcmp(text, "1");
		g_free(text);
		g_free(attribute);
	}
	if (dir)
		g_dir_close(dir);
	g_free(device);
	return suspended;
}

enum udc_state udc_state(const char *sysfs, const char *udc)
{
	char *path = udc_folder(sysfs, udc);
	char *line = attribute_text(path, "state");
	char *holder = line ? udc_holder(sysfs, udc) : NULL;
	enum udc_state state = UDC_GONE;

	if (line && !holder)
		state = UDC_NOT_BOUND;
	else if (line)
		state = udc_state_parse(line);
	if (state >= UDC_DEFAULT && udc_suspended(path))
		state = UDC_SUSPENDED;
	g_free(holder);
	g_free(line);
	g_free(path);
	return state;
}

int udc_state_open(const char *sysfs, const char *udc)
{
	char *path = g_build_filename(sysfs, "class", "udc", udc, "state", NULL);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && !udc_state_seen(fd)) {
		close(fd);
		fd = -1;
	}
	g_free(path);
	return fd;
}

bool udc_state_seen(int fd)
{
	char line[64];

	return pread(fd, line, sizeof(line), 0) >= 0;
}

bool udc_wake(const char *sysfs, const char *udc, GError **error)
{
	char *path = udc_folder(sysfs, udc);
	enum attribute_result result = attribute_write(path, "srp", "1", error);

	if (result == ATTRIBUTE_ABSENT)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
				"%s/srp is missing: this kernel offers no way to wake the node",
				path);
	g_free(path);
	return result == ATTRIBUTE_WRITTEN;
}

/* A cell of the device tree: 32 bits, most significant byte first. */
static int udc_cell(const char *node, const char *name, int otherwise)
{
	size_t size = 0;
	uint8_t *bytes = (uint8_t *)attribute_bytes(node, name, &size);
	int value = otherwise;

	if (bytes && size == 4 && !bytes[0] && !bytes[1])
		value = bytes[2] << 8 | bytes[3];
	g_free(bytes);
	return value;
}

void udc_pool(const char *sysfs, const char *udc, struct udc_pool *pool)
{
	/* What drivers/usb/gadget/udc/aspeed-vhub/vhub.h takes when the tree has no properties, and
	 * the AST2600's figures (aspeed-g6.dtsi). */
	enum { ENDPOINTS = 15, PORTS = 5, AST2600_ENDPOINTS = 21, AST2600_PORTS = 7 };
	char *path = udc_folder(sysfs, udc);
	char *real = realpath(path, NULL);

	memset(pool, 0, sizeof(*pool));
	/* .../1e6a0000.usb-vhub/1e6a0000.usb-vhub:p1/udc/1e6a0000.usb-vhub:p1 */
	for (char *end; real && !pool->hub && (end = strrchr(real, '/')) && end != real;
			*end = '\0') {
		char *node = g_build_filename(real, "of_node", NULL);
		char *compatible = attribute_text(node, "compatible");
		bool newer = compatible && strstr(compatible, "ast2600-usb-vhub");

		if (compatible && strstr(compatible, "-usb-vhub")) {
			pool->hub = g_path_get_basename(real);
			pool->endpoints = udc_cell(node, "aspeed,vhub-generic-endpoints",
					newer ? AST2600_ENDPOINTS : ENDPOINTS);
			pool->ports = udc_cell(node, "aspeed,vhub-downstream-ports",
					newer ? AST2600_PORTS : PORTS);
		}
		g_free(compatible);
		g_free(node);
	}
	free(real);
	g_free(path);
}

void udc_pool_clear(struct udc_pool *pool)
{
	g_clear_pointer(&pool->hub, g_free);
}

/* Endpoints of a function of configfs; those of which nothing is known count as two. */
static int udc_function_endpoints(const char *functions, const char *name)
{
	static const struct {
		const char *type;
		int endpoints;
	} types[] = {
			{"acm.", 3},
			{"ecm.", 3},
			{"ncm.", 3},
			{"rndis.", 3}, /* and a notification */
			{"uac1.", 2},
			{"uac2.", 2},
			{"uvc.", 2},
			{"mass_storage.", 2},
			{"ffs.", 2},
	};
	char *folder, *silent;
	int endpoints = 2;

	for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
		if (g_str_has_prefix(name, types[i].type))
			endpoints = types[i].endpoints;
	if (!g_str_has_prefix(name, "hid."))
		return endpoints;
	folder = g_build_filename(functions, name, NULL);
	silent = attribute_text(folder, "no_out_endpoint");
	if (silent && !strcmp(silent, "1"))
		endpoints = 1;
	g_free(silent);
	g_free(folder);
	return endpoints;
}

int udc_pool_used(const char *sysfs, const char *configfs, const struct udc_pool *pool,
		const char *but, GString *by)
{
	char *root = g_build_filename(configfs, "usb_gadget", NULL);
	GPtrArray *gadgets = udc_names(root);
	int used = 0;

	for (guint i = 0; i + 1 < gadgets->len; i++) {
		const char *name = gadgets->pdata[i];
		char *gadget = g_build_filename(root, name, NULL);
		char *functions = g_build_filename(gadget, "functions", NULL);
		char *udc = attribute_text(gadget, "UDC");
		struct udc_pool other = {0};
		int before = used;

		if (udc && *udc && g_strcmp0(name, but))
			udc_pool(sysfs, udc, &other);
		if (other.hub && !strcmp(other.hub, pool->hub)) {
			GPtrArray *names = udc_names(functions);

			for (guint j = 0; j + 1 < names->len; j++)
				used += udc_function_endpoints(functions, names->pdata[j]);
			g_strfreev((char **)g_ptr_array_free(names, FALSE));
		}
		if (by && used > before)
			g_string_append_printf(
					by, "%s%s %d", by->len ? ", " : "", name, used - before);
		udc_pool_clear(&other);
		g_free(udc);
		g_free(functions);
		g_free(gadget);
	}
	g_strfreev((char **)g_ptr_array_free(gadgets, FALSE));
	g_free(root);
	return used;
}
