/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include "gadget/attribute.h"
#include "gadget/channel.h"
#include "gadget/gadget.h"
#include "gadget/hub.h"

/* A folder that looks like sysfs and configfs to what only reads. */
struct fixture {
	char *root, *sysfs, *configfs;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->root = g_dir_make_tmp("hub-XXXXXX", NULL);
	f->sysfs = g_build_filename(f->root, "sys", NULL);
	f->configfs = g_build_filename(f->root, "config", NULL);
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	char *command = g_strdup_printf("rm -r '%s'", f->root);

	g_assert_cmpint(system(command), ==, 0);
	g_free(command);
	g_free(f->configfs);
	g_free(f->sysfs);
	g_free(f->root);
}

static void put_bytes(const char *root, const char *path, const void *bytes, size_t size)
{
	char *file = g_build_filename(root, path, NULL), *folder = g_path_get_dirname(file);

	g_assert_cmpint(g_mkdir_with_parents(folder, 0700), ==, 0);
	g_assert_true(g_file_set_contents(file, bytes, size, NULL));
	g_free(folder);
	g_free(file);
}

static void put(const char *root, const char *path, const char *text)
{
	put_bytes(root, path, text, strlen(text));
}

/* A port: its device below parent, and the link of the class to it. */
static void put_port(struct fixture *f, const char *parent, const char *udc, const char *state,
		const char *holder)
{
	char *device = g_build_filename(parent, udc, "udc", udc, NULL);
	char *target = g_build_filename("../..", device, NULL);
	char *folder = g_build_filename(f->sysfs, "class", "udc", NULL);
	char *link = g_build_filename(folder, udc, NULL);
	char *path = g_build_filename(device, "state", NULL);

	put(f->sysfs, path, state);
	g_free(path);
	path = g_build_filename(device, "function", NULL);
	put(f->sysfs, path, holder);
	g_free(path);
	/* .../UDC/udc/UDC/device: the controller */
	path = g_build_filename(f->sysfs, device, "device", NULL);
	g_assert_cmpint(symlink("../..", path), ==, 0);
	g_free(path);
	g_mkdir_with_parents(folder, 0700);
	g_assert_cmpint(symlink(target, link), ==, 0);
	g_free(link);
	g_free(folder);
	g_free(target);
	g_free(device);
}

#define VHUB "devices/platform/ahb/1e6a0000.usb-vhub"

static void put_vhub(struct fixture *f, const char *soc, int ports, int endpoints)
{
	char *compatible = g_strdup_printf("aspeed,%s-usb-vhub", soc);
	const uint8_t cells[2][4] = {{0, 0, 0, ports}, {0, 0, 0, endpoints}};

	put(f->sysfs, VHUB "/of_node/compatible", compatible);
	if (ports) {
		put_bytes(f->sysfs, VHUB "/of_node/aspeed,vhub-downstream-ports", cells[0], 4);
		put_bytes(f->sysfs, VHUB "/of_node/aspeed,vhub-generic-endpoints", cells[1], 4);
	}
	put_port(f, VHUB, "1e6a0000.usb-vhub:p1", "configured\n", "input\n");
	put_port(f, VHUB, "1e6a0000.usb-vhub:p2", "configured\n", "drive\n");
	put_port(f, VHUB, "1e6a0000.usb-vhub:p10", "not attached\n", "");
	g_free(compatible);
}

static void test_ports_are_listed_in_order(struct fixture *f, gconstpointer unused)
{
	char **list = udc_list(f->sysfs);

	g_assert_cmpuint(g_strv_length(list), ==, 0);
	g_strfreev(list);
	put_vhub(f, "ast2600", 7, 21);
	list = udc_list(f->sysfs);
	g_assert_cmpuint(g_strv_length(list), ==, 3);
	g_assert_cmpstr(list[0], ==, "1e6a0000.usb-vhub:p1");
	g_assert_cmpstr(list[1], ==, "1e6a0000.usb-vhub:p2");
	g_assert_cmpstr(list[2], ==, "1e6a0000.usb-vhub:p10");
	g_strfreev(list);
	g_assert_true(udc_exists(f->sysfs, "1e6a0000.usb-vhub:p2"));
	g_assert_false(udc_exists(f->sysfs, "1e6a0000.usb-vhub:p3"));
	g_assert_false(udc_exists(f->sysfs, ""));
	g_assert_false(udc_exists(f->sysfs, "../udc"));
}

