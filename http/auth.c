/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "http/auth.h"
#include "http/backoff.h"
#include "http/sessions.h"

#define UNAUTHORIZED      401 /* RFC 9110, 15.5.2 */
#define TOO_MANY_REQUESTS 429 /* RFC 6585, 4 */

#define AUTH_FILE_MOST   (16 * 1024) /* bytes */
#define AUTH_TOKEN_LEAST 16
#define AUTH_GIVEN_MOST  1024 /* bytes of a credential that somebody sends */

/* One who may come in. */
struct auth_entry {
	char *user; /* NULL: who has the token */
	enum http_role role;
	uint8_t digest[SECRET_DIGEST]; /* of user ("" for a token) and secret */
};

struct http_auth {
	struct secret_key key;
	GArray *entries; /* of struct auth_entry */
	struct sessions *sessions;
	struct backoff *backoff;
	http_auth_warn_fn warn; /* NULL: nobody listens */
	void *data;
};

/* --- The file --- */

static bool auth_bad_line(const char *path, guint line, const char *wrong, GError **error)
{
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s:%u: %s", path, line, wrong);
	return false;
}

static void auth_add(
		struct http_auth *auth, enum http_role role, const char *user, const char *secret)
{
	struct auth_entry entry = {.user = g_strdup(user), .role = role};

	secret_digest(&auth->key, user ? user : "", secret, entry.digest);
	g_array_append_val(auth->entries, entry);
}

/* The next word of a line; moves past it and one blank. */
static const char *auth_word(char **rest)
{
	char *word = *rest;
	size_t length = strcspn(word, " \t");

	*rest = word + length + (word[length] != '\0');
	word[length] = '\0';
	return word;
}

static bool auth_parse_line(
		struct http_auth *auth, const char *path, guint number, char *line, GError **error)
{
	const char *role, *kind, *user = NULL;
	char *rest = line;

	role = auth_word(&rest);
	kind = auth_word(&rest);
	if (strcmp(role, "read") != 0 && strcmp(role, "operate") != 0)
		return auth_bad_line(path, number, "a line begins with read or operate", error);
	if (strcmp(kind, "user") == 0) {
		user = auth_word(&rest);
		if (!*user || strchr(user, ':') || !g_utf8_validate(user, -1, NULL))
			return auth_bad_line(path, number,
					"behind user comes a name without a colon, then the password",
					error);
		if (!*rest)
			return auth_bad_line(path, number, "the password is missing", error);
	} else if (strcmp(kind, "token") != 0) {
		return auth_bad_line(path, number,
				"behind the role comes token TOKEN or user NAME PASSWORD", error);
	} else if (strlen(rest) < AUTH_TOKEN_LEAST || strpbrk(rest, " \t")) {
		return auth_bad_line(path, number,
				"a token has at least 16 characters and no blanks", error);
	}
	auth_add(auth, strcmp(role, "read") == 0 ? HTTP_READ : HTTP_OPERATE, user, rest);
	return true;
}

static bool auth_parse(struct http_auth *auth, const char *path, char *text, GError **error)
{
	char *next = text;

	for (guint number = 1; next; number++) {
		char *line = next;
		size_t length = strcspn(line, "\n");

		next = line[length] ? line + length + 1 : NULL;
		line[length] = '\0';
		if (length && line[length - 1] == '\r') /* written on Windows */
			line[length - 1] = '\0';
		if (!*line || *line == '#')
			continue;
		if (!auth_parse_line(auth, path, number, line, error))
			return false;
	}
	if (auth->entries->len)
		return true;
	g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: nobody may come in", path);
	return false;
}

/* The whole file, when nobody but its owner has access. text: AUTH_FILE_MOST + 1 bytes. */
static const char *auth_read(int fd, char *text)
{
	struct stat status;
	size_t size = 0;
	ssize_t got;

	if (fstat(fd, &status) < 0)
		return g_strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "not a file";
	if (status.st_mode & (S_IRWXG | S_IRWXO))
		return "group or others have access to it; chmod 600 takes that away";
	while ((got = read(fd, text + size, AUTH_FILE_MOST - size)) > 0 ||
			(got < 0 && errno == EINTR))
		size += MAX(got, 0);
	if (got < 0)
		return g_strerror(errno);
	if (size == AUTH_FILE_MOST)
		return "too large";
	text[size] = '\0';
	return memchr(text, 0, size) ? "a zero byte in it" : NULL;
}

static bool auth_load(struct http_auth *auth, const char *path, GError **error)
{
	char text[AUTH_FILE_MOST + 1] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *wrong = fd < 0 ? g_strerror(errno) : auth_read(fd, text);
	bool good;

	if (fd >= 0)
		close(fd);
	if (wrong)
		g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: %s", path, wrong);
	good = !wrong && auth_parse(auth, path, text, error);
	explicit_bzero(text, sizeof(text));
	return good;
}

static void auth_entry_clear(gpointer data)
{
	g_free(((struct auth_entry *)data)->user);
}

struct http_auth *http_auth_open(const char *path, GError **error)
{
	struct http_auth *auth = g_new0(struct http_auth, 1);

	auth->entries = g_array_new(FALSE, FALSE, sizeof(struct auth_entry));
	g_array_set_clear_func(auth->entries, auth_entry_clear);
	auth->sessions = sessions_new(&auth->key, HTTP_AUTH_SESSION_TIMEOUT);
	auth->backoff = backoff_new();
	if (!secret_key_init(&auth->key))
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
				"this system has no random numbers");
	else if (auth_load(auth, path, error))
		return auth;
	http_auth_close(auth);
	return NULL;
}

