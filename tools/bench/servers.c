/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/bench/servers.h"
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>

GPid servers_start(const char *line)
{
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) argv = NULL;
	GPid pid = 0;

	if (!g_shell_parse_argv(line, NULL, &argv, &error) ||
			!g_spawn_async(NULL, argv, NULL,
					G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
							G_SPAWN_STDOUT_TO_DEV_NULL |
							G_SPAWN_STDERR_TO_DEV_NULL,
					NULL, NULL, &pid, &error))
		fprintf(stderr, "bench: %s\n", error->message);
	return pid;
}

GPid servers_web(const char *folder, unsigned int port)
{
	g_autofree char *file = g_build_filename(folder, "lighttpd.conf", NULL);
	g_autofree char *line = g_strdup_printf("/usr/sbin/lighttpd -D -f %s", file);
	g_autofree char *text = g_strdup_printf(
			"server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\n"
			"server.port = %u\nserver.max-keep-alive-requests = 1000000\n",
			folder, port);
	g_autoptr(GError) error = NULL;

	if (g_file_set_contents(file, text, -1, &error))
		return servers_start(line);
	fprintf(stderr, "bench: %s\n", error->message);
	return 0;
}

void servers_end(GPid *pid)
{
	if (*pid) {
		kill(*pid, SIGKILL);
		waitpid(*pid, NULL, 0);
	}
	*pid = 0;
}
