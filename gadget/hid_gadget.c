/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <usbg/function/hid.h>
#include "gadget/attribute.h"
#include "gadget/fault.h"
#include "gadget/hid_gadget.h"
#include "gadget/view.h"

#define HID_GADGET_CONFIG "input" /* label of the only configuration, number 1 */

/* As a keyboard on a cable has it: powered by the bus, able to wake the host (USB 2.0, table 9-10).
 */
#define HID_GADGET_ATTRIBUTES 0xa0
#define HID_GADGET_POWER      100 /* mA */

GQuark gadget_fault_quark(void)
{
	return g_quark_from_static_string("gadget-fault");
}

static char *hid_gadget_folder(const char *configfs, const char *name)
{
	return g_build_filename(configfs, "usb_gadget", name, NULL);
}

static void hid_gadget_denied(GError **error, const char *configfs, int saved)
{
	const char *why =
			saved == EROFS ? "is mounted read-only; remount it with -o remount,rw"
				       : "may not be written; run as root or with CAP_DAC_OVERRIDE";

	g_set_error(error, GADGET_FAULT, GADGET_FAULT_READ_ONLY, "%s %s", configfs, why);
}

bool hid_gadget_possible(const char *configfs, GError **error)
{
	char *root = hid_gadget_folder(configfs, NULL);
	bool possible = access(root, F_OK) == 0;

	if (!possible && access(configfs, F_OK) < 0)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_CONFIGFS,
				"%s is missing; the kernel needs CONFIG_CONFIGFS_FS", configfs);
	else if (!possible)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_CONFIGFS,
				"%s is missing; mount configfs (mount -t configfs none %s) and load "
				"libcomposite (CONFIG_USB_CONFIGFS)",
				root, configfs);
	g_free(root);
	return possible;
}

bool hid_gadget_exists(const char *configfs, const char *name)
{
	char *folder = hid_gadget_folder(configfs, name);
	bool exists = access(folder, F_OK) == 0;

	g_free(folder);
	return exists;
}

char *hid_gadget_port(const char *configfs, const char *name)
{
	char *folder = hid_gadget_folder(configfs, name);
	char *port = attribute_text(folder, "UDC");

	g_free(folder);
	if (port && !*port)
		g_clear_pointer(&port, g_free);
	return port;
}

/* What libusbgx makes of an errno, in an operator's words. */
static void hid_gadget_failed(GError **error, const char *configfs, const char *what,
		const char *name, int result)
{
	if (result == USBG_ERROR_NO_ACCESS)
		hid_gadget_denied(error, configfs, EACCES);
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot %s gadget %s: %s; the kernel's log (dmesg) may say more",
				what, name, usbg_strerror(result));
}

/* --- attributes */

/* One attribute that the kernel keeps as it was written. */
struct hid_gadget_line {
	char *path;  /* below the gadget's folder */
	char *value; /* as it reads back */
	size_t size;
};

static void hid_gadget_line_clear(gpointer data)
{
	struct hid_gadget_line *line = data;

	g_free(line->path);
	g_free(line->value);
}

static void hid_gadget_line(GArray *lines, char *path, const void *value, size_t size)
{
	struct hid_gadget_line line = {path, g_malloc(size), size};

	memcpy(line.value, value, size);
	g_array_append_val(lines, line);
}

static void hid_gadget_text(GArray *lines, const char *path, const char *format, ...)
		__attribute__((format(printf, 3, 4)));

static void hid_gadget_text(GArray *lines, const char *path, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	hid_gadget_line(lines, g_strdup(path), text, strlen(text));
	g_free(text);
}

/*
 * All that makes the gadget what it is. bcdUSB and bMaxPacketSize0 are not among them: the kernel
 * writes its own there when a host asks (composite_setup in drivers/usb/gadget/composite.c).
 */
