/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The controller that holds a temperature, with the gains that rack.conf has by default, on models
 * that nobody tuned it for: processors under heat sinks in air that gets 20 degrees warmer, fans
 * that take their time, sensors that move in steps, are read late and tell of noise.
 */
#include <glib.h>
#include <math.h>
#include <string.h>
#include "tests/unit/fan_input.h"

#define TICK      100 /* ms */
#define WARMER    20  /* degrees, at once */
#define SETTLES   300 /* s, before that */
#define SETTLED   60  /* s after it: no more than */
#define SWING     1   /* percent of hunting from then on */
#define OVER      2   /* degrees above the setpoint */
#define LATER     300 /* s after it */
#define ENDS      900 /* s after it */
#define PLANTS    200
#define MOST_LATE 10 /* ticks */

struct model {
	double power, setpoint, inlet;  /* W, degrees */
	double solid, air, exponent;    /* K/W: of the sink, and to air at full flow^exponent */
	double sink_s, inlet_s, fans_s; /* time constants */
	int every, late;                /* ms: readings */
	double step, phase, noise;      /* degrees: the sensor's, where its steps begin */
};

struct outcome {
	double over;  /* degrees above the setpoint, after the warmer air */
	double swing; /* percent that the duty goes up and down again once it has settled */
	double hunts; /* percent, the same five minutes after */
	double left;  /* degrees off at the end */
};

/* Up and down, the lesser of both. */
struct swing {
	double low, high, rose, fell;
};

static void swing_begin(struct swing *swing, double duty)
{
	*swing = (struct swing){duty, duty, 0, 0};
}

static void swing_see(struct swing *swing, double duty)
{
	swing->low = MIN(swing->low, duty);
	swing->high = MAX(swing->high, duty);
	swing->rose = MAX(swing->rose, duty - swing->low);
	swing->fell = MAX(swing->fell, swing->high - duty);
}

static double swing_of(const struct swing *swing)
{
	return MIN(swing->rose, swing->fell);
}

static double model_rests(const struct model *model, double inlet, double duty)
{
	return inlet +
	       model->power * (model->solid + model->air / pow(duty / 100, model->exponent));
}

/* Percent that hold the setpoint; there may be none. */
static double model_needs(const struct model *model, double inlet)
{
	double rest = (model->setpoint - inlet) / model->power - model->solid;

	return rest <= 0 ? INFINITY : 100 * pow(model->air / rest, 1 / model->exponent);
}

/* perfect: full duty from the first word of the warmer air on: nobody who reads could do better. */
static void model_run(const struct model *model, GRand *dice, bool perfect, struct outcome *outcome)
{
	struct fan_input_settings input = fan_input_processor;
	const struct fan_settings settings = {.least = 20, .inputs = &input, .input_count = 1};
	struct fan_zone *zone;
	double temperature = model->setpoint - 5, air = model->inlet, fans = 70;
	double before[MOST_LATE + 1] = {0}, highest = -INFINITY;
	struct swing swing = {0};
	bool heard = false;

	*outcome = (struct outcome){.over = -INFINITY};
	input.pid.setpoint = model->setpoint;
	input.pid.feed = 30;
	input.high = 200;
	input.critical = 190;
	zone = fan_zone_new(&settings);
	for (int i = 0; i < (SETTLES + ENDS) * 1000 / TICK; i++) {
		int64_t now = (int64_t)(i + 1) * TICK;
		int after = i * TICK - SETTLES * 1000;
		double inlet = model->inlet + (after >= 0 ? WARMER : 0), duty;

		memmove(before + 1, before, sizeof(before) - sizeof(before[0]));
		before[0] = temperature;
		if (now % model->every == 0) {
			double said = before[i > MOST_LATE ? model->late / TICK : 0];

			if (model->noise > 0)
				said += g_rand_double_range(dice, -model->noise, model->noise);
			said = round((said + model->phase) / model->step) * model->step;
			fan_zone_input(zone, 0, now, said);
			heard |= after > 0 && said > highest;
			if (after <= 0 && after > -30000)
				highest = MAX(highest, said);
		}
		duty = fan_zone_step(zone, now);
		if (perfect && heard)
			duty = 100;
		fans += (duty - fans) * TICK / 1000 / model->fans_s;
		air += (inlet - air) * TICK / 1000 / model->inlet_s;
		temperature += (model_rests(model, air, fans) - temperature) * TICK / 1000 /
			       model->sink_s;
		if (after >= 0)
			outcome->over = MAX(outcome->over, temperature - model->setpoint);
		if (perfect && after > 60000)
			break;
		if (after == SETTLED * 1000 || after == LATER * 1000) {
			outcome->swing = swing_of(&swing);
			swing_begin(&swing, duty);
		}
		swing_see(&swing, duty);
	}
	outcome->hunts = swing_of(&swing);
	outcome->swing = MAX(outcome->swing, outcome->hunts);
	outcome->left = fabs(temperature - model->setpoint);
	fan_zone_free(zone);
}

