/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A module for ipmi_sim (loadlib "...so" "FILE"), which knows no DCMI: power reading and limit, and
 * the node behind them. FILE has the watts that the node would draw; it is read at each reading. A
 * limit is obeyed, down to FLOOR watts, and the draw follows with a lag, as true ones do.
 * FILE.log, where there is one, gets a line with each reading and each change of the limit: ms of
 * the machine's clock since its boot, the limit (0: none is active), and the watts drawn.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <OpenIPMI/ipmi_msgbits.h>
#include <OpenIPMI/mcserv.h>
#include <OpenIPMI/serv.h>

/* DCMI 1.5, 6.1 and 6.6. */
#define GROUP           0xdc
#define CAPABILITIES    0x01
#define POWER_READING   0x02
#define GET_LIMIT       0x03
#define SET_LIMIT       0x04
#define ACTIVATE        0x05
#define NO_LIMIT        0x80
#define WATTS_RANGE     0x84
#define SET_LIMIT_SIZE  15
#define MEASURING       0x40
#define INVALID_COMMAND 0xc1
#define INVALID_LENGTH  0xc7
#define PARAMETER_RANGE 0xc9

#define FLOOR 50   /* W */
#define MOST  2000 /* W that a limit may have */
#define LAG   500  /* ms */

struct plant {
	char *demand, *log;
	double watts;
	int64_t at; /* ms */
	uint8_t action;
	unsigned int limit, period;
	uint32_t correction;
	int active;
};

static int64_t plant_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static double plant_demand(const struct plant *plant)
{
	FILE *file = fopen(plant->demand, "r");
	double watts = 0;

	if (!file)
		return 0;
	if (fscanf(file, "%lf", &watts) != 1)
		watts = 0;
	fclose(file);
	return watts;
}

static unsigned int plant_watts(struct plant *plant)
{
	double wanted = plant_demand(plant), most = plant->limit > FLOOR ? plant->limit : FLOOR;
	int64_t now = plant_now();
	double part = (double)(now - plant->at) / LAG;

	if (plant->active && wanted > most)
		wanted = most;
	plant->watts = plant->at && part < 1 ? plant->watts + (wanted - plant->watts) * part
					     : wanted;
	plant->at = now;
	return (unsigned int)(plant->watts + 0.5);
}

static void plant_log(struct plant *plant)
{
	unsigned int watts = plant_watts(plant);
	FILE *file = fopen(plant->log, "r+");

	if (!file)
		return;
	fseek(file, 0, SEEK_END);
	fprintf(file, "%lld %u %u\n", (long long)plant->at, plant->active ? plant->limit : 0,
			watts);
	fclose(file);
}

/* --- Commands: data begin with the group, and so does the answer behind its code. --- */

static void put_16(unsigned char *out, unsigned int number)
{
	out[0] = (unsigned char)number;
	out[1] = (unsigned char)(number >> 8);
}

static unsigned int get_16(const unsigned char *bytes)
{
	return bytes[0] | (unsigned int)bytes[1] << 8;
}

static void refuse(unsigned char *out, unsigned int *length, unsigned char code)
{
	out[0] = code;
	*length = 1;
}

/* 6.1.1: of all parameters, the first: what there is. */
static void capabilities(const msg_t *msg, unsigned char *out, unsigned int *length)
{
	if (msg->len < 2 || msg->data[1] != 1) {
		refuse(out, length, PARAMETER_RANGE);
		return;
	}
	out[2] = 1; /* DCMI 1.5, revision 2 of the parameters */
	out[3] = 5;
	out[4] = 2;
	out[6] = 1; /* power management */
	*length = 8;
}

static void power_reading(struct plant *plant, unsigned char *out, unsigned int *length)
{
	unsigned int watts = plant_watts(plant);

	plant_log(plant);
	for (int i = 0; i < 4; i++) /* now, least, most, mean */
		put_16(out + 2 + 2 * i, watts);
	put_16(out + 14, 1000); /* ms */
	out[18] = MEASURING;
	*length = 19;
}

static void get_limit(const struct plant *plant, unsigned char *out, unsigned int *length)
{
	out[0] = plant->active ? 0 : NO_LIMIT;
	out[4] = plant->action;
	put_16(out + 5, plant->limit);
	put_16(out + 7, plant->correction);
	put_16(out + 9, plant->correction >> 16);
	put_16(out + 13, plant->period);
	*length = 15;
}

static void set_limit(
		struct plant *plant, const msg_t *msg, unsigned char *out, unsigned int *length)
{
	if (msg->len != SET_LIMIT_SIZE) {
		refuse(out, length, INVALID_LENGTH);
		return;
	}
	if (get_16(msg->data + 5) > MOST) {
		refuse(out, length, WATTS_RANGE);
		return;
	}
	plant_watts(plant);
	plant->action = msg->data[4];
	plant->limit = get_16(msg->data + 5);
	plant->correction = get_16(msg->data + 7) | (uint32_t)get_16(msg->data + 9) << 16;
	plant->period = get_16(msg->data + 13);
	plant_log(plant);
	*length = 2;
}

static void activate(
		struct plant *plant, const msg_t *msg, unsigned char *out, unsigned int *length)
{
	if (msg->len < 2) {
		refuse(out, length, INVALID_LENGTH);
		return;
	}
	plant_watts(plant);
	plant->active = msg->data[1] & 1;
	plant_log(plant);
	*length = 2;
}

static void command(
		lmc_data_t *mc, msg_t *msg, unsigned char *out, unsigned int *length, void *data)
{
	struct plant *plant = data;

	(void)mc;
	memset(out, 0, 24);
	out[1] = GROUP;
	switch (msg->cmd) {
	case CAPABILITIES:
		capabilities(msg, out, length);
		break;
	case POWER_READING:
		power_reading(plant, out, length);
		break;
	case GET_LIMIT:
		get_limit(plant, out, length);
		break;
	case SET_LIMIT:
		set_limit(plant, msg, out, length);
		break;
	case ACTIVATE:
		activate(plant, msg, out, length);
		break;
	default:
		refuse(out, length, INVALID_COMMAND);
	}
}

/* --- What ipmi_sim looks for --- */

int ipmi_sim_module_print_version(sys_data_t *sys, char *options);
int ipmi_sim_module_init(sys_data_t *sys, const char *options);

int ipmi_sim_module_print_version(sys_data_t *sys, char *options)
{
	(void)sys;
	(void)options;
	puts("power of a node, by DCMI");
	return 0;
}

int ipmi_sim_module_init(sys_data_t *sys, const char *options)
{
	struct plant *plant = calloc(1, sizeof(*plant));

	(void)sys;
	if (!plant)
		return 1;
	plant->demand = strdup(options && *options ? options : "demand");
	plant->log = plant->demand ? malloc(strlen(plant->demand) + sizeof(".log")) : NULL;
	if (!plant->log) {
		free(plant->demand);
		free(plant);
		return 1;
	}
	sprintf(plant->log, "%s.log", plant->demand);
	plant->limit = 500;
	plant->correction = 1000;
	plant->period = 1;
	ipmi_emu_register_group_extension_handler(GROUP, command, plant);
	return 0;
}
