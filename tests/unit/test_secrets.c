/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "spice/secrets.h"

#define NOW    (5 * G_USEC_PER_SEC)
#define LATER  (NOW + G_USEC_PER_SEC)
#define LATEST (NOW + 2 * G_USEC_PER_SEC)

static enum secrets_verdict judge_at(struct secrets *secrets, const char *text, bool view,
		int64_t now, struct secrets_pass *pass)
{
	struct link_secret said = {.whole = true};

	memcpy(said.bytes, text, strlen(text));
	return secrets_judge(secrets, &said, view, now, pass);
}

static enum secrets_verdict judge(struct secrets *secrets, const char *text, bool view)
{
	struct secrets_pass pass;
	const enum secrets_verdict verdict = judge_at(secrets, text, view, NOW, &pass);

	g_free(pass.text);
	return verdict;
}

static void test_each_secret_has_its_right(void)
{
	static const struct {
		const char *operate, *view, *said;
		bool place; /* where one may only look */
		enum secrets_verdict verdict;
		const char *came;
	} cases[] = {
			{"op", "eye", "op", false, SECRETS_OPERATE, "op"},
			{"op", "eye", "eye", false, SECRETS_VIEW, "eye"},
			{"op", "eye", "ey", false, SECRETS_WRONG, NULL},
			{"op", "eye", "", false, SECRETS_WRONG, NULL},
			{"op", NULL, "eye", false, SECRETS_WRONG, NULL},
			{"op", NULL, "", false, SECRETS_WRONG, NULL},
			{NULL, NULL, "", false, SECRETS_OPERATE, NULL},
			{NULL, NULL, "any", false, SECRETS_OPERATE, NULL},
			{NULL, "eye", "", false, SECRETS_OPERATE, NULL},
			{NULL, "eye", "eye", false, SECRETS_VIEW, "eye"},
			{"same", "same", "same", false, SECRETS_OPERATE, "same"},
			{"op", "eye", "op", true, SECRETS_VIEW, "op"},
			{"op", "eye", "eye", true, SECRETS_VIEW, "eye"},
			{"op", "eye", "", true, SECRETS_WRONG, NULL},
			{"op", NULL, "", true, SECRETS_VIEW, NULL},
			{"op", NULL, "op", true, SECRETS_VIEW, "op"},
			{NULL, "eye", "", true, SECRETS_WRONG, NULL},
			{NULL, NULL, "", true, SECRETS_VIEW, NULL},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct secrets secrets = {0};
		struct secrets_pass pass;

		password_set(&secrets.operate, cases[i].operate, 0, NOW);
		secrets_set_view(&secrets, cases[i].view);
		g_assert_cmpint(judge_at(&secrets, cases[i].said, cases[i].place, NOW, &pass), ==,
				cases[i].verdict);
		g_assert_cmpstr(pass.text, ==, cases[i].came);
		g_assert_false(pass.ticket);
		g_free(pass.text);
		secrets_clear(&secrets);
	}
}

static void test_a_ticket_lets_one_in_once(void)
{
	struct secrets secrets = {0};
	g_autofree char *operate = NULL, *view = NULL;
	struct secrets_pass pass;

	password_set(&secrets.operate, "op", 0, NOW);
	operate = g_strdup(secrets_ticket(&secrets, false, NOW, LATER));
	view = g_strdup(secrets_ticket(&secrets, true, NOW, LATER));
	g_assert_cmpstr(operate, !=, view);
	g_assert_cmpuint(secrets_tickets(&secrets, NOW), ==, 2);
	g_assert_cmpint(judge_at(&secrets, operate, false, NOW, &pass), ==, SECRETS_OPERATE);
	g_assert_cmpstr(pass.text, ==, operate);
	g_assert_true(pass.ticket);
	g_free(pass.text);
	g_assert_cmpuint(secrets_tickets(&secrets, NOW), ==, 1);
	g_assert_cmpint(judge(&secrets, operate, false), ==, SECRETS_WRONG);
	g_assert_cmpint(judge(&secrets, view, false), ==, SECRETS_VIEW);
	g_assert_cmpint(judge(&secrets, view, false), ==, SECRETS_WRONG);
	g_assert_cmpint(judge(&secrets, "op", false), ==, SECRETS_OPERATE);
	secrets_clear(&secrets);
}