/* --- The simulated rack's own, and some like it --- */

static const struct {
	double power, setpoint, inlet, air, exponent, sink_s, inlet_s; /* as in a model */
} racks[] = {
		{300, 70, 24, 0.025, 1, 20, 10},
		{420, 75, 22, 0.025, 1, 20, 10},
		{420, 75, 22, 0.025, 1, 30, 10},
		{200, 75, 20, 0.06, 0.8, 25, 5},
};

/* One of 16. phase: of a step of the sensor, where the setpoint lies in it, -0.5 to 0.5. */
static void rack_run(size_t i, double phase, struct outcome *outcome)
{
	struct model model = {
			.power = racks[i / 4].power,
			.setpoint = racks[i / 4].setpoint,
			.inlet = racks[i / 4].inlet,
			.solid = 0.04,
			.air = racks[i / 4].air,
			.exponent = racks[i / 4].exponent,
			.sink_s = racks[i / 4].sink_s,
			.inlet_s = racks[i / 4].inlet_s,
			.fans_s = 2,
			.every = i % 2 ? 2000 : 1000,
			.late = 100,
			.step = i / 2 % 2 ? 1 : 0.125,
	};

	model.phase = phase * model.step;
	model_run(&model, NULL, false, outcome);
	g_test_message("%.0f W, sink %.0f s, read each %d s in steps of %g: from %.0f to %.0f %%, "
		       "%.2f degrees above the setpoint, %.2f %% hunting",
			model.power, model.sink_s, model.every / 1000, model.step,
			model_needs(&model, model.inlet), model_needs(&model, model.inlet + WARMER),
			outcome->over, outcome->swing);
}

static void test_warmer_air_is_met_without_overshoot_or_hunting(void)
{
	for (size_t i = 0; i < 16; i++) {
		struct outcome outcome;

		rack_run(i, -0.45, &outcome);
		g_assert_cmpfloat(outcome.over, <=, OVER);
		g_assert_cmpfloat(outcome.swing, <=, SWING);
	}
}

/* It is a matter of chance where a coarse sensor's steps begin. */
static void test_where_the_sensor_steps_matters_little(void)
{
	int over = 0, swing = 0;

	for (size_t i = 0; i < 160; i++) {
		struct outcome outcome;

		rack_run(i % 16, (double)(i - i % 16) / 160 - 0.45, &outcome);
		over += outcome.over > OVER;
		swing += outcome.swing > SWING;
		g_assert_cmpfloat(outcome.over, <=, OVER + 1);
		g_assert_cmpfloat(outcome.hunts, <=, SWING);
	}
	g_test_message("of 160, %d go further than %d degrees, %d do not settle in a minute", over,
			OVER, swing);
	g_assert_cmpint(over, <=, 160 / 20);
	g_assert_cmpint(swing, <=, 160 / 20);
}

