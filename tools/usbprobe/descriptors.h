/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Standard descriptors of a USB device as it sent them (USB 2.0, 9.6; HID 1.11, 6.2.1; BOS: USB
 * 3.2, 9.6.2). Any bytes are safe. What was read before a fault stays.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum descriptor_type { /* USB 2.0 table 9-5, HID 1.11 7.1, USB 3.2 table 9-6 */
	DESCRIPTOR_DEVICE = 1,
	DESCRIPTOR_CONFIGURATION = 2,
	DESCRIPTOR_STRING = 3,
	DESCRIPTOR_INTERFACE = 4,
	DESCRIPTOR_ENDPOINT = 5,
	DESCRIPTOR_BOS = 15,
	DESCRIPTOR_CAPABILITY = 16,
	DESCRIPTOR_HID = 0x21,
	DESCRIPTOR_REPORT = 0x22,
};

enum descriptor_class { /* usb.org, defined class codes */
	CLASS_HID = 3,
	CLASS_STORAGE = 8,
};

enum descriptor_attribute { /* bmAttributes of a configuration, USB 2.0 table 9-10 */
	ATTRIBUTE_ALWAYS = 1 << 7,
	ATTRIBUTE_SELF_POWERED = 1 << 6,
	ATTRIBUTE_WAKE = 1 << 5,
};

enum descriptor_transfer { /* low bits of an endpoint's bmAttributes, USB 2.0 table 9-13 */
	TRANSFER_CONTROL,
	TRANSFER_ISOCHRONOUS,
	TRANSFER_BULK,
	TRANSFER_INTERRUPT,
};

#define ENDPOINT_IN 0x80 /* of an address */

#define DESCRIPTOR_DEVICE_SIZE        18
#define DESCRIPTOR_CONFIGURATION_SIZE 9

struct device_descriptor {
	uint16_t usb; /* release, BCD: 0x0200 */
	uint8_t class, subclass, protocol;
	uint8_t packet; /* bytes of endpoint 0 */
	uint16_t vendor, product, release;
	uint8_t manufacturer_string, product_string, serial_string; /* indices; 0: none */
	uint8_t configurations;
};

struct endpoint_descriptor {
	uint8_t address, attributes;
	uint16_t packet; /* bytes */
	uint8_t interval;
};

#define INTERFACE_ENDPOINTS_MAX 8

struct interface_descriptor {
	uint8_t number, alternate;
	uint8_t class, subclass, protocol;
	uint8_t announced; /* endpoints that it says it has */
	int endpoints;
	struct endpoint_descriptor endpoint[INTERFACE_ENDPOINTS_MAX];
	bool hid; /* has a HID descriptor: */
	uint16_t hid_release;
	uint8_t country;
	uint16_t report_size; /* bytes of the report descriptor; 0: none */
};

#define CONFIGURATION_INTERFACES_MAX 16

struct configuration_descriptor {
	uint8_t value, attributes;
	int power;         /* mA at most */
	uint8_t announced; /* interfaces that it says it has */
	int interfaces;    /* alternate settings count too */
	struct interface_descriptor interface[CONFIGURATION_INTERFACES_MAX];
};

struct bos_descriptor {
	int capabilities;
	bool lpm; /* link power management, USB 2.0 extension */
};

/* Each returns NULL, or what is wrong with the bytes, in words. */
const char *descriptors_device(struct device_descriptor *device, const uint8_t *bytes, size_t size);
/* super_speed: maximum power counts in 8 mA rather than 2. */
const char *descriptors_configuration(struct configuration_descriptor *configuration,
		const uint8_t *bytes, size_t size, bool super_speed);
const char *descriptors_bos(struct bos_descriptor *bos, const uint8_t *bytes, size_t size);

/* A string descriptor as UTF-8, without what cannot be shown. text: at least 3 * 126 + 1 bytes. */
#define DESCRIPTORS_STRING_MAX 380
const char *descriptors_string(char *text, const uint8_t *bytes, size_t size);

/* The first endpoint of that kind; NULL: none. direction: ENDPOINT_IN or 0. */
const struct endpoint_descriptor *descriptors_endpoint(const struct interface_descriptor *interface,
		enum descriptor_transfer transfer, uint8_t direction);
