/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/ctl_secret.h"
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* What is wrong with it; NULL: nothing. */
static const char *ctl_secret_fault(const char *line)
{
	if (!line || !*line)
		return "its first line is empty";
	return g_utf8_validate(line, -1, NULL) ? NULL : "its first line is not UTF-8";
}

static char *ctl_secret_line(FILE *file)
{
	char *line = NULL, *secret = NULL;
	size_t room = 0;

	setvbuf(file, NULL, _IONBF, 0); /* a buffer would keep it */
	if (getline(&line, &room, file) > 0) {
		line[strcspn(line, "\r\n")] = '\0';
		secret = g_strdup(line);
	}
	if (line)
		explicit_bzero(line, room);
	free(line);
	return secret;
}

/* Standard input, without an echo on a terminal. */
static char *ctl_secret_ask(void)
{
	struct termios before, silent;
	bool terminal = tcgetattr(STDIN_FILENO, &before) == 0;
	char *secret;

	if (terminal) {
		silent = before;
		silent.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
		fputs("Password: ", stderr);
	}
	secret = ctl_secret_line(stdin);
	if (terminal) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
		fputc('\n', stderr);
	}
	return secret;
}

static void ctl_secret_free(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
}

char *ctl_secret_read(const char *path)
{
	bool input = strcmp(path, "-") == 0;
	FILE *file = input ? stdin : fopen(path, "re");
	const char *fault;
	char *secret;

	if (!file) {
		fprintf(stderr, "spicerackctl: %s: %m\n", path);
		return NULL;
	}
	secret = input ? ctl_secret_ask() : ctl_secret_line(file);
	if (!input)
		fclose(file);
	fault = ctl_secret_fault(secret);
	if (!fault)
		return secret;
	fprintf(stderr, "spicerackctl: %s: %s\n", input ? "standard input" : path, fault);
	ctl_secret_free(secret);
	return NULL;
}

void ctl_secret_put(json_t *values, const char *name, char *secret)
{
	json_object_set_new(values, name, json_string(secret));
	ctl_secret_free(secret);
}
