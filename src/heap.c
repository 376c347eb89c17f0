/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/heap.h"
#include <malloc.h>

#define LARGE (128 * 1024)

void heap_give_pictures_back(void)
{
#ifdef M_MMAP_THRESHOLD
	mallopt(M_MMAP_THRESHOLD, LARGE);
#endif
}
