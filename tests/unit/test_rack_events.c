/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tests/unit/rack_api_rig.h"

static int listen_from(struct fixture *f, const char *query, const char *header)
{
	g_autofree char *request = g_strdup_printf(
			"GET /api/v1/events%s HTTP/1.1\r\nHost: x\r\n%s\r\n", query, header);
	int fd = http_client_connect(f->stage.socket);

	http_client_say(fd, request);
	return fd;
}

static void publish(struct fixture *f, const char *type, int count)
{
	for (int i = 0; i < count; i++)
		events_publish(f->rack->events, type, NULL);
}

/* The id of the n-th event there is. */
static char *id_of(struct fixture *f, int n)
{
	return g_strdup_printf("%" G_GINT64_MODIFIER "x-%d", events_run(f->rack->events), n);
}

static void test_events_come_as_they_happen(struct fixture *f, gconstpointer unused)
{
	g_autofree char *first = id_of(f, 2);
	g_autofree char *line = g_strdup_printf("id: %s\nevent: node.replaced\ndata: {", first);
	g_autofree char *start = NULL, *heard = NULL;
	struct http_reply *reply;
	int fd;

	publish(f, "before", 1);
	fd = listen_from(f, "", "");
	start = http_client_hear(fd, "retry: 2000\n\n");
	g_assert_nonnull(strstr(start, "Content-Type: text/event-stream\r\n"));
	reply = http_stage_ask(&f->stage, "POST", "/api/v1/nodes/r1n01/replace", NULL);
	g_assert_cmpint(reply->status, ==, 200);
	http_reply_free(reply);
	heard = http_client_hear(fd, "}\n\n");
	g_assert_nonnull(strstr(heard, line));
	g_assert_nonnull(strstr(heard, "\"node\":\"r1n01\""));
	g_assert_null(strstr(heard, "before"));
	close(fd);
}

static void test_who_comes_back_goes_on(struct fixture *f, gconstpointer unused)
{
	g_autofree char *seen = id_of(f, 2);
	g_autofree char *header = g_strdup_printf("Last-Event-ID: %s\r\n", seen);
	g_autofree char *heard = NULL, *again = NULL, *all = NULL;
	int fds[3];

	publish(f, "early", 2);
	publish(f, "missed", 1);
	publish(f, "last", 1);
	fds[0] = listen_from(f, "", header);
	heard = http_client_hear(fds[0], "event: last");
	fds[1] = listen_from(f, "?since=2", "");
	again = http_client_hear(fds[1], "event: last");
	fds[2] = listen_from(f, "?since=0", "");
	all = http_client_hear(fds[2], "event: last");
	g_assert_nonnull(strstr(heard, "event: missed"));
	g_assert_nonnull(strstr(again, "event: missed"));
	g_assert_nonnull(strstr(all, "event: early"));
	g_assert_null(strstr(heard, "event: early"));
	g_assert_null(strstr(again, "event: early"));
	g_assert_null(strstr(heard, "events.lost"));
	for (int i = 0; i < 3; i++)
		close(fds[i]);
}

static void test_a_past_may_be_all(struct fixture *f, gconstpointer unused)
{
	struct http_reply *reply;

	publish(f, "early", 2);
	reply = http_client_get(f->stage.socket, "/api/v1/events?since=0&follow=false");
	g_assert_cmpint(reply->status, ==, 200);
	g_assert_nonnull(strstr(reply->body, "event: early"));
	publish(f, "late", 1);
	g_assert_true(g_str_has_suffix(reply->body, "}\n\n"));
	http_reply_free(reply);
}

static void test_what_is_lost_is_told(struct fixture *f, gconstpointer unused)
{
	static const char *const headers[] = {"Last-Event-ID: 1-2\r\n", "Last-Event-ID: x\r\n"};

	publish(f, "early", 30); /* 16 are kept */
	publish(f, "last", 1);
	for (size_t i = 0; i < G_N_ELEMENTS(headers); i++) {
		int fd = listen_from(f, "", headers[i]);
		g_autofree char *heard = http_client_hear(fd, "event: last");

		g_assert_nonnull(strstr(heard, "event: events.lost\ndata: {\"why\":\"some "));
		g_assert_nonnull(strstr(heard, "event: early"));
		close(fd);
	}
}

/* More than a client may be behind: it gets the latest ones, and is not cut off. */
static void test_a_long_past_is_cut_short(struct fixture *f, gconstpointer unused)
{
	g_autofree char *long_text = g_strnfill(8000, 'x');
	g_autofree char *heard = NULL;
	int fd;

	for (int i = 0; i < 12; i++)
		events_publish(f->rack->events, "long", json_pack("{s:s}", "x", long_text));
	publish(f, "last", 1);
	fd = listen_from(f, "?since=0", "");
	heard = http_client_hear(fd, "event: last");
	g_assert_nonnull(strstr(heard, "event: events.lost"));
	g_assert_cmpuint(strlen(heard), >, 32 * 1024);
	publish(f, "still", 1);
	g_free(http_client_hear(fd, "event: still"));
	close(fd);
}

