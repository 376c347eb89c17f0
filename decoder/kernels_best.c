/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "decoder/kernels.h"

#ifdef KERNELS_AVX2
static bool kernels_special_runs(void)
{
	return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#elif defined(KERNELS_NEON)
#include <sys/auxv.h>
#ifndef HWCAP_ARM_NEON
#define HWCAP_ARM_NEON (1 << 12) /* Linux, arch/arm/include/uapi/asm/hwcap.h */
#endif

static bool kernels_special_runs(void)
{
	return getauxval(AT_HWCAP) & HWCAP_ARM_NEON;
}
#endif

const struct kernels *kernels_best(void)
{
#if defined(KERNELS_AVX2) || defined(KERNELS_NEON)
	if (kernels_special_runs())
		return &kernels_special;
#endif
#ifdef KERNELS_BASE
	return &kernels_base;
#else
	return &kernels_scalar;
#endif
}
