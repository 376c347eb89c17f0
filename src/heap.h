/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * How the process keeps memory that it freed. Called by main, before there are threads.
 *
 * Pictures, and what is made of them, go back to the system at once. glibc learns from the first
 * that is freed to keep such sizes in its heaps, of which each thread of a viewer's has one: they
 * would stay with us when the viewer has gone.
 */
void heap_give_pictures_back(void);
