/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records: those of sensors, and the event log's. */
#include "rack/ipmi_part.h"

/* Appendix G. */
#define STORAGE_SDR_INFO    0x20
#define STORAGE_SDR_RESERVE 0x22
#define STORAGE_SDR_GET     0x23
#define STORAGE_SEL_INFO    0x40
#define STORAGE_SEL_RESERVE 0x42
#define STORAGE_SEL_GET     0x43
#define SEL_WHOLE           0xff /* bytes to read */

void ipmi_sdr_info(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SDR_INFO);
}

void ipmi_sdr_reserve(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SDR_RESERVE);
}

void ipmi_sdr_get(struct ipmi_request *out, uint16_t reservation, uint16_t record, uint8_t offset,
		uint8_t count)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SDR_GET);
	ipmi_put_16(out, reservation);
	ipmi_put_16(out, record);
	ipmi_put(out, offset);
	ipmi_put(out, count);
}

void ipmi_sel_info(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SEL_INFO);
}

void ipmi_sel_reserve(struct ipmi_request *out)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SEL_RESERVE);
}

void ipmi_sel_get(struct ipmi_request *out, uint16_t reservation, uint16_t record)
{
	ipmi_make(out, IPMI_NETFN_STORAGE, STORAGE_SEL_GET);
	ipmi_put_16(out, reservation);
	ipmi_put_16(out, record);
	ipmi_put(out, 0); /* offset */
	ipmi_put(out, SEL_WHOLE);
}

bool ipmi_store_read(const uint8_t *bytes, size_t size, struct ipmi_store *out)
{
	if (size < 14)
		return false;
	*out = (struct ipmi_store){.count = ipmi_16(bytes + 1),
			.added = ipmi_32(bytes + 5),
			.erased = ipmi_32(bytes + 9)};
	return true;
}

bool ipmi_store_same(const struct ipmi_store *one, const struct ipmi_store *other)
{
	return one->count == other->count && one->added == other->added &&
	       one->erased == other->erased;
}

bool ipmi_reservation_read(const uint8_t *bytes, size_t size, uint16_t *out)
{
	if (size < 2)
		return false;
	*out = ipmi_16(bytes);
	return true;
}

bool ipmi_piece_read(const uint8_t *bytes, size_t size, struct ipmi_piece *out)
{
	if (size < 3)
		return false;
	*out = (struct ipmi_piece){.next = ipmi_16(bytes), .bytes = bytes + 2, .size = size - 2};
	return true;
}

bool ipmi_entry_read(const uint8_t *bytes, size_t size, struct ipmi_entry *out)
{
	if (size < 2 + IPMI_SEL_RECORD)
		return false;
	*out = (struct ipmi_entry){
			.next = ipmi_16(bytes), .id = ipmi_16(bytes + 2), .record = bytes + 2};
	return true;
}
