/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/free_port.h"
#include "tests/unit/nbd_host.h"

bool nbd_host_there(void)
{
	g_autofree char *program = g_find_program_in_path("nbdkit");

	return program != NULL;
}

void nbd_host_init(struct nbd_host *host)
{
	*host = (struct nbd_host){.folder = g_dir_make_tmp("nbd-XXXXXX", NULL)};
	g_assert_nonnull(host->folder);
}

void nbd_host_start(struct nbd_host *host, bool tcp, const char *arguments)
{
	g_autofree char *socket_ = g_build_filename(host->folder, "nbd", NULL);
	g_autofree char *pid = g_build_filename(host->folder, "pid", NULL);
	g_autofree char *line = NULL;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) argv = NULL;

	g_unlink(socket_);
	g_unlink(pid);
	if (tcp && host->port == 0)
		host->port = free_port();
	if (tcp)
		line = g_strdup_printf("nbdkit -f --exit-with-parent -P %s -i 127.0.0.1 -p %u %s",
				pid, host->port, arguments);
	else
		line = g_strdup_printf("nbdkit -f --exit-with-parent -P %s -U %s %s", pid, socket_,
				arguments);
	g_free(host->uri);
	host->uri = tcp ? g_strdup_printf("nbd://127.0.0.1:%u/", host->port)
			: g_strdup_printf("nbd+unix:///?socket=%s", socket_);
	g_shell_parse_argv(line, NULL, &argv, &error);
	g_assert_no_error(error);
	g_spawn_async(NULL, argv, NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
					G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &host->pid, &error);
	g_assert_no_error(error);
	/* It writes its number when it listens. */
	while (!g_file_test(pid, G_FILE_TEST_EXISTS)) {
		g_assert_cmpint(waitpid(host->pid, NULL, WNOHANG), ==, 0);
		g_usleep(2000);
	}
}

void nbd_host_kill(struct nbd_host *host)
{
	if (host->pid) {
		kill(host->pid, SIGKILL);
		waitpid(host->pid, NULL, 0);
	}
	host->pid = 0;
}

void nbd_host_clear(struct nbd_host *host)
{
	const char *argv[] = {"rm", "-rf", host->folder, NULL};

	nbd_host_kill(host);
	g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
			NULL);
	g_free(host->folder);
	g_free(host->uri);
}

bool nbd_host_certificates(const struct nbd_host *host)
{
	static const char script[] =
			"set -e; cd \"$0\"; mkdir ca server\n"
			"certtool --generate-privkey --ecc --outfile ca/key.pem\n"
			"printf 'cn=ca\\nca\\ncert_signing_key\\n' >t\n"
			"certtool --generate-self-signed --load-privkey ca/key.pem --template t "
			"--outfile ca/ca-cert.pem\n"
			"cp ca/ca-cert.pem server\n"
			"sign() { certtool --generate-privkey --ecc --outfile $1-key.pem\n"
			"certtool --generate-certificate --load-ca-certificate ca/ca-cert.pem "
			"--load-ca-privkey ca/key.pem --load-privkey $1-key.pem --template t "
			"--outfile $1-cert.pem; }\n"
			"printf 'cn=x\\nip_address=127.0.0.1\\ntls_www_server\\nsigning_key\\n' >t\n"
			"sign server/server\n"
			"printf 'cn=y\\ntls_www_client\\nsigning_key\\n' >t\n"
			"sign ca/client\n";
	const char *argv[] = {"sh", "-c", script, host->folder, NULL};
	int status = -1;

	g_spawn_sync(NULL, (char **)argv, NULL,
			G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
					G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, NULL, NULL, &status, NULL);
	return status == 0;
}
