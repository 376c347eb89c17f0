/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include "http/auth.h"
#include "http/backoff.h"
#include "http/sessions.h"

#define TOKEN "0123456789abcdef"
#define HERE  "192.0.2.1"
#define S     G_USEC_PER_SEC

struct fixture {
	char *folder, *path;
	struct http_auth *auth;
	gint64 now;
	int warned, wrong;
};

static void fixture_open(struct fixture *f, gconstpointer unused)
{
	f->folder = g_dir_make_tmp("spicerack-XXXXXX", NULL);
	f->path = g_build_filename(f->folder, "access", NULL);
	f->now = 1000 * S;
}

static void fixture_close(struct fixture *f, gconstpointer unused)
{
	http_auth_close(f->auth);
	g_unlink(f->path);
	g_assert_cmpint(g_rmdir(f->folder), ==, 0);
	g_free(f->path);
	g_free(f->folder);
}

static void warned(const char *peer, bool waits, void *data)
{
	struct fixture *f = data;

	g_assert_cmpstr(peer, ==, HERE);
	f->wrong++;
	f->warned += waits;
}

static void write_access(struct fixture *f, const char *text)
{
	g_assert_true(g_file_set_contents(f->path, text, -1, NULL));
	g_assert_cmpint(g_chmod(f->path, 0600), ==, 0);
}

static void load(struct fixture *f, const char *text)
{
	g_autoptr(GError) error = NULL;

	write_access(f, text);
	f->auth = http_auth_open(f->path, &error);
	g_assert_no_error(error);
	http_auth_warn(f->auth, warned, f);
}

static void load_usual(struct fixture *f)
{
	load(f, "# who may come in\n\noperate token " TOKEN "\r\n"
		"read token read-" TOKEN "\noperate user admin two words\nread user guest s:e:c\n");
}

static char *basic(const char *user, const char *password)
{
	g_autofree char *both = g_strconcat(user, ":", password, NULL);
	g_autofree char *encoded = g_base64_encode((const guchar *)both, strlen(both));

	return g_strconcat("Basic ", encoded, NULL);
}

/* 0: may come in as who says; else the status of the refusal. */
static int check(struct fixture *f, const char *authorization, const char *session,
		struct http_who *who)
{
	const struct http_credentials given = {authorization, session};
	g_autoptr(GError) error = NULL;
	unsigned int wait = 0;

	if (http_auth_check(f->auth, HERE, &given, f->now, who, &wait, &error))
		return 0;
	g_assert_nonnull(error);
	g_assert_true(error->domain == HTTP_ERROR);
	g_assert_cmpint(error->code == 429, ==, wait != 0);
	return error->code;
}

static int check_user(
		struct fixture *f, const char *user, const char *password, struct http_who *who)
{
	g_autofree char *header = basic(user, password);

	return check(f, header, NULL, who);
}

static void test_tokens_and_users_have_their_roles(struct fixture *f, gconstpointer unused)
{
	struct http_who who;

	load_usual(f);
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 0);
	g_assert_cmpint(who.role, ==, HTTP_OPERATE);
	g_assert_cmpint(check(f, "bearer  read-" TOKEN, NULL, &who), ==, 0);
	g_assert_cmpint(who.role, ==, HTTP_READ);
	g_assert_cmpint(check_user(f, "admin", "two words", &who), ==, 0);
	g_assert_cmpstr(who.user, ==, "admin");
	g_assert_cmpint(who.role, ==, HTTP_OPERATE);
	g_assert_cmpint(check_user(f, "guest", "s:e:c", &who), ==, 0);
	g_assert_cmpint(who.role, ==, HTTP_READ);
	g_assert_null(who.session);
}

static void test_what_is_wrong_is_refused(struct fixture *f, gconstpointer unused)
{
	g_autofree char *encoded = g_base64_encode((const guchar *)"admin:two words\0x", 17);
	g_autofree char *zero = g_strconcat("Basic ", encoded, NULL);
	g_autofree char *fill = g_strnfill(5000, 'A');
	g_autofree char *huge = g_strconcat("Basic ", fill, NULL);
	const char *const wrong[] = {"Bearer " TOKEN "x", "Bearer 0123456789abcde", "Bearer ",
			"Bearer", "Basic", "Basic ", "Basic !!!", "Basic OjA=", "Digest " TOKEN,
			TOKEN, "", huge, zero};
	struct http_who who;

	load_usual(f);
	for (size_t i = 0; i < G_N_ELEMENTS(wrong); i++) {
		g_assert_cmpint(check(f, wrong[i], NULL, &who), ==, 401);
		f->now += 100 * S;
	}
	g_assert_cmpint(check_user(f, "admin", "two word", &who), ==, 401);
	f->now += 700 * S;
	g_assert_cmpint(check_user(f, "", TOKEN, &who), ==, 401);
	g_assert_cmpint(check_user(f, "Admin", "two words", &who), ==, 401);
	g_assert_cmpint(check(f, NULL, NULL, &who), ==, 401);
	g_assert_cmpint(check(f, NULL, "", &who), ==, 401);
}