/* --- Any --- */

static double one_of(GRand *dice, const double *values, gint32 count)
{
	return values[g_rand_int_range(dice, 0, count)];
}

/* One that has the air for both, with fans that have something to do. */
static void model_roll(struct model *model, GRand *dice)
{
	static const double steps[] = {0.125, 0.25, 0.5, 1}, every[] = {500, 1000, 1000, 2000};
	double first, second;

	do {
		*model = (struct model){
				.power = g_rand_double_range(dice, 80, 400),
				.setpoint = g_rand_double_range(dice, 60, 85),
				.inlet = g_rand_double_range(dice, 15, 35),
				.solid = g_rand_double_range(dice, 0.02, 0.12),
				.air = g_rand_double_range(dice, 0.01, 0.08),
				.exponent = g_rand_double_range(dice, 0.7, 1.1),
				.sink_s = g_rand_double_range(dice, 15, 60),
				.inlet_s = g_rand_double_range(dice, 5, 15),
				.fans_s = g_rand_double_range(dice, 0.3, 2),
				.every = (int)one_of(dice, every, G_N_ELEMENTS(every)),
				.late = g_rand_int_range(dice, 0, 8) * 100,
				.step = one_of(dice, steps, G_N_ELEMENTS(steps)),
		};
		model->phase = g_rand_double_range(dice, -0.5, 0.5) * model->step;
		first = model_needs(model, model->inlet);
		second = model_needs(model, model->inlet + WARMER);
	} while (first < 22 || second > 80);
}

struct tally {
	int met, over, unmet, unsettled, hunting, off;
	double worst;
};

static void tally_plants(struct tally *tally, double noise)
{
	GRand *dice = g_rand_new_with_seed(8);

	*tally = (struct tally){0};
	for (int i = 0; i < PLANTS; i++) {
		struct outcome outcome, perfect;
		struct model model;

		model_roll(&model, dice);
		model_run(&model, dice, true, &perfect);
		model.noise = noise;
		model_run(&model, dice, false, &outcome);
		/* Half a degree for who does not know that there is no more to come. */
		if (perfect.over > OVER - 0.5)
			tally->unmet += outcome.over > MAX(OVER, perfect.over + 0.7);
		else if (outcome.over > OVER)
			tally->over++;
		else
			tally->met++;
		tally->unsettled += outcome.swing > SWING && model.sink_s <= 30;
		tally->hunting += outcome.hunts > SWING;
		tally->off += outcome.left > 2 + 1.5 * model.step;
		tally->worst = MAX(tally->worst, outcome.over);
	}
	g_test_message("%d plants, noise of %g: %d within %d degrees, %d above, %d more than must "
		       "be; %d not settled in a minute; %d hunting, %d off; %.2f above at most",
			PLANTS, noise, tally->met, OVER, tally->over, tally->unmet,
			tally->unsettled, tally->hunting, tally->off, tally->worst);
	g_rand_free(dice);
}

static void test_plants_that_nobody_tuned_are_held_too(void)
{
	struct tally tally;

	tally_plants(&tally, 0);
	g_assert_cmpint(tally.over, <=, PLANTS / 10);
	g_assert_cmpint(tally.unmet, <=, 5 * PLANTS / 100);
	g_assert_cmpint(tally.unsettled, <=, PLANTS / 10);
	g_assert_cmpint(tally.hunting, <=, PLANTS / 100);
	g_assert_cmpint(tally.off, <=, PLANTS / 100);
	g_assert_cmpfloat(tally.worst, <=, OVER + 1);
}

static void test_noise_of_a_sensor_is_no_reason_to_hunt(void)
{
	struct tally tally;

	tally_plants(&tally, 0.15);
	g_assert_cmpint(tally.over, <=, PLANTS / 10);
	g_assert_cmpint(tally.hunting, <=, PLANTS / 10);
	g_assert_cmpfloat(tally.worst, <=, 2 * OVER);
}

