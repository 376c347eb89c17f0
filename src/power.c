/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "src/command.h"
#include "src/log.h"
#include "src/power.h"

struct power {
	const struct power_settings *settings;
	struct power_owner owner;
	bool direct; /* by the owner, not by commands */
	enum power_state state;
	enum power_boot boot;
	enum power_boot_for boot_for;
	struct command *look, *act; /* what runs; NULL: nothing */
	guint poll, later;
	bool stale;               /* the node was acted on while somebody looked */
	bool blind;               /* the last look failed, and that was said */
	enum power_action action; /* of act, or of what the owner has done */
	power_watch_fn watch;     /* who is told of acts; NULL: nobody */
	void *watch_data;
	power_done_fn done; /* who waits for it; NULL: nobody */
	void *data;
};

GQuark power_error_quark(void)
{
	return g_quark_from_static_string("power-error");
}

static const char *const power_words[] = {
		[POWER_ON] = "on",
		[POWER_OFF] = "off",
		[POWER_CYCLE] = "cycle",
		[POWER_RESET] = "reset",
		[POWER_SOFT] = "soft",
};

const char *power_settings_fault(const struct power_settings *settings, GError **error)
{
	const struct {
		const char *key, *command;
	} all[] = {
			{"on-command", settings->on_command},
			{"off-command", settings->off_command},
			{"cycle-command", settings->cycle_command},
			{"reset-command", settings->reset_command},
			{"soft-command", settings->soft_command},
			{"status-command", settings->status_command},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
		if (all[i].command && !g_shell_parse_argv(all[i].command, NULL, NULL, error))
			return all[i].key;
	return NULL;
}

static const char *power_command(const struct power_settings *settings, enum power_action action)
{
	const char *const commands[] = {
			[POWER_ON] = settings->on_command,
			[POWER_OFF] = settings->off_command,
			[POWER_CYCLE] = settings->cycle_command,
			[POWER_RESET] = settings->reset_command,
			[POWER_SOFT] = settings->soft_command,
	};

	return commands[action];
}

/* --- Commands --- */

static char **power_environment(const struct power *power)
{
	static const char *const boots[] = {
			[POWER_BOOT_NONE] = "none",
			[POWER_BOOT_CD] = "cd",
			[POWER_BOOT_DISK] = "disk",
			[POWER_BOOT_PXE] = "pxe",
	};
	static const char *const times[] = {
			[POWER_BOOT_NEVER] = "none",
			[POWER_BOOT_ONCE] = "once",
			[POWER_BOOT_CONTINUOUS] = "continuous",
	};
	char **environment = g_get_environ();

	environment = g_environ_setenv(environment, "SPICERACK_BOOT", boots[power->boot], TRUE);
	return g_environ_setenv(environment, "SPICERACK_BOOT_FOR", times[power->boot_for], TRUE);
}

static struct command *power_run(
		struct power *power, const char *text, command_done_fn done, GError **error)
{
	g_auto(GStrv) environment = power_environment(power);
	g_auto(GStrv) argv = NULL;

	if (!g_shell_parse_argv(text, NULL, &argv, error))
		return NULL;
	return command_run(argv, environment, power->settings->timeout, done, power, error);
}

/* --- Whether it is on --- */

static void power_look(struct power *power);

static void power_know(struct power *power, enum power_state state)
{
	bool other = state != power->state;

	power->state = state;
	if (other && power->owner.changed)
		power->owner.changed(state, power->owner.data);
	else if (other && state != POWER_UNKNOWN)
		log_line(LOG_LINE_NOTICE, "%s: the node is %s", power->owner.name,
				state == POWER_IS_ON ? "on" : "off");
}

static void power_cannot_look(struct power *power, const char *why)
{
	if (!power->blind)
		log_line(LOG_LINE_WARNING, "%s: status-command %s; asking again every %d s",
				power->owner.name, why, power->settings->poll);
	power->blind = true;
	power_know(power, POWER_UNKNOWN);
}

static void power_looked(enum command_end end, int status, const char *said, void *data)
{
	struct power *power = data;
	g_autofree char *why = NULL;

	power->look = NULL;
	if (power->stale) {
		power_look(power);
	} else if (end == COMMAND_ENDED && status <= 1) {
		power->blind = false;
		power_know(power, status == 0 ? POWER_IS_ON : POWER_IS_OFF);
	} else {
		why = g_strdup_printf("%s %d%s%s",
				end == COMMAND_ENDED    ? "ended with"
				: end == COMMAND_KILLED ? "was ended by signal"
							: "took too long:",
				end == COMMAND_TIMEOUT ? power->settings->timeout : status,
				*said ? ": " : "", said);
		power_cannot_look(power, why);
	}
}

static void power_look(struct power *power)
{
	g_autoptr(GError) error = NULL;

	power->stale = power->look != NULL;
	if (power->look || !power->settings->status_command)
		return;
	power->look = power_run(power, power->settings->status_command, power_looked, &error);
	if (!power->look)
		power_cannot_look(power, error->message);
}

static gboolean power_poll(gpointer data)
{
	struct power *power = data;

	if (!power->look)
		power_look(power);
	return G_SOURCE_CONTINUE;
}

/* --- Acting --- */

static void power_finish(struct power *power, const GError *error)
{
	power_done_fn done = power->done;

	power->done = NULL;
	if (error) {
		log_line(LOG_LINE_WARNING, "%s: %s", power->owner.name, error->message);
	} else {
		log_line(LOG_LINE_NOTICE, "%s: %s is done", power->owner.name,
				power_words[power->action]);
		if (power->boot_for == POWER_BOOT_ONCE && power->action != POWER_OFF &&
				power->action != POWER_SOFT)
			power_set_boot(power, POWER_BOOT_NONE, POWER_BOOT_NEVER);
	}
	power_look(power);
	if (done)
		done(error, power->data);
}

static void power_acted(enum command_end end, int status, const char *said, void *data)
{
	struct power *power = data;
	const char *word = power_words[power->action];
	g_autoptr(GError) error = NULL;

	power->act = NULL;
	if (end == COMMAND_TIMEOUT)
		g_set_error(&error, POWER_ERROR, POWER_ERROR_TIMEOUT,
				"%s-command did not end in %d s and was killed", word,
				power->settings->timeout);
	else if (end == COMMAND_KILLED || status != 0)
		g_set_error(&error, POWER_ERROR, POWER_ERROR_FAILED, "%s-command %s %d%s%s", word,
				end == COMMAND_KILLED ? "was ended by signal" : "ended with",
				status, *said ? ": " : "", said);
	power_finish(power, error);
}

static gboolean power_acted_directly(gpointer data)
{
	struct power *power = data;

	power->later = 0;
	power_finish(power, NULL);
	return G_SOURCE_REMOVE;
}

static void power_act_directly(struct power *power)
{
	const bool on = power->action != POWER_OFF && power->action != POWER_SOFT;

	if (on != (power->state == POWER_IS_ON) || power->action == POWER_CYCLE ||
			power->action == POWER_RESET)
		power->owner.direct(on, power->owner.data);
	power_know(power, on ? POWER_IS_ON : POWER_IS_OFF);
	power->later = g_idle_add(power_acted_directly, power);
}

bool power_act(struct power *power, enum power_action action, power_done_fn done, void *data,
		GError **error)
{
	const char *wrong = NULL;

	if (!power_can(power, action))
		wrong = "no command is configured for that in [power]";
	else if (power->act || power->later)
		wrong = "another power command is under way";
	if (wrong) {
		g_set_error_literal(error, POWER_ERROR, POWER_ERROR_STATE, wrong);
		return false;
	}
	power->action = action;
	if (power->watch)
		power->watch(action, power->watch_data);
	if (power->direct) {
		power_act_directly(power);
	} else {
		power->act = power_run(
				power, power_command(power->settings, action), power_acted, error);
		if (!power->act)
			return false;
	}
	power->done = done;
	power->data = data;
	return true;
}

void power_watch(struct power *power, power_watch_fn fn, void *data)
{
	if (!power)
		return;
	power->watch = fn;
	power->watch_data = data;
}

bool power_can(const struct power *power, enum power_action action)
{
	return power && (power->direct || power_command(power->settings, action));
}

enum power_state power_state(const struct power *power)
{
	return power ? power->state : POWER_UNKNOWN;
}

void power_set_boot(struct power *power, enum power_boot boot, enum power_boot_for how_long)
{
	if (boot == POWER_BOOT_NONE || how_long == POWER_BOOT_NEVER) {
		boot = POWER_BOOT_NONE;
		how_long = POWER_BOOT_NEVER;
	}
	power->boot = boot;
	power->boot_for = how_long;
}

enum power_boot power_boot(const struct power *power, enum power_boot_for *how_long)
{
	*how_long = power->boot_for;
	return power->boot;
}

/* --- Coming and going --- */

struct power *power_new(const struct power_settings *settings, const struct power_owner *owner)
{
	struct power *power;
	bool any = settings->status_command;

	for (int i = 0; i < POWER_ACTIONS; i++)
		any = any || power_command(settings, i);
	if (!any && !(owner && owner->direct))
		return NULL;
	power = g_new0(struct power, 1);
	power->settings = settings;
	if (owner)
		power->owner = *owner;
	if (!power->owner.name)
		power->owner.name = "power";
	power->direct = !any; /* the operator's word before the owner's */
	if (power->direct) {
		power->state = POWER_IS_ON;
	} else if (settings->status_command) {
		power->poll = g_timeout_add_seconds(settings->poll, power_poll, power);
		power_look(power);
	}
	return power;
}

void power_free(struct power *power)
{
	g_autoptr(GError) error = NULL;

	if (!power)
		return;
	command_stop(power->look);
	command_stop(power->act);
	if (power->poll)
		g_source_remove(power->poll);
	if (power->later)
		g_source_remove(power->later);
	if (power->done) {
		error = g_error_new_literal(POWER_ERROR, POWER_ERROR_STATE, "the program ends");
		power->done(error, power->data);
	}
	g_free(power);
}