static void test_wrong_ones_have_to_wait(struct fixture *f, gconstpointer unused)
{
	struct http_who who;

	load_usual(f);
	for (int i = 0; i < 4; i++)
		g_assert_cmpint(check(f, "Bearer no", NULL, &who), ==, 401);
	g_assert_cmpint(f->warned, ==, 1);
	g_assert_cmpint(f->wrong, ==, 4);
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 429);
	f->now += S;
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 0);
	g_assert_cmpint(check(f, "Bearer no", NULL, &who), ==, 401); /* afresh */
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 0);
	g_assert_cmpint(f->warned, ==, 1);
}

static void test_who_says_nothing_does_not_wait(struct fixture *f, gconstpointer unused)
{
	struct http_who who;

	load_usual(f);
	for (int i = 0; i < 20; i++)
		g_assert_cmpint(check(f, NULL, NULL, &who), ==, 401);
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 0);
}

static struct http_login login(struct fixture *f, const char *user, const char *password)
{
	struct http_login login = {0};
	g_autoptr(GError) error = NULL;
	unsigned int wait;

	http_auth_login(f->auth, HERE, user, password, f->now, &login, &wait, &error);
	g_assert_cmpint(error == NULL, ==, login.id != NULL);
	return login;
}

static void login_clear(struct http_login *login)
{
	g_free(login->id);
	g_free(login->token);
}

static void test_a_session_lives_while_it_is_used(struct fixture *f, gconstpointer unused)
{
	struct http_login first;
	struct http_who who;

	load_usual(f);
	first = login(f, "guest", "s:e:c");
	g_assert_null(strstr(first.token, first.id));
	for (int i = 0; i < 5; i++) {
		f->now += 1799 * S;
		g_assert_cmpint(check(f, NULL, first.token, &who), ==, 0);
		g_assert_cmpstr(who.user, ==, "guest");
		g_assert_cmpstr(who.session, ==, first.id);
		g_assert_cmpint(who.role, ==, HTTP_READ);
	}
	f->now += 1801 * S;
	g_assert_null(http_auth_session(f->auth, first.id, f->now));
	g_assert_cmpint(check(f, NULL, first.token, &who), ==, 401);
	login_clear(&first);
}

static void test_a_session_ends_when_it_is_told_to(struct fixture *f, gconstpointer unused)
{
	struct http_login first, second;
	g_auto(GStrv) ids = NULL;
	struct http_who who;

	load_usual(f);
	first = login(f, "admin", "two words");
	second = login(f, "admin", "two words");
	g_assert_cmpstr(first.token, !=, second.token);
	http_auth_logout(f->auth, "no such");
	http_auth_logout(f->auth, first.id);
	g_assert_cmpint(check(f, NULL, first.token, &who), ==, 401);
	g_assert_cmpint(check(f, NULL, second.token, &who), ==, 0);
	ids = http_auth_sessions(f->auth, f->now);
	g_assert_cmpuint(g_strv_length(ids), ==, 1);
	g_assert_cmpstr(ids[0], ==, second.id);
	login_clear(&first);
	login_clear(&second);
}

static void test_a_session_needs_user_and_password(struct fixture *f, gconstpointer unused)
{
	load_usual(f);
	g_assert_null(login(f, "admin", "two").id);
	g_assert_null(login(f, "", TOKEN).id);
	g_assert_null(login(f, "nobody", "two words").id);
}

static void test_a_session_is_good_while_others_guess(struct fixture *f, gconstpointer unused)
{
	struct http_login mine;
	struct http_who who;

	load_usual(f);
	mine = login(f, "admin", "two words");
	for (int i = 0; i < 9; i++)
		check(f, "Bearer no", NULL, &who);
	g_assert_cmpint(check(f, "Bearer " TOKEN, NULL, &who), ==, 429);
	g_assert_cmpint(check(f, NULL, mine.token, &who), ==, 0);
	login_clear(&mine);
}

static void test_the_oldest_session_makes_room(struct fixture *f, gconstpointer unused)
{
	struct http_login logins[SESSIONS_MOST + 1];
	struct http_who who;

	load_usual(f);
	for (int i = 0; i < SESSIONS_MOST + 1; i++) {
		logins[i] = login(f, "admin", "two words");
		f->now += S;
		if (i == SESSIONS_MOST - 1)
			g_assert_cmpint(check(f, NULL, logins[0].token, &who), ==, 0);
	}
	g_assert_cmpint(check(f, NULL, logins[0].token, &who), ==, 0);
	g_assert_cmpint(check(f, NULL, logins[1].token, &who), ==, 401);
	g_assert_cmpint(check(f, NULL, logins[SESSIONS_MOST].token, &who), ==, 0);
	for (int i = 0; i < SESSIONS_MOST + 1; i++)
		login_clear(&logins[i]);
}