static void test_a_holder_is_named(struct fixture *f, gconstpointer unused)
{
	char *holder;

	put_vhub(f, "ast2600", 7, 21);
	holder = udc_holder(f->sysfs, "1e6a0000.usb-vhub:p1");
	g_assert_cmpstr(holder, ==, "input");
	g_free(holder);
	g_assert_null(udc_holder(f->sysfs, "1e6a0000.usb-vhub:p10"));
}

static void test_states_are_read(struct fixture *f, gconstpointer unused)
{
	g_assert_cmpint(udc_state_parse("not attached\n"), ==, UDC_UNPLUGGED);
	g_assert_cmpint(udc_state_parse("powered"), ==, UDC_POWERED);
	g_assert_cmpint(udc_state_parse("default\n"), ==, UDC_DEFAULT);
	g_assert_cmpint(udc_state_parse("addressed\n"), ==, UDC_ADDRESSED);
	g_assert_cmpint(udc_state_parse("configured\n"), ==, UDC_CONFIGURED);
	g_assert_cmpint(udc_state_parse("suspended\n"), ==, UDC_SUSPENDED);
	g_assert_cmpint(udc_state_parse("config"), ==, UDC_UNPLUGGED);
	g_assert_cmpint(udc_state_parse(""), ==, UDC_UNPLUGGED);
	for (int state = UDC_GONE; state <= UDC_SUSPENDED; state++)
		g_assert_nonnull(udc_state_name(state));

	put_vhub(f, "ast2600", 7, 21);
	g_assert_cmpint(udc_state(f->sysfs, "1e6a0000.usb-vhub:p1"), ==, UDC_CONFIGURED);
	g_assert_cmpint(udc_state(f->sysfs, "1e6a0000.usb-vhub:p10"), ==, UDC_NOT_BOUND);
	g_assert_cmpint(udc_state(f->sysfs, "1e6a0000.usb-vhub:p4"), ==, UDC_GONE);
	put(f->sysfs, VHUB "/1e6a0000.usb-vhub:p1/gadget.0/suspended", "0\n");
	g_assert_cmpint(udc_state(f->sysfs, "1e6a0000.usb-vhub:p1"), ==, UDC_CONFIGURED);
	put(f->sysfs, VHUB "/1e6a0000.usb-vhub:p1/gadget.0/suspended", "1\n");
	g_assert_cmpint(udc_state(f->sysfs, "1e6a0000.usb-vhub:p1"), ==, UDC_SUSPENDED);
}

static void assert_pool(
		struct fixture *f, const char *udc, const char *hub, int endpoints, int ports)
{
	struct udc_pool pool;

	udc_pool(f->sysfs, udc, &pool);
	g_assert_cmpstr(pool.hub, ==, hub);
	g_assert_cmpint(pool.endpoints, ==, endpoints);
	g_assert_cmpint(pool.ports, ==, ports);
	udc_pool_clear(&pool);
}

static void test_a_pool_is_what_the_device_tree_says(struct fixture *f, gconstpointer unused)
{
	put_vhub(f, "ast2600", 6, 18);
	assert_pool(f, "1e6a0000.usb-vhub:p10", "1e6a0000.usb-vhub", 18, 6);
}

static void test_an_old_tree_has_the_chips_figures(struct fixture *f, gconstpointer unused)
{
	put_vhub(f, "ast2600", 0, 0);
	assert_pool(f, "1e6a0000.usb-vhub:p1", "1e6a0000.usb-vhub", 21, 7);
	put(f->sysfs, VHUB "/of_node/compatible", "aspeed,ast2500-usb-vhub");
	assert_pool(f, "1e6a0000.usb-vhub:p1", "1e6a0000.usb-vhub", 15, 5);
}

