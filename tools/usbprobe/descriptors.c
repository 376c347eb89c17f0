/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "tools/usbprobe/descriptors.h"

#define INTERFACE_SIZE  9
#define ENDPOINT_SIZE   7
#define HID_SIZE        6 /* and three for each descriptor that it names */
#define BOS_SIZE        5
#define CAPABILITY_SIZE 3

#define CAPABILITY_USB2_EXTENSION 2 /* USB 3.2 table 9-14 */
#define USB2_EXTENSION_SIZE       7
#define USB2_EXTENSION_LPM        (1 << 1)

static uint16_t descriptors_word(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] | bytes[1] << 8);
}

const char *descriptors_device(struct device_descriptor *device, const uint8_t *bytes, size_t size)
{
	*device = (struct device_descriptor){0};
	if (size < DESCRIPTOR_DEVICE_SIZE || bytes[0] < DESCRIPTOR_DEVICE_SIZE)
		return "the device descriptor is shorter than 18 bytes";
	if (bytes[1] != DESCRIPTOR_DEVICE)
		return "what came is not a device descriptor";
	*device = (struct device_descriptor){
			.usb = descriptors_word(bytes + 2),
			.class = bytes[4],
			.subclass = bytes[5],
			.protocol = bytes[6],
			.packet = bytes[7],
			.vendor = descriptors_word(bytes + 8),
			.product = descriptors_word(bytes + 10),
			.release = descriptors_word(bytes + 12),
			.manufacturer_string = bytes[14],
			.product_string = bytes[15],
			.serial_string = bytes[16],
			.configurations = bytes[17],
	};
	return NULL;
}

static const char *descriptors_interface(
		struct configuration_descriptor *configuration, const uint8_t *bytes)
{
	if (bytes[0] < INTERFACE_SIZE)
		return "an interface descriptor is shorter than 9 bytes";
	if (configuration->interfaces == CONFIGURATION_INTERFACES_MAX)
		return "more than 16 interfaces and alternate settings";
	configuration->interface[configuration->interfaces++] = (struct interface_descriptor){
			.number = bytes[2],
			.alternate = bytes[3],
			.announced = bytes[4],
			.class = bytes[5],
			.subclass = bytes[6],
			.protocol = bytes[7],
	};
	return NULL;
}

static const char *descriptors_add_endpoint(
		struct interface_descriptor *interface, const uint8_t *bytes)
{
	if (!interface)
		return "an endpoint descriptor comes before any interface";
	if (bytes[0] < ENDPOINT_SIZE)
		return "an endpoint descriptor is shorter than 7 bytes";
	if (interface->endpoints == INTERFACE_ENDPOINTS_MAX)
		return "more than 8 endpoints in one interface";
	interface->endpoint[interface->endpoints++] = (struct endpoint_descriptor){
			.address = bytes[2],
			.attributes = bytes[3],
			/* Bits above these are extra transactions of high speed. */
			.packet = descriptors_word(bytes + 4) & 0x7ff,
			.interval = bytes[6],
	};
	return NULL;
}

static const char *descriptors_hid(struct interface_descriptor *interface, const uint8_t *bytes)
{
	if (!interface)
		return "a HID descriptor comes before any interface";
	if (interface->class != CLASS_HID)
		return NULL; /* that class has its own meaning of the number */
	if (bytes[0] < HID_SIZE || bytes[0] < HID_SIZE + 3 * bytes[5])
		return "a HID descriptor is too short for what it names";
	interface->hid = true;
	interface->hid_release = descriptors_word(bytes + 2);
	interface->country = bytes[4];
	for (int i = bytes[5] - 1; i >= 0; i--)
		if (bytes[HID_SIZE + 3 * i] == DESCRIPTOR_REPORT)
			interface->report_size = descriptors_word(bytes + HID_SIZE + 3 * i + 1);
	return NULL;
}

static const char *descriptors_one(
		struct configuration_descriptor *configuration, const uint8_t *bytes)
{
	struct interface_descriptor *interface =
			configuration->interfaces
					? &configuration->interface[configuration->interfaces - 1]
					: NULL;

	switch (bytes[1]) {
	case DESCRIPTOR_INTERFACE:
		return descriptors_interface(configuration, bytes);
	case DESCRIPTOR_ENDPOINT:
		return descriptors_add_endpoint(interface, bytes);
	case DESCRIPTOR_HID:
		return descriptors_hid(interface, bytes);
	case DESCRIPTOR_CONFIGURATION:
		return "a second configuration descriptor inside the first";
	default: /* associations, companions, other classes */
		return NULL;
	}
}

