// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/aspeed-engine: the frame that the driver triggered waits for the signal's next one, then for
 * user space to compress it, and ends in the driver's buffer. There is one at a time.
 */
#include <linux/bitfield.h>
#include <linux/fs.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "engine.h"
#include "vr.h"

#define SIGNAL_RATE 60 /* Hz, when the driver asks for no limit */

static unsigned long engine_opened;

static u32 engine_rate(void)
{
	u32 asked = FIELD_GET(VR_CONTROL_RATE, engine.bank[VR_CONTROL / 4]);

	if (engine.fps)
		return engine.fps;
	return asked ?: SIGNAL_RATE;
}

static void engine_describe(struct aspeed_engine_frame *frame)
{
	const u32 *bank = engine.bank;
	u32 sequence = bank[VR_SEQUENCE / 4], compression = bank[VR_COMPRESSION / 4];
	u32 size = bank[VR_STREAM_SIZE / 4];

	frame->width = bank[VR_WINDOW / 4] >> 16;
	frame->height = bank[VR_WINDOW / 4] & 0xffff;
	frame->codec = sequence & VR_SEQUENCE_JPEG ? ASPEED_ENGINE_JPEG : ASPEED_ENGINE_AJPG;
	frame->chroma = sequence & VR_SEQUENCE_YUV420 ? 420 : 444;
	frame->luma_selector = FIELD_GET(VR_COMPRESSION_LUMA, compression);
	frame->chroma_selector = FIELD_GET(VR_COMPRESSION_CHROMA, compression);
	frame->hq = FIELD_GET(VR_COMPRESSION_HQ, compression);
	frame->hq_luma_selector = FIELD_GET(VR_COMPRESSION_HQ_LUMA, compression);
	frame->hq_chroma_selector = FIELD_GET(VR_COMPRESSION_HQ_CHROMA, compression);
	frame->size = (4u << FIELD_GET(VR_STREAM_SIZE_PACKETS, size)) *
		      (1024u << FIELD_GET(VR_STREAM_SIZE_PACKET, size));
}

/* The engine notes each block's checksum in the change buffer; a driver that wants all of them
 * clears it. One note is enough here, as user space finds out what changed. */
static bool engine_was_cleared(void)
{
	u32 *notes = engine_driver_memory(engine.bank[VR_CHANGE_ADDRESS / 4]);
	bool cleared = !notes || !notes[0];

	if (notes)
		notes[0] = 1;
	return cleared;
}

void engine_trigger(void)
{
	u64 interval, wait;
	ktime_t now = ktime_get();

	engine.frame.number++;
	engine.state = ENGINE_PACED;
	/* Late frames do not make the next ones late. */
	interval = NSEC_PER_SEC / engine_rate();
	engine.slot = max(ktime_add_ns(engine.slot, interval), ktime_sub_ns(now, interval));
	wait = max_t(s64, ktime_to_ns(ktime_sub(engine.slot, now)), 0);
	mod_delayed_work(engine.queue, &engine.pace, nsecs_to_jiffies(wait));
}

bool engine_busy(void)
{
	return engine.state != ENGINE_IDLE || engine.fault == ENGINE_FAULT_BUSY;
}

/* The signal has a frame for the engine. */
static void engine_begin(struct work_struct *work)
{
	bool fail = false;

	spin_lock(&engine.lock);
	if (engine.state != ENGINE_PACED || !engine.bank || !engine.width)
		goto out;
	fail = engine_faulty(ENGINE_FAULT_EIO);
	if (fail || engine_faulty(ENGINE_FAULT_HANG))
		goto out;
	engine_describe(&engine.frame);
	engine.frame.signal_width = engine.width;
	engine.frame.signal_height = engine.height;
	engine.frame.full = engine.frame.codec == ASPEED_ENGINE_AJPG && engine_was_cleared();
	engine.address = engine.bank[VR_STREAM_ADDRESS / 4];
	engine.state = ENGINE_READY;
	wake_up_interruptible(&engine.readers);
out:
	spin_unlock(&engine.lock);
	if (fail)
		engine_fail_queue();
}