static void test_other_controllers_share_nothing(struct fixture *f, gconstpointer unused)
{
	put_port(f, "devices/platform", "dummy_udc.0", "not attached\n", "");
	assert_pool(f, "dummy_udc.0", NULL, 0, 0);
	assert_pool(f, "missing", NULL, 0, 0);
}

static void put_gadget(
		struct fixture *f, const char *name, const char *udc, const char *const *functions)
{
	char *path = g_build_filename("usb_gadget", name, "UDC", NULL);

	put(f->configfs, path, udc);
	g_free(path);
	for (; *functions; functions++) {
		path = g_build_filename("usb_gadget", name, "functions", *functions, "some", NULL);
		put(f->configfs, path, "");
		g_free(path);
	}
}

static void test_endpoints_in_use_are_counted(struct fixture *f, gconstpointer unused)
{
	static const char *const input[] = {"hid.keyboard", "hid.absolute", "hid.relative", NULL};
	static const char *const drive[] = {"ffs.drive0", NULL};
	static const char *const network[] = {"ecm.usb0", "acm.0", NULL};
	struct udc_pool pool;
	GString *by = g_string_new(NULL);

	put_vhub(f, "ast2600", 7, 21);
	put_port(f, "devices/platform", "dummy_udc.0", "not attached\n", "");
	put_gadget(f, "input", "1e6a0000.usb-vhub:p1\n", input);
	put(f->configfs, "usb_gadget/input/functions/hid.keyboard/no_out_endpoint", "1\n");
	put(f->configfs, "usb_gadget/input/functions/hid.absolute/no_out_endpoint", "0\n");
	put_gadget(f, "drive", "1e6a0000.usb-vhub:p2\n", drive);
	put_gadget(f, "unbound", "\n", network);
	put_gadget(f, "elsewhere", "dummy_udc.0\n", network);
	udc_pool(f->sysfs, "1e6a0000.usb-vhub:p10", &pool);
	g_assert_cmpint(udc_pool_used(f->sysfs, f->configfs, &pool, NULL, by), ==, 1 + 2 + 2 + 2);
	g_assert_cmpstr(by->str, ==, "drive 2, input 5");
	g_assert_cmpint(udc_pool_used(f->sysfs, f->configfs, &pool, "input", NULL), ==, 2);
	put_gadget(f, "elsewhere", "1e6a0000.usb-vhub:p10\n", network);
	g_assert_cmpint(udc_pool_used(f->sysfs, f->configfs, &pool, NULL, NULL), ==, 7 + 6);
	udc_pool_clear(&pool);
	g_string_free(by, TRUE);
}

