/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ENGINE_H
#define ENGINE_H
/*
 * The simulated video engine of an AST2600: what its files share. The driver's side calls from any
 * process context; nothing here runs in interrupts.
 */
#include <linux/device.h>
#include <linux/interrupt.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "aspeed_engine.h"

enum engine_state {
	ENGINE_IDLE,
	ENGINE_PACED, /* triggered; the next frame of the signal is to come */
	ENGINE_READY, /* to be read by user space */
	ENGINE_TAKEN, /* user space compresses */
	ENGINE_COPYING,
};

enum engine_fault {
	ENGINE_FAULT_NONE,
	ENGINE_FAULT_HANG,
	ENGINE_FAULT_DROP,
	ENGINE_FAULT_BUSY,
	ENGINE_FAULT_EIO,
	ENGINE_FAULT_COUNT,
};

struct engine {
	spinlock_t lock; /* all below, but for the works */
	u32 *bank;       /* registers of the driver that is bound, one page; NULL: none is */
	irq_handler_t handler;
	void *handler_arg;
	u32 width, height; /* of the signal; 0: none */

	enum engine_state state;
	struct aspeed_engine_frame frame;
	u32 address;  /* of its buffer, for the bus */
	ktime_t slot; /* when the last frame of the signal began */
	u32 fps;
	u64 done;
	enum engine_fault fault;
	u32 fault_count; /* 0: for ever */

	struct mutex copying; /* held while a buffer is written: nothing may free it */
	wait_queue_head_t readers;
	struct workqueue_struct *queue;
	struct work_struct interrupt;
	struct delayed_work detection, pace;
};

extern struct engine engine;

/* registers.c */
void engine_registers_init(void);
u32 engine_read(const void __iomem *address);
void engine_write(u32 value, void __iomem *address);
u32 *engine_new_bank(void);
void engine_clock(u32 *bank, bool on);
int engine_request_irq(struct device *dev, irq_handler_t handler, void *arg);
void engine_raise(u32 interrupt); /* with the lock held */
void engine_set_mode(u32 width, u32 height);

/* frames.c */
int engine_frames_init(const struct attribute_group **groups);
void engine_frames_exit(void);
void engine_trigger(void); /* with the lock held */
bool engine_busy(void);    /* with the lock held */
void engine_cancel(void);

/* control.c */
extern const struct attribute_group *engine_groups[];
/* Whether the fault is due now; counts it. With the lock held. */
bool engine_faulty(enum engine_fault fault);

/* driver.c */
void *engine_driver_memory(dma_addr_t address);
void engine_fail_queue(void);

#endif
