/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * The targets: each takes any input and returns 0, or aborts when what must hold does not. A line
 * names one, as its folder in corpus is named, and says how many bytes an input has at the most.
 */
#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define FUZZ_TARGETS(TARGET) \
	TARGET(ajpg, 16384) \
	TARGET(answer, 1024) \
	TARGET(bmc, 512) \
	TARGET(bmc_lan, 512) \
	TARGET(client, 1024) \
	TARGET(config, 4096) \
	TARGET(display, 1024) \
	TARGET(door, 1024) \
	TARGET(events, 1024) \
	TARGET(framing, 4096) \
	TARGET(greeting, 64) \
	TARGET(hid, 4096) \
	TARGET(holder, 512) \
	TARGET(image, 8192) \
	TARGET(ipmi, 128) \
	TARGET(iso, 65536) \
	TARGET(jpeg, 16384) \
	TARGET(lan15, 512) \
	TARGET(link, 5000) \
	TARGET(medium, 256) \
	TARGET(memcache, 4096) \
	TARGET(presence, 64) \
	TARGET(rack_config, 4096) \
	TARGET(raw, 16384) \
	TARGET(recording, 8192) \
	TARGET(redfish, 1024) \
	TARGET(rmcp, 512) \
	TARGET(route, 512) \
	TARGET(scancode, 256) \
	TARGET(scsi, 1024) \
	TARGET(sel, 256) \
	TARGET(session, 512) \
	TARGET(sim_bmc, 1024) \
	TARGET(typing, 512) \
	TARGET(upgrade, 2048) \
	TARGET(usb, 1024) \
	TARGET(websocket, 1024)
/* clang-format on */

#define FUZZ_DECLARE(name, most) int target_##name(const uint8_t *data, size_t size);
FUZZ_TARGETS(FUZZ_DECLARE)