static void test_a_ticket_only_looks_where_one_may_only_look(void)
{
	struct secrets secrets = {0};
	g_autofree char *ticket = g_strdup(secrets_ticket(&secrets, false, NOW, LATER));

	password_set(&secrets.operate, "op", 0, NOW);
	secrets_set_view(&secrets, "eye");
	g_assert_cmpint(judge(&secrets, ticket, true), ==, SECRETS_VIEW);
	g_assert_cmpint(judge(&secrets, ticket, true), ==, SECRETS_WRONG);
	secrets_clear(&secrets);
}

static void test_a_ticket_lapses(void)
{
	struct secrets secrets = {0};
	g_autofree char *first = NULL, *second = NULL;
	struct secrets_pass pass;

	password_set(&secrets.operate, "op", 0, NOW);
	first = g_strdup(secrets_ticket(&secrets, false, NOW, LATER));
	second = g_strdup(secrets_ticket(&secrets, false, NOW, LATEST));
	g_assert_cmpuint(secrets_tickets(&secrets, LATER - 1), ==, 2);
	g_assert_cmpuint(secrets_tickets(&secrets, LATER), ==, 1);
	g_assert_cmpint(judge_at(&secrets, first, false, LATER, &pass), ==, SECRETS_WRONG);
	g_assert_null(pass.text);
	g_assert_cmpint(judge_at(&secrets, second, false, LATER, &pass), ==, SECRETS_OPERATE);
	g_free(pass.text);
	secrets_clear(&secrets);
}

static void test_there_are_so_many_tickets_and_no_more(void)
{
	struct secrets secrets = {0};
	g_autofree char *last = NULL;

	password_set(&secrets.operate, "op", 0, NOW);
	for (int i = 0; i < SECRETS_TICKETS; i++) {
		g_free(last);
		last = g_strdup(secrets_ticket(&secrets, false, NOW, LATER));
		g_assert_cmpuint(strlen(last), <=, LINK_PASSWORD_MAX);
	}
	g_assert_null(secrets_ticket(&secrets, false, NOW, LATER));
	g_assert_cmpint(judge(&secrets, last, false), ==, SECRETS_OPERATE);
	g_assert_nonnull(secrets_ticket(&secrets, false, NOW, LATER));
	g_assert_null(secrets_ticket(&secrets, false, NOW, LATER));
	g_assert_nonnull(secrets_ticket(&secrets, false, LATER, LATEST));
	secrets_clear(&secrets);
}

static void test_an_expired_password_leaves_the_others(void)
{
	struct secrets secrets = {0};
	g_autofree char *ticket = NULL;

	password_set(&secrets.operate, "op", 1, NOW);
	secrets_set_view(&secrets, "eye");
	ticket = g_strdup(secrets_ticket(&secrets, false, NOW, LATEST));
	g_assert_true(password_expire(&secrets.operate, LATER));
	g_assert_cmpint(judge(&secrets, "op", false), ==, SECRETS_WRONG);
	g_assert_cmpint(judge(&secrets, "", false), ==, SECRETS_WRONG);
	g_assert_cmpint(judge(&secrets, "eye", false), ==, SECRETS_VIEW);
	g_assert_cmpint(judge(&secrets, ticket, false), ==, SECRETS_OPERATE);
	secrets_clear(&secrets);
}

static void test_what_could_not_be_decrypted_is_no_secret(void)
{
	struct secrets secrets = {0};
	struct link_secret said = {.whole = false};
	struct secrets_pass pass;

	password_set(&secrets.operate, "op", 0, NOW);
	memcpy(said.bytes, "op", 2);
	g_assert_cmpint(secrets_judge(&secrets, &said, false, NOW, &pass), ==, SECRETS_WRONG);
	secrets_clear(&secrets);
}

#define TEST(name) g_test_add_func("/secrets/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	TEST(each_secret_has_its_right);
	TEST(a_ticket_lets_one_in_once);
	TEST(a_ticket_only_looks_where_one_may_only_look);
	TEST(a_ticket_lapses);
	TEST(there_are_so_many_tickets_and_no_more);
	TEST(an_expired_password_leaves_the_others);
	TEST(what_could_not_be_decrypted_is_no_secret);
	return g_test_run();
}
