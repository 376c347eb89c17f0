/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once
/* What the viewers' benchmark is made of: roles of its processes, what is measured, the table. */
#include <glib.h>
#include <stdbool.h>
#include <stdio.h>
#include "tools/bench/board.h"

#define BENCH_WIDTH  1920
#define BENCH_HEIGHT 1080
#define BENCH_RATE   30
#define BENCH_ADAPT  10 /* s of scrolling for the server to choose a quality by */

enum setting_server {
	SETTING_DIRECT,
	SETTING_LIBRARY,
	SETTING_USTREAMER, /* the peers */
	SETTING_XSPICE,
	SETTING_X11VNC,
	SETTING_WAYVNC,
};

struct setting {
	const char *name;
	enum setting_server server;
	enum capture_codec codec;
	int chroma;
	int selector; /* 0: what the server asks for */
	int viewers;
	bool tls;
	double rate;  /* Mbit/s; 0: loopback */
	int delay;    /* ms, one way */
	bool more;    /* only with --all */
	bool stopped; /* the last viewer's process stands still from the first phase on */
};

extern const struct setting settings[];
extern const int settings_count;

/* What was measured in a phase with marks; milliseconds. */
struct figures_phase {
	double shown;     /* frames that a viewer showed, the mean */
	double cpu;       /* a frame offered */
	double kilobytes; /* ... to each viewer */
	double median, p95;
};

struct figures {
	bool done;
	char wrong[256]; /* why not */
	struct figures_phase phase[FILM_MARKED], all;
	double resident, anonymous;   /* MB */
	double standing_cpu;          /* ms a frame */
	unsigned long standing_bytes; /* a viewer */
	double still_cpu;             /* per cent */
	unsigned long still_bytes;    /* a viewer */
	int asked, lowest, last;
	bool moving;
};

/* Sums up what the board has. */
void figures_make(const struct board *board, const struct setting *setting, int frames,
		struct figures *out);

/* --- The table --- */

void table_head(int frames);
void table_setting(const struct setting *setting, const struct figures *figures,
		const struct figures *plain, int frames);
/* all: by the order of settings. */
void table_goals(const struct figures *all, int frames);

/* --- What a process of this program that was started with the word does --- */

int watch_main(int argc, char **argv); /* --watch BOARD VIEWER ADDRESS [AUTHORITY] */
int http_main(int argc, char **argv);  /* --http BOARD VIEWER ADDRESS */
int feed_main(int argc, char **argv);  /* --feed FILM BOARD PIPE */

/* --- Running --- */

struct bench {
	const char *const *under; /* what the measured process runs under; NULL: nothing */
	char *folder;             /* for what a run writes */
	struct film *film;
	struct board *board;
	int board_fd;
	int frames;
};

/* Another program of the benchmark, beside this one; NULL: it was not built. */
char *bench_program(const char *name);

/* Starts a process of this program in a role. */
pid_t bench_start(const struct bench *bench, const char *role, bool film, const char *const *words);

/* Waits until the condition holds, or so many milliseconds, or something is wrong. */
bool bench_wait(const struct bench *bench, volatile int *condition, int least, int ms);

/* The first thing that went wrong anywhere; NULL: nothing. */
const char *bench_wrong(const struct bench *bench);

/* A console of ours, its viewers and the film, by the board. */
void bench_serve(struct bench *bench, const struct setting *setting);

/* Measures the peers' settings. */
void peers_run(struct bench *bench, const struct setting *setting, struct figures *out);

/* Prints instructions a frame; returns the exit status. */
int callgrind_run(struct bench *bench, const struct setting *setting);

/* Writes the server's configuration; returns its path, which the caller frees. */
char *bench_configure(const struct bench *bench, const struct setting *setting);
