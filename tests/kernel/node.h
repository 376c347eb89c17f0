/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The node's side of a virtual port inside the lab: dummy_hcd puts a host behind each dummy_udc.N
 * of the same machine, so what is bound there appears among this kernel's own USB and input
 * devices.
 */
#include <glib.h>
#include <linux/input.h>
#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_KEYBOARD, NODE_ABSOLUTE, NODE_RELATIVE };

/* Whether this is a machine with such ports. */
bool node_there(void);

/* Runs the main loop until the condition holds; fails after 30 s. */
#define node_wait(condition)                                                  \
	do {                                                                  \
		int64_t until = g_get_monotonic_time() + 30 * G_USEC_PER_SEC; \
                                                                              \
		while (!(condition)) {                                        \
			g_assert_cmpint(g_get_monotonic_time(), <, until);    \
			if (!g_main_context_iteration(NULL, FALSE))           \
				g_usleep(1000);                               \
		}                                                             \
	} while (0)

/* Runs the main loop for that long: for what must not happen. */
void node_pass(int ms);

/*
 * Opens the input device of that kind on the port, once it is there. -1: it is not yet. Linux drops
 * what a HID device says within 50 ms of its first opening (usbhid_open), which may be another's:
 * that time passes here.
 */
int node_input(const char *udc, enum node_kind kind);

/* The next event of that type, running the main loop; skips others. False: none within ms. */
bool node_event(int fd, int type, struct input_event *event, int ms);

/* No event of that type waits. */
void node_drain(int fd);

/* Whether the key is down, as the kernel has it. */
bool node_key_down(int fd, int code);

int node_axis(int fd, int axis);

/* Turns a light on or off. */
void node_light(int fd, int light, bool on);

/* The USB device's folder in sysfs; NULL: nothing is plugged in. g_free. */
char *node_device(const char *udc);

/* Nothing is plugged into the port, and the node has forgotten what was. */
bool node_empty(const char *udc);

/* An attribute of the USB device, by its path below that folder; "" when it is missing. g_free. */
char *node_attribute(const char *udc, const char *name);
bool node_attribute_is(const char *udc, const char *name, const char *value);
void node_set(const char *udc, const char *name, const char *value);

/* Switches the power of the node's end of the port. */
void node_plug(const char *udc, bool on);

/* Resets the device, as its driver would after an error. */
void node_reset(const char *udc);

/* Writes a file that must take it. */
void node_write(const char *path, const char *text);

/* Whether a file can be written; for what is to be tried again. */
bool node_try(const char *path, const char *text);

/* A control transfer to the device; the bytes received, or -errno. */
int node_control(const char *udc, int type, int request, int value, int index, void *bytes,
		size_t size, int ms);

/* Fetches a report from an endpoint that no driver has; the bytes received, or -errno. */
int node_fetch(const char *udc, int endpoint, void *bytes, size_t size, int ms);
