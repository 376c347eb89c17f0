/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tools/rack_sim_plot.h"

#define WIDTH   1000
#define LEFT    80
#define RIGHT   60
#define TOP     56
#define POWER   320 /* height of the upper panel */
#define BETWEEN 36
#define AIR     150
#define BOTTOM  52
#define COLUMNS (WIDTH - LEFT - RIGHT)

#define INK    "#222"
#define FAINT  "#ddd"
#define RED    "#c0392b"
#define BLUE   "#1f5fa8"
#define ORANGE "#d07a00"
#define GREY   "#999"
#define GREEN  "#2e7d4f"

/* A panel's scale: from its bottom up. */
struct panel {
	double top, height, least, most;
};

static double panel_y(const struct panel *panel, double value)
{
	double part = (value - panel->least) / (panel->most - panel->least);

	return panel->top + panel->height * (1 - CLAMP(part, 0, 1));
}

/* 1, 2 or 5 times a power of ten, so that there are so many steps at most. */
static double plot_step(double range, int steps)
{
	double step = 1;

	while (range / step > 10 * steps)
		step *= 10;
	if (range / step <= steps)
		return step;
	if (range / step <= 2 * steps)
		return 2 * step;
	return range / step <= 5 * steps ? 5 * step : 10 * step;
}

/* Decimal points whatever the locale. */
static void plot_number(GString *svg, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(svg, g_ascii_formatd(text, sizeof(text), "%.1f", value));
}

static void plot_line(GString *svg, double x1, double y1, double x2, double y2, const char *style)
{
	g_string_append(svg, "<path d=\"M");
	plot_number(svg, x1);
	g_string_append_c(svg, ' ');
	plot_number(svg, y1);
	g_string_append_c(svg, 'L');
	plot_number(svg, x2);
	g_string_append_c(svg, ' ');
	plot_number(svg, y2);
	g_string_append_printf(svg, "\" %s/>\n", style);
}

static void plot_text(GString *svg, double x, double y, const char *anchor, const char *colour,
		const char *text)
{
	g_autofree char *safe = g_markup_escape_text(text, -1);

	g_string_append(svg, "<text x=\"");
	plot_number(svg, x);
	g_string_append(svg, "\" y=\"");
	plot_number(svg, y);
	g_string_append_printf(
			svg, "\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", anchor, colour, safe);
}

static void plot_scale(GString *svg, const struct panel *panel, const char *unit, bool right)
{
	double step = plot_step(panel->most - panel->least, 8);

	for (int i = 0; panel->least + i * step <= panel->most + step / 100; i++) {
		double value = panel->least + i * step;
		double y = panel_y(panel, value);
		g_autofree char *text = g_strdup_printf("%.0f %s", value, unit);

		if (right) {
			plot_text(svg, WIDTH - RIGHT + 8, y + 4, "start", GREEN, text);
			continue;
		}
		plot_line(svg, LEFT, y, WIDTH - RIGHT, y, "stroke=\"" FAINT "\"");
		plot_text(svg, LEFT - 8, y + 4, "end", INK, text);
	}
}

static void plot_time(GString *svg, const struct panel *panel, double seconds)
{
	bool minutes = seconds > 1200;
	double unit = minutes ? 60 : 1, step = plot_step(seconds / unit, 12);
	double bottom = panel->top + panel->height;

	for (int i = 0; i * step * unit <= seconds; i++) {
		double time = i * step;
		double x = LEFT + COLUMNS * time * unit / seconds;
		g_autofree char *text = g_strdup_printf("%.0f", time);

		plot_line(svg, x, TOP, x, TOP + POWER, "stroke=\"" FAINT "\"");
		plot_line(svg, x, panel->top, x, bottom + 4, "stroke=\"" FAINT "\"");
		plot_text(svg, x, bottom + 18, "middle", INK, text);
	}
	plot_text(svg, LEFT + COLUMNS / 2.0, bottom + 38, "middle", INK,
			minutes ? "time, minutes" : "time, seconds");
}

static double plot_value(const struct rack_sim_point *point, size_t offset)
{
	return G_STRUCT_MEMBER(double, point, offset);
}

/* The highest of what falls into a column: an excess is never hidden. */
static void plot_curve(GString *svg, const struct rack_sim_plot *plot, const struct panel *panel,
		size_t offset, const char *style)
{
	double seconds = plot->points[plot->count - 1].time;
	int last = -1;
	double most = 0;

	g_string_append(svg, "<polyline points=\"");
	for (size_t i = 0; i <= plot->count; i++) {
		int column = i < plot->count ? (int)(COLUMNS * plot->points[i].time / seconds)
					     : COLUMNS + 1;

		if (column != last && last >= 0) {
			plot_number(svg, LEFT + last);
			g_string_append_c(svg, ',');
			plot_number(svg, panel_y(panel, most));
			g_string_append_c(svg, ' ');
		}
		if (i == plot->count)
			break;
		most = column != last ? plot_value(&plot->points[i], offset)
				      : MAX(most, plot_value(&plot->points[i], offset));
		last = column;
	}
	g_string_append_printf(svg, "\" fill=\"none\" stroke-linejoin=\"round\" %s/>\n", style);
}

