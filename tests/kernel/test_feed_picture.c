/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lab's pictures: what a test expects to see must not depend on how it was drawn. */
#include <glib.h>
#include <string.h>
#include "decoder/decoder.h"
#include "sim/encoder.h"
#include "tests/kernel/feed_picture.h"

#define WIDTH  720
#define HEIGHT 400

static void test_a_picture_is_the_same_however_it_was_reached(void)
{
	static const unsigned int numbers[] = {0, 1, 2, 130, 131, 7, 700, 721, 1500};
	g_autofree uint32_t *once = g_new0(uint32_t, WIDTH * HEIGHT);
	g_autofree uint32_t *stepwise = g_new0(uint32_t, WIDTH * HEIGHT);

	for (int scene = 0; scene < FEED_SCENES; scene++) {
		int drawn = -1;

		for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
			memset(once, 0, WIDTH * HEIGHT * sizeof(*once));
			feed_picture(once, WIDTH, HEIGHT, WIDTH, (enum feed_scene)scene, numbers[i],
					-1);
			feed_picture(stepwise, WIDTH, HEIGHT, WIDTH, (enum feed_scene)scene,
					numbers[i], drawn);
			drawn = (int)numbers[i];
			g_assert_cmpmem(once, WIDTH * HEIGHT * sizeof(*once), stepwise,
					WIDTH * HEIGHT * sizeof(*stepwise));
		}
	}
}

static void test_the_number_survives_the_coarsest_compression(void)
{
	static const unsigned int numbers[] = {0, 1, 0xaaaaaa, 0x555555, FEED_NUMBER_MAX};
	g_autofree uint32_t *pixels = g_new0(uint32_t, WIDTH * HEIGHT);
	struct encoder_settings settings = {.selector = 0, .second_selector = -1};
	struct encoder *encoder = encoder_new();
	struct decoder *decoder = decoder_new();

	for (settings.chroma = 420; settings.chroma <= 444; settings.chroma += 24) {
		for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
			struct decoder_frame frame = {
					.codec = DECODER_JPEG, .width = WIDTH, .height = HEIGHT};
			struct decoder_result result;
			const struct picture *picture;
			unsigned int number = 0;

			feed_picture(pixels, WIDTH, HEIGHT, WIDTH, FEED_NOISE, numbers[i], -1);
			frame.data = encoder_jpeg(encoder, pixels, WIDTH, HEIGHT, WIDTH, &settings,
					&frame.size);
			g_assert_nonnull(frame.data);
			g_assert_true(decoder_decode(decoder, &frame, &result));
			picture = decoder_picture(decoder);
			g_assert_true(feed_picture_number(
					picture->pixels, picture->stride, &number));
			g_assert_cmpuint(number, ==, numbers[i]);
		}
	}
	decoder_free(decoder);
	encoder_free(encoder);
}

static void test_no_mark_is_no_number(void)
{
	g_autofree uint32_t *pixels = g_new0(uint32_t, WIDTH * HEIGHT);
	unsigned int number;

	g_assert_false(feed_picture_number(pixels, WIDTH, &number));
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		pixels[i] = 0x808080;
	g_assert_false(feed_picture_number(pixels, WIDTH, &number));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/feed/a_picture_is_the_same_however_it_was_reached",
			test_a_picture_is_the_same_however_it_was_reached);
	g_test_add_func("/feed/the_number_survives_the_coarsest_compression",
			test_the_number_survives_the_coarsest_compression);
	g_test_add_func("/feed/no_mark_is_no_number", test_no_mark_is_no_number);
	return g_test_run();
}
