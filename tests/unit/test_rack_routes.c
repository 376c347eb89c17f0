/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <curl/curl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "src/power.h"
#include "tests/unit/rack_api_rig.h"

/* The answer of a request that must be good. */
static json_t *ask(struct fixture *f, const char *method, const char *path, const char *body)
{
	struct http_reply *reply = http_stage_ask(&f->stage, method, path, body);
	json_t *json = json_incref(reply->json);

	if (reply->status != 200)
		g_test_message("%s %s: %ld %s", method, path, reply->status, reply->body);
	g_assert_cmpint(reply->status, ==, 200);
	http_reply_free(reply);
	return json;
}

/* That what the path of members leads to is this JSON. */
static void shows(struct fixture *f, const char *method, const char *path, const char *body,
		const char *members, const char *wanted)
{
	g_auto(GStrv) names = g_strsplit(members, " ", -1);
	json_t *json = ask(f, method, path, body);
	const json_t *at = json;
	g_autofree char *text = NULL;
	char *dumped;

	for (char **name = names; *name && **name; name++)
		at = json_is_array(at) ? json_array_get(at, (size_t)atoi(*name))
				       : json_object_get(at, *name);
	dumped = json_dumps(at, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10));
	text = g_strdup(dumped);
	free(dumped);
	g_strdelimit(text, "\"", '\'');
	g_assert_cmpstr(text, ==, wanted);
	json_decref(json);
}

#define GET(path, members, wanted) shows(f, "GET", path, NULL, members, wanted)
#define REFUSED(method, path, body, status, message) \
	http_stage_error(&f->stage, method, path, body, status, message)

/* --- Storage --- */

static void test_storage_has_many_in_one_answer(struct fixture *f, gconstpointer unused)
{
	const char *path = "/api/v1/storage/r1n01/CPU0_TEMP,r1n01%2FCPU1_TEMP,SELF/INLET,r1n01/"
			   "SPARE,r1n09/X";

	GET(path, "status", "'ok'");
	GET(path, "message", "'200 OK'");
	GET(path, "data r1n01/CPU0_TEMP",
			"{'value':42.5,'unit':'degrees C','state':'ok','age_ms':1000,'crossed':[]}");
	GET(path, "data r1n01/CPU1_TEMP state", "'stale'");
	GET(path, "data r1n01/CPU1_TEMP value", "61.0");
	GET(path, "data SELF/INLET value", "23.25");
	GET(path, "data r1n01/SPARE",
			"{'value':null,'unit':null,'state':'none','age_ms':null,'crossed':[]}");
	GET(path, "data r1n09/X", "null");
	GET("/api/v1/storage/r1n01/P12V", "data r1n01/P12V crossed", "['upper-warning']");
	GET("/api/v1/storage/r1n01/CUPS", "data r1n01/CUPS unit", "'%'");
}

static void test_flat_storage_has_good_values_alone(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/storage/r1n01/CPU0_TEMP,r1n01/CPU1_TEMP,x?flat=true", "data",
			"{'r1n01/CPU0_TEMP':42.5,'r1n01/CPU1_TEMP':null,'x':null}");
}

