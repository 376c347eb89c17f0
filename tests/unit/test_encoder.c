/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The encoder against the decoder, which shares nothing with it but the tables. */
#include <errno.h>
#include <glib.h>
#include <string.h>
#include "decoder/ajpg_tables.h"
#include "decoder/decoder.h"
#include "decoder/text.h"
#include "sim/encoder.h"

struct fixture {
	struct encoder *encoder;
	struct decoder *decoder;
	struct picture source;
	struct encoder_settings settings;
	struct decoder_result result;
	gsize size; /* of the last stream */
};

static void open_with(struct fixture *f, int width, int height, int chroma, int selector)
{
	*f = (struct fixture){.encoder = encoder_new(), .decoder = decoder_new()};
	g_assert_nonnull(f->encoder);
	g_assert_nonnull(f->decoder);
	g_assert_true(picture_resize(&f->source, width, height));
	f->settings = (struct encoder_settings){chroma, selector, -1, ENCODER_VQ_NONE, false};
}

static void close_fixture(struct fixture *f)
{
	encoder_free(f->encoder);
	decoder_free(f->decoder);
	picture_release(&f->source);
}

static uint32_t *pixel(const struct fixture *f, int x, int y)
{
	return f->source.pixels + (gsize)y * f->source.stride + x;
}

/* Soft colours: what the DCT is made for. */
static void draw_photo(struct fixture *f)
{
	for (int y = 0; y < f->source.height; y++)
		for (int x = 0; x < f->source.width; x++)
			*pixel(f, x, y) =
					(uint32_t)(x * 200 / f->source.width + 30) << 16 |
					(uint32_t)(y * 200 / f->source.height + 30) << 8 |
					(uint32_t)((x + y) * 100 / (f->source.width + f->source.height) +
							80);
}

static void draw_text(struct fixture *f, uint32_t ink)
{
	struct text_style style = {ink, 0x202830, true, 1};

	for (int y = 0; y < f->source.height; y += TEXT_HEIGHT)
		text_draw(&f->source, 0, y,
				"The quick brown fox jumps over the lazy dog 0123456789", &style);
}

static void draw_noise(struct fixture *f)
{
	for (int y = 0; y < f->source.height; y++)
		for (int x = 0; x < f->source.width; x++)
			*pixel(f, x, y) = g_test_rand_int() & 0xffffff;
}

static void decode(struct fixture *f, const uint8_t *stream, enum decoder_codec codec)
{
	struct decoder_frame frame = {
			.data = stream,
			.size = f->size,
			.codec = codec,
			.width = f->source.width,
			.height = f->source.height,
			.chroma = f->settings.chroma,
			.selector = f->settings.selector,
			.second_selector = f->settings.second_selector,
			.studio = f->settings.studio,
	};

	g_assert_nonnull(stream);
	if (!decoder_decode(f->decoder, &frame, &f->result))
		g_error("word %zu of %zu, macroblock %d,%d: %s", f->result.word, f->size / 4,
				f->result.x, f->result.y, decoder_fault_text(f->result.fault));
}

static void send_frame(struct fixture *f, bool full)
{
	const uint8_t *stream = encoder_ajpg(f->encoder, f->source.pixels, f->source.width,
			f->source.height, f->source.stride, &f->settings, full, &f->size);

	decode(f, stream, DECODER_AJPG);
	g_assert_cmpint(f->result.named, ==, encoder_changed(f->encoder));
	g_assert_cmpint(decoder_damage(f->decoder)->count, <=, f->result.named);
}

static void send_jpeg(struct fixture *f)
{
	decode(f,
			encoder_jpeg(f->encoder, f->source.pixels, f->source.width,
					f->source.height, f->source.stride, &f->settings, &f->size),
			DECODER_JPEG);
}

/* Mean square error over all channels. */
static double error(const struct fixture *f)
{
	const struct picture *seen = decoder_picture(f->decoder);
	double sum = 0;

	g_assert_cmpint(seen->width, ==, f->source.width);
	g_assert_cmpint(seen->height, ==, f->source.height);
	for (int y = 0; y < f->source.height; y++) {
		for (int x = 0; x < f->source.width; x++) {
			uint32_t a = *pixel(f, x, y), b = seen->pixels[(gsize)y * seen->stride + x];

			for (int shift = 0; shift <= 16; shift += 8) {
				int difference = (int)(a >> shift & 0xff) -
						 (int)(b >> shift & 0xff);

				sum += difference * difference;
			}
		}
	}
	return sum / (3.0 * f->source.width * f->source.height);
}

