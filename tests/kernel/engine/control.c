// SPDX-License-Identifier: GPL-2.0
/* The attributes in /sys/class/misc/aspeed-engine: signal, rate, faults. */
#include <linux/kernel.h>
#include <linux/sysfs.h>
#include "engine.h"

#define SIDE_MAX 2600 /* pixels and lines that the counters of the detection hold */
#define RATE_MAX 1000

static const char *const engine_fault_names[ENGINE_FAULT_COUNT] = {
		[ENGINE_FAULT_NONE] = "none",
		[ENGINE_FAULT_HANG] = "hang",
		[ENGINE_FAULT_DROP] = "drop",
		[ENGINE_FAULT_BUSY] = "busy",
		[ENGINE_FAULT_EIO] = "eio",
};

bool engine_faulty(enum engine_fault fault)
{
	if (engine.fault != fault)
		return false;
	if (engine.fault_count && !--engine.fault_count)
		engine.fault = ENGINE_FAULT_NONE;
	return true;
}

static ssize_t mode_store(struct device *dev, struct device_attribute *attribute, const char *text,
		size_t size)
{
	unsigned int width = 0, height = 0;

	if (!sysfs_streq(text, "none") &&
			(sscanf(text, "%ux%u", &width, &height) != 2 || !width || !height ||
					width > SIDE_MAX || height > SIDE_MAX))
		return -EINVAL;
	engine_set_mode(width, height);
	return size;
}

static ssize_t mode_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	u32 width, height;

	spin_lock(&engine.lock);
	width = engine.width;
	height = engine.height;
	spin_unlock(&engine.lock);
	return width ? sysfs_emit(text, "%ux%u\n", width, height) : sysfs_emit(text, "none\n");
}
static DEVICE_ATTR_RW(mode);

static ssize_t fps_store(struct device *dev, struct device_attribute *attribute, const char *text,
		size_t size)
{
	unsigned int fps;
	int error = kstrtouint(text, 10, &fps);

	if (error)
		return error;
	if (fps > RATE_MAX)
		return -EINVAL;
	WRITE_ONCE(engine.fps, fps);
	return size;
}

static ssize_t fps_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	return sysfs_emit(text, "%u\n", READ_ONCE(engine.fps));
}
static DEVICE_ATTR_RW(fps);

static ssize_t fault_store(struct device *dev, struct device_attribute *attribute, const char *text,
		size_t size)
{
	char name[8];
	unsigned int count = 0;
	int fault;

	if (sscanf(text, "%7s %u", name, &count) < 1)
		return -EINVAL;
	fault = match_string(engine_fault_names, ENGINE_FAULT_COUNT, name);
	if (fault < 0)
		return fault;
	spin_lock(&engine.lock);
	engine.fault = fault;
	engine.fault_count = count;
	spin_unlock(&engine.lock);
	return size;
}

static ssize_t fault_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	enum engine_fault fault;
	u32 count;

	spin_lock(&engine.lock);
	fault = engine.fault;
	count = engine.fault_count;
	spin_unlock(&engine.lock);
	if (count)
		return sysfs_emit(text, "%s %u\n", engine_fault_names[fault], count);
	return sysfs_emit(text, "%s\n", engine_fault_names[fault]);
}
static DEVICE_ATTR_RW(fault);

static ssize_t frames_show(struct device *dev, struct device_attribute *attribute, char *text)
{
	u64 done;

	spin_lock(&engine.lock);
	done = engine.done;
	spin_unlock(&engine.lock);
	return sysfs_emit(text, "%llu\n", done);
}
static DEVICE_ATTR_RO(frames);

static struct attribute *engine_attrs[] = {
		&dev_attr_mode.attr,
		&dev_attr_fps.attr,
		&dev_attr_fault.attr,
		&dev_attr_frames.attr,
		NULL,
};
static const struct attribute_group engine_group = {.attrs = engine_attrs};
const struct attribute_group *engine_groups[] = {&engine_group, NULL};
