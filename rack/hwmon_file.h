/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * Files of the kernel's hardware monitoring (Documentation/hwmon/sysfs-interface): found by the
 * path of their device, as numbers of hwmonN follow the order in which drivers were loaded. Calls
 * here take as long as the device's bus does: 12 ms on a slow one, seconds on one that hangs.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HWMON_ROOT "/sys"

/*
 * Opens a file of a device below root; device: "/sys/bus/i2c/devices/7-0048", with or without
 * "/sys/", or a pattern (glob). The file may be there or in its hwmon/hwmonN. Returns the
 * descriptor, or -errno: -ENOENT for none, -ENOTUNIQ when several match.
 */
int hwmon_file_open(const char *root, const char *device, const char *name, int flags);

/* Returns 0 or -errno: -ENODEV when the device has gone, -EINVAL for what is no number. */
int hwmon_file_read(int fd, int64_t *value);
int hwmon_file_write(int fd, int64_t value);

void hwmon_file_close(int *fd); /* makes it -1; that is fine too */

/* A sensor: "temp1", "fan2", "in0", "curr1", "power1", "humidity1". */
struct hwmon_sensor {
	char *root, *device, *attribute; /* not ours */
	double scale;
	int fd, fault_fd; /* -1: not open, or not there */
};

/* What to multiply the attribute's file with to get degrees Celsius, RPM, V, A, W, percent; 0: that
 * is no sensor. */
double hwmon_sensor_scale(const char *attribute);

/* Keeps the file open, and looks for it again after each failure. Returns 0 or -errno; -ENODATA:
 * the device says that the sensor is broken. */
int hwmon_sensor_read(struct hwmon_sensor *sensor, double *value);
void hwmon_sensor_close(struct hwmon_sensor *sensor);

/* A fan's duty: "pwm1". */
struct hwmon_fan {
	char *root, *device, *attribute; /* not ours */
	int fd, enable_fd;               /* -1: not open, or not there */
	int64_t seen, enable_seen;       /* what they said after they were written */
};

bool hwmon_fan_named(const char *attribute);

/*
 * Makes the fan run at duty, 0..255, by our word instead of the device's own control. Writes when
 * told to, when the file was opened anew, and when what it says is not what it said after the last
 * time: somebody else wrote, or the device was reset. Drivers may say another value than was
 * written. Returns 1 when it wrote, 0 when there was no need, -errno.
 */
int hwmon_fan_hold(struct hwmon_fan *fan, int duty, bool write);
void hwmon_fan_close(struct hwmon_fan *fan);
