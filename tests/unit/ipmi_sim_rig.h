/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/*
 * An ipmi_sim of OpenIPMI in a folder of its own, as user "admin" with password "secret", and
 * ipmitool beside it. Its node is on or off as the file "power" says, and draws what "demand" says.
 */
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include "rack/sdr.h"

struct ipmi_sim {
	char *folder;
	uint16_t port;
	bool old; /* to be set first: it says that it knows IPMI 1.5 alone, and ipmitool uses that
		   */
	GPid process;
};

/* Why it cannot be had here; NULL: it can. */
const char *ipmi_sim_missing(void);
bool ipmi_sim_has_ipmitool(void);
char *ipmi_sim_module(void); /* our DCMI; NULL: it is not built */

/* commands: those of ipmi_sim_cmd(5), besides the BMC's own. module NULL: without DCMI. */
void ipmi_sim_start(struct ipmi_sim *sim, const char *commands, const char *module);
void ipmi_sim_stop(struct ipmi_sim *sim); /* and removes the folder */

void ipmi_sim_write(const struct ipmi_sim *sim, const char *name, const char *text);
char *ipmi_sim_read(const struct ipmi_sim *sim, const char *name);

/* What ipmitool prints; arguments as in a shell. */
char *ipmi_sim_ipmitool(const struct ipmi_sim *sim, const char *arguments);

/* A full sensor record and its sensor, as commands. */
struct ipmi_sim_sensor {
	const char *name;
	uint8_t number, lun, unit, raw;
	uint8_t format; /* enum of sdr.h */
	uint8_t linear;
	int m, b, exponent, b_exponent;
};
void ipmi_sim_add_sensor(GString *commands, const struct ipmi_sim_sensor *sensor);
