/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the instruction set that every processor of this family has (SSE2, ARMv8's). */
#define KERNELS_TABLE kernels_base
#ifdef __x86_64__
#define KERNELS_LABEL         "sse2"
#define KERNELS_BY_HAND(name) kernels_sse2_##name
#else
#define KERNELS_LABEL         "neon"
#define KERNELS_BY_HAND(name) kernels_neon_##name
#endif
#include "decoder/kernels_vector.h"