/* The driver wants no frame any more, and may free its buffer when this returns. */
void engine_cancel(void)
{
	mutex_lock(&engine.copying);
	spin_lock(&engine.lock);
	engine.state = ENGINE_IDLE;
	spin_unlock(&engine.lock);
	mutex_unlock(&engine.copying);
}

static ssize_t engine_take(struct file *file, char __user *to, size_t size, loff_t *position)
{
	struct aspeed_engine_frame frame;
	bool taken = false;
	int error;

	if (size < sizeof(frame))
		return -EINVAL;
	while (!taken) {
		if (READ_ONCE(engine.state) != ENGINE_READY) {
			if (file->f_flags & O_NONBLOCK)
				return -EAGAIN;
			error = wait_event_interruptible(
					engine.readers, READ_ONCE(engine.state) == ENGINE_READY);
			if (error)
				return error;
		}
		spin_lock(&engine.lock);
		taken = engine.state == ENGINE_READY;
		if (taken) {
			engine.state = ENGINE_TAKEN;
			frame = engine.frame;
		}
		spin_unlock(&engine.lock);
	}
	return copy_to_user(to, &frame, sizeof(frame)) ? -EFAULT : sizeof(frame);
}

static void engine_complete(u32 size)
{
	engine.state = ENGINE_IDLE;
	engine.done++;
	engine.bank[VR_COMPRESSED_SIZE / 4] = size;
	if (!engine_faulty(ENGINE_FAULT_DROP))
		engine_raise(VR_INTERRUPT_COMPRESSED);
}

static ssize_t engine_deliver(
		struct file *file, const char __user *from, size_t size, loff_t *position)
{
	ssize_t result = -ECANCELED;
	size_t kept = 0;

	mutex_lock(&engine.copying);
	spin_lock(&engine.lock);
	if (engine.state == ENGINE_TAKEN && engine.bank) {
		engine.state = ENGINE_COPYING;
		kept = min_t(size_t, size, engine.frame.size);
		result = size;
	}
	spin_unlock(&engine.lock);
	/* The machine has no IOMMU: an address on the bus is one of memory. */
	if (result >= 0 && copy_from_user(phys_to_virt(engine.address), from, kept))
		result = -EFAULT;
	spin_lock(&engine.lock);
	if (engine.state == ENGINE_COPYING) {
		engine.state = ENGINE_TAKEN;
		if (result >= 0 && engine.bank)
			engine_complete(kept);
	}
	spin_unlock(&engine.lock);
	mutex_unlock(&engine.copying);
	return result;
}

static __poll_t engine_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &engine.readers, table);
	return READ_ONCE(engine.state) == ENGINE_READY ? EPOLLIN | EPOLLRDNORM : 0;
}

static int engine_open(struct inode *inode, struct file *file)
{
	return test_and_set_bit(0, &engine_opened) ? -EBUSY : stream_open(inode, file);
}

/* What one process took and did not deliver, the next one gets. */
static int engine_release(struct inode *inode, struct file *file)
{
	spin_lock(&engine.lock);
	if (engine.state == ENGINE_TAKEN)
		engine.state = ENGINE_READY;
	spin_unlock(&engine.lock);
	clear_bit(0, &engine_opened);
	return 0;
}

static const struct file_operations engine_operations = {
		.owner = THIS_MODULE,
		.open = engine_open,
		.read = engine_take,
		.write = engine_deliver,
		.poll = engine_poll,
		.release = engine_release,
};

static struct miscdevice engine_device = {
		.minor = MISC_DYNAMIC_MINOR,
		.name = "aspeed-engine",
		.fops = &engine_operations,
};

int engine_frames_init(const struct attribute_group **groups)
{
	mutex_init(&engine.copying);
	init_waitqueue_head(&engine.readers);
	INIT_DELAYED_WORK(&engine.pace, engine_begin);
	engine_device.groups = groups;
	return misc_register(&engine_device);
}

void engine_frames_exit(void)
{
	misc_deregister(&engine_device);
}
