/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "tests/unit/free_port.h"
#include "tests/unit/web_host.h"

static char *web_host_python(void)
{
	const char *python = g_getenv("PYTHON");

	return g_find_program_in_path(python && *python && *python != ':' ? python : "python3");
}

bool web_host_open(
		struct web_host *host, const char *file, unsigned int port, const char *certificate)
{
	g_autofree char *python = web_host_python();
	g_autofree char *script = g_test_build_filename(
			G_TEST_DIST, "tests", "unit", "web_server.py", NULL);
	g_autofree char *number = g_strdup_printf("%u", port);
	const char *argv[] = {python, "-B", script, file, "--port", number, "--certificate",
			certificate, NULL};
	g_autoptr(GError) error = NULL;
	char line[16] = "";
	int output;

	*host = (struct web_host){.input = -1};
	if (!python)
		return false;
	if (!certificate)
		argv[6] = NULL;
	g_spawn_async_with_pipes(NULL, (char **)argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
			&host->pid, &host->input, &output, NULL, &error);
	g_assert_no_error(error);
	for (size_t got = 0; got < sizeof(line) - 1 && !strchr(line, '\n'); got++)
		g_assert_cmpint(read(output, line + got, 1), ==, 1);
	close(output);
	host->port = (unsigned int)atoi(line);
	return true;
}

bool web_host_open_lighttpd(struct web_host *host, const char *folder, const char *certificate)
{
	g_autofree char *program = g_find_program_in_path("lighttpd");
	g_autofree char *file = g_build_filename(folder, "lighttpd.conf", NULL);
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	const char *argv[] = {program ? program : "/usr/sbin/lighttpd", "-D", "-f", file, NULL};
	const char *check[] = {argv[0], "-tt", "-f", file, NULL};
	int status;

	*host = (struct web_host){.input = -1, .port = free_port()};
	text = g_strdup_printf("server.document-root = \"%s\"\nserver.bind = \"127.0.0.1\"\n"
			       "server.port = %u\nserver.modules = (\"mod_openssl\")\n"
			       "ssl.engine = \"enable\"\nssl.pemfile = \"%s\"\n"
			       "server.errorlog = \"/dev/null\"\n",
			folder, host->port, certificate);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	if (!g_file_test(argv[0], G_FILE_TEST_IS_EXECUTABLE) ||
			!g_spawn_sync(NULL, (char **)check, NULL,
					G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
					NULL, NULL, NULL, NULL, &status, NULL) ||
			status != 0)
		return false;
	g_spawn_async(NULL, (char **)argv, NULL,
			G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
					G_SPAWN_STDERR_TO_DEV_NULL,
			NULL, NULL, &host->pid, &error);
	g_assert_no_error(error);
	return true;
}

void web_host_close(struct web_host *host)
{
	if (host->pid) {
		kill(host->pid, SIGKILL);
		waitpid(host->pid, NULL, 0);
	}
	if (host->input >= 0)
		close(host->input);
	host->pid = 0;
	host->input = -1;
}

static size_t web_host_hear(char *bytes, size_t one, size_t size, void *data)
{
	g_string_append_len(data, bytes, (gssize)(one * size));
	return one * size;
}

int web_host_count(const struct web_host *host, const char *name)
{
	g_autofree char *url = g_strdup_printf("http://127.0.0.1:%u/log", host->port);
	g_autofree char *prefix = g_strconcat(name, " ", NULL);
	GString *text = g_string_new("\n");
	CURL *easy = curl_easy_init();
	const char *found;
	int count;

	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, web_host_hear);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, text);
	g_assert_cmpint(curl_easy_perform(easy), ==, CURLE_OK);
	curl_easy_cleanup(easy);
	found = strstr(text->str, prefix);
	g_assert_nonnull(found);
	count = atoi(found + strlen(prefix));
	g_string_free(text, TRUE);
	return count;
}

bool web_host_certificate(const char *folder, const char *certificate)
{
	g_autofree char *key = g_build_filename(folder, "key.pem", NULL);
	g_autofree char *public = g_build_filename(folder, "public.pem", NULL);
	g_autofree char *command = g_strdup_printf(
			"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
			"-days 2 -subj /CN=spicerack -addext subjectAltName=IP:127.0.0.1 "
			"-keyout %s -out %s",
			key, public);
	g_autofree char *secret = NULL, *open = NULL, *both = NULL;
	bool made;

	if (!g_spawn_command_line_sync(command, NULL, &both, NULL, NULL))
		return false;
	g_clear_pointer(&both, g_free);
	made = g_file_get_contents(key, &secret, NULL, NULL) &&
	       g_file_get_contents(public, &open, NULL, NULL);
	both = made ? g_strconcat(secret, open, NULL) : NULL;
	made = made && g_file_set_contents(certificate, both, -1, NULL);
	g_remove(key);
	g_remove(public);
	return made;
}
