/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include "tests/unit/free_port.h"
#include "tests/unit/ipmi_sim_rig.h"

/* ipmi_sim calls it as PROGRAM get|set|check NAME [VALUE].. */
static const char chassis[] = "#!/bin/sh\n"
			      "cd \"${0%/*}\" || exit 1\n"
			      "op=$1\n"
			      "shift\n"
			      "while [ \"$1\" ]; do\n"
			      "	name=$1\n"
			      "	shift\n"
			      "	case $op in\n"
			      "	get) [ $name = power ] && echo \"power:$(cat power)\" ;;\n"
			      "	set) [ $name = power ] && echo $1 >power; shift ;;\n"
			      "	esac\n"
			      "done\n"
			      "exit 0\n";

static bool is_there(const char *program)
{
	g_autofree char *path = g_find_program_in_path(program);

	return path != NULL;
}

const char *ipmi_sim_missing(void)
{
	return is_there("ipmi_sim") ? NULL : "ipmi_sim (package openipmi) is not installed";
}

bool ipmi_sim_has_ipmitool(void)
{
	return is_there("ipmitool");
}

char *ipmi_sim_module(void)
{
	char *path = g_test_build_filename(G_TEST_BUILT, "tests", "unit", "ipmi_sim_dcmi.so", NULL);

	if (g_file_test(path, G_FILE_TEST_EXISTS))
		return path;
	g_free(path);
	return NULL;
}

void ipmi_sim_write(const struct ipmi_sim *sim, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(sim->folder, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

char *ipmi_sim_read(const struct ipmi_sim *sim, const char *name)
{
	g_autofree char *path = g_build_filename(sim->folder, name, NULL);
	char *text = NULL;

	g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
	return text;
}

static void sim_files(struct ipmi_sim *sim, const char *commands, const char *module)
{
	g_autofree char *script = g_build_filename(sim->folder, "chassis", NULL);
	g_autofree char *library = module ? g_strdup_printf("loadlib \"%s\" \"%s/demand\"\n",
							    module, sim->folder)
					  : g_strdup("");
	g_autofree char *lan = g_strdup_printf("name \"node\"\n"
					       "set_working_mc 0x20\n"
					       "startlan 1\n"
					       "addr 127.0.0.1 %u\n"
					       "priv_limit admin\n"
					       "allowed_auths_admin md5\n"
					       "%s" /* RMCP+ needs a GUID */
					       "endlan\n"
					       "chassis_control \"%s\"\n"
					       "user 2 true \"admin\" \"secret\" admin 10 md5\n"
					       "%s",
			sim->port, sim->old ? "" : "guid a123456789abcdefa123456789abcdef\n",
			script, library);
	g_autofree char *all = g_strdup_printf("mc_setbmc 0x20\n"
					       "mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f "
					       "0x1291 0xf02\n"
					       "%s"
					       "mc_enable 0x20\n",
			commands);

	ipmi_sim_write(sim, "lan", lan);
	ipmi_sim_write(sim, "commands", all);
	ipmi_sim_write(sim, "power", "1\n");
	ipmi_sim_write(sim, "demand", "300\n");
	ipmi_sim_write(sim, "chassis", chassis);
	g_chmod(script, 0755);
}

void ipmi_sim_start(struct ipmi_sim *sim, const char *commands, const char *module)
{
	const char *arguments[] = {
			"ipmi_sim", "-n", "-c", "lan", "-f", "commands", "-s", ".", NULL};
	g_autoptr(GError) error = NULL;

	sim->folder = g_dir_make_tmp("spicerack-sim-XXXXXX", NULL);
	sim->port = (uint16_t)free_port();
	sim_files(sim, commands, module);
	g_spawn_async(sim->folder, (char **)arguments, NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &sim->process, &error);
	g_assert_no_error(error);
}

static void remove_folder(const char *path)
{
	GDir *folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder))) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		remove_folder(inside);
	}
	if (folder)
		g_dir_close(folder);
	g_remove(path);
}

void ipmi_sim_stop(struct ipmi_sim *sim)
{
	if (sim->process) {
		kill(sim->process, SIGKILL);
		waitpid(sim->process, NULL, 0);
	}
	if (sim->folder)
		remove_folder(sim->folder);
	g_free(sim->folder);
	*sim = (struct ipmi_sim){0};
}

char *ipmi_sim_ipmitool(const struct ipmi_sim *sim, const char *arguments)
{
	g_autofree char *line = g_strdup_printf(
			"ipmitool %s -H 127.0.0.1 -p %u -U admin -P secret -N 2 -R 8 %s",
			sim->old ? "-I lan -A MD5" : "-I lanplus -C 3", sim->port, arguments);
	g_auto(GStrv) words = NULL;
	g_autoptr(GError) error = NULL;
	char *out = NULL;

	g_assert_true(g_shell_parse_argv(line, NULL, &words, NULL));
	g_spawn_sync(sim->folder, words, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &out, NULL, NULL, &error);
	g_assert_no_error(error);
	return out;
}

void ipmi_sim_add_sensor(GString *commands, const struct ipmi_sim_sensor *sensor)
{
	size_t length = strlen(sensor->name);
	uint8_t record[64] = {0, 0, 0x51, 0x01, (uint8_t)(48 + length - 5), 0x20, sensor->lun,
			sensor->number, 3, 1};

	record[12] = sensor->unit == SDR_UNIT_RPM ? 4 : sensor->unit == SDR_UNIT_VOLT ? 2 : 1;
	record[13] = 1;
	record[20] = (uint8_t)(sensor->format << 6);
	record[21] = sensor->unit;
	record[23] = sensor->linear;
	record[24] = (uint8_t)sensor->m;
	record[25] = (uint8_t)(sensor->m >> 2 & 0xc0);
	record[26] = (uint8_t)sensor->b;
	record[27] = (uint8_t)(sensor->b >> 2 & 0xc0);
	record[29] = (uint8_t)((unsigned int)sensor->exponent << 4 | (sensor->b_exponent & 15));
	record[47] = (uint8_t)(0xc0 | length);
	memcpy(record + 48, sensor->name, length);
	g_string_append_printf(commands, "sensor_add 0x20 %u %u %u 1\n", sensor->lun,
			sensor->number, record[12]);
	g_string_append_printf(commands, "sensor_set_value 0x20 %u %u 0x%02x 0\n", sensor->lun,
			sensor->number, sensor->raw);
	/* Without events, but scanned. */
	g_string_append_printf(commands,
			"sensor_set_event_support 0x20 %u %u enable scanning none "
			"000000000000000 000000000000000 000000000000000 000000000000000\n",
			sensor->lun, sensor->number);
	g_string_append(commands, "main_sdr_add 0x20");
	for (size_t i = 0; i < 48 + length; i++)
		g_string_append_printf(commands, " 0x%02x", record[i]);
	g_string_append(commands, "\n");
}