static void plot_legend(GString *svg, double x, double y, const char *style, const char *colour,
		const char *text)
{
	plot_line(svg, x, y - 4, x + 24, y - 4, style);
	plot_text(svg, x + 30, y, "start", colour, text);
}

static double plot_most(const struct rack_sim_plot *plot)
{
	double most = plot->budget;

	for (size_t i = 0; i < plot->count; i++)
		most = MAX(most, MAX(plot->points[i].power, plot->points[i].demand));
	return most * 1.05;
}

#define POWER_STYLE     "stroke=\"" BLUE "\" stroke-width=\"2\""
#define DEMAND_STYLE    "stroke=\"" GREY "\" stroke-width=\"1\""
#define ACCOUNTED_STYLE "stroke=\"" ORANGE "\" stroke-width=\"3\""
#define BUDGET_STYLE    "stroke=\"" RED "\" stroke-width=\"1.5\" stroke-dasharray=\"8 4\""
#define HOTTEST_STYLE   "stroke=\"" RED "\" stroke-width=\"1.5\""
#define DUTY_STYLE      "stroke=\"" GREEN "\" stroke-width=\"1.5\""

static void plot_power(GString *svg, const struct rack_sim_plot *plot, const struct panel *panel)
{
	g_autofree char *budget = g_strdup_printf("budget, %.0f W", plot->budget);
	double y = panel_y(panel, plot->budget);

	plot_scale(svg, panel, "W", false);
	plot_curve(svg, plot, panel, offsetof(struct rack_sim_point, demand), DEMAND_STYLE);
	plot_curve(svg, plot, panel, offsetof(struct rack_sim_point, accounted), ACCOUNTED_STYLE);
	plot_line(svg, LEFT, y, WIDTH - RIGHT, y, BUDGET_STYLE);
	plot_curve(svg, plot, panel, offsetof(struct rack_sim_point, power), POWER_STYLE);
	plot_legend(svg, LEFT, TOP - 14, POWER_STYLE, INK, "power drawn");
	plot_legend(svg, LEFT + 150, TOP - 14, BUDGET_STYLE, INK, budget);
	plot_legend(svg, LEFT + 340, TOP - 14, ACCOUNTED_STYLE, INK,
			"limits, and ceilings without");
	plot_legend(svg, LEFT + 600, TOP - 14, DEMAND_STYLE, INK, "demand");
}

static void plot_air(GString *svg, const struct rack_sim_plot *plot, const struct panel *heat)
{
	struct panel duty = *heat;

	duty.least = 0;
	duty.most = 100;
	plot_scale(svg, heat, "\302\260C", false);
	plot_scale(svg, &duty, "%", true);
	plot_curve(svg, plot, heat, offsetof(struct rack_sim_point, hottest), HOTTEST_STYLE);
	plot_curve(svg, plot, &duty, offsetof(struct rack_sim_point, duty), DUTY_STYLE);
	plot_legend(svg, LEFT, heat->top - 10, HOTTEST_STYLE, INK, "hottest processor");
	plot_legend(svg, LEFT + 190, heat->top - 10, DUTY_STYLE, INK, "fans' duty");
}

bool rack_sim_plot(const struct rack_sim_plot *plot, const char *file, GError **error)
{
	g_autoptr(GString) svg = g_string_new(NULL);
	struct panel power = {TOP, POWER, 0, plot_most(plot)};
	struct panel heat = {TOP + POWER + BETWEEN, AIR, 20, 100};
	bool air = plot->points[0].hottest > 0;
	const struct panel *last = air ? &heat : &power;
	double height = last->top + last->height + BOTTOM;

	g_string_append_printf(svg,
			"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%.0f\" "
			"viewBox=\"0 0 %d %.0f\" font-family=\"sans-serif\" font-size=\"12\">\n"
			"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
			WIDTH, height, WIDTH, height);
	g_string_append(svg, "<g font-size=\"15\" font-weight=\"bold\">");
	plot_text(svg, LEFT, 22, "start", INK, plot->title);
	g_string_append(svg, "</g>\n");
	plot_time(svg, last, plot->points[plot->count - 1].time);
	plot_power(svg, plot, &power);
	if (air)
		plot_air(svg, plot, &heat);
	g_string_append(svg, "</svg>\n");
	return g_file_set_contents(file, svg->str, (gssize)svg->len, error);
}
