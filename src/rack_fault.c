/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "src/rack_fault.h"
#include <string.h>
#include "sim/rack.h"
#include "src/config.h"

#define AT_MOST    1000000 /* s */
#define RESET_S    30      /* that a BMC takes to start anew */
#define FIELDS     4       /* at most: when, what, how, how long */
#define OF(is)     RACK_FAULT_OF_##is
#define FAN_LENGTH 3

static const struct rack_fault_word {
	const char *word;
	enum rack_fault_of of;
} words[RACK_FAULTS] = {
		[RACK_FAULT_DEAD] = {"dead", OF(FAN)},
		[RACK_FAULT_HUNG] = {"hung", OF(NODE)},
		[RACK_FAULT_RESET] = {"reset", OF(NODE)},
		[RACK_FAULT_REPLACED] = {"replaced", OF(NODE)},
		[RACK_FAULT_DISOBEYS] = {"disobeys", OF(NODE)},
		[RACK_FAULT_LOSSY] = {"lossy", OF(NODE)},
		[RACK_FAULT_STUCK_SENSOR] = {"stuck-sensor", OF(NODE)},
		[RACK_FAULT_DRIFTING_SENSOR] = {"drifting-sensor", OF(NODE)},
		[RACK_FAULT_DEAD_SENSOR] = {"dead-sensor", OF(NODE)},
		[RACK_FAULT_NO_POWER] = {"no-power-reading", OF(NODE)},
		[RACK_FAULT_WARM] = {"warm", OF(ROOM)},
		[RACK_FAULT_HOT] = {"hot", OF(ROOM)},
};

const char *rack_fault_word(enum rack_fault_kind kind)
{
	return words[kind].word;
}

static enum rack_fault_of rack_fault_is_of(const char *what, size_t *fan)
{
	const char *number = what + FAN_LENGTH;

	if (strcmp(what, "room") == 0)
		return RACK_FAULT_OF_ROOM;
	if (strncmp(what, "fan", FAN_LENGTH) != 0 || number[0] < '1' ||
			number[0] > '0' + SIM_RACK_FANS || number[1] != '\0')
		return RACK_FAULT_OF_NODE;
	*fan = (size_t)(number[0] - '1');
	return RACK_FAULT_OF_FAN;
}

static bool rack_fault_kind(struct rack_fault *fault, const char *word, char **why)
{
	for (int i = 0; i < RACK_FAULTS; i++) {
		if (words[i].of != fault->of || strcmp(word, words[i].word) != 0)
			continue;
		fault->kind = (enum rack_fault_kind)i;
		return true;
	}
	switch (fault->of) {
	case RACK_FAULT_OF_FAN:
		*why = g_strdup_printf("a fan is not \"%s\", but dead", word);
		break;
	case RACK_FAULT_OF_NODE:
		*why = g_strdup_printf("a node is not \"%s\", but hung, reset, replaced, disobeys, "
				       "lossy, stuck-sensor, drifting-sensor, dead-sensor or "
				       "no-power-reading",
				word);
		break;
	case RACK_FAULT_OF_ROOM:
		*why = g_strdup_printf("the room is not \"%s\", but warm or hot", word);
		break;
	}
	return false;
}

static bool rack_fault_fields(char **fields, struct rack_fault *fault, char **why)
{
	guint count = g_strv_length(fields);

	if (count < FIELDS - 1 || count > FIELDS ||
			!config_number(fields[0], 0, AT_MOST, &fault->at)) {
		*why = g_strdup("SECONDS WHAT FAULT and, if it ends, for how many SECONDS is what it "
				"has to be: \"30 fan1 dead 60\"");
		return false;
	}
	fault->of = rack_fault_is_of(fields[1], &fault->fan);
	if (!rack_fault_kind(fault, fields[2], why))
		return false;
	if (fault->kind == RACK_FAULT_RESET)
		fault->keeps = RESET_S;
	if (fields[3] && fault->kind == RACK_FAULT_REPLACED) {
		*why = g_strdup("who is replaced does not come back");
		return false;
	}
	if (fields[3] && !config_number(fields[3], 0.1, AT_MOST, &fault->keeps)) {
		*why = g_strdup_printf("\"%s\" are no seconds", fields[3]);
		return false;
	}
	fault->what = g_strdup(fields[1]);
	return true;
}

bool rack_fault_parse(const char *text, struct rack_fault *fault, char **why)
{
	g_auto(GStrv) parts = g_strsplit_set(text, " \t", -1);
	char **to = parts;

	*fault = (struct rack_fault){0};
	for (char **part = parts; *part; part++) {
		if (**part)
			*to++ = *part;
		else
			g_free(*part);
	}
	*to = NULL;
	return rack_fault_fields(parts, fault, why);
}

bool rack_fault_ends(const struct rack_fault *fault)
{
	return fault->keeps > 0;
}

void rack_fault_clear(struct rack_fault *fault)
{
	g_free(fault->what);
	*fault = (struct rack_fault){0};
}