static void test_an_absent_attribute_is_no_failure(struct fixture *f, gconstpointer unused)
{
	GError *error = NULL;
	char *folder = g_build_filename(f->configfs, "usb_gadget", NULL), *text;
	size_t size;

	put(f->configfs, "usb_gadget/there", "before\n");
	g_assert_true(attribute_exists(folder, "there"));
	g_assert_false(attribute_exists(folder, "absent"));
	g_assert_cmpint(attribute_write(folder, "absent", "1", &error), ==, ATTRIBUTE_ABSENT);
	g_assert_no_error(error);
	g_assert_false(attribute_exists(folder, "absent"));
	g_assert_null(attribute_text(folder, "absent"));
	text = attribute_text(folder, "there");
	g_assert_cmpstr(text, ==, "before");
	g_free(text);
	text = attribute_bytes(folder, "there", &size);
	g_assert_cmpuint(size, ==, 7);
	g_free(text);
	g_assert_cmpint(attribute_write(folder, "there", "abcdef\n", &error), ==,
			ATTRIBUTE_WRITTEN);
	/* A folder takes no text. */
	g_assert_cmpint(attribute_write(f->configfs, "usb_gadget", "1", &error), ==,
			ATTRIBUTE_FAILED);
	g_assert_error(error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
	g_clear_error(&error);
	g_free(folder);
}

static void test_a_gadget_is_compared_in_everything(struct fixture *f, gconstpointer unused)
{
	static const uint8_t descriptor[] = {0x05, 0x01, 0x00, 0x0a};
	static const struct hid_function function = {"keyboard", 1, 1, 8, descriptor, 4};
	static const struct gadget gadget = {
			"input", 0x1d6b, 0x104, 0x100, "Maker", "Thing", "0", NULL, GADGET_NO_LUN, 1, {&function}};
	static const struct {
		const char *path, *value;
	} lines[] = {
			{"bDeviceClass", "0x00\n"},
			{"bDeviceSubClass", "0x00\n"},
			{"bDeviceProtocol", "0x00\n"},
			{"idVendor", "0x1d6b\n"},
			{"idProduct", "0x0104\n"},
			{"bcdDevice", "0x0100\n"},
			{"strings/0x409/manufacturer", "Maker\n"},
			{"strings/0x409/product", "Thing\n"},
			{"strings/0x409/serialnumber", "0\n"},
			{"configs/input.1/bmAttributes", "0xa0\n"},
			{"configs/input.1/MaxPower", "100\n"},
			{"configs/input.1/strings/0x409/configuration", "input\n"},
			{"functions/hid.keyboard/subclass", "1\n"},
			{"functions/hid.keyboard/protocol", "1\n"},
			{"functions/hid.keyboard/report_length", "8\n"},
	};
	char *folder = g_build_filename(f->configfs, "usb_gadget", "input", NULL);
	char *link = g_build_filename(folder, "configs/input.1/keyboard", NULL);

	g_assert_false(gadget_same(f->configfs, &gadget));
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++)
		put(folder, lines[i].path, lines[i].value);
	put_bytes(folder, "functions/hid.keyboard/report_desc", descriptor, sizeof(descriptor));
	g_assert_false(gadget_same(f->configfs, &gadget)); /* not in the configuration */
	g_assert_cmpint(symlink("../../functions/hid.keyboard", link), ==, 0);
	g_assert_true(gadget_same(f->configfs, &gadget));
	g_assert_cmpint(gadget_endpoints(f->configfs, &gadget), ==, 2);
	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		put(folder, lines[i].path, "0x7\n");
		g_assert_false(gadget_same(f->configfs, &gadget));
		put(folder, lines[i].path, lines[i].value);
	}
	put_bytes(folder, "functions/hid.keyboard/report_desc", descriptor, 3);
	g_assert_false(gadget_same(f->configfs, &gadget));
	put_bytes(folder, "functions/hid.keyboard/report_desc", descriptor, 4);
	put(folder, "functions/hid.keyboard/no_out_endpoint", "0\n");
	g_assert_false(gadget_same(f->configfs, &gadget));
	put(folder, "functions/hid.keyboard/no_out_endpoint", "1\n");
	g_assert_true(gadget_same(f->configfs, &gadget));
	g_assert_cmpint(gadget_endpoints(f->configfs, &gadget), ==, 1);
	put(folder, "functions/hid.more/dev", "239:1\n");
	g_assert_false(gadget_same(f->configfs, &gadget));
	g_free(link);
	g_free(folder);
}

static void test_a_missing_channel_names_its_node(struct fixture *f, gconstpointer unused)
{
	GError *error = NULL;

	put(f->sysfs, "dev/char/239:2/uevent", "MAJOR=239\nMINOR=2\nDEVNAME=hidg2\n");
	g_assert_cmpint(channel_open(f->sysfs, "/nowhere", makedev(239, 2), &error), ==, -1);
	g_assert_error(error, GADGET_FAULT, GADGET_FAULT_DEVICE);
	g_assert_nonnull(strstr(error->message, "/nowhere/hidg2 (device 239:2) is missing; "));
	g_clear_error(&error);
	/* A node of that name with another number is not it. */
	put(f->root, "dev/hidg2", "");
	g_assert_cmpint(channel_open(f->sysfs, f->root, makedev(239, 2), &error), ==, -1);
	g_clear_error(&error);
}

