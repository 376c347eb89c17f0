/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* Between a test and the copies of itself that it starts, see stage.h. Packets are text. */
#include "tests/clients/stage.h"

#define STAGE_CONTROL 3 /* descriptors of a started copy */
#define STAGE_SCREEN  4
#define STAGE_PACKET  256

#define STAGE_SERVE "--serve"
#define STAGE_VIEW  "--view"

struct stage_screen {
	int width, height, stride; /* pixels */
	uint32_t pixels[STAGE_WIDTH_MAX * STAGE_HEIGHT_MAX];
};

/* 99 when equal, 0 when the sizes differ. */
double stage_screen_psnr(const struct stage_screen *screen, const struct client_picture *picture);

/* The two parts. Return when the test says so or has ended. */
void stage_serve(const char *password, bool lossless);
void stage_view(const char *address);