static GArray *hid_gadget_lines(const struct hid_gadget *gadget)
{
	GArray *lines = g_array_new(FALSE, FALSE, sizeof(struct hid_gadget_line));

	g_array_set_clear_func(lines, hid_gadget_line_clear);
	hid_gadget_text(lines, "bDeviceClass", "0x00\n");
	hid_gadget_text(lines, "bDeviceSubClass", "0x00\n");
	hid_gadget_text(lines, "bDeviceProtocol", "0x00\n");
	hid_gadget_text(lines, "idVendor", "0x%04x\n", gadget->vendor);
	hid_gadget_text(lines, "idProduct", "0x%04x\n", gadget->product);
	hid_gadget_text(lines, "bcdDevice", "0x%04x\n", gadget->version);
	hid_gadget_text(lines, "strings/0x409/manufacturer", "%s\n", gadget->manufacturer);
	hid_gadget_text(lines, "strings/0x409/product", "%s\n", gadget->product_name);
	hid_gadget_text(lines, "strings/0x409/serialnumber", "%s\n", gadget->serial);
	hid_gadget_text(lines, "configs/" HID_GADGET_CONFIG ".1/bmAttributes", "0x%02x\n",
			HID_GADGET_ATTRIBUTES);
	hid_gadget_text(lines, "configs/" HID_GADGET_CONFIG ".1/MaxPower", "%d\n",
			HID_GADGET_POWER);
	hid_gadget_text(lines, "configs/" HID_GADGET_CONFIG ".1/strings/0x409/configuration",
			HID_GADGET_CONFIG "\n");
	for (size_t i = 0; i < gadget->count; i++) {
		const struct hid_function *function = gadget->functions[i];
		char *folder = g_strdup_printf("functions/hid.%s", function->name);
		char *path = g_strdup_printf("%s/subclass", folder);

		hid_gadget_text(lines, path, "%d\n", function->subclass);
		g_free(path);
		path = g_strdup_printf("%s/protocol", folder);
		hid_gadget_text(lines, path, "%d\n", function->protocol);
		g_free(path);
		path = g_strdup_printf("%s/report_length", folder);
		hid_gadget_text(lines, path, "%d\n", function->report_length);
		g_free(path);
		path = g_strdup_printf("%s/no_out_endpoint", folder);
		hid_gadget_text(lines, path, "1\n");
		g_free(path);
		path = g_strdup_printf("%s/report_desc", folder);
		hid_gadget_line(lines, path, function->descriptor, function->descriptor_size);
		g_free(folder);
	}
	return lines;
}

/* How many functions, configurations, and functions in the configuration there are. */
static size_t hid_gadget_entries(const char *folder, const char *below, bool links)
{
	char *path = g_build_filename(folder, below, NULL);
	GDir *dir = g_dir_open(path, 0, NULL);
	size_t count = 0;
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		char *entry = g_build_filename(path, name, NULL);

		count += !links || g_file_test(entry, G_FILE_TEST_IS_SYMLINK);
		g_free(entry);
	}
	if (dir)
		g_dir_close(dir);
	g_free(path);
	return count;
}

bool hid_gadget_same(const char *configfs, const struct hid_gadget *gadget)
{
	char *folder = hid_gadget_folder(configfs, gadget->name);
	GArray *lines = hid_gadget_lines(gadget);
	bool same = hid_gadget_entries(folder, "functions", false) == gadget->count &&
		    hid_gadget_entries(folder, "configs", false) == 1 &&
		    hid_gadget_entries(folder, "configs/" HID_GADGET_CONFIG ".1", true) ==
				    gadget->count;

	for (guint i = 0; i < lines->len && same; i++) {
		const struct hid_gadget_line *line = &g_array_index(
				lines, struct hid_gadget_line, i);
		size_t size = 0;
		char *value = attribute_bytes(folder, line->path, &size);

		if (value)
			same = size == line->size && !memcmp(value, line->value, size);
		else
			same = g_str_has_suffix(line->path, "/no_out_endpoint"); /* before 5.16 */
		g_free(value);
	}
	g_array_free(lines, TRUE);
	g_free(folder);
	return same;
}

int hid_gadget_endpoints(const char *configfs, const struct hid_gadget *gadget)
{
	int endpoints = 0;

	for (size_t i = 0; i < gadget->count; i++) {
		char *function = g_strdup_printf(
				"functions/hid.%s/no_out_endpoint", gadget->functions[i]->name);
		char *folder = hid_gadget_folder(configfs, gadget->name);

		endpoints += attribute_exists(folder, function) ? 1 : 2;
		g_free(folder);
		g_free(function);
	}
	return endpoints;
}