static void test_storage_takes_patterns(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/storage/*/INLET?flat=true", "data", "{'SELF/INLET':23.25,'r1n02/INLET':null}");
	GET("/api/v1/storage/*CPU%3F_TEMP,SELF/INLET?flat=true", "data",
			"{'SELF/INLET':23.25,'r1n01/CPU0_TEMP':42.5,'r1n01/CPU1_TEMP':null}");
	GET("/api/v1/storage/nothing*", "data", "{}");
	GET("/api/v1/storage/,,", "data", "{}");
}

static void test_too_many_keys_are_refused(struct fixture *f, gconstpointer unused)
{
	g_autofree char *commas = g_strnfill(1100, ',');
	g_autofree char *path = g_strconcat("/api/v1/storage/", commas, NULL);

	REFUSED("GET", path, NULL, 400, "1024 keys at most");
}

/* --- Nodes --- */

static void test_nodes_are_shown(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/nodes", "nodes 0 name", "'r1n01'");
	GET("/api/v1/nodes/r1n01", "state", "'up'");
	GET("/api/v1/nodes/r1n01", "age_ms", "90000");
	GET("/api/v1/nodes/r1n01", "power", "'on'");
	GET("/api/v1/nodes/r1n01", "watts", "210");
	GET("/api/v1/nodes/r1n01", "cap", "300");
	GET("/api/v1/nodes/r1n01", "temperature", "{'sensor':'CPU0_TEMP','value':42.5}");
	GET("/api/v1/nodes/r1n01", "bmc",
			"{'guid':'01020304-0506-0708-090a-0b0c0d0e0f10','manufacturer':19046,"
			"'product':0,'firmware':'2.71'}");
	GET("/api/v1/nodes/r1n01", "traffic", "{'requests':1000,'failures':3,'links':0}");
	GET("/api/v1/nodes/r1n02", "why", "'no answer for 12 s'");
	GET("/api/v1/nodes/r1n02", "watts", "null");
	GET("/api/v1/nodes/r1n02", "temperature", "null");
	GET("/api/v1/nodes/r1n03", "accounted", "null");
	REFUSED("GET", "/api/v1/nodes/r1n09", NULL, 404,
			"there is no node \"r1n09\"; GET /api/v1/nodes lists them");
}

static void test_a_node_has_sensors_and_a_log(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/nodes/r1n01/sensors", "sensors FAN1 value", "5400.0");
	GET("/api/v1/nodes/r1n01/sensors", "sensors FAN1 unit", "'RPM'");
	GET("/api/v1/nodes/SELF/sensors", "sensors INLET state", "'ok'");
	GET("/api/v1/nodes/r1n03/sensors", "sensors", "{}");
	GET("/api/v1/nodes/r1n01/log", "log 0 text", "'too hot'");
	REFUSED("GET", "/api/v1/nodes/x/sensors", NULL, 404,
			"there is no node \"x\"; GET /api/v1/nodes lists them");
}

static void test_power_is_switched_and_answered_when_done(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/nodes/r1n03/power", "power", "'off'");
	shows(f, "PUT", "/api/v1/nodes/r1n03/power", "{\"power\": \"on\"}", "",
			"{'node':'r1n03','done':'on'}");
	shows(f, "PUT", "/api/v1/nodes/r1n01/power", "{\"power\": \"soft\"}", "done", "'soft'");
	g_assert_cmpstr(f->rack->orders->str, ==, "act 2 on; act 0 soft; ");
	REFUSED("PUT", "/api/v1/nodes/r1n01/power", "{\"power\": \"up\"}", 400,
			"power must be on, off, cycle, reset or soft");
}

static void test_power_that_is_refused_says_why(struct fixture *f, gconstpointer unused)
{
	g_autoptr(GError) watts = g_error_new_literal(
			POWER_ERROR, POWER_ERROR_STATE, "it needs 300 W, and 120 W are left");
	g_autoptr(GError) said = g_error_new_literal(
			POWER_ERROR, POWER_ERROR_FAILED, "the BMC says no");
	g_autoptr(GError) silent = g_error_new_literal(
			POWER_ERROR, POWER_ERROR_TIMEOUT, "the BMC does not answer");

	f->rack->failure = watts;
	REFUSED("PUT", "/api/v1/nodes/r1n03/power", "{\"power\": \"on\"}", 409, watts->message);
	f->rack->failure = said;
	REFUSED("PUT", "/api/v1/nodes/r1n03/power", "{\"power\": \"on\"}", 502, said->message);
	f->rack->refusal = silent;
	REFUSED("PUT", "/api/v1/nodes/r1n03/power", "{\"power\": \"on\"}", 504, silent->message);
	REFUSED("POST", "/api/v1/nodes/r1n01/identify", NULL, 504, silent->message);
}

static void test_who_ordered_may_leave_before_it_is_done(struct fixture *f, gconstpointer unused)
{
	int fd = http_client_connect(f->stage.socket);

	f->rack->hangs = true;
	http_client_say(fd, "PUT /api/v1/nodes/r1n01/power HTTP/1.1\r\nHost: x\r\n"
			    "Content-Length: 16\r\n\r\n{\"power\": \"off\"}");
	while (!f->rack->done)
		g_main_context_iteration(NULL, TRUE);
	close(fd);
	http_stage_alive(&f->stage);
	rack_fakes_done(f->rack);
	http_stage_alive(&f->stage);
}

static void test_a_node_is_identified_and_replaced(struct fixture *f, gconstpointer unused)
{
	shows(f, "POST", "/api/v1/nodes/r1n01/identify", NULL, "seconds", "15");
	shows(f, "POST", "/api/v1/nodes/r1n01/identify", "{\"seconds\": 0}", "seconds", "0");
	shows(f, "POST", "/api/v1/nodes/r1n01/replace", NULL, "temperature", "null");
	g_assert_cmpstr(f->rack->orders->str, ==, "identify 0 15; identify 0 0; replaced 0; ");
	GET("/api/v1/storage/r1n01/CPU0_TEMP", "data r1n01/CPU0_TEMP", "null");
}

/* --- Power --- */

static void test_caps_say_why(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/power/caps", "nodes 0",
			"{'node':'r1n01','capped':true,'cap':300,'accepted':true,'operator':null,"
			"'accounted':300,"
			"'account':'limit','why':'it keeps to its limit','class':1,'floor':120,"
			"'ceiling':400,'watts':210,'want':280,'waiting':false}");
	GET("/api/v1/power/caps", "nodes 1 why",
			"'it does not answer, and counts at the most that it may draw'");
	GET("/api/v1/nodes/r1n03/cap", "capped", "false");
}

