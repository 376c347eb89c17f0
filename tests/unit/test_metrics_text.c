/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <math.h>
#include "src/metrics_text.h"

static void test_samples_follow_their_family(void)
{
	struct metrics_family families[] = {
			{"a_watts", "What a is.", "gauge", NULL},
			{"none", "Nothing.", "gauge", NULL},
			{"b_total", "What b is.", "counter", NULL},
	};
	const struct metrics_label labels[] = {{"node", "n1"}, {"sensor", "s"}, {0}};
	g_autoptr(GString) out = g_string_new(NULL);

	metrics_add(&families[2], NULL, 12345678);
	metrics_add(&families[0], labels, 0.1);
	metrics_add(&families[0], &labels[1], -4);
	metrics_write(families, G_N_ELEMENTS(families), out);
	g_assert_cmpstr(out->str, ==,
			"# HELP a_watts What a is.\n# TYPE a_watts gauge\n"
			"a_watts{node=\"n1\",sensor=\"s\"} 0.1\na_watts{sensor=\"s\"} -4\n"
			"# HELP b_total What b is.\n# TYPE b_total counter\nb_total 12345678\n");
}

static void test_labels_may_be_any_bytes(void)
{
	struct metrics_family family = {"a", "b", "gauge", NULL};
	const struct metrics_label labels[] = {{"node", "a\"b\\c\nd\xff"}, {0}};
	g_autoptr(GString) out = g_string_new(NULL);

	metrics_add(&family, labels, 1);
	metrics_write(&family, 1, out);
	g_assert_true(g_str_has_suffix(out->str, "\na{node=\"a\\\"b\\\\c\\nd\xef\xbf\xbd\"} 1\n"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/metrics-text/" #name, test_##name)
	TEST(samples_follow_their_family);
	TEST(labels_may_be_any_bytes);
	return g_test_run();
}