dev_t hid_gadget_device(const char *configfs, const char *name, const struct hid_function *function)
{
	char *folder = hid_gadget_folder(configfs, name);
	char *path = g_strdup_printf("functions/hid.%s/dev", function->name);
	char *text = attribute_text(folder, path);
	unsigned int major, minor;
	dev_t device = 0;

	if (text && sscanf(text, "%u:%u", &major, &minor) == 2)
		device = makedev(major, minor);
	g_free(text);
	g_free(path);
	g_free(folder);
	return device;
}

int hid_gadget_own(const char *configfs, const char *name, GError **error)
{
	char *folder = hid_gadget_folder(configfs, name);
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		close(fd);
		fd = -1;
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OWNED,
				"gadget %s belongs to another running process; stop that, or give one of "
				"them another name",
				name);
	} else if (fd < 0) {
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot open %s: %s; it is "
				"looked for again",
				folder, g_strerror(errno));
	}
	g_free(folder);
	return fd;
}

/* --- making and removing */

static bool hid_gadget_folder_make(const char *configfs, const char *name, GError **error)
{
	char *folder = hid_gadget_folder(configfs, name);
	bool made = mkdir(folder, 0755) == 0;
	int saved = errno;

	if (!made && (saved == EROFS || saved == EACCES || saved == EPERM))
		hid_gadget_denied(error, configfs, saved);
	else if (!made)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot make gadget %s: %s; the kernel's log (dmesg) may say more",
				folder, g_strerror(saved));
	g_free(folder);
	return made;
}

static void hid_function_failed(GError **error, const char *configfs, const char *name, int result)
{
	if (result == USBG_ERROR_NOT_FOUND)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_NO_HID,
				"the kernel has no HID function; load usb_f_hid "
				"(CONFIG_USB_CONFIGFS_F_HID)");
	else if (result == USBG_ERROR_NO_DEV)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_NO_HID,
				"all %d HID functions of the kernel are in use; remove another's gadget, or "
				"configure fewer functions",
				HID_GADGET_FUNCTIONS);
	else
		hid_gadget_failed(error, configfs, "add a HID function to", name, result);
}

static bool hid_function_create(const char *configfs, struct gadget_view *view,
		const struct hid_gadget *gadget, const struct hid_function *function,
		usbg_function **made, GError **error)
{
	const struct {
		enum usbg_f_hid_attr attribute;
		int value;
	} values[] = {
			{USBG_F_HID_SUBCLASS, function->subclass},
			{USBG_F_HID_PROTOCOL, function->protocol},
			{USBG_F_HID_REPORT_LENGTH, function->report_length},
	};
	char *root, *folder;
	bool good;
	int result = usbg_create_function(view->gadget, USBG_F_HID, function->name, NULL, made);

	for (size_t i = 0; i < G_N_ELEMENTS(values) && result == USBG_SUCCESS; i++)
		result = usbg_f_hid_set_attr_val(usbg_to_hid_function(*made), values[i].attribute,
				USBG_F_HID_UINT_TO_ATTR_VAL(values[i].value));
	if (result != USBG_SUCCESS) {
		hid_function_failed(error, configfs, gadget->name, result);
		return false;
	}
	root = hid_gadget_folder(configfs, gadget->name);
	folder = g_strdup_printf("%s/functions/hid.%s", root, function->name);
	/* libusbgx 0.2 built without schemes has no way to write the descriptor: it calls NULL.
	 * Lights come by the control pipe, as for most keyboards; that saves an endpoint. And no
	 * report may wake the node by itself. */
	good = attribute_write_bytes(folder, "report_desc", function->descriptor,
			       function->descriptor_size, error) == ATTRIBUTE_WRITTEN &&
	       attribute_write(folder, "no_out_endpoint", "1", error) != ATTRIBUTE_FAILED &&
	       attribute_write(folder, "wakeup_on_write", "0", error) != ATTRIBUTE_FAILED;
	g_free(folder);
	g_free(root);
	return good;
}

