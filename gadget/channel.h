/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The device node of a HID function (/dev/hidgN), found by its number: the kernel numbers them in
 * order of making, so the name alone says nothing. Any thread; does not block.
 */
#include <glib.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Opens it for reports both ways, non-blocking. sysfs, dev: where they are mounted. -1 and error
 * (GADGET_FAULT_DEVICE): it is not there (yet), or may not be opened.
 */
int channel_open(const char *sysfs, const char *dev, dev_t device, GError **error);

/*
 * Lets the kernel answer GET_REPORT by itself with size zero bytes, that nothing is pressed, as it
 * did before 6.12. Since then it leaves the answer to the process for 2.5 s first, in which a
 * firmware that asks may take the device for dead. Kernels without that ignore it.
 */
void channel_answer(int fd, size_t size);