static void test_nobody_is_told_after_leaving(struct fixture *f, gconstpointer unused)
{
	int fds[20];

	for (size_t i = 0; i < G_N_ELEMENTS(fds); i++) {
		fds[i] = listen_from(f, "", "");
		g_free(http_client_hear(fds[i], "retry: 2000\n\n"));
	}
	for (size_t i = 1; i < G_N_ELEMENTS(fds); i++)
		close(fds[i]);
	for (int i = 0; i < 50; i++) {
		publish(f, "many", 1);
		http_stage_alive(&f->stage);
	}
	publish(f, "last", 1);
	g_free(http_client_hear(fds[0], "event: last"));
	close(fds[0]);
}

/* --- Metrics --- */

static char *metrics(struct fixture *f)
{
	struct http_reply *reply = http_client_get(f->stage.socket, "/metrics");
	char *text = g_strdup(reply->body);

	g_assert_cmpint(reply->status, ==, 200);
	g_assert_nonnull(strstr(reply->headers, "Content-Type: text/plain; version=0.0.4"));
	http_reply_free(reply);
	return text;
}

static void test_metrics_have_what_is_known(struct fixture *f, gconstpointer unused)
{
	static const char *const lines[] = {
			"# TYPE ipmi_temperature_celsius gauge",
			"ipmi_temperature_celsius{node=\"r1n01\",sensor=\"CPU0_TEMP\"} 42.5",
			"ipmi_temperature_state{node=\"r1n01\",sensor=\"CPU0_TEMP\"} 0",
			"ipmi_temperature_celsius{node=\"SELF\",sensor=\"INLET\"} 23.25",
			"ipmi_fan_speed_rpm{node=\"r1n01\",sensor=\"FAN1\"} 5400",
			"ipmi_voltage_volts{node=\"r1n01\",sensor=\"P12V\"} 12.9",
			"ipmi_voltage_state{node=\"r1n01\",sensor=\"P12V\"} 1",
			"ipmi_sensor_value{node=\"r1n01\",sensor=\"CUPS\"} 30",
			"sensor_age_seconds{node=\"r1n01\",sensor=\"CPU1_TEMP\"} 1",
			"ipmi_up{node=\"r1n01\"} 1",
			"ipmi_up{node=\"r1n02\"} 0",
			"ipmi_chassis_power_state{node=\"r1n03\"} 0",
			"ipmi_dcmi_power_consumption_current_watts{node=\"r1n01\"} 210",
			"rack_node_cap_watts{node=\"r1n01\"} 300",
			"rack_power_watts 210",
			"rack_budget_watts 1000",
			"rack_accounted_watts 800",
			"rack_over_budget_seconds_total 1.5",
			"fan_zone_failsafe{zone=\"rear\"} 1",
			"fan_speed_rpm{zone=\"rear\",fan=\"a\"} 6100",
			"fan_failed{zone=\"rear\",fan=\"b\"} 1",
	};
	static const char *const absent[] = {"_celsius{node=\"r1n01\",sensor=\"CPU1_TEMP\"}",
			"SPARE", "ipmi_up{node=\"r1n03\"}", "watts{node=\"r1n02\"} -1",
			"fan_speed_rpm{zone=\"front\""};
	g_autofree char *text = metrics(f);

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		g_autofree char *line = g_strdup_printf("\n%s\n", lines[i]);
		g_autofree char *whole = g_strdup_printf("\n%s", text);

		if (!strstr(whole, line))
			g_test_message("missing: %s", lines[i]);
		g_assert_nonnull(strstr(whole, line));
	}
	for (size_t i = 0; i < G_N_ELEMENTS(absent); i++)
		g_assert_null(strstr(text, absent[i]));
}

static void test_promtool_likes_them(struct fixture *f, gconstpointer unused)
{
	g_autofree char *tool = g_find_program_in_path("promtool");
	g_autofree char *file = g_build_filename(f->stage.folder, "metrics", NULL);
	g_autofree char *command = g_strdup_printf("sh -c '%s check metrics <%s'", tool, file);
	g_autofree char *text = NULL, *said = NULL, *complaints = NULL;
	int status;

	if (!tool) {
		g_test_skip("there is no promtool; the package prometheus has it");
		return;
	}
	text = metrics(f);
	g_assert_true(g_file_set_contents(file, text, -1, NULL));
	g_assert_true(g_spawn_command_line_sync(command, &said, &complaints, &status, NULL));
	unlink(file);
	if (status)
		g_test_message("%s%s", said, complaints);
	g_assert_cmpint(status, ==, 0);
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                         \
	g_test_add("/rack-events/" #name, struct fixture, NULL, open_fixture, test_##name, \
			close_fixture)
	TEST(events_come_as_they_happen);
	TEST(who_comes_back_goes_on);
	TEST(a_past_may_be_all);
	TEST(what_is_lost_is_told);
	TEST(a_long_past_is_cut_short);
	TEST(nobody_is_told_after_leaving);
	TEST(metrics_have_what_is_known);
	TEST(promtool_likes_them);
	return g_test_run();
}
