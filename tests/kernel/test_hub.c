/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "gadget/usage.h"
#include "tests/kernel/node.h"
#include "tests/kernel/rig.h"

#define UDC      "dummy_udc.0"
#define CONFIGFS "/sys/kernel/config"
#define GADGETS  CONFIGFS "/usb_gadget/"
#define PORTS    7

/* The next test finds the ports empty. */
static void finish(struct rig *rig)
{
	rig_close(rig);
	for (int i = 0; i < PORTS; i++) {
		char *udc = g_strdup_printf("dummy_udc.%d", i), *holder = udc_holder("/sys", udc);

		node_wait(holder || node_empty(udc));
		g_free(holder);
		g_free(udc);
	}
}

/* Nothing is left over in configfs. */
static void assert_clean(void)
{
	GDir *dir = g_dir_open(GADGETS, 0, NULL);

	g_assert_null(g_dir_read_name(dir));
	g_dir_close(dir);
}

static void wait_configured(struct rig *rig)
{
	node_wait(rig->open == HUB_FUNCTIONS && rig_node(rig) == UDC_CONFIGURED);
	g_assert_cmpstr(rig_reason(rig), ==, "");
}

static void assert_types(struct rig *rig, const char *udc)
{
	int fd;

	node_wait((fd = node_input(udc, NODE_KEYBOARD)) >= 0);
	keyboard_key(rig->keyboard, USAGE_A, true);
	node_wait(node_key_down(fd, KEY_A));
	keyboard_key(rig->keyboard, USAGE_A, false);
	node_wait(!node_key_down(fd, KEY_A));
	close(fd);
}

static void assert_fault(struct rig *rig, enum gadget_fault fault, const char *words)
{
	node_wait(rig_fault(rig) == fault);
	g_test_message("%s", rig_reason(rig));
	g_assert_nonnull(strstr(rig_reason(rig), words));
	g_assert_nonnull(strchr(rig_reason(rig), ';')); /* the remedy */
	g_assert_null(strchr(rig_reason(rig), '\n'));
}

/* --- another's gadgets */