const char *descriptors_configuration(struct configuration_descriptor *configuration,
		const uint8_t *bytes, size_t size, bool super_speed)
{
	size_t total, at;

	memset(configuration, 0, sizeof(*configuration));
	if (size < DESCRIPTOR_CONFIGURATION_SIZE || bytes[0] < DESCRIPTOR_CONFIGURATION_SIZE)
		return "the configuration descriptor is shorter than 9 bytes";
	if (bytes[1] != DESCRIPTOR_CONFIGURATION)
		return "what came is not a configuration descriptor";
	total = descriptors_word(bytes + 2);
	configuration->announced = bytes[4];
	configuration->value = bytes[5];
	configuration->attributes = bytes[7];
	configuration->power = bytes[8] * (super_speed ? 8 : 2);
	if (total > size)
		return "the configuration is shorter than its total length says";
	for (at = bytes[0]; at < total; at += bytes[at]) {
		const char *wrong;

		if (total - at < 2 || bytes[at] < 2 || bytes[at] > total - at)
			return "a descriptor's length does not fit in the configuration";
		wrong = descriptors_one(configuration, bytes + at);
		if (wrong)
			return wrong;
	}
	return at == total ? NULL : "the configuration's own length does not fit in it";
}

const char *descriptors_bos(struct bos_descriptor *bos, const uint8_t *bytes, size_t size)
{
	size_t total;

	*bos = (struct bos_descriptor){0};
	if (size < BOS_SIZE || bytes[0] < BOS_SIZE || bytes[1] != DESCRIPTOR_BOS)
		return "what came is not a BOS descriptor";
	total = descriptors_word(bytes + 2);
	if (total > size || total < bytes[0])
		return "the BOS is shorter than its total length says";
	for (size_t at = bytes[0]; at < total; at += bytes[at]) {
		if (total - at < CAPABILITY_SIZE || bytes[at] < CAPABILITY_SIZE ||
				bytes[at] > total - at)
			return "a capability's length does not fit in the BOS";
		if (bytes[at + 1] != DESCRIPTOR_CAPABILITY)
			return "the BOS holds something else than capabilities";
		bos->capabilities++;
		if (bytes[at + 2] == CAPABILITY_USB2_EXTENSION && bytes[at] >= USB2_EXTENSION_SIZE)
			bos->lpm = bytes[at + 3] & USB2_EXTENSION_LPM;
	}
	return bos->capabilities == bytes[4]
			       ? NULL
			       : "the BOS holds another number of capabilities than it says";
}

/* One code point as UTF-8. */
static char *descriptors_utf8(char *text, uint32_t point)
{
	if (point < 0x80) {
		*text++ = (char)point;
	} else if (point < 0x800) {
		*text++ = (char)(0xc0 | point >> 6);
		*text++ = (char)(0x80 | (point & 63));
	} else if (point < 0x10000) {
		*text++ = (char)(0xe0 | point >> 12);
		*text++ = (char)(0x80 | (point >> 6 & 63));
		*text++ = (char)(0x80 | (point & 63));
	} else {
		*text++ = (char)(0xf0 | point >> 18);
		*text++ = (char)(0x80 | (point >> 12 & 63));
		*text++ = (char)(0x80 | (point >> 6 & 63));
		*text++ = (char)(0x80 | (point & 63));
	}
	return text;
}

const char *descriptors_string(char *text, const uint8_t *bytes, size_t size)
{
	*text = '\0';
	if (size < 2 || bytes[1] != DESCRIPTOR_STRING)
		return "what came is not a string";
	if (bytes[0] < 2 || bytes[0] > size || bytes[0] % 2)
		return "a string's length is wrong";
	for (size_t at = 2; at < bytes[0]; at += 2) {
		uint32_t point = descriptors_word(bytes + at);

		if (point >= 0xd800 && point < 0xdc00 && at + 2 < bytes[0]) {
			uint32_t low = descriptors_word(bytes + at + 2);

			if (low >= 0xdc00 && low < 0xe000) {
				point = 0x10000 + ((point & 0x3ff) << 10) + (low & 0x3ff);
				at += 2;
			}
		}
		/* Controls would play with the terminal; halves of pairs are no text. */
		if (point < 0x20 || (point >= 0x7f && point < 0xa0) ||
				(point >= 0xd800 && point < 0xe000))
			point = 0xfffd;
		text = descriptors_utf8(text, point);
	}
	*text = '\0';
	return NULL;
}

const struct endpoint_descriptor *descriptors_endpoint(const struct interface_descriptor *interface,
		enum descriptor_transfer transfer, uint8_t direction)
{
	for (int i = 0; i < interface->endpoints; i++) {
		const struct endpoint_descriptor *endpoint = &interface->endpoint[i];

		if ((endpoint->attributes & 3) == transfer &&
				(endpoint->address & ENDPOINT_IN) == direction)
			return endpoint;
	}
	return NULL;
}
