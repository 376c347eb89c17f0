/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * USB ports of the virtual hub as the kernel lists them: each is a USB device controller (UDC)
 * under /sys/class/udc (Documentation/ABI/stable/sysfs-class-udc). Reads sysfs and configfs only;
 * any thread, never blocks.
 *
 * sysfs: where it is mounted, "/sys" but for tests.
 */
#include <glib.h>
#include <stdbool.h>

/* What a port knows of its node, in the order of becoming usable (enum usb_device_state of the
 * kernel, usb/ch9.h). */
enum udc_state {
	UDC_GONE,       /* the port itself is missing */
	UDC_NOT_BOUND,  /* no gadget on it */
	UDC_UNPLUGGED,  /* "not attached": the node is off, or does not see the port */
	UDC_POWERED,    /* "attached", "powered", "reconnecting", "unauthenticated" */
	UDC_DEFAULT,    /* "default": was reset, has no address yet */
	UDC_ADDRESSED,  /* "addressed" */
	UDC_CONFIGURED, /* "configured": in use */
	UDC_SUSPENDED,  /* "suspended": the node, or its bus, sleeps */
};

/* Names of all ports, p2 before p10; empty when there is none. g_strfreev. */
char **udc_list(const char *sysfs);

bool udc_exists(const char *sysfs, const char *udc);

/* The gadget driver that holds the port (libcomposite: the gadget's name in configfs); NULL: free.
 * g_free. */
char *udc_holder(const char *sysfs, const char *udc);

/* Reads the port's state, which a gadget bound anew inherits from the one before until the node
 * resets it. What the UDC says is completed by libcomposite's own flag for suspend,
 * since many controllers do not report it. */
enum udc_state udc_state(const char *sysfs, const char *udc);

/* A line of /sys/class/udc/UDC/state; unknown ones count as unplugged. */
enum udc_state udc_state_parse(const char *line);

/* For an operator: "unplugged", "configured" ... */
const char *udc_state_name(enum udc_state state);

/*
 * Opens the port's state for poll: G_IO_PRI tells that it was set since it was opened or seen last.
 * -1: the port has gone.
 */
int udc_state_open(const char *sysfs, const char *udc);

/* To be called when poll told; false: the port has gone. */
bool udc_state_seen(int fd);

/*
 * Asks the node to wake, if it sleeps and has allowed that device to wake it; the kernel does not
 * say whether it has (srp_store calls usb_gadget_wakeup and drops its result: drivers/usb/gadget/
 * udc/core.c).
 */
bool udc_wake(const char *sysfs, const char *udc, GError **error);

/* Endpoints that ports share. */
struct udc_pool {
	char *hub; /* the hub's device, e.g. "1e6a0000.usb-vhub"; NULL: this port shares nothing */
	int endpoints; /* generic ones, for all its ports together */
	int ports;
};

/* Whether udc is a port of ASPEED's hub, and what that hub has. udc_pool_clear. */
void udc_pool(const char *sysfs, const char *udc, struct udc_pool *pool);
void udc_pool_clear(struct udc_pool *pool);

/*
 * Endpoints that gadgets on ports of that hub hold, as far as configfs tells. configfs: where that
 * is mounted; but: name of a gadget not to be counted, or NULL. by: names of the gadgets counted,
 * may be NULL.
 */
int udc_pool_used(const char *sysfs, const char *configfs, const struct udc_pool *pool,
		const char *but, GString *by);
