/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>
#include "media/nbd_link.h"

static const char *const nbd_files[] = {"ca-cert.pem", "client-cert.pem", "client-key.pem"};

/* Without a file of its own libnbd (1.14) takes any certificate when it uses the system's. */
static const char *nbd_system_ca(void)
{
	static const char *const places[] = {
			"/etc/ssl/certs/ca-certificates.crt", /* Debian, OpenEmbedded */
			"/etc/pki/tls/certs/ca-bundle.crt",   /* Fedora */
			"/etc/ssl/ca-bundle.pem",             /* SUSE */
			"/etc/ssl/cert.pem",                  /* Alpine */
	};

	for (size_t i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_access(places[i], R_OK) == 0)
			return places[i];
	return NULL;
}

static bool nbd_access_lead(
		const struct nbd_access *access, const char *file, const char *to, GError **error)
{
	g_autofree char *path = g_build_filename(access->folder, file, NULL);
	g_autofree char *whole = g_canonicalize_filename(to, NULL);

	if (g_access(whole, R_OK) == 0 && symlink(whole, path) == 0)
		return true;
	g_set_error(error, G_FILE_ERROR, (gint)g_file_error_from_errno(errno),
			"%s: cannot be read: %s; check the path and who may read it", whole,
			g_strerror(errno));
	return false;
}

static bool nbd_access_certificates(struct nbd_access *access, const char *ca_file,
		const char *certificates, GError **error)
{
	const char *ca = ca_file ? ca_file : nbd_system_ca();

	access->folder = g_dir_make_tmp("spicerack-nbd-XXXXXX", error);
	if (!access->folder)
		return false;
	if (!ca && !access->insecure) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
				"%s: this system has no CA certificates to check the server's by; "
				"name a file of them",
				access->name);
		return false;
	}
	if (ca && !nbd_access_lead(access, nbd_files[0], ca, error))
		return false;
	for (size_t i = 1; certificates && i < G_N_ELEMENTS(nbd_files); i++) {
		g_autofree char *file = g_build_filename(certificates, nbd_files[i], NULL);

		if (!nbd_access_lead(access, nbd_files[i], file, error))
			return false;
	}
	return true;
}

bool nbd_access_fill(struct nbd_access *access, const char *uri, const char *ca_file,
		const char *certificates, bool insecure, GError **error)
{
	static const char *const schemes[] = {"nbd", "nbds", "nbd+unix", "nbds+unix"};
	const char *rest = uri ? strstr(uri, "://") : NULL;
	const char *at, *path;
	bool known = false;

	for (size_t i = 0; rest && i < G_N_ELEMENTS(schemes); i++)
		known = known || (strlen(schemes[i]) == (size_t)(rest - uri) &&
						 g_ascii_strncasecmp(uri, schemes[i],
								 strlen(schemes[i])) == 0);
	if (!known) {
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
				"%s: is no address of an NBD server; it begins with nbd://, nbds://, "
				"nbd+unix:// or nbds+unix://",
				uri ? uri : "(nothing)");
		return false;
	}
	rest += 3;
	path = rest + strcspn(rest, "/?");
	at = memchr(rest, '@', (size_t)(path - rest));
	access->uri = g_strdup(uri);
	access->name = at ? g_strdup_printf("%.*s%s", (int)(rest - uri), uri, at + 1)
			  : g_strdup(uri);
	access->insecure = insecure;
	if (!nbd_library_load(&access->call, error)) {
		g_prefix_error(error, "%s: ", access->name);
		return false;
	}
	if (g_ascii_strncasecmp(uri, "nbds", 4) != 0)
		return true;
	return nbd_access_certificates(access, ca_file, certificates, error);
}

void nbd_access_clear(struct nbd_access *access)
{
	for (size_t i = 0; access->folder && i < G_N_ELEMENTS(nbd_files); i++) {
		g_autofree char *path = g_build_filename(access->folder, nbd_files[i], NULL);

		g_unlink(path);
	}
	if (access->folder)
		g_rmdir(access->folder);
	g_free(access->folder);
	g_free(access->uri);
	g_free(access->name);
	memset(access, 0, sizeof(*access));
}