/* That many dB of PSNR, or better; 10^(dB/10) without libm. */
static void assert_quality(const struct fixture *f, int decibels)
{
	double ratio = 1;

	for (int i = 0; i < decibels; i++)
		ratio *= 1.2589254;
	g_test_message("mean square error %.3f", error(f));
	g_assert_cmpfloat(error(f), <=, 255.0 * 255.0 / ratio);
}

static void test_quality_grows_with_the_selector(void)
{
	static const int floors[AJPG_SELECTORS] = {30, 30, 31, 31, 32, 33, 35, 37, 38, 39, 41, 43};

	for (int chroma = 420; chroma <= 444; chroma += 24) {
		double former = 1e9;

		for (int selector = 0; selector < AJPG_SELECTORS; selector++) {
			struct fixture f;

			open_with(&f, 320, 240, chroma, selector);
			draw_photo(&f);
			send_frame(&f, false);
			g_assert_true(f.result.key_frame);
			assert_quality(&f, floors[selector]);
			g_assert_cmpfloat(error(&f), <=, former * 1.1 + 0.1);
			former = error(&f);
			close_fixture(&f);
		}
	}
}

static void test_the_finest_selector_keeps_text(void)
{
	struct fixture f;

	open_with(&f, 320, 240, 444, 11);
	draw_text(&f, 0xe0e0e0);
	send_frame(&f, false);
	assert_quality(&f, 42);
	close_fixture(&f);
}

static void test_noise_survives_every_setting(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (int selector = 0; selector < AJPG_SELECTORS; selector++) {
			struct fixture f;

			open_with(&f, 160, 96, chroma, selector);
			draw_noise(&f);
			send_frame(&f, false);
			assert_quality(&f, 5);
			/* Black and white in turns: the largest coefficients there are. */
			for (int y = 0; y < f.source.height; y++)
				for (int x = 0; x < f.source.width; x++)
					*pixel(&f, x, y) = g_test_rand_bit() ? 0xffffff : 0;
			send_frame(&f, false);
			assert_quality(&f, 4);
			close_fixture(&f);
		}
	}
}

static void test_every_size_fits(void)
{
	static const int sizes[][2] = {{1, 1}, {7, 9}, {8, 8}, {15, 17}, {16, 16}, {33, 1}, {1, 33},
			{799, 3}, {250, 186}, {2048, 9}};

	/* So steep a gradient has much colour within two pixels: 4:2:0 halves it. */
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (gsize i = 0; i < G_N_ELEMENTS(sizes); i++) {
			struct fixture f;

			open_with(&f, sizes[i][0], sizes[i][1], chroma, 11);
			draw_photo(&f);
			send_frame(&f, false);
			g_assert_true(f.result.key_frame);
			assert_quality(&f, chroma == 444 ? 40 : 18);
			*pixel(&f, f.source.width - 1, f.source.height - 1) ^= 0x10;
			send_frame(&f, false);
			g_assert_cmpint(encoder_changed(f.encoder), ==, 1);
			assert_quality(&f, chroma == 444 ? 40 : 18);
			close_fixture(&f);
		}
	}
}

static void test_sizes_out_of_range_are_refused(void)
{
	struct fixture f;

	open_with(&f, 2049, 8, 444, 4);
	errno = 0;
	g_assert_null(encoder_ajpg(f.encoder, f.source.pixels, 2049, 8, f.source.stride,
			&f.settings, false, &f.size));
	g_assert_cmpint(errno, ==, EINVAL);
	f.settings.chroma = 420;
	g_assert_nonnull(encoder_ajpg(f.encoder, f.source.pixels, 2049, 8, f.source.stride,
			&f.settings, false, &f.size));
	f.settings.selector = AJPG_SELECTORS;
	g_assert_null(encoder_ajpg(f.encoder, f.source.pixels, 2049, 8, f.source.stride,
			&f.settings, false, &f.size));
	close_fixture(&f);
}

static void test_only_what_changed_is_sent(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		open_with(&f, 250, 186, chroma, 9);
		draw_photo(&f);
		send_frame(&f, false);
		send_frame(&f, false);
		g_assert_cmpint(encoder_changed(f.encoder), ==, 0);
		g_assert_cmpuint(f.size, ==, 8);
		g_assert_false(f.result.key_frame);
		for (int round = 0; round < 20; round++) {
			struct text_style style = {g_test_rand_int() & 0xffffff, 0, false, 1};

			text_draw(&f.source, g_test_rand_int_range(-20, 250),
					g_test_rand_int_range(-20, 186), "Ag", &style);
			send_frame(&f, false);
			g_assert_cmpint(encoder_changed(f.encoder), <=, chroma == 444 ? 16 : 6);
			assert_quality(&f, chroma == 444 ? 36 : 20);
		}
		send_frame(&f, true);
		g_assert_true(f.result.key_frame);
		f.settings.selector = 4;
		send_frame(&f, false);
		g_assert_true(f.result.key_frame);
		close_fixture(&f);
	}
}

