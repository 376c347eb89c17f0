/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* spicerack-usbprobe: what a node sees of a USB device, from the node's side. */
#include <getopt.h>
#include <glib.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tools/usbprobe/checks.h"
#include "tools/usbprobe/choice.h"
#include "tools/usbprobe/fetch.h"
#include "tools/usbprobe/print.h"
#include "tools/usbprobe/watch.h"

#define MAIN_WAIT_MAX 3600 /* seconds */

enum main_exit {
	EXIT_GOOD,
	EXIT_WRONG,
	EXIT_USAGE,
	EXIT_NO_DEVICE,
};

struct options {
	struct choice choice;
	struct fetch_options fetch;
	unsigned int expect;
	bool json, verbose, watch;
};

static void main_help(void)
{
	puts("Usage: spicerack-usbprobe [OPTIONS]\n"
	     "Prints and checks what this machine sees of a USB device. Without a choice: of every\n"
	     "device with the console's own identity.\n\n"
	     "  -d, --device VID:PID    devices of that vendor and product (hexadecimal)\n"
	     "  -s, --serial SERIAL     the device with that serial number\n"
	     "  -p, --bus-port PORT     the device in that port, like 1-1.2\n"
	     "  -a, --all               every device but hubs\n"
	     "  -e, --expect WORDS      wrong unless one device has it: keyboard, mouse (relative), pointer\n"
	     "                          (absolute), storage, wake, low, full, high, super (speed)\n"
	     "  -r, --wait-report SECONDS  wait for an input report\n"
	     "  -n, --no-detach         leave HID interfaces to the kernel; reports are not checked\n"
	     "  -w, --watch             print plugging, unplugging and configuring as it happens\n"
	     "  -j, --json              for scripts\n"
	     "  -v, --verbose           the fields of reports too\n"
	     "  -h, --help, -V, --version\n\n"
	     "Exit status: 0 all good, 1 something wrong, 2 usage, 3 no such device");
}

/* --- Probing --- */

struct session {
	const struct options *options;
	json_t *devices;
	GHashTable *serials; /* "VID:PID serial" seen */
	int count, wrong;
	unsigned int found; /* enum expect bits, of all devices together */
};

/* Two of a kind with one serial number: a node takes them for one. */
static void main_check_twins(
		struct session *session, const struct probe *probe, struct findings *findings)
{
	const char *serial = probe->string[PROBE_SERIAL].text;
	char *key;

	if (!*serial)
		return;
	key = g_strdup_printf("%04x:%04x %s", probe->device.vendor, probe->device.product, serial);
	if (g_hash_table_contains(session->serials, key))
		findings_add(findings, FINDING_WRONG, "serial",
				"another device of this vendor and product has the same");
	g_hash_table_add(session->serials, key);
}

static void main_probe(struct session *session, libusb_device *device)
{
	struct probe *probe = g_new0(struct probe, 1);
	struct findings findings;

	findings_init(&findings);
	fetch_place(probe, device);
	fetch_all(probe, device, &session->options->fetch);
	checks_run(probe, &findings);
	session->found |= checks_found(probe);
	main_check_twins(session, probe, &findings);
	if (session->options->json)
		json_array_append_new(session->devices, print_json(probe, &findings));
	else
		print_text(probe, &findings, session->options->verbose);
	session->count++;
	session->wrong += findings.wrong;
	findings_clear(&findings);
	probe_clear(probe);
	g_free(probe);
}

static int main_probe_all(struct session *session, libusb_context *usb)
{
	libusb_device **list;
	ssize_t count = libusb_get_device_list(usb, &list);

	if (count < 0)
		return (int)count;
	for (ssize_t i = 0; i < count && !fetch_interrupted(); i++)
		if (choice_takes(&session->options->choice, list[i]))
			main_probe(session, list[i]);
	libusb_free_device_list(list, 1);
	return 0;
}

/* Keyboard and pointer may be one device or two: what is expected has to be in one of them. */
static json_t *main_missing(struct session *session)
{
	unsigned int missing = session->options->expect & ~session->found;
	json_t *words = json_array();

	for (unsigned int bit = 1; bit <= missing; bit <<= 1) {
		if (!(missing & bit))
			continue;
		json_array_append_new(words, json_string(checks_expect_word(bit)));
		if (!session->options->json)
			printf("WRONG expected: no device with %s\n", checks_expect_word(bit));
		session->wrong++;
	}
	return words;
}

