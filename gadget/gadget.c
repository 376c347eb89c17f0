/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <usbg/usbg.h>
#include "gadget/attribute.h"
#include "gadget/fault.h"
#include "gadget/gadget.h"
#include "gadget/gadget_part.h"
#include "gadget/view.h"

GQuark gadget_fault_quark(void)
{
	return g_quark_from_static_string("gadget-fault");
}

char *gadget_folder(const char *configfs, const char *name)
{
	return g_build_filename(configfs, "usb_gadget", name, NULL);
}

static void gadget_denied(GError **error, const char *configfs, int saved)
{
	const char *why =
			saved == EROFS ? "is mounted read-only; remount it with -o remount,rw"
				       : "may not be written; run as root or with CAP_DAC_OVERRIDE";

	g_set_error(error, GADGET_FAULT, GADGET_FAULT_READ_ONLY, "%s %s", configfs, why);
}

bool gadget_possible(const char *configfs, GError **error)
{
	char *root = gadget_folder(configfs, NULL);
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

bool gadget_exists(const char *configfs, const char *name)
{
	char *folder = gadget_folder(configfs, name);
	bool exists = access(folder, F_OK) == 0;

	g_free(folder);
	return exists;
}

char *gadget_port(const char *configfs, const char *name)
{
	char *folder = gadget_folder(configfs, name);
	char *port = attribute_text(folder, "UDC");

	g_free(folder);
	if (port && !*port)
		g_clear_pointer(&port, g_free);
	return port;
}

void gadget_failed(GError **error, const char *configfs, const char *what, const char *name,
		int result)
{
	if (result == USBG_ERROR_NO_ACCESS)
		gadget_denied(error, configfs, EACCES);
	else
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot %s gadget %s: %s; the kernel's log (dmesg) may say more",
				what, name, usbg_strerror(result));
}

int gadget_own(const char *configfs, const char *name, GError **error)
{
	char *folder = gadget_folder(configfs, name);
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

static bool gadget_folder_make(const char *configfs, const char *name, GError **error)
{
	char *folder = gadget_folder(configfs, name);
	bool made = mkdir(folder, 0755) == 0;
	int saved = errno;

	if (!made && (saved == EROFS || saved == EACCES || saved == EPERM))
		gadget_denied(error, configfs, saved);
	else if (!made)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_OTHER,
				"cannot make gadget %s: %s; the kernel's log (dmesg) may say more",
				folder, g_strerror(saved));
	g_free(folder);
	return made;
}

static bool gadget_function_create(const char *configfs, struct gadget_view *view,
		const struct gadget *gadget, size_t number, usbg_function **made, GError **error)
{
	int result;

	if (gadget->lun)
		return kernel_drive_function_create(configfs, view, gadget, made, error);
	if (!gadget->drive)
		return hid_function_create(configfs, view, gadget->name, gadget->functions[number],
				made, error);
	result = usbg_create_function(view->gadget, USBG_F_FFS, gadget->drive, NULL, made);
	if (result == USBG_ERROR_NOT_FOUND)
		g_set_error(error, GADGET_FAULT, GADGET_FAULT_NO_FFS,
				"the kernel has no FunctionFS, which drives are made of; load usb_f_fs "
				"(CONFIG_USB_CONFIGFS_F_FS)");
	else if (result != USBG_SUCCESS)
		gadget_failed(error, configfs, "add FunctionFS to", gadget->name, result);
	return result == USBG_SUCCESS;
}

static bool gadget_fill(const char *configfs, struct gadget_view *view, const struct gadget *gadget,
		GError **error)
{
	const char *label = gadget_config(gadget);
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
			.bmAttributes = gadget_config_attributes(gadget),
			.bMaxPower = GADGET_POWER,
	};
	const struct usbg_config_strs config_strings = {.configuration = (char *)label};
	usbg_function *function;
	usbg_config *config;
	int result = usbg_set_gadget_attrs(view->gadget, &attributes);

	if (result == USBG_SUCCESS)
		result = usbg_set_gadget_strs(view->gadget, LANG_US_ENG, &strings);
	if (result == USBG_SUCCESS)
		result = usbg_create_config(view->gadget, 1, label, &config_attributes,
				&config_strings, &config);
	for (size_t i = 0; i < gadget_functions(gadget) && result == USBG_SUCCESS; i++) {
		if (!gadget_function_create(configfs, view, gadget, i, &function, error))
			return false;
		result = usbg_add_config_function(config, gadget_function(gadget, i), function);
	}
	if (result != USBG_SUCCESS)
		gadget_failed(error, configfs, "describe", gadget->name, result);
	return result == USBG_SUCCESS;
}

bool gadget_create(const char *configfs, const struct gadget *gadget, GError **error)
{
	struct gadget_view view;
	bool made;

	if (!gadget_folder_make(configfs, gadget->name, error))
		return false;
	made = gadget_view_open(&view, configfs, gadget->name, error);
	if (made) {
		made = gadget_fill(configfs, &view, gadget, error);
		gadget_view_close(&view, gadget->name);
	}
	if (!made)
		gadget_remove(configfs, gadget->name, NULL);
	return made;
}

bool gadget_bind(const char *configfs, const char *name, const char *port, GError **error)
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
		gadget_failed(error, configfs, "bind", name, result);
	return result == USBG_SUCCESS;
}

bool gadget_unbind(const char *configfs, const char *name, GError **error)
{
	char *folder = gadget_folder(configfs, name);
	char *port = gadget_port(configfs, name);
	bool good = true;

	if (port)
		good = attribute_write(folder, "UDC", "\n", error) == ATTRIBUTE_WRITTEN;
	g_free(port);
	g_free(folder);
	return good;
}

bool gadget_remove(const char *configfs, const char *name, GError **error)
{
	struct gadget_view view;
	char *folder;
	int result;

	if (!gadget_exists(configfs, name))
		return true;
	/* A port that has gone is refused by some kernels and forgotten all the same below. */
	gadget_unbind(configfs, name, NULL);
	if (!gadget_view_open(&view, configfs, name, error))
		return false;
	result = usbg_rm_gadget(view.gadget, USBG_RM_RECURSE);
	gadget_view_close(&view, name);
	/* In a window the gadget's own folder is a link, which libusbgx cannot remove. */
	folder = gadget_folder(configfs, name);
	rmdir(folder);
	g_free(folder);
	if (gadget_exists(configfs, name)) {
		gadget_failed(error, configfs, "remove", name, result);
		return false;
	}
	return true;
}
