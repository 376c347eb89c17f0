/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For what only some processors of the family have, with the flags that configure found. */
#define KERNELS_TABLE kernels_special
#ifdef KERNELS_AVX2
#define KERNELS_LABEL         "avx2"
#define KERNELS_BY_HAND(name) kernels_avx2_##name
#else
#define KERNELS_LABEL         "neon"
#define KERNELS_BY_HAND(name) kernels_neon_##name
#endif
#include "decoder/kernels_vector.h"
