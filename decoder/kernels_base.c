/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the instruction set that every processor of this family has (SSE2, ARMv8's). */
#define KERNELS_TABLE kernels_base
#define KERNELS_LABEL "vector"
#include "decoder/kernels_vector.h"