static void test_a_cap_is_set_within_its_limits(struct fixture *f, gconstpointer unused)
{
	shows(f, "PUT", "/api/v1/nodes/r1n01/cap", "{\"watts\": 200}", "cap", "200");
	shows(f, "PUT", "/api/v1/nodes/r1n01/cap", "{\"watts\": 0}", "cap", "null");
	REFUSED("PUT", "/api/v1/nodes/r1n01/cap", "{\"watts\": 401}", 400,
			"r1n01 takes 120 to 400 W, or 0 for what the budget gives");
	REFUSED("PUT", "/api/v1/nodes/r1n03/cap", "{\"watts\": 200}", 409,
			"r1n03 has no floor and ceiling in the configuration: it is not in the "
			"budget");
	REFUSED("PUT", "/api/v1/nodes/r1n01/cap", "{}", 400, "watts is missing in the body");
	g_assert_cmpstr(f->rack->orders->str, ==, "cap 0 200; cap 0 0; ");
}

static void test_the_budget_is_shown_and_set(struct fixture *f, gconstpointer unused)
{
	const char *path = "/api/v1/power/budget";

	GET(path, "",
			"{'watts':1000,'mode':'guaranteed','unmanaged':100,'accounted':800,"
			"'nodes_accounted':700,'measured':210,'floors':240,'short':false,"
			"'over_seconds':1.5,'worst_over':40,'commands':12,'failures':0,'waiting':0}");
	shows(f, "PUT", path, "{\"watts\": 900}", "watts", "900");
	shows(f, "PUT", path, "{\"mode\": \"reactive\"}", "mode", "'reactive'");
	g_assert_cmpstr(f->rack->orders->str, ==, "budget 900 0; budget 900 1; ");
	REFUSED("PUT", path, "{\"mode\": \"safe\"}", 400,
			"mode must be guaranteed, reactive or off");
	REFUSED("PUT", path, "{}", 400, "watts, mode or both are to be given");
	REFUSED("PUT", path, "{\"watts\": 0}", 400,
			"watts must be a whole number from 1 to 10000000");
	f->rack->power.settings.budget = 0;
	REFUSED("PUT", path, "{\"mode\": \"reactive\"}", 409,
			"there is no budget yet; give its watts too");
}

/* --- Fans --- */

static void test_fans_are_shown_and_set(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/fans", "zones 0",
			"{'name':'rear','duty':55.0,'reason':'fan','about':'b','failsafe':true,"
			"'manual':null,'fans':[{'name':'a','duty':55.0,'rpm':6100,'failed':false,"
			"'fault':null},{'name':'b','duty':55.0,'rpm':0,'failed':true,'fault':null}]}");
	GET("/api/v1/fans", "zones 1 fans 0",
			"{'name':'c','duty':null,'rpm':null,'failed':false,'fault':'no such file'}");
	shows(f, "PUT", "/api/v1/fans/front", "{\"duty\": 60}", "manual", "60.0");
	shows(f, "PUT", "/api/v1/fans/front", "{\"auto\": true}", "manual", "null");
	REFUSED("PUT", "/api/v1/fans/front", "{\"auto\": true, \"duty\": 1}", 400,
			"either a duty is to be given, or auto as true");
	REFUSED("PUT", "/api/v1/fans/front", "{\"duty\": 101}", 400,
			"duty must be a whole number from 0 to 100");
	REFUSED("PUT", "/api/v1/fans/side", "{\"duty\": 60}", 404,
			"there is no zone \"side\"; GET /api/v1/fans lists them");
}

static void test_the_rack_is_shown_whole(struct fixture *f, gconstpointer unused)
{
	GET("/api/v1/rack", "name", "'r1'");
	GET("/api/v1/rack", "budget watts", "1000");
	GET("/api/v1/rack", "nodes 2 name", "'r1n03'");
	GET("/api/v1/rack", "zones 1 name", "'front'");
}

/* Whoever reads, however many: nothing is asked of nodes. */
static void test_two_hundred_may_read_at_once(struct fixture *f, gconstpointer unused)
{
	g_assert_cmpint(http_client_crowd(f->stage.socket, "/api/v1/rack", 200), ==, 200);
	g_assert_cmpint(http_client_crowd(f->stage.socket, "/api/v1/storage/*", 200), ==, 200);
	g_assert_cmpint(http_client_crowd(f->stage.socket, "/metrics", 200), ==, 200);
	g_assert_cmpstr(f->rack->orders->str, ==, "");
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	g_test_init(&argc, &argv, NULL);
	curl_global_init(CURL_GLOBAL_DEFAULT);
#define TEST(name)                                                                         \
	g_test_add("/rack-routes/" #name, struct fixture, NULL, open_fixture, test_##name, \
			close_fixture)
	TEST(storage_has_many_in_one_answer);
	TEST(flat_storage_has_good_values_alone);
	TEST(storage_takes_patterns);
	TEST(too_many_keys_are_refused);
	TEST(nodes_are_shown);
	TEST(a_node_has_sensors_and_a_log);
	TEST(power_is_switched_and_answered_when_done);
	TEST(power_that_is_refused_says_why);
	TEST(who_ordered_may_leave_before_it_is_done);
	TEST(a_node_is_identified_and_replaced);
	TEST(caps_say_why);
	TEST(a_cap_is_set_within_its_limits);
	TEST(the_budget_is_shown_and_set);
	TEST(fans_are_shown_and_set);
	TEST(the_rack_is_shown_whole);
	TEST(two_hundred_may_read_at_once);
	return g_test_run();
}
