/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Entries of a BMC's System Event Log in words: the common ones of the IPMI specification 2.0
 * (record: table 32-1, threshold events: 42-2, sensor types and their events: 42-3), all others by
 * their numbers. Pure, for records that nobody vouches for.
 */
#include <jansson.h>
#include <stdint.h>

#define RACK_LOG_RECORD 16 /* bytes */

/* The number of the sensor that it is about; -1: it is about none. */
int rack_log_sensor(const uint8_t record[RACK_LOG_RECORD]);

/*
 * A new object {id, time, sensor, text, raw}. sensor: that number's name; NULL: it has none that is
 * known. time is RFC 3339 in UTC by the BMC's clock, or null when it has none.
 */
json_t *rack_log_entry(const uint8_t record[RACK_LOG_RECORD], const char *sensor);
