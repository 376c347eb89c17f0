/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* The rack's API on a server of its own, over a rack that is made up. */
#include "src/rack_routes.h"
#include "tests/unit/http_stage.h"
#include "tests/unit/rack_fakes.h"

struct fixture {
	struct http_stage stage;
	struct rack *rack;
};

static inline void open_fixture(struct fixture *f, gconstpointer unused)
{
	http_stage_open(&f->stage, NULL);
	http_stage_serve(&f->stage);
	f->rack = rack_fakes_new();
	rack_routes_add(f->stage.server, f->rack);
}

static inline void close_fixture(struct fixture *f, gconstpointer unused)
{
	http_stage_close(&f->stage, NULL);
	rack_fakes_free(f->rack);
}
