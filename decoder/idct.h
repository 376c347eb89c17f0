/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The 8-point inverse DCT after Loeffler, Ligtenberg and Moschytz (ICASSP 1989), 12
 * multiplications, constants with 13 fraction bits: the accurate integer method ("islow") of IJG's
 * library. Unsigned arithmetic: what overflows on the way comes back, as long as the results fit.
 */
#define IDCT_FRACTION 13

/* The first pass leaves two fraction bits; the second takes them and the factor 8 of both away. */
#define IDCT_PASS1_SHIFT (IDCT_FRACTION - 2)
#define IDCT_PASS2_SHIFT (IDCT_FRACTION + 2 + 3)
#define IDCT_HALF(shift) (1u << ((shift)-1))

/* x: eight terms in, y: eight samples out, scaled by 2^13 * sqrt(8). type: an unsigned integer. */
#define IDCT_LIFT(type, x, y)                                                                    \
	do {                                                                                     \
		type even_ = ((x)[2] + (x)[6]) * 4433u; /* sqrt(2) cos(6pi/16) */                \
		type even2_ = even_ - (x)[6] * 15137u;  /* sqrt(2) (cos(2pi/16) + c6) */         \
		type even3_ = even_ + (x)[2] * 6270u;   /* sqrt(2) (cos(2pi/16) - c6) */         \
		type sum_ = ((x)[0] + (x)[4]) << IDCT_FRACTION;                                  \
		type difference_ = ((x)[0] - (x)[4]) << IDCT_FRACTION;                           \
		type a0_ = sum_ + even3_, a3_ = sum_ - even3_;                                   \
		type a1_ = difference_ + even2_, a2_ = difference_ - even2_;                     \
		type odd_ = ((x)[7] + (x)[3] + (x)[5] + (x)[1]) * 9633u; /* sqrt(2) c3 */        \
		type z1_ = ((x)[7] + (x)[1]) * 7373u;                    /* sqrt(2) (c3 - c7) */ \
		type z2_ = ((x)[5] + (x)[3]) * 20995u;                   /* sqrt(2) (c1 + c3) */ \
		type z3_ = odd_ - ((x)[7] + (x)[3]) * 16069u;            /* sqrt(2) (c3 + c5) */ \
		type z4_ = odd_ - ((x)[5] + (x)[1]) * 3196u;             /* sqrt(2) (c3 - c5) */ \
		type b0_ = (x)[7] * 2446u - z1_ + z3_;  /* sqrt(2) (c3 + c5 - c1 - c7) */        \
		type b1_ = (x)[5] * 16819u - z2_ + z4_; /* sqrt(2) (c1 + c3 - c5 + c7) */        \
		type b2_ = (x)[3] * 25172u - z2_ + z3_; /* sqrt(2) (c1 + c3 + c5 - c7) */        \
		type b3_ = (x)[1] * 12299u - z1_ + z4_; /* sqrt(2) (c1 + c3 - c5 - c7) */        \
		(y)[0] = a0_ + b3_;                                                              \
		(y)[7] = a0_ - b3_;                                                              \
		(y)[1] = a1_ + b2_;                                                              \
		(y)[6] = a1_ - b2_;                                                              \
		(y)[2] = a2_ + b1_;                                                              \
		(y)[5] = a2_ - b1_;                                                              \
		(y)[3] = a3_ + b0_;                                                              \
		(y)[4] = a3_ - b0_;                                                              \
	} while (0)