static bool hid_gadget_fill(const char *configfs, struct gadget_view *view,
		const struct hid_gadget *gadget, GError **error)
{
	const struct usbg_gadget_attrs attributes = {
			.bcdUSB = 0x0200,
			.bMaxPacketSize0 = 64,
			.idVendor = gadget->vendor,
			.idProduct = gadget->product,
			.bcdDevice = gadget->version,
	};
	const struct usbg_gadget_strs strings = {
			.manufacturer = (char *)gadget->manufacturer,
			.product = (char *)gadget->product_name,
			.serial = (char *)gadget->serial,
	};
	const struct usbg_config_attrs config_attributes = {
			.bmAttributes = HID_GADGET_ATTRIBUTES,
			.bMaxPower = HID_GADGET_POWER,
	};
	const struct usbg_config_strs config_strings = {.configuration = (char *)HID_GADGET_CONFIG};
	usbg_function *functions[HID_GADGET_FUNCTIONS];
	usbg_config *config;
	int result = usbg_set_gadget_attrs(view->gadget, &attributes);

	if (result == USBG_SUCCESS)
		result = usbg_set_gadget_strs(view->gadget, LANG_US_ENG, &strings);
	if (result == USBG_SUCCESS)
		result = usbg_create_config(view->gadget, 1, HID_GADGET_CONFIG, &config_attributes,
				&config_strings, &config);
	for (size_t i = 0; i < gadget->count && result == USBG_SUCCESS; i++) {
		if (!hid_function_create(configfs, view, gadget, gadget->functions[i],
				    &functions[i], error))
			return false;
		result = usbg_add_config_function(config, gadget->functions[i]->name, functions[i]);
	}
	if (result != USBG_SUCCESS)
		hid_gadget_failed(error, configfs, "describe", gadget->name, result);
	return result == USBG_SUCCESS;
}

bool hid_gadget_create(const char *configfs, const struct hid_gadget *gadget, GError **error)
{
	struct gadget_view view;
	bool made;

	if (!hid_gadget_folder_make(configfs, gadget->name, error))
		return false;
	made = gadget_view_open(&view, configfs, gadget->name, error);
	if (made) {
		made = hid_gadget_fill(configfs, &view, gadget, error);
		gadget_view_close(&view, gadget->name);
	}
	if (!made)
		hid_gadget_remove(configfs, gadget->name, NULL);
	return made;
}

bool hid_gadget_bind(const char *configfs, const char *name, const char *port, GError **error)
{
	struct gadget_view view;
	usbg_udc *udc;
	int result;

	if (!gadget_view_open(&view, configfs, name, error))
		return false;
	udc = usbg_get_udc(view.state, port);
	/* NULL would have libusbgx take the first port there is. */
	result = udc ? usbg_enable_gadget(view.gadget, udc) : USBG_ERROR_NO_DEV;
	gadget_view_close(&view, name);
	if (result == USBG_ERROR_BUSY)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_TAKEN,
				"port %s was taken by another gadget in this moment; it is tried again",
				port);
	else if (!udc)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_WRONG_PORT,
				"port %s has just gone; it is bound when it returns", port);
	else if (result == USBG_ERROR_NO_DEV)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_ENDPOINTS,
				"port %s refuses gadget %s, probably for want of endpoints; configure fewer "
				"functions or another port",
				port, name);
	else if (result != USBG_SUCCESS)
		hid_gadget_failed(error, configfs, "bind", name, result);
	return result == USBG_SUCCESS;
}

bool hid_gadget_unbind(const char *configfs, const char *name, GError **error)
{
	char *folder = hid_gadget_folder(configfs, name);
	char *port = hid_gadget_port(configfs, name);
	bool good = true;

	if (port)
		good = attribute_write(folder, "UDC", "\n", error) == ATTRIBUTE_WRITTEN;
	g_free(port);
	g_free(folder);
	return good;
}

bool hid_gadget_remove(const char *configfs, const char *name, GError **error)
{
	struct gadget_view view;
	char *folder;
	int result;

	if (!hid_gadget_exists(configfs, name))
		return true;
	/* A port that has gone is refused by some kernels and forgotten all the same below. */
	hid_gadget_unbind(configfs, name, NULL);
	if (!gadget_view_open(&view, configfs, name, error))
		return false;
	result = usbg_rm_gadget(view.gadget, USBG_RM_RECURSE);
	gadget_view_close(&view, name);
	/* In a window the gadget's own folder is a link, which libusbgx cannot remove. */
	folder = hid_gadget_folder(configfs, name);
	rmdir(folder);
	g_free(folder);
	if (hid_gadget_exists(configfs, name)) {
		hid_gadget_failed(error, configfs, "remove", name, result);
		return false;
	}
	return true;
}
