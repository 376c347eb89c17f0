/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "gadget/udc.h"
#include "src/check_part.h"
#include "src/console_config.h"

/* How many ports the gadgets of the configuration need. */
static int check_ports_needed(const struct console_config *config)
{
	switch (config->layout) {
	case HUB_COMPOSITE:
	case HUB_LAYOUTS:
		break;
	case HUB_KEYBOARD_APART:
		return 1 + (config->absolute || config->relative);
	case HUB_SEPARATE:
		return 1 + config->absolute + config->relative;
	}
	return 1;
}

/* Returns whether the console could have it. */
static bool check_port(struct check *check, const char *sysfs, const char *port)
{
	g_autofree char *holder = udc_holder(sysfs, port);
	const char *state = udc_state_name(udc_state(sysfs, port));

	if (!udc_exists(sysfs, port)) {
		check_say(check, CHECK_MISSING, "USB port", "see /sys/class/udc",
				"there is no %s, which [hub] ports names", port);
		return false;
	}
	if (!holder) {
		check_say(check, CHECK_OK, "USB port", NULL, "%s is free", port);
		return true;
	}
	if (g_str_has_prefix(holder, check->config->hub_name)) {
		check_say(check, CHECK_OK, "USB port", NULL, "%s has our gadget %s (%s)", port,
				holder, state);
		return true;
	}
	check_say(check, CHECK_WARNING, "USB port", NULL, "%s is taken by %s (%s)", port, holder,
			state);
	return false;
}

void check_ports(struct check *check)
{
	g_autofree char *sysfs = check_path(check, "/sys");
	g_auto(GStrv) all = udc_list(sysfs);
	int needed = check_ports_needed(check->config);
	int drives = (int)check_drives_count(check->config);
	int usable = 0;

	if (!*all) {
		check_say(check, CHECK_MISSING, "USB port",
				"load the driver of the USB device controller (ASPEED: "
				"CONFIG_USB_ASPEED_VHUB, and status = \"okay\" for usb-vhub in the "
				"device tree; without hardware: modprobe dummy_hcd)",
				"there is none in /sys/class/udc");
		return;
	}
	for (char **port = check->config->ports ? check->config->ports : all; *port; port++)
		usable += check_port(check, sysfs, *port);
	if (usable < needed)
		check_say(check, CHECK_MISSING, "USB port",
				"stop what holds the others (echo > UDC in its folder in " GADGETS
				"), name enough in [hub] ports, or set layout = composite, which "
				"needs one",
				"%d are needed, %d can be used", needed, usable);
	else if (usable < needed + drives)
		check_say(check, CHECK_WARNING, "USB port",
				"stop what holds the others, name enough in [hub] ports, set layout "
				"= composite, or name fewer drives in [media]",
				"%d are needed with the drives, %d can be used: the last drives go "
				"without",
				needed + drives, usable);
}
