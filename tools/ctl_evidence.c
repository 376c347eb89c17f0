/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_evidence.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include "src/evidence_api.h"
#include "tools/ctl_text.h"

/* --- Files --- */

struct fetch {
	int fd;
	int fault; /* errno of writing; 0: none */
};

static void fetch_hear(const char *bytes, size_t size, void *data)
{
	struct fetch *fetch = data;

	while (size && !fetch->fault) {
		ssize_t written = write(fetch->fd, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0) {
			fetch->fault = errno;
			break;
		}
		bytes += written;
		size -= (size_t)written;
	}
}

static enum ctl_exit fetch_failed(const char *path, int fault)
{
	fprintf(stderr, "spicerackctl: %s: %s\n", path, g_strerror(fault));
	return CTL_FAILED;
}

static enum ctl_exit fetch_to_output(
		const struct ctl_client *client, const struct http_route *route)
{
	struct fetch fetch = {.fd = STDOUT_FILENO};
	enum ctl_exit code;

	if (isatty(STDOUT_FILENO)) {
		fprintf(stderr, "spicerackctl: %s is nothing for a terminal; name a file\n",
				route->type);
		return CTL_USAGE;
	}
	code = ctl_listen(client, route, NULL, fetch_hear, &fetch);
	return fetch.fault ? fetch_failed("standard output", fetch.fault) : code;
}

/* What there was before stays until the new one is whole. */
static enum ctl_exit fetch_file(
		const struct ctl_client *client, const struct http_route *route, const char *path)
{
	g_autofree char *part = g_strdup_printf("%s.part", path);
	struct fetch fetch = {0};
	enum ctl_exit code;

	if (strcmp(path, "-") == 0)
		return fetch_to_output(client, route);
	fetch.fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fetch.fd < 0)
		return fetch_failed(part, errno);
	code = ctl_listen(client, route, NULL, fetch_hear, &fetch);
	if (close(fetch.fd) < 0 && !fetch.fault)
		fetch.fault = errno;
	if (code == CTL_FINE && !fetch.fault && rename(part, path) < 0)
		fetch.fault = errno;
	if (code == CTL_FINE && !fetch.fault)
		return CTL_FINE;
	unlink(part);
	return fetch.fault ? fetch_failed(path, fetch.fault) : code;
}

/* --- Words --- */

static json_int_t number_of(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

static void show_reel(const json_t *reel, FILE *out)
{
	fprintf(out, "%" JSON_INTEGER_FORMAT " frames, %.1f s, %.1f MiB", number_of(reel, "frames"),
			(double)number_of(reel, "lasts_ms") / 1000,
			(double)number_of(reel, "bytes") / (1 << 20));
}

static void show_frozen(const json_t *frozen, FILE *out)
{
	const char *reason = json_string_value(json_object_get(frozen, "reason"));
	g_autofree char *plain = ctl_plain(reason ? reason : "");
	json_int_t skipped = number_of(frozen, "skipped");

	fprintf(out, "kept       ");
	show_reel(frozen, out);
	fprintf(out, ": %s (%s)\n", plain,
			json_is_true(json_object_get(frozen, "saved")) ? "saved" : "not saved yet");
	if (skipped)
		fprintf(out,
				"           %" JSON_INTEGER_FORMAT
				" more things happened since and are not kept\n",
				skipped);
}

static void show_file(const json_t *file, FILE *out)
{
	const char *path = json_string_value(json_object_get(file, "path"));
	const char *fault = json_string_value(json_object_get(file, "fault"));
	g_autofree char *plain = ctl_plain(path ? path : "");
	g_autofree char *wrong = ctl_plain(fault ? fault : "");

	fprintf(out,
			"file       %s: %.1f MiB, %" JSON_INTEGER_FORMAT
			" frames written, %" JSON_INTEGER_FORMAT " dropped%s%s\n",
			plain, (double)number_of(file, "bytes") / (1 << 20),
			number_of(file, "frames"), number_of(file, "dropped"), fault ? "; " : "",
			wrong);
}

static void show_recording(const json_t *answer, FILE *out)
{
	const json_t *live = json_object_get(answer, "live");
	const json_t *frozen = json_object_get(answer, "frozen");
	const json_t *file = json_object_get(answer, "file");

	fprintf(out, "recorded   ");
	if (json_is_object(live)) {
		show_reel(live, out);
		fprintf(out, " of %.0f MiB%s\n", (double)number_of(answer, "memory") / (1 << 20),
				json_is_true(json_object_get(answer, "always"))
						? ""
						: ", while somebody looks");
	} else {
		fprintf(out, "nothing; memory in [recording] of the configuration is 0\n");
	}
	if (json_is_object(frozen))
		show_frozen(frozen, out);
	if (json_is_object(file))
		show_file(file, out);
}

/* --- The commands --- */

enum ctl_exit ctl_screenshot(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return fetch_file(client, &evidence_api[EVIDENCE_API_SCREENSHOT], arguments[0]);
}

enum ctl_exit ctl_recording_save(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return fetch_file(client, &evidence_api[EVIDENCE_API_SAVE], arguments[0]);
}

enum ctl_exit ctl_recording(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &evidence_api[EVIDENCE_API_STATUS], NULL, show_recording);
}

enum ctl_exit ctl_recording_freeze(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &evidence_api[EVIDENCE_API_FREEZE], NULL, show_recording);
}

enum ctl_exit ctl_recording_resume(const struct ctl_client *client, char **arguments,
		const struct ctl_options *options)
{
	return ctl_ask_and_show(client, &evidence_api[EVIDENCE_API_RESUME], NULL, show_recording);
}