static void main_print_json(const struct session *session, json_t *missing)
{
	json_t *all = json_pack("{s:O, s:O, s:i}", "devices", session->devices, "missing", missing,
			"wrong", session->wrong);

	json_dumpf(all, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(all);
}

static int main_probe_chosen(const struct options *options, libusb_context *usb, int *status)
{
	struct session session = {
			.options = options,
			.devices = json_array(),
			.serials = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
	};
	int error = main_probe_all(&session, usb);
	json_t *missing = error || !session.count ? json_array() : main_missing(&session);

	if (options->json && !error)
		main_print_json(&session, missing);
	*status = session.wrong ? EXIT_WRONG : session.count ? EXIT_GOOD : EXIT_NO_DEVICE;
	if (!error && !session.count)
		fprintf(stderr, "spicerack-usbprobe: no such device; lsusb lists what is there\n");
	json_decref(missing);
	json_decref(session.devices);
	g_hash_table_unref(session.serials);
	return error;
}

/* --- Command line --- */

static int main_wrong(const char *what)
{
	fprintf(stderr, "spicerack-usbprobe: %s; try --help\n", what);
	return EXIT_USAGE;
}

static bool main_seconds(const char *text, int *seconds)
{
	gint64 value;

	if (!g_ascii_string_to_signed(text, 10, 1, MAIN_WAIT_MAX, &value, NULL))
		return false;
	*seconds = (int)value;
	return true;
}

/* Returns -1 to go on, or the exit status. */
static int main_options(struct options *options, int argc, char **argv)
{
	static const struct option known[] = {
			{"device", required_argument, NULL, 'd'},
			{"serial", required_argument, NULL, 's'},
			{"bus-port", required_argument, NULL, 'p'},
			{"all", no_argument, NULL, 'a'},
			{"expect", required_argument, NULL, 'e'},
			{"wait-report", required_argument, NULL, 'r'},
			{"no-detach", no_argument, NULL, 'n'},
			{"watch", no_argument, NULL, 'w'},
			{"json", no_argument, NULL, 'j'},
			{"verbose", no_argument, NULL, 'v'},
			{"help", no_argument, NULL, 'h'},
			{"version", no_argument, NULL, 'V'},
			{0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "d:s:p:ae:r:nwjvhV", known, NULL)) != -1) {
		switch (option) {
		case 'd':
			if (!choice_id(&options->choice, optarg))
				return main_wrong("--device wants VID:PID, like 1d6b:0104");
			break;
		case 's':
			options->choice.serial = optarg;
			break;
		case 'p':
			options->choice.port = optarg;
			break;
		case 'a':
			options->choice.all = true;
			break;
		case 'e':
			if (!checks_expect(optarg, &options->expect))
				return main_wrong(
						"--expect wants words of the list in --help, with "
						"commas between");
			break;
		case 'r':
			if (!main_seconds(optarg, &options->fetch.wait))
				return main_wrong("--wait-report wants seconds, 1 to 3600");
			break;
		case 'n':
			options->fetch.detach = false;
			break;
		case 'w':
			options->watch = true;
			break;
		case 'j':
			options->json = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		case 'h':
			main_help();
			return EXIT_GOOD;
		case 'V':
			puts("spicerack-usbprobe " PACKAGE_VERSION);
			return EXIT_GOOD;
		default:
			return main_wrong("wrong option");
		}
	}
	if (optind < argc)
		return main_wrong("only options are taken");
	choice_default(&options->choice);
	return -1;
}

/* The kernel's drivers get their interfaces back before a signal ends the program. */
static void main_hold_signals(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGINT);
	sigaddset(&held, SIGTERM);
	sigprocmask(SIG_BLOCK, &held, before);
}

int main(int argc, char **argv)
{
	struct options options = {.fetch.detach = true};
	libusb_context *usb = NULL;
	sigset_t before;
	int status, error;

	setvbuf(stdout, NULL, _IOLBF, 0);
	status = main_options(&options, argc, argv);
	if (status >= 0)
		return status;
	main_hold_signals(&before);
	status = EXIT_GOOD;
	error = libusb_init(&usb);
	if (!error)
		error = options.watch ? watch_run(usb, &options.choice, options.json)
				      : main_probe_chosen(&options, usb, &status);
	if (usb)
		libusb_exit(usb);
	if (error) {
		fprintf(stderr, "spicerack-usbprobe: %s\n", libusb_strerror(error));
		return EXIT_WRONG;
	}
	if (!options.watch)
		sigprocmask(SIG_SETMASK, &before, NULL);
	return status;
}