static void assert_bad(struct fixture *f, const char *text, const char *words)
{
	g_autoptr(GError) error = NULL;

	write_access(f, text);
	g_assert_null(http_auth_open(f->path, &error));
	g_assert_true(error && error->domain == G_FILE_ERROR);
	g_assert_true(g_str_has_prefix(error->message, f->path));
	if (!strstr(error->message, words))
		g_error("\"%s\" does not say \"%s\"", error->message, words);
	g_assert_null(strstr(error->message, "secret"));
}

static void test_mistakes_in_the_file_are_told(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) error = NULL;

	assert_bad(f, "", "nobody may come in");
	assert_bad(f, "# only words\n", "nobody may come in");
	assert_bad(f, "\nadmin token " TOKEN "\n", ":2: a line begins with read or operate");
	assert_bad(f, "read tokens " TOKEN, ":1: behind the role comes token");
	assert_bad(f, "read", ":1: behind the role comes token");
	assert_bad(f, "read token secret", "at least 16 characters");
	assert_bad(f, "read token secret secret secret", "no blanks");
	assert_bad(f, "read user a:b secret", "without a colon");
	assert_bad(f, "read user", "behind user comes a name");
	assert_bad(f, "read user  secret", "behind user comes a name");
	assert_bad(f, "read user admin", "the password is missing");
	write_access(f, "read token " TOKEN);
	g_assert_cmpint(g_chmod(f->path, 0640), ==, 0);
	g_assert_null(http_auth_open(f->path, &error));
	g_assert_nonnull(strstr(error->message, "chmod 600"));
	g_clear_error(&error);
	g_assert_null(http_auth_open(f->folder, &error));
	g_clear_error(&error);
	g_assert_null(http_auth_open("/nonexistent/access", &error));
	g_assert_nonnull(strstr(error->message, "No such file"));
}

static void test_waits_grow_to_a_minute_and_are_forgotten(struct fixture *f, gconstpointer unused)
{
	static const unsigned int waits[] = {0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60};
	struct backoff *backoff = backoff_new();
	gint64 now = f->now;

	for (size_t i = 0; i < G_N_ELEMENTS(waits); i++) {
		g_assert_cmpint(backoff_wrong(backoff, HERE, now), ==, i == 3);
		g_assert_cmpuint(backoff_wait(backoff, HERE, now), ==, waits[i]);
	}
	g_assert_cmpuint(backoff_wait(backoff, "192.0.2.2", now), ==, 0);
	g_assert_cmpuint(backoff_wait(backoff, HERE, now + 59 * S + 1), ==, 1);
	g_assert_cmpuint(backoff_wait(backoff, HERE, now + 60 * S), ==, 0);
	now += 601 * S;
	backoff_wrong(backoff, HERE, now);
	g_assert_cmpuint(backoff_wait(backoff, HERE, now), ==, 0);
	backoff_free(backoff);
}

static void test_a_customers_addresses_are_one(struct fixture *f, gconstpointer unused)
{
	struct backoff *backoff = backoff_new();

	for (int i = 0; i < 4; i++) {
		g_autofree char *peer = g_strdup_printf("2001:db8:0:7::%x", i);

		backoff_wrong(backoff, peer, f->now);
	}
	g_assert_cmpuint(backoff_wait(backoff, "2001:db8:0:7:ffff::1", f->now), ==, 1);
	g_assert_cmpuint(backoff_wait(backoff, "2001:db8:0:8::1", f->now), ==, 0);
	backoff_free(backoff);
}

static void test_any_number_of_addresses_is_bounded(struct fixture *f, gconstpointer unused)
{
	struct backoff *backoff = backoff_new();

	for (int i = 0; i < 5; i++)
		backoff_wrong(backoff, HERE, f->now);
	for (int i = 0; i < 1022; i++) {
		g_autofree char *peer = g_strdup_printf("10.0.%d.%d", i / 256, i % 256);

		backoff_wrong(backoff, peer, f->now + 1);
	}
	g_assert_cmpuint(backoff_wait(backoff, HERE, f->now), ==, 2);
	for (int i = 0; i < 2; i++)
		backoff_wrong(backoff, i ? "10.9.9.9" : "10.9.9.8", f->now + 2);
	g_assert_cmpuint(backoff_wait(backoff, HERE, f->now), ==, 0);
	backoff_free(backoff);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name)                                                                       \
	g_test_add("/http-auth/" #name, struct fixture, NULL, fixture_open, test_##name, \
			fixture_close)
	TEST(tokens_and_users_have_their_roles);
	TEST(what_is_wrong_is_refused);
	TEST(wrong_ones_have_to_wait);
	TEST(who_says_nothing_does_not_wait);
	TEST(a_session_lives_while_it_is_used);
	TEST(a_session_ends_when_it_is_told_to);
	TEST(a_session_needs_user_and_password);
	TEST(a_session_is_good_while_others_guess);
	TEST(the_oldest_session_makes_room);
	TEST(mistakes_in_the_file_are_told);
	TEST(waits_grow_to_a_minute_and_are_forgotten);
	TEST(a_customers_addresses_are_one);
	TEST(any_number_of_addresses_is_bounded);
	return g_test_run();
}
