// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's registers, as far as they do something: triggers, mode detection, the watchdog, the
 * interrupt line, and the reset that comes with the clock.
 */
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "engine.h"
#include "vr.h"

#define DETECTION_TIME msecs_to_jiffies(20) /* a frame of the signal, roughly */

/* A timing's shape, in pixels and lines: any will do that fits around the picture. */
#define H_SYNC  96
#define H_BACK  48
#define H_FRONT 16
#define V_SYNC  2
#define V_BACK  33
#define V_FRONT 10

struct engine engine;

/* Each time that the driver binds it gets a page of its own, so that files of an earlier time that
 * are still open reach nothing. */
static u32 *engine_bank_of(const void __iomem *address)
{
	return (u32 *)((uintptr_t)address & PAGE_MASK);
}

u32 *engine_new_bank(void)
{
	u32 *bank = (u32 *)get_zeroed_page(GFP_KERNEL);

	if (!bank)
		return NULL;
	spin_lock(&engine.lock);
	engine.bank = bank;
	spin_unlock(&engine.lock);
	return bank;
}

/* The line is a level: it is up while something is pending and wanted. */
static void engine_update_line(void)
{
	const u32 *bank = engine.bank;

	if (bank && engine.handler && bank[VR_INTERRUPT_STATUS / 4] & bank[VR_INTERRUPT_ENABLE / 4])
		queue_work(engine.queue, &engine.interrupt);
}

void engine_raise(u32 interrupt)
{
	if (!engine.bank)
		return;
	engine.bank[VR_INTERRUPT_STATUS / 4] |= interrupt;
	engine_update_line();
}

static void engine_interrupt(struct work_struct *work)
{
	irq_handler_t handler;
	void *arg;

	spin_lock(&engine.lock);
	handler = engine.handler;
	arg = engine.handler_arg;
	spin_unlock(&engine.lock);
	if (!handler || handler(0, arg) != IRQ_HANDLED)
		return;
	spin_lock(&engine.lock);
	engine_update_line();
	spin_unlock(&engine.lock);
}

static void engine_free_irq(void *bank)
{
	spin_lock(&engine.lock);
	engine.handler = NULL;
	engine.bank = NULL;
	spin_unlock(&engine.lock);
	cancel_work_sync(&engine.interrupt);
	engine_cancel();
}

int engine_request_irq(struct device *dev, irq_handler_t handler, void *arg)
{
	spin_lock(&engine.lock);
	engine.handler = handler;
	engine.handler_arg = arg;
	spin_unlock(&engine.lock);
	return devm_add_action_or_reset(dev, engine_free_irq, NULL);
}

u32 engine_read(const void __iomem *address)
{
	const u32 *bank = engine_bank_of(address);
	unsigned int offset = offset_in_page((const void __force *)address);
	u32 value;

	spin_lock(&engine.lock);
	value = bank[offset / 4];
	if (offset == VR_SEQUENCE && (bank != engine.bank || !engine_busy()))
		value |= VR_SEQUENCE_IDLE;
	spin_unlock(&engine.lock);
	return value;
}

void engine_write(u32 value, void __iomem *address)
{
	u32 *bank = engine_bank_of(address);
	unsigned int offset = offset_in_page((void __force *)address);
	u32 old;

	spin_lock(&engine.lock);
	old = bank[offset / 4];
	if (offset == VR_SEQUENCE)
		value &= ~VR_SEQUENCE_IDLE;
	/* Writing a one to the status takes it back. */
	bank[offset / 4] = offset == VR_INTERRUPT_STATUS ? old & ~value : value;
	if (bank == engine.bank && offset == VR_SEQUENCE) {
		if (value & ~old & VR_SEQUENCE_DETECT)
			mod_delayed_work(engine.queue, &engine.detection, DETECTION_TIME);
		if (value & ~old & VR_SEQUENCE_COMPRESS)
			engine_trigger();
	} else if (bank == engine.bank && offset == VR_INTERRUPT_ENABLE) {
		engine_update_line();
	}
	spin_unlock(&engine.lock);
}

/* While there is no signal a detection that was triggered goes on. */
static void engine_detect(struct work_struct *work)
{
	const u32 left = H_SYNC + H_BACK, top = V_SYNC + V_BACK;
	u32 *bank, width, height;

	spin_lock(&engine.lock);
	bank = engine.bank;
	width = engine.width;
	height = engine.height;
	if (bank && width && bank[VR_SEQUENCE / 4] & VR_SEQUENCE_DETECT) {
		bank[VR_EDGES_X / 4] = left | (left + width - 1) << 16;
		bank[VR_EDGES_Y / 4] = top | (top + height - 1) << 16;
		bank[VR_SYNC / 4] = H_SYNC | V_SYNC << 16;
		bank[VR_LINE_TOTAL / 4] = left + width + H_FRONT;
		bank[VR_DETECTED / 4] = VR_DETECTED_STABLE | VR_DETECTED_READY |
					FIELD_PREP(VR_DETECTED_LINES, top + height + V_FRONT);
		engine_raise(VR_INTERRUPT_DETECTED);
	}
	spin_unlock(&engine.lock);
}

void engine_set_mode(u32 width, u32 height)
{
	spin_lock(&engine.lock);
	engine.width = width;
	engine.height = height;
	if (engine.bank && engine.bank[VR_SEQUENCE / 4] & VR_SEQUENCE_WATCHDOG)
		engine_raise(VR_INTERRUPT_WATCHDOG);
	else
		mod_delayed_work(engine.queue, &engine.detection, DETECTION_TIME);
	spin_unlock(&engine.lock);
}

/*
 * Opening the clock's gate resets the engine (clk-ast2600.c: the gate of eclk has a reset): the
 * frame in work is lost, and what has a start value in the data sheet gets it. Windows and
 * addresses have none and stay, which the driver counts on: after a short loss of the signal it
 * does not write them again.
 */
void engine_clock(u32 *bank, bool on)
{
	static const u16 lost[] = {
			VR_PROTECTION,
			VR_SEQUENCE,
			VR_CONTROL,
			VR_CHANGE_CONTROL,
			VR_DETECTED,
			VR_INTERRUPT_ENABLE,
			VR_INTERRUPT_STATUS,
	};

	if (bank != READ_ONCE(engine.bank))
		return;
	engine_cancel();
	if (!on)
		return;
	spin_lock(&engine.lock);
	for (unsigned int i = 0; i < ARRAY_SIZE(lost); i++)
		bank[lost[i] / 4] = 0;
	spin_unlock(&engine.lock);
}

void engine_registers_init(void)
{
	spin_lock_init(&engine.lock);
	INIT_WORK(&engine.interrupt, engine_interrupt);
	INIT_DELAYED_WORK(&engine.detection, engine_detect);
}