/* VQ blocks carry final samples: the colours come back but for the rounding of the colour
 * conversion. */
static void assert_colours_exact(const struct fixture *f)
{
	const struct picture *seen = decoder_picture(f->decoder);

	for (int y = 0; y < f->source.height; y++) {
		for (int x = 0; x < f->source.width; x++) {
			uint32_t a = *pixel(f, x, y), b = seen->pixels[(gsize)y * seen->stride + x];

			for (int shift = 0; shift <= 16; shift += 8)
				g_assert_cmpint(ABS((int)(a >> shift & 0xff) -
								(int)(b >> shift & 0xff)),
						<=, 2);
		}
	}
}

static void test_few_colours_are_exact_as_vq(void)
{
	static const uint32_t colours[] = {0x000000, 0xffffff, 0x12ab34, 0xc01020, 0x3070f0};
	struct fixture f;

	open_with(&f, 320, 200, 444, 0);
	f.settings.vq = ENCODER_VQ_4;
	for (int round = 0; round < 4; round++) {
		for (int y = 0; y < 200; y++)
			for (int x = 0; x < 320; x++)
				*pixel(&f, x, y) = colours
						[(x / 8 * 7 + y / 8 +
								 g_test_rand_int_range(0,
										 1 + (x / 8 + y / 8) % 4)) %
								5];
		send_frame(&f, false);
		assert_colours_exact(&f);
	}
	f.settings.vq = ENCODER_VQ_2;
	draw_text(&f, 0xd0d0d0);
	for (int y = 192; y < 200; y++)
		for (int x = 0; x < 320; x++)
			*pixel(&f, x, y) = 0x445566;
	send_frame(&f, false);
	assert_colours_exact(&f);
	f.settings.studio = true;
	send_frame(&f, false);
	assert_quality(&f, 45);
	close_fixture(&f);
}

static void test_vq_and_dct_share_a_frame(void)
{
	struct fixture f;

	open_with(&f, 320, 200, 444, 11);
	f.settings.vq = ENCODER_VQ_2;
	draw_photo(&f);
	for (int y = 64; y < 128; y++)
		for (int x = 32; x < 200; x++)
			*pixel(&f, x, y) = x / 3 % 2 ? 0xffff00 : 0x0000ff;
	send_frame(&f, false);
	assert_quality(&f, 40);
	close_fixture(&f);
}

static void test_a_second_pass_refines_once(void)
{
	struct fixture f;
	double coarse;

	open_with(&f, 320, 200, 444, 0);
	f.settings.second_selector = 11;
	draw_photo(&f);
	draw_text(&f, 0xffd080);
	send_frame(&f, false);
	coarse = error(&f);
	g_assert_cmpint(encoder_waiting(f.encoder), ==, 40 * 25);
	/* What changes meanwhile is coded coarsely again and refined one frame later. */
	*pixel(&f, 100, 100) = 0xff0000;
	send_frame(&f, false);
	g_assert_cmpint(encoder_waiting(f.encoder), ==, 1);
	send_frame(&f, false);
	g_assert_cmpint(encoder_changed(f.encoder), ==, 1);
	g_assert_cmpint(encoder_waiting(f.encoder), ==, 0);
	g_assert_cmpfloat(error(&f), <, coarse / 10);
	assert_quality(&f, 40);
	send_frame(&f, false);
	g_assert_cmpint(encoder_changed(f.encoder), ==, 0);
	close_fixture(&f);
}

static void test_studio_swing_comes_back(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		struct fixture f;

		open_with(&f, 320, 240, chroma, 10);
		f.settings.studio = true;
		draw_photo(&f);
		send_frame(&f, false);
		assert_quality(&f, 38);
		close_fixture(&f);
	}
}

