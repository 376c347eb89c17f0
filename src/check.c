/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "http/socket.h"
#include "spice/endpoint.h"
#include "src/api_path.h"
#include "src/check.h"
#include "src/check_part.h"
#include "src/console_config.h"

/* --- This machine --- */

static int check_real_capability(const char *path, struct v4l2_capability *capability)
{
	int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	int cause = 0;

	if (fd < 0)
		return errno;
	if (ioctl(fd, VIDIOC_QUERYCAP, capability) < 0)
		cause = errno;
	close(fd);
	return cause;
}

static bool check_real_listen(const char *address, GError **error)
{
	struct endpoint endpoint;

	if (!endpoint_open(&endpoint, address, 1, error))
		return false;
	endpoint_close(&endpoint);
	return true;
}

static bool check_real_serve(const char *path, mode_t mode, GError **error)
{
	struct http_socket socket;

	if (!http_socket_open(&socket, path, mode, error))
		return false;
	http_socket_remove(&socket);
	close(socket.fd);
	return true;
}

void check_world_real(struct check_world *world, char *release, size_t size)
{
	struct utsname name;

	g_strlcpy(release, uname(&name) == 0 ? name.release : "", size);
	*world = (struct check_world){
			.root = "",
			.release = release,
			.super = geteuid() == 0,
			.access = access,
			.capability = check_real_capability,
			.listen = check_real_listen,
			.serve = check_real_serve,
	};
}

/* --- What the parts share --- */

void check_say(struct check *check, enum check_verdict verdict, const char *what,
		const char *remedy, const char *format, ...)
{
	static const char *const words[] = {
			[CHECK_OK] = "ok",
			[CHECK_WARNING] = "warning",
			[CHECK_MISSING] = "missing",
	};
	g_autofree char *text = NULL;
	va_list args;

	va_start(args, format);
	text = g_strdup_vprintf(format, args);
	va_end(args);
	fprintf(check->out, "%-8s %-13s %s%s%s\n", words[verdict], what, text, remedy ? "; " : "",
			remedy ? remedy : "");
	check->worst = MAX(check->worst, verdict);
}

char *check_path(const struct check *check, const char *path)
{
	return g_strconcat(check->world->root, path, NULL);
}

char *check_read(const struct check *check, const char *path)
{
	g_autofree char *full = check_path(check, path);
	char *text;

	if (!g_file_get_contents(full, &text, NULL, NULL))
		return NULL;
	return g_strchomp(text);
}

static int check_compare(gconstpointer a, gconstpointer b)
{
	const char *first = *(const char *const *)a;
	const char *second = *(const char *const *)b;

	/* p2 before p10: those of one length belong together. */
	return strlen(first) == strlen(second) ? strcmp(first, second)
					       : (int)strlen(first) - (int)strlen(second);
}

char **check_list(const struct check *check, const char *path, const char *prefix)
{
	g_autofree char *full = check_path(check, path);
	GPtrArray *names = g_ptr_array_new();
	GDir *folder = g_dir_open(full, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder)))
		if (g_str_has_prefix(name, prefix))
			g_ptr_array_add(names, g_strdup(name));
	if (folder)
		g_dir_close(folder);
	g_ptr_array_sort(names, check_compare);
	g_ptr_array_add(names, NULL);
	return (char **)g_ptr_array_free(names, FALSE);
}

bool check_exists(const struct check *check, const char *path)
{
	g_autofree char *full = check_path(check, path);

	return g_file_test(full, G_FILE_TEST_EXISTS);
}

/* --- Configuration and sockets --- */

static void check_config(struct check *check, const GError *fault)
{
	if (fault)
		check_say(check, CHECK_MISSING, "configuration",
				"the checks below go by the defaults", "%s", fault->message);
	else
		check_say(check, CHECK_OK, "configuration", NULL, "good");
	if (!fault && check->config->source != CONSOLE_SOURCE_V4L2)
		check_say(check, CHECK_WARNING, "source",
				"source = v4l2 in [capture] shows this one's",
				"the configuration does not show a real node's picture");
}

static void check_listen(struct check *check)
{
	for (char **address = check->config->listen; *address; address++) {
		g_autoptr(GError) error = NULL;

		if (check->world->listen(*address, &error))
			check_say(check, CHECK_OK, "listen", NULL, "%s is free", *address);
		else
			check_say(check, CHECK_MISSING, "listen", NULL, "%s", error->message);
	}
}

/* A console goes on without its API, so nothing here is worse than a warning. */
static void check_api(struct check *check)
{
	const struct console_config *config = check->config;
	g_autofree char *path = config->api.socket ? g_strdup(config->api.socket)
						   : api_path_to_serve(API_PATH_CONSOLE);
	g_autofree char *folder = g_path_get_dirname(path);
	g_autoptr(GError) error = NULL;

	/* A folder that is made later is not made now: it would belong to the wrong user. */
	if (!g_file_test(folder, G_FILE_TEST_EXISTS) && api_path_is_writable(folder))
		check_say(check, CHECK_OK, "API", NULL, "%s and its folder can be made", path);
	else if (check->world->serve(path, config->api.mode, &error))
		check_say(check, CHECK_OK, "API", NULL, "%s can be made", path);
	else
		check_say(check, CHECK_WARNING, "API",
				"[api] socket in the configuration or --socket names another place",
				"%s", error->message);
}

bool check_run(const struct check_world *world, const struct console_config *config,
		const GError *fault, FILE *out)
{
	struct check check = {.world = world, .config = config, .out = out};

	check_config(&check, fault);
	check_kernel(&check);
	check_ports(&check);
	check_drives(&check);
	check_devices(&check);
	check_listen(&check);
	check_api(&check);
	return check.worst < CHECK_MISSING;
}
