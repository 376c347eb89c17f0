/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>
#include "http/server.h"
#include "src/audit.h"
#include "src/events.h"

/* --- A reader of lines, as a log's user would write one --- */

/* Takes a value from the line and leaves what follows in *line. NULL: it is none. */
static char *read_value(const char **line)
{
	GString *value = g_string_new(NULL);
	const char *each = *line;

	if (*each != '"') {
		while (*each && *each != ' ')
			g_string_append_c(value, *each++);
		*line = each;
		return g_string_free(value, FALSE);
	}
	for (each++; *each != '"'; each++) {
		char byte = *each;

		g_assert_true(g_ascii_isprint(byte));
		if (byte == '\\' && each[1] == 'x') {
			byte = (char)(g_ascii_xdigit_value(each[2]) << 4 |
					g_ascii_xdigit_value(each[3]));
			each += 3;
		} else if (byte == '\\') {
			byte = *++each;
		}
		g_string_append_c(value, byte);
	}
	*line = each + 1;
	return g_string_free(value, FALSE);
}

/* The value of a name; fails when a name comes twice, or the line is none. */
static char *find_value(const char *line, const char *wanted)
{
	char *found = NULL;

	while (*line) {
		g_autofree char *name = g_strndup(line, strcspn(line, "= "));
		g_autofree char *value = NULL;

		line += strlen(name);
		g_assert_true(*line == '=');
		line++;
		value = read_value(&line);
		if (strcmp(name, wanted) == 0) {
			g_assert_null(found);
			found = g_steal_pointer(&value);
		}
		g_assert_true(*line == ' ' || *line == '\0');
		line += *line == ' ';
	}
	return found;
}

/* --- Lines --- */

static char *line_of(const char *name, const char *text)
{
	json_t *record = json_pack("{s:s, s:o, s:i}", "event", "viewer.joined", name,
			json_stringn_nocheck(text, strlen(text)), "viewer", 3);
	char *line = audit_line(record);

	json_decref(record);
	return line;
}

static void test_a_line_is_names_and_values(void)
{
	json_t *record = json_pack("{s:s, s:i, s:s, s:b, s:b, s:n, s:s, s:s}", "event",
			"medium.inserted", "viewer", 12, "from", "[2001:db8::1]:4711", "encrypted",
			1, "forced", 0, "nothing", "source", "/srv/a b.iso", "empty", "");
	g_autofree char *line = audit_line(record);

	g_assert_cmpstr(line, ==,
			"event=medium.inserted viewer=12 from=[2001:db8::1]:4711 encrypted=yes forced=no "
			"source=\"/srv/a b.iso\" empty=\"\"");
	json_decref(record);
}

static const char *const nasty[] = {
		"a\naudit: event=power.ordered user=root",
		"a\r\n<0>kernel panic",
		"a\" event=\"x",
		"a\\\" event=x",
		"\\",
		"a event=control.taken",
		"\x1b[2J\x1b]0;title\x07",
		"a=b",
		"\xe2\x80\xa8line separator",
		"\xe2\x80\xaeright to left",
		"\xc2\x85next line",
		"",
		" ",
		"\t",
		"na\xc3\xafve",
		"\\x41",
};

static void test_nothing_ends_a_line_or_a_value(void)
{
	for (size_t i = 0; i < G_N_ELEMENTS(nasty); i++) {
		g_autofree char *line = line_of("user", nasty[i]);
		g_autofree char *user = find_value(line, "user");
		g_autofree char *event = find_value(line, "event");
		g_autofree char *viewer = find_value(line, "viewer");

		g_assert_cmpstr(user, ==, nasty[i]);
		g_assert_cmpstr(event, ==, "viewer.joined");
		g_assert_cmpstr(viewer, ==, "3");
		for (const char *each = line; *each; each++)
			g_assert_true(g_ascii_isprint(*each));
	}
}

static void test_any_bytes_come_back(void)
{
	for (int round = 0; round < 5000; round++) {
		char text[32] = "";
		int length = g_test_rand_int_range(0, sizeof(text));
		g_autofree char *line = NULL, *user = NULL;

		for (int i = 0; i < length; i++)
			text[i] = (char)g_test_rand_int_range(1, 256);
		line = line_of("user", text);
		user = find_value(line, "user");
		g_assert_cmpstr(user, ==, text);
	}
}

/* A journal cuts long lines, and what follows would be another one. */
static void test_a_long_value_is_cut(void)
{
	g_autofree char *text = g_strnfill(60000, 'a'), *line = NULL, *source = NULL;

	memset(text + 1000, '\n', 1000);
	line = line_of("source", text);
	g_assert_cmpuint(strlen(line), <, 4 * AUDIT_VALUE_MAX + 100);
	source = find_value(line, "source");
	g_assert_true(g_str_has_suffix(source, "a..."));
	g_assert_cmpuint(strlen(source), ==, AUDIT_VALUE_MAX + 3);
}

static void test_all_events_have_a_word(void)
{
	for (int i = 0; i < AUDIT_EVENTS; i++) {
		const char *word = audit_event_word((enum audit_event)i);

		g_assert_nonnull(strchr(word, '.'));
		for (int other = 0; other < i; other++)
			g_assert_cmpstr(word, !=, audit_event_word((enum audit_event)other));
	}
}

/* --- Events --- */

static void heard(const struct event *event, void *data)
{
	json_t *copy = json_deep_copy(event->data);
	g_autofree char *line = NULL;

	g_assert_cmpstr(event->type, ==, "audit.written");
	json_object_del(copy, "time");
	line = audit_line(copy);
	g_string_append_printf(data, "%s\n", line);
	json_decref(copy);
}

static void test_each_act_is_one_event(void)
{
	const struct http_request local = {0}, remote = {.peer = "192.0.2.7",
							       .user = "ann\n",
							       .encrypted = true};
	struct events *events = events_new(8);
	struct audit *audit = audit_new(events);
	g_autoptr(GString) said = g_string_new(NULL);
	struct audit_who who;

	events_listen(events, UINT64_MAX, heard, said);
	who = audit_who_asks(&local);
	audit_tell(audit, AUDIT_NODE_WOKEN, &who, NULL);
	who = audit_who_asks(&remote);
	audit_tell(audit, AUDIT_POWER_ORDERED, &who,
			json_pack("{s:s, s:n}", "action", "ForceOff", "boot"));
	who = (struct audit_who){.viewer = 2, .from = "192.0.2.8:99"};
	audit_tell(audit, AUDIT_VIEWER_JOINED, &who, NULL);
	audit_tell(audit, AUDIT_CONTROL_RELEASED, NULL, json_pack("{s:i}", "former", 2));
	audit_tell(NULL, AUDIT_NODE_WOKEN, NULL, json_object());
	g_assert_cmpstr(said->str, ==,
			"event=node.woken from=\"unix socket\" encrypted=no\n"
			"event=power.ordered user=\"ann\\x0a\" from=192.0.2.7 encrypted=yes "
			"action=ForceOff\n"
			"event=viewer.joined viewer=2 from=192.0.2.8:99 encrypted=no\n"
			"event=control.released former=2\n");
	audit_free(audit);
	events_free(events);
}

#define ADD(name) g_test_add_func("/audit/" #name, test_##name)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD(a_line_is_names_and_values);
	ADD(nothing_ends_a_line_or_a_value);
	ADD(any_bytes_come_back);
	ADD(a_long_value_is_cut);
	ADD(all_events_have_a_word);
	ADD(each_act_is_one_event);
	return g_test_run();
}