static void test_a_port_is_put_in_words(void)
{
	struct hub_port_status port = {
			.gadget = "spicerack-input",
			.port = "1e6a0000.usb-vhub:p1",
			.functions = 1 << HUB_KEYBOARD | 1 << HUB_RELATIVE,
			.node = UDC_CONFIGURED,
			.open = true,
			.listening = true,
			.reason = "",
	};
	char *words = hub_port_words(&port);

	g_assert_cmpstr(words, ==, "keyboard+relative on 1e6a0000.usb-vhub:p1: configured");
	g_free(words);
	port.listening = false;
	words = hub_port_words(&port);
	g_assert_nonnull(strstr(words, "but the node takes no reports"));
	g_free(words);
	port.port = NULL;
	words = hub_port_words(&port);
	g_assert_cmpstr(words, ==, "keyboard+relative: being bound");
	g_free(words);
	port.reason = "no; yes";
	words = hub_port_words(&port);
	g_assert_cmpstr(words, ==, "keyboard+relative: no; yes");
	g_free(words);
}

struct watch {
	enum gadget_fault fault;
	int told;
};

static void watch_channel(enum hub_function function, int fd, bool used, void *data)
{
	g_assert_not_reached();
}

static void watch_state(const struct hub_status *status, void *data)
{
	struct watch *watch = data;

	watch->fault = status->ports[0].fault;
	watch->told++;
}

static void test_a_machine_without_anything_is_a_state(struct fixture *f, gconstpointer unused)
{
	struct watch watch = {0};
	const struct hub_settings settings = {
			.layout = HUB_COMPOSITE, .configfs = f->configfs, .sysfs = f->sysfs};
	const struct hub_events events = {
			.channel = watch_channel, .state = watch_state, .data = &watch};
	struct hub *hub = hub_new(&settings, &events);
	GError *error = NULL;

	while (watch.fault != GADGET_FAULT_CONFIGFS)
		g_main_context_iteration(NULL, TRUE);
	g_assert_false(hub_wake(hub, &error));
	g_assert_error(error, GADGET_FAULT, GADGET_FAULT_ASLEEP);
	g_clear_error(&error);
	hub_close(hub);
	hub_close(NULL);
}

static void test_a_hub_may_be_closed_at_once(struct fixture *f, gconstpointer unused)
{
	struct watch watch = {0};
	const struct hub_settings settings = {.configfs = f->configfs, .sysfs = f->sysfs};
	const struct hub_events events = {
			.channel = watch_channel, .state = watch_state, .data = &watch};

	hub_close(hub_new(&settings, &events));
	for (int i = 0; i < 3; i++) {
		struct hub *hub = hub_new(&settings, &events);

		g_main_context_iteration(NULL, TRUE);
		hub_close(hub);
	}
	while (g_main_context_iteration(NULL, FALSE))
		;
}

#define add(name) \
	g_test_add("/hub/" #name, struct fixture, NULL, fixture_open, test_##name, fixture_close)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add(ports_are_listed_in_order);
	add(a_holder_is_named);
	add(states_are_read);
	add(a_pool_is_what_the_device_tree_says);
	add(an_old_tree_has_the_chips_figures);
	add(other_controllers_share_nothing);
	add(endpoints_in_use_are_counted);
	add(an_absent_attribute_is_no_failure);
	add(a_gadget_is_compared_in_everything);
	add(a_missing_channel_names_its_node);
	g_test_add_func("/hub/a_port_is_put_in_words", test_a_port_is_put_in_words);
	add(a_machine_without_anything_is_a_state);
	add(a_hub_may_be_closed_at_once);
	return g_test_run();
}
