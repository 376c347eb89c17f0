/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>
#include <sys/sysmacros.h>
#include <usbg/function/hid.h>
#include "gadget/attribute.h"
#include "gadget/fault.h"
#include "gadget/gadget_part.h"
#include "gadget/hid_gadget.h"

dev_t hid_gadget_device(const char *configfs, const char *name, const struct hid_function *function)
{
	char *folder = gadget_folder(configfs, name);
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
		gadget_failed(error, configfs, "add a HID function to", name, result);
}

bool hid_function_create(const char *configfs, struct gadget_view *view, const char *name,
		const struct hid_function *function, usbg_function **made, GError **error)
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
		hid_function_failed(error, configfs, name, result);
		return false;
	}
	root = gadget_folder(configfs, name);
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