static void test_jpegs_have_the_engines_tables(void)
{
	for (int chroma = 420; chroma <= 444; chroma += 24) {
		for (int selector = 0; selector < AJPG_SELECTORS; selector++) {
			static const int floors[AJPG_SELECTORS] = {
					30, 30, 31, 31, 32, 33, 35, 37, 38, 39, 41, 43};
			struct fixture f;
			const uint8_t *stream;

			open_with(&f, 321, 241, chroma, selector);
			draw_photo(&f);
			send_jpeg(&f);
			assert_quality(&f, floors[selector]);
			stream = encoder_jpeg(f.encoder, f.source.pixels, 321, 241, f.source.stride,
					&f.settings, &f.size);
			g_assert_cmphex(stream[0], ==, 0xff);
			g_assert_cmphex(stream[1], ==, 0xd8);
			for (gsize at = 2; stream[at + 1] != 0xda;
					at += 2 + (stream[at + 2] << 8 | stream[at + 3])) {
				int table = stream[at + 4];

				g_assert_cmphex(stream[at], ==, 0xff);
				g_assert_cmphex(stream[at + 1], !=, 0xdd);
				for (int i = 0; stream[at + 1] == 0xdb && i < 64; i++)
					g_assert_cmpint(stream[at + 5 + i], ==,
							(table ? ajpg_chroma_steps
							       : ajpg_luma_steps)[selector]
										 [ajpg_zigzag[i]]);
			}
			close_fixture(&f);
		}
	}
}

static void test_a_jpeg_between_leaves_the_stream_alone(void)
{
	struct fixture f;
	gsize size;

	open_with(&f, 320, 240, 444, 8);
	draw_photo(&f);
	send_frame(&f, false);
	g_assert_nonnull(encoder_jpeg(
			f.encoder, f.source.pixels, 320, 240, f.source.stride, &f.settings, &size));
	draw_text(&f, 0xffffff);
	send_frame(&f, false);
	assert_quality(&f, 36);
	close_fixture(&f);
}

struct progress {
	int calls, marked, units;
	uint8_t map[128 * 128];
};

static void count_progress(
		const struct damage *damage, const struct decoder_result *result, void *data)
{
	struct progress *progress = data;

	progress->calls++;
	progress->marked += damage->count;
	for (int i = 0; i < damage->columns * damage->rows; i++) {
		g_assert_false(damage->map[i] && progress->map[i]); /* each is told once */
		progress->map[i] |= damage->map[i];
	}
}

static void test_progress_and_the_rest_make_the_damage(void)
{
	struct progress progress = {0};
	struct fixture f;

	open_with(&f, 512, 512, 444, 7);
	decoder_on_progress(f.decoder, count_progress, &progress);
	for (int i = 0; i < 512 * 512; i++)
		f.source.pixels[i] = i * 0x9e3779b1u & 0xffffff;
	send_frame(&f, true);
	g_assert_true(f.result.resized);
	g_assert_cmpint(progress.calls, ==, 64 * 64 / DECODER_PROGRESS);
	g_assert_cmpint(progress.marked + decoder_damage(f.decoder)->count, ==, 64 * 64);
	progress = (struct progress){0};
	send_frame(&f, true);
	g_assert_cmpint(progress.calls, ==, 0); /* nothing looks different */
	g_assert_cmpint(decoder_damage(f.decoder)->count, ==, 0);
	close_fixture(&f);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/encoder/quality-grows-with-the-selector",
			test_quality_grows_with_the_selector);
	g_test_add_func("/encoder/the-finest-selector-keeps-text",
			test_the_finest_selector_keeps_text);
	g_test_add_func("/encoder/noise-survives-every-setting", test_noise_survives_every_setting);
	g_test_add_func("/encoder/every-size-fits", test_every_size_fits);
	g_test_add_func("/encoder/progress-and-the-rest-make-the-damage",
			test_progress_and_the_rest_make_the_damage);
	g_test_add_func("/encoder/sizes-out-of-range-are-refused",
			test_sizes_out_of_range_are_refused);
	g_test_add_func("/encoder/only-what-changed-is-sent", test_only_what_changed_is_sent);
	g_test_add_func("/encoder/few-colours-are-exact-as-vq", test_few_colours_are_exact_as_vq);
	g_test_add_func("/encoder/vq-and-dct-share-a-frame", test_vq_and_dct_share_a_frame);
	g_test_add_func("/encoder/a-second-pass-refines-once", test_a_second_pass_refines_once);
	g_test_add_func("/encoder/studio-swing-comes-back", test_studio_swing_comes_back);
	g_test_add_func("/encoder/jpegs-have-the-engines-tables",
			test_jpegs_have_the_engines_tables);
	g_test_add_func("/encoder/a-jpeg-between-leaves-the-stream-alone",
			test_a_jpeg_between_leaves_the_stream_alone);
	return g_test_run();
}