/* --- What the sensor means --- */

static struct fan_zone *zone_new(void)
{
	const struct fan_settings settings = {
			.least = 20, .inputs = &fan_input_processor, .input_count = 1};

	return fan_zone_new(&settings);
}

static double zone_hold(struct fan_zone *zone, int64_t *now, int seconds, double temperature)
{
	for (int i = 0; i < seconds; i++) {
		*now += 1000;
		fan_zone_input(zone, 0, *now, temperature);
	}
	return fan_zone_demand(zone, 0);
}

/* A BMC is asked every ten seconds: what is integrated is less, and not nothing. */
static void test_rare_readings_are_integrated_too(void)
{
	struct fan_zone *zone = zone_new();
	double last = fan_zone_demand(zone, 0);

	for (int i = 0; i < 6; i++) {
		fan_zone_input(zone, 0, i * 10000, 77 + i % 2 * 0.01);
		g_assert_cmpfloat(fan_zone_demand(zone, 0), >, last);
		last = fan_zone_demand(zone, 0);
	}
	fan_zone_free(zone);
}

static void test_a_step_to_and_fro_is_none(void)
{
	struct fan_zone *zone = zone_new();
	int64_t now = 0;
	double rests;

	zone_hold(zone, &now, 60, 75);
	zone_hold(zone, &now, 60, 76);
	rests = zone_hold(zone, &now, 60, 75);
	for (int i = 0; i < 600; i++) {
		double duty = zone_hold(zone, &now, 1, 75 + i % 2);

		g_assert_cmpfloat_with_epsilon(duty, rests, 0.5);
	}
	fan_zone_free(zone);
}

static void test_a_controller_that_rests_is_not_asleep(void)
{
	struct fan_zone *zone = zone_new();
	int64_t now = 0;
	double rests;

	rests = zone_hold(zone, &now, 120, 75);
	g_assert_cmpfloat(zone_hold(zone, &now, 120, 75.4), ==, rests);
	for (int i = 0; i < 3; i++)
		zone_hold(zone, &now, 1, 76 + i);
	g_assert_cmpfloat(fan_zone_demand(zone, 0), >, 2 * rests);
	fan_zone_free(zone);
}

/* What could not be done for an hour need not be made up for. */
static void test_nothing_is_wound_up(void)
{
	struct fan_zone *zone = zone_new();
	int64_t now = 0;

	g_assert_cmpfloat(zone_hold(zone, &now, 3600, 85), ==, 100);
	for (int i = 0; i < 60; i++)
		zone_hold(zone, &now, 1, 85 - 0.25 * i);
	g_assert_cmpfloat(zone_hold(zone, &now, 10, 70), <, 50);
	g_assert_cmpfloat(zone_hold(zone, &now, 3600, 40), ==, 20);
	g_assert_cmpfloat(zone_hold(zone, &now, 10, 78), >, 25);
	fan_zone_free(zone);
}

#define ADD(name, function) g_test_add_func("/fan_pid/" name, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("warmer air is met without overshoot or hunting",
			test_warmer_air_is_met_without_overshoot_or_hunting);
	ADD("where the sensor steps matters little", test_where_the_sensor_steps_matters_little);
	ADD("plants that nobody tuned are held too", test_plants_that_nobody_tuned_are_held_too);
	ADD("noise of a sensor is no reason to hunt", test_noise_of_a_sensor_is_no_reason_to_hunt);
	ADD("rare readings are integrated too", test_rare_readings_are_integrated_too);
	ADD("a step to and fro is none", test_a_step_to_and_fro_is_none);
	ADD("a controller that rests is not asleep", test_a_controller_that_rests_is_not_asleep);
	ADD("nothing is wound up", test_nothing_is_wound_up);
	return g_test_run();
}