static void shell(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void shell(const char *format, ...)
{
	va_list arguments;
	char *command;
	int status;

	va_start(arguments, format);
	command = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	status = system(command);
	if (status)
		g_error("%s: exit status %d", command, status);
	g_free(command);
}

/* A gadget of some function, bound to a port unless that is NULL. */
static void other_make(const char *name, const char *function, const char *udc)
{
	shell("cd " GADGETS
	      " && mkdir %s && cd %s && echo 0x1d6b > idVendor && echo 1 > idProduct && "
	      "mkdir functions/%s configs/c.1",
			name, name, function);
	if (udc)
		shell("cd " GADGETS "%s && ln -s functions/%s configs/c.1 && echo %s > UDC", name,
				function, udc);
}

static void other_remove(const char *name)
{
	shell("cd " GADGETS
	      "%s && { echo > UDC; rm -f configs/c.1/*.*; rmdir configs/c.1 functions/*; "
	      "cd ..; rmdir %s; } 2>/dev/null",
			name, name);
}

/* --- the life of a hub */

static void test_a_hub_comes_and_goes(void)
{
	struct rig rig;

	for (int i = 0; i < 3; i++) {
		rig_open(&rig, NULL);
		wait_configured(&rig);
		g_test_message("keyboard bound after %d ms", (int)(rig.bound / 1000));
		g_assert_true(node_attribute_is(UDC, "idVendor", "1d6b"));
		g_assert_true(node_attribute_is(UDC, "bConfigurationValue", "1"));
		finish(&rig);
		assert_clean();
		node_wait(node_attribute_is(UDC, "idVendor", ""));
	}
}

static void test_identity_is_what_the_settings_say(void)
{
	const struct hub_settings settings = {
			.layout = HUB_COMPOSITE,
			.name = "rack7",
			.identity = {0x1234, 0xabcd, "Maker", "Node 7", "S-77"},
	};
	struct rig rig;

	rig_open(&rig, &settings);
	wait_configured(&rig);
	g_assert_true(node_attribute_is(UDC, "idVendor", "1234"));
	g_assert_true(node_attribute_is(UDC, "idProduct", "abcd"));
	g_assert_true(node_attribute_is(UDC, "manufacturer", "Maker"));
	g_assert_true(node_attribute_is(UDC, "product", "Node 7"));
	g_assert_true(node_attribute_is(UDC, "serial", "S-77"));
	g_assert_true(node_attribute_is(UDC, "bmAttributes", "a0"));
	g_assert_true(node_attribute_is(UDC, "bNumInterfaces", "3"));
	g_assert_cmpint(access(GADGETS "rack7-input", F_OK), ==, 0);
	finish(&rig);
}

static void assert_interface(
		const char *udc, const char *subclass, const char *protocol, const char *size)
{
	char *device = node_device(udc), *name = g_path_get_basename(device);
	char *path = g_strdup_printf("%s:1.0/bInterfaceSubClass", name);

	g_assert_true(node_attribute_is(udc, "bNumInterfaces", "1"));
	g_assert_true(node_attribute_is(udc, path, subclass));
	g_free(path);
	path = g_strdup_printf("%s:1.0/bInterfaceProtocol", name);
	g_assert_true(node_attribute_is(udc, path, protocol));
	g_free(path);
	path = g_strdup_printf("%s:1.0/bNumEndpoints", name);
	g_assert_true(node_attribute_is(udc, path, "01"));
	g_free(path);
	path = g_strdup_printf("%s:1.0/ep_81/wMaxPacketSize", name);
	g_assert_true(node_attribute_is(udc, path, size));
	g_free(path);
	g_free(name);
	g_free(device);
}

static void test_one_device_for_each_function_is_plain(void)
{
	static const char *const ports[] = {"dummy_udc.3", "dummy_udc.1", "dummy_udc.2", NULL};
	const struct hub_settings settings = {.layout = HUB_SEPARATE, .ports = ports};
	struct hub_status status;
	struct rig rig;

	rig_open(&rig, &settings);
	node_wait(rig.open == HUB_FUNCTIONS);
	for (int i = 0; i < HUB_FUNCTIONS; i++)
		node_wait((hub_status(rig.hub, &status), status.ports[i].node == UDC_CONFIGURED));
	g_assert_cmpuint(status.count, ==, 3);
	g_assert_cmpstr(status.ports[0].gadget, ==, "spicerack-keyboard");
	g_assert_cmpstr(status.ports[0].port, ==, "dummy_udc.3");
	g_assert_cmpuint(status.ports[0].functions, ==, 1 << HUB_KEYBOARD);
	assert_interface("dummy_udc.3", "01", "01", "0008");
	assert_interface("dummy_udc.1", "00", "00", "0006");
	assert_interface("dummy_udc.2", "01", "02", "0004");
	assert_types(&rig, "dummy_udc.3");
	finish(&rig);
	assert_clean();
}

static void test_the_keyboard_is_alone_beside_the_pointers(void)
{
	struct hub_status status;
	struct rig rig;

	rig_open(&rig, &(struct hub_settings){.layout = HUB_KEYBOARD_APART});
	node_wait(rig.open == HUB_FUNCTIONS);
	for (int i = 0; i < 2; i++)
		node_wait((hub_status(rig.hub, &status), status.ports[i].node == UDC_CONFIGURED));
	g_assert_cmpuint(status.count, ==, 2);
	g_assert_cmpuint(status.ports[0].functions, ==, 1 << HUB_KEYBOARD);
	g_assert_cmpuint(status.ports[1].functions, ==, 1 << HUB_ABSOLUTE | 1 << HUB_RELATIVE);
	assert_interface(status.ports[0].port, "01", "01", "0008");
	assert_types(&rig, status.ports[0].port);
	finish(&rig);
	assert_clean();
}

static void test_a_changed_shape_leaves_nothing_over(void)
{
	const struct hub_settings single = {.functions = 1 << HUB_KEYBOARD};
	struct rig rig;

	other_make("spicerack-input", "hid.keyboard", NULL);
	other_make("spicerack-relative", "hid.relative", NULL);
	rig_open(&rig, &single);
	node_wait(rig.open == 1);
	g_assert_cmpint(access(GADGETS "spicerack-input", F_OK), <, 0);
	g_assert_cmpint(access(GADGETS "spicerack-relative", F_OK), <, 0);
	assert_types(&rig, UDC);
	finish(&rig);
	assert_clean();
}

/* --- a killed process before this one */

static pid_t start_and_kill(const struct hub_settings *settings, bool pressed)
{
	int ends[2];
	char byte;
	pid_t child;

	g_assert_cmpint(pipe(ends), ==, 0);
	child = fork();
	if (!child) {
		struct rig rig;
		int fd;

		rig_open(&rig, settings);
		wait_configured(&rig);
		node_wait((fd = node_input(UDC, NODE_KEYBOARD)) >= 0);
		keyboard_key(rig.keyboard, USAGE_A + 4, pressed);
		node_wait(node_key_down(fd, KEY_E) == pressed);
		if (write(ends[1], "r", 1) == 1)
			node_pass(60000);
		_exit(1);
	}
	close(ends[1]);
	g_assert_cmpint(read(ends[0], &byte, 1), ==, 1);
	close(ends[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	return child;
}

static void test_what_a_killed_process_left_is_adopted(void)
{
	struct hub_status status;
	struct rig rig;
	char *address, *number;
	int fd;

	start_and_kill(NULL, true);
	address = node_attribute(UDC, "devnum");
	g_assert_cmpstr(address, !=, "");
	fd = node_input(UDC, NODE_KEYBOARD);
	g_assert_true(node_key_down(fd, KEY_E));
	rig_open(&rig, NULL);
	wait_configured(&rig);
	g_test_message("keyboard adopted after %d ms", (int)(rig.bound / 1000));
	g_assert_true(rig.used);
	hub_status(rig.hub, &status);
	g_assert_true(status.ports[0].adopted);
	/* The key that the dead process held is let go of, on the same input device. */
	node_wait(!node_key_down(fd, KEY_E));
	assert_types(&rig, UDC);
	number = node_attribute(UDC, "devnum");
	g_assert_cmpstr(number, ==, address);
	close(fd);
	g_free(number);
	g_free(address);
	finish(&rig);
	assert_clean();
}

static void test_what_differs_is_made_anew(void)
{
	const struct hub_settings former = {
			.layout = HUB_COMPOSITE, .identity = {.product_name = "Another name"}};
	struct rig rig;
	struct hub_status status;

	start_and_kill(&former, false);
	g_assert_true(node_attribute_is(UDC, "product", "Another name"));
	rig_open(&rig, NULL);
	wait_configured(&rig);
	g_assert_true(node_attribute_is(UDC, "product", "Console"));
	g_assert_false(rig.used);
	hub_status(rig.hub, &status);
	g_assert_false(status.ports[0].adopted);
	finish(&rig);
	assert_clean();
}

static void test_a_running_hub_is_not_taken_over(void)
{
	struct rig rig, second;

	rig_open(&rig, NULL);
	wait_configured(&rig);
	rig_open(&second, NULL);
	assert_fault(&second, GADGET_FAULT_OWNED, "belongs to another running process");
	assert_types(&rig, UDC);
	finish(&rig);
	wait_configured(&second);
	finish(&second);
}

/* --- ports */

static void test_a_wrong_port_is_named(void)
{
	static const char *const ports[] = {"1e6a0000.usb-vhub:p1", NULL};
	const struct hub_settings settings = {.layout = HUB_COMPOSITE, .ports = ports};
	struct rig rig;

	rig_open(&rig, &settings);
	assert_fault(&rig, GADGET_FAULT_WRONG_PORT,
			"1e6a0000.usb-vhub:p1; there are: dummy_udc.0, ");
	finish(&rig);
	assert_clean();
}

static void test_a_taken_port_is_bound_when_free(void)
{
	static const char *const ports[] = {UDC, NULL};
	const struct hub_settings settings = {.layout = HUB_COMPOSITE, .ports = ports};
	struct rig rig;

	other_make("other", "mass_storage.0", UDC);
	rig_open(&rig, &settings);
	assert_fault(&rig, GADGET_FAULT_TAKEN, "is taken by gadget ");
	other_remove("other");
	wait_configured(&rig);
	assert_types(&rig, UDC);
	finish(&rig);
}

static void test_too_few_ports_are_told_and_the_rest_works(void)
{
	static const char *const ports[] = {UDC, NULL};
	const struct hub_settings settings = {.layout = HUB_SEPARATE, .ports = ports};
	struct hub_status status;
	struct rig rig;

	rig_open(&rig, &settings);
	node_wait(rig.open == 1);
	assert_types(&rig, UDC);
	hub_status(rig.hub, &status);
	g_assert_cmpint(status.ports[0].fault, ==, GADGET_FAULT_NONE);
	g_assert_cmpint(status.ports[1].fault, ==, GADGET_FAULT_TOO_FEW);
	g_assert_cmpint(status.ports[2].fault, ==, GADGET_FAULT_TOO_FEW);
	g_test_message("%s", status.ports[1].reason);
	finish(&rig);
}

static void test_seven_taken_ports_are_listed(void)
{
	struct rig rig;

	for (int i = 0; i < PORTS; i++) {
		char *name = g_strdup_printf("other%d", i),
		     *udc = g_strdup_printf("dummy_udc.%d", i);

		other_make(name, "mass_storage.0", udc);
		g_free(udc);
		g_free(name);
	}
	rig_open(&rig, NULL);
	assert_fault(&rig, GADGET_FAULT_TAKEN, "all 7 USB ports are taken (dummy_udc.0: ");
	other_remove("other4");
	wait_configured(&rig);
	assert_types(&rig, "dummy_udc.4");
	finish(&rig);
	for (int i = 0; i < PORTS; i++) {
		char *name = g_strdup_printf("other%d", i);

		if (i != 4)
			other_remove(name);
		g_free(name);
	}
	assert_clean();
}

static void test_a_port_that_goes_and_returns_is_bound_again(void)
{
	struct rig rig;

	for (int times = 0; times < 2; times++) {
		const char *const ports[] = {UDC, NULL};
		const struct hub_settings settings = {.layout = HUB_COMPOSITE, .ports = ports};

		rig_open(&rig, &settings);
		wait_configured(&rig);
		node_write("/sys/bus/platform/drivers/dummy_udc/unbind", UDC);
		if (times == 0) {
			assert_fault(&rig, GADGET_FAULT_WRONG_PORT, "there is no USB port " UDC);
			g_assert_cmpint(rig.open, ==, 0);
		}
		keyboard_key(rig.keyboard, USAGE_A + 1, true);
		keyboard_key(rig.keyboard, USAGE_A + 1, false);
		node_write("/sys/bus/platform/drivers/dummy_udc/bind", UDC);
		node_pass(times == 0 ? 0 : 1500);
		wait_configured(&rig);
		assert_types(&rig, UDC);
		finish(&rig);
		assert_clean();
	}
}

static void test_a_pulled_plug_is_seen(void)
{
	struct hub_status status;
	struct rig rig;

	rig_open(&rig, NULL);
	wait_configured(&rig);
	assert_types(&rig, UDC);
	node_plug(UDC, false);
	/* The port's own state may go on to say "configured". */
	keyboard_key(rig.keyboard, USAGE_A, true);
	node_wait(!keyboard_listening(rig.keyboard));
	hub_status(rig.hub, &status);
	g_assert_true(status.ports[0].open);
	g_assert_false(status.ports[0].listening);
	keyboard_release_all(rig.keyboard);
	node_plug(UDC, true);
	assert_types(&rig, UDC);
	wait_configured(&rig);
	finish(&rig);
}

static void test_an_outsiders_unbinding_is_undone(void)
{
	struct rig rig;

	rig_open(&rig, NULL);
	wait_configured(&rig);
	node_write(GADGETS "spicerack-input/UDC", "\n");
	node_wait(rig.open == 0);
	wait_configured(&rig);
	assert_types(&rig, UDC);
	finish(&rig);
	assert_clean();
}

/* --- what the system may lack */

static void test_a_foreign_gadget_does_not_matter(void)
{
	struct rig rig;

	shell("modprobe -q usb_f_uvc || true");
	other_make("camera", "uvc.0", NULL); /* libusbgx 0.2 knows no uvc and gives up */
	rig_open(&rig, NULL);
	wait_configured(&rig);
	assert_types(&rig, UDC);
	finish(&rig);
	shell("cd " GADGETS "camera && rmdir configs/c.1 functions/uvc.0 && cd .. && rmdir camera");
	assert_clean();
}

static void test_configfs_may_come_later(void)
{
	const struct hub_settings missing = {.layout = HUB_COMPOSITE, .configfs = "/run/nowhere"};
	const struct hub_settings late = {.layout = HUB_COMPOSITE, .configfs = "/run/late"};
	struct rig rig;

	rig_open(&rig, &missing);
	assert_fault(&rig, GADGET_FAULT_CONFIGFS, "/run/nowhere is missing");
	finish(&rig);
	g_mkdir("/run/late", 0700);
	rig_open(&rig, &late);
	assert_fault(&rig, GADGET_FAULT_CONFIGFS, "mount configfs");
	g_assert_cmpint(mount(CONFIGFS, "/run/late", NULL, MS_BIND, NULL), ==, 0);
	wait_configured(&rig);
	assert_types(&rig, UDC);
	finish(&rig);
	assert_clean();
	umount("/run/late");
}

static void test_read_only_configfs_is_told(void)
{
	const struct hub_settings settings = {.layout = HUB_COMPOSITE, .configfs = "/run/readonly"};
	struct rig rig;

	g_mkdir("/run/readonly", 0700);
	g_assert_cmpint(mount(CONFIGFS, "/run/readonly", NULL, MS_BIND, NULL), ==, 0);
	g_assert_cmpint(mount(NULL, "/run/readonly", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL),
			==, 0);
	rig_open(&rig, &settings);
	assert_fault(&rig, GADGET_FAULT_READ_ONLY, "/run/readonly is mounted read-only");
	g_assert_cmpint(mount(NULL, "/run/readonly", NULL, MS_REMOUNT | MS_BIND, NULL), ==, 0);
	wait_configured(&rig);
	finish(&rig);
	assert_clean();
	umount("/run/readonly");
}

static void test_a_missing_device_node_may_come_later(void)
{
	const struct hub_settings settings = {.layout = HUB_COMPOSITE, .dev = "/run/dev"};
	struct rig rig;

	g_mkdir("/run/dev", 0700);
	rig_open(&rig, &settings);
	assert_fault(&rig, GADGET_FAULT_DEVICE, "/run/dev/hidg");
	g_assert_cmpint(rig.open, ==, 0);
	for (int i = 0; i < HUB_FUNCTIONS; i++) {
		char *there = g_strdup_printf("/dev/hidg%d", i),
		     *here = g_strdup_printf("/run%s", there);
		struct stat status;

		g_assert_cmpint(stat(there, &status), ==, 0);
		g_assert_cmpint(mknod(here, S_IFCHR | 0600, status.st_rdev), ==, 0);
		g_free(here);
		g_free(there);
	}
	wait_configured(&rig);
	assert_types(&rig, UDC);
	finish(&rig);
}

static void test_used_up_functions_are_told(void)
{
	struct rig rig;

	other_make("hid", "hid.0", NULL);
	shell("mkdir " GADGETS "hid/functions/hid.1");
	rig_open(&rig, NULL);
	assert_fault(&rig, GADGET_FAULT_NO_HID, "all 4 HID functions of the kernel are in use");
	g_assert_cmpint(access(GADGETS "spicerack-input", F_OK), <, 0);
	other_remove("hid");
	wait_configured(&rig);
	finish(&rig);
	assert_clean();
}

#define add(name) g_test_add_func("/hub/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	if (!node_there()) {
		g_print("1..0 # SKIP no virtual ports here: run by tests/kernel/run\n");
		return 0;
	}
	add(a_hub_comes_and_goes);
	add(identity_is_what_the_settings_say);
	add(one_device_for_each_function_is_plain);
	add(the_keyboard_is_alone_beside_the_pointers);
	add(a_changed_shape_leaves_nothing_over);
	add(what_a_killed_process_left_is_adopted);
	add(what_differs_is_made_anew);
	add(a_running_hub_is_not_taken_over);
	add(a_wrong_port_is_named);
	add(a_taken_port_is_bound_when_free);
	add(too_few_ports_are_told_and_the_rest_works);
	add(seven_taken_ports_are_listed);
	add(a_port_that_goes_and_returns_is_bound_again);
	add(a_pulled_plug_is_seen);
	add(an_outsiders_unbinding_is_undone);
	add(a_foreign_gadget_does_not_matter);
	add(configfs_may_come_later);
	add(read_only_configfs_is_told);
	add(a_missing_device_node_may_come_later);
	add(used_up_functions_are_told);
	return g_test_run();
}
