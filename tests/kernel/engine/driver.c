// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's aspeed-video.c, as it is, on the simulated engine: what it asks of the hardware and
 * of the device tree is answered here, everything towards V4L2 is real.
 */
#include <linux/clk.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/of.h>
#include <linux/of_irq.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "engine.h"

/*
 * Memory that the driver gets for the engine's own use. No engine looks at it, but for the change
 * buffer, so that any will do, under addresses that are only names.
 */
struct engine_memory {
	struct list_head link;
	dma_addr_t address;
	char data[];
};
static LIST_HEAD(engine_memories);

static void *engine_alloc(size_t size, dma_addr_t *address)
{
	static dma_addr_t next = 0x80000000;
	struct engine_memory *memory = vzalloc(sizeof(*memory) + size);

	if (!memory)
		return NULL;
	spin_lock(&engine.lock);
	memory->address = *address = next;
	next = (next + PAGE_ALIGN(size)) | 0x80000000;
	list_add(&memory->link, &engine_memories);
	spin_unlock(&engine.lock);
	return memory->data;
}

static void engine_free(void *data)
{
	struct engine_memory *memory = container_of(data, struct engine_memory, data[0]);

	spin_lock(&engine.lock);
	list_del(&memory->link);
	spin_unlock(&engine.lock);
	vfree(memory);
}

/* With the lock held. */
void *engine_driver_memory(dma_addr_t address)
{
	struct engine_memory *memory;

	list_for_each_entry(memory, &engine_memories,
			link) if (memory->address == address) return memory->data;
	return NULL;
}

#undef readl
#define readl(address) engine_read(address)
#undef writel
#define writel(value, address)            engine_write(value, address)
#define irq_of_parse_and_map(node, index) 1
#define devm_request_threaded_irq(dev, irq, hard, handler, flags, name, arg) \
	engine_request_irq(dev, handler, arg)
#define devm_platform_ioremap_resource(pdev, index) \
	((void __iomem *)engine_new_bank() ?: IOMEM_ERR_PTR(-ENOMEM))
#define of_device_get_match_data(dev) (&ast2600_config)
/* A clock is the bank of registers that it drives. */
#define devm_clk_get(dev, name) ((struct clk *)video->base)
#define clk_prepare(clock)      0
#define clk_unprepare(clock)
#define clk_enable(clock)  engine_clock((u32 *)(clock), true)
#define clk_disable(clock) engine_clock((u32 *)(clock), false)
#undef dma_alloc_coherent
#define dma_alloc_coherent(dev, size, address, flags) engine_alloc(size, address)
#undef dma_free_coherent
#define dma_free_coherent(dev, size, data, address) engine_free(data)
/*
 * The driver lets go of its structure when it is unbound, while files are still open that lead to
 * it. That is its own flaw; here the structure stays, so that it is the program with the open file
 * that is tested.
 */
#define devm_kzalloc(dev, size, flags) kzalloc(size, flags)
#undef module_platform_driver
#define module_platform_driver(driver)

#include "aspeed-video.c"

static struct platform_device *engine_pdev;

/* Every call on the queue fails with EIO until streaming is turned off. */
void engine_fail_queue(void)
{
	struct v4l2_device *device;

	if (!device_trylock(&engine_pdev->dev)) /* it is being unbound, and waits for us */
		return;
	device = dev_get_drvdata(&engine_pdev->dev);
	if (device)
		vb2_queue_error(&to_aspeed_video(device)->queue);
	device_unlock(&engine_pdev->dev);
}

static int __init engine_init(void)
{
	int error;

	engine_registers_init();
	engine.queue = alloc_ordered_workqueue("aspeed-engine", WQ_HIGHPRI);
	if (!engine.queue)
		return -ENOMEM;
	error = engine_frames_init(engine_groups);
	if (error)
		goto no_frames;
	aspeed_video_driver.driver.of_match_table = NULL; /* this device has a name only */
	error = platform_driver_register(&aspeed_video_driver);
	if (error)
		goto no_driver;
	engine_pdev = platform_device_register_simple(DEVICE_NAME, PLATFORM_DEVID_NONE, NULL, 0);
	if (!IS_ERR(engine_pdev))
		return 0;
	error = PTR_ERR(engine_pdev);
	platform_driver_unregister(&aspeed_video_driver);
no_driver:
	engine_frames_exit();
no_frames:
	destroy_workqueue(engine.queue);
	return error;
}

static void __exit engine_exit(void)
{
	platform_device_unregister(engine_pdev);
	platform_driver_unregister(&aspeed_video_driver);
	engine_frames_exit();
	cancel_delayed_work_sync(&engine.detection);
	cancel_delayed_work_sync(&engine.pace);
	destroy_workqueue(engine.queue);
}

module_init(engine_init);
module_exit(engine_exit);