void http_auth_close(struct http_auth *auth)
{
	if (!auth)
		return;
	sessions_free(auth->sessions);
	backoff_free(auth->backoff);
	g_array_unref(auth->entries);
	g_free(auth);
}

void http_auth_warn(struct http_auth *auth, http_auth_warn_fn warn, void *data)
{
	auth->warn = warn;
	auth->data = data;
}

/* --- Who asks --- */

/* Looks at every entry, so that the time tells nothing. user: "" for a token. */
static const struct auth_entry *auth_find(
		const struct http_auth *auth, const char *user, const char *secret)
{
	const struct auth_entry *found = NULL;
	uint8_t digest[SECRET_DIGEST];

	secret_digest(&auth->key, user, secret, digest);
	for (guint i = 0; i < auth->entries->len; i++) {
		const struct auth_entry *entry = &g_array_index(
				auth->entries, struct auth_entry, i);

		if (secret_equal(entry->digest, digest))
			found = entry;
	}
	return found;
}

/* What is behind the name of a scheme and its blanks; NULL: another scheme. */
static const char *auth_scheme(const char *authorization, const char *name)
{
	size_t length = strlen(name);

	if (!authorization || g_ascii_strncasecmp(authorization, name, length) != 0 ||
			authorization[length] != ' ')
		return NULL;
	return authorization + length + strspn(authorization + length, " ");
}

static const struct auth_entry *auth_basic(const struct http_auth *auth, const char *encoded)
{
	const struct auth_entry *entry = NULL;
	gsize size = 0;
	g_autofree guchar *decoded = g_base64_decode(encoded, &size);
	g_autofree char *text = g_strndup((const char *)decoded, size);
	char *colon = strchr(text, ':');

	if (colon && colon > text && strlen(text) == size) {
		*colon = '\0';
		entry = auth_find(auth, text, colon + 1);
	}
	explicit_bzero(decoded, size);
	explicit_bzero(text, size);
	return entry;
}

static const struct auth_entry *auth_by_header(
		const struct http_auth *auth, const char *authorization)
{
	const char *bearer = auth_scheme(authorization, "Bearer");
	const char *basic = auth_scheme(authorization, "Basic");

	if (bearer && strlen(bearer) <= AUTH_GIVEN_MOST)
		return auth_find(auth, "", bearer);
	if (basic && strlen(basic) <= AUTH_GIVEN_MOST)
		return auth_basic(auth, basic);
	return NULL;
}

static bool auth_must_wait(struct http_auth *auth, const char *peer, gint64 now, unsigned int *wait,
		GError **error)
{
	*wait = backoff_wait(auth->backoff, peer, now);
	if (*wait)
		g_set_error(error, HTTP_ERROR, TOO_MANY_REQUESTS,
				"too many wrong passwords from %s; try again in %u s", peer, *wait);
	return *wait != 0;
}

static bool auth_refuse(struct http_auth *auth, const char *peer, gint64 now, GError **error)
{
	const bool waits = backoff_wrong(auth->backoff, peer, now);

	if (auth->warn)
		auth->warn(peer, waits, auth->data);
	g_set_error_literal(error, HTTP_ERROR, UNAUTHORIZED, "wrong user, password or token");
	return false;
}

bool http_auth_check(struct http_auth *auth, const char *peer,
		const struct http_credentials *credentials, gint64 now, struct http_who *who,
		unsigned int *wait, GError **error)
{
	const struct session *session = NULL;
	const struct auth_entry *entry;

	*wait = 0;
	if (credentials->session)
		session = sessions_by_token(auth->sessions, credentials->session, now);
	if (session) {
		*who = (struct http_who){session->user, session->id, session->role};
		return true;
	}
	if (!credentials->authorization) {
		g_set_error_literal(error, HTTP_ERROR, UNAUTHORIZED,
				credentials->session
						? "the session has ended"
						: "say who you are: a token, or a user and a password");
		return false;
	}
	if (auth_must_wait(auth, peer, now, wait, error))
		return false;
	entry = auth_by_header(auth, credentials->authorization);
	if (!entry)
		return auth_refuse(auth, peer, now, error);
	backoff_right(auth->backoff, peer);
	*who = (struct http_who){entry->user ? entry->user : "token", NULL, entry->role};
	return true;
}

/* --- Sessions --- */

bool http_auth_login(struct http_auth *auth, const char *peer, const char *user,
		const char *password, gint64 now, struct http_login *login, unsigned int *wait,
		GError **error)
{
	const struct auth_entry *entry;
	const struct session *session;

	if (auth_must_wait(auth, peer, now, wait, error))
		return false;
	entry = *user ? auth_find(auth, user, password) : NULL;
	if (!entry)
		return auth_refuse(auth, peer, now, error);
	backoff_right(auth->backoff, peer);
	session = sessions_add(auth->sessions, user, entry->role, now, &login->token);
	if (session)
		login->id = g_strdup(session->id);
	else
		g_set_error_literal(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
				"this system has no random numbers");
	return session != NULL;
}

const char *http_auth_session(struct http_auth *auth, const char *id, gint64 now)
{
	const struct session *session = sessions_by_id(auth->sessions, id, now);

	return session ? session->user : NULL;
}

char **http_auth_sessions(struct http_auth *auth, gint64 now)
{
	return sessions_ids(auth->sessions, now);
}

void http_auth_logout(struct http_auth *auth, const char *id)
{
	sessions_remove(auth->sessions, id);
}
