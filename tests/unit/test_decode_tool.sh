#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# spicerack-decode as somebody meets it who types: exit status, one line for each fault, pictures all the same.
decode=${top_builddir:-.}/tools/spicerack-decode
vectors=${top_srcdir:-.}/tests/vectors
folder=$(mktemp -d) || exit
trap 'rm -rf "$folder"' EXIT
count=0

# The exit status, and a pattern for what is printed: expect NAME STATUS PATTERN ARGUMENTS...
expect()
{
	local name=$1 status=$2 pattern=$3 output got

	shift 3
	count=$((count + 1))
	output=$("$decode" "$@" 2>&1)
	got=$?
	# shellcheck disable=SC2053
	if [ $got = "$status" ] && [[ $output == $pattern ]]; then
		echo "ok $count - $name"
	else
		printf '%s\n' "exit status $got" "$output" | sed 's/^/# /'
		echo "not ok $count - $name"
	fi
}

# A picture's size, in its second line: expect_size NAME NUMBER SIZE
expect_size()
{
	local size

	count=$((count + 1))
	size=$(head -n 2 "$folder/$2.ppm" 2>/dev/null | tail -n 1)
	[ "$size" = "$3" ] || echo "# '$size', not '$3'"
	[ "$size" = "$3" ] && echo "ok $count - $1" || echo "not ok $count - $1"
}

line()
{
	printf '%s\t%s\t%s\t444\t7\t-1\tfull\n' "$@"
}

good=$vectors/desktop-444
head -c 40 "$good/000.ajpg" >"$folder/cut.ajpg"
line "$good/000.ajpg" 96 64 >"$folder/one"
{ line "$good/000.ajpg" 96 64; line cut.ajpg 96 64; line "$good/001.ajpg" 96 64; } >"$folder/bad-frame"
{ line "$good/000.ajpg" 96 64; line missing.ajpg 96 64; line gone.ajpg 48 32; line cut.ajpg 40 24; } >"$folder/missing"
{ line "$good/000.ajpg" 96 64; line "$good/000.ajpg" 9600 64; } >"$folder/bad-line"

expect "a good sequence prints nothing" 0 "" --list "$good/list"
expect "damage is a line a frame" 0 "$good/000.ajpg"$'\tkey\t96/96\t0,0 96x64' --list "$folder/one" --damage
expect "a frame without changes has no box" 0 $'*\tdelta\t0/96\t-\n*' --list "$good/list" --damage
expect "a bad frame says where" 1 "$folder/cut.ajpg: fault at word 10, macroblock ?,?: data end *" \
	--list "$folder/bad-frame" --output "$folder/%03d.ppm"
expect_size "a picture follows a bad frame" 001 "96 64"
expect_size "the next frame follows" 002 "96 64"
expect "a missing file says why, and the rest follows" 1 \
	"$folder/missing.ajpg: No such file or directory"$'\n'"$folder/gone.ajpg: *"$'\n'"$folder/cut.ajpg: fault *" \
	--list "$folder/missing" --output "$folder/m%03d.ppm"
expect_size "a missing frame keeps the picture" m001 "96 64"
expect_size "a missing frame of another size begins another" m002 "48 32"
expect_size "so does a bad one" m003 "40 24"
expect "a wrong line says where" 1 "*$folder/bad-line:2: *9600*" --list "$folder/bad-line"
expect "a missing list says why" 1 "*$folder/none: No such file or directory" --list "$folder/none"
expect "a picture that cannot be written" 1 "$folder/none/0.ppm: No such file or directory" --list "$folder/one" \
	--output "$folder/none/%d.ppm"
for pattern in plain.ppm %s.ppm %d%d.ppm %n %x.ppm %-3d.ppm '%*d' %ld.ppm %; do
	expect "pattern $pattern is refused" 2 "*--output needs one number*" --list "$folder/one" --output "$pattern"
done
expect "a pattern may have a percent sign" 0 "" --list "$folder/one" --output "$folder/100%%-%2d.ppm"
expect_size "and blanks before the number" "100%- 0" "96 64"
expect "no list is wrong usage" 2 "*--list is missing*" --damage
expect "an unknown option is wrong usage" 2 "*unrecognized option*" --frames
expect "an argument is wrong usage" 2 "*only options*" --list "$folder/one" more
expect "help" 0 "Usage: spicerack-decode --list*" --help
expect "version" 0 "spicerack-decode *" --version
echo "1..$count"
