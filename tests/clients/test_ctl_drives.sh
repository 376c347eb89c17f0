#!/bin/bash
# A real daemon with a simulated node: images in and out of its drives by spicerackctl and by curl.
. "${top_srcdir:-.}/tests/clients/daemon.sh"
set -o pipefail
unset SPICERACK_PASSWORD SPICERACK_TOKEN

# shows DRIVE FILTER: the drive as JSON, through jq; true when that is true.
shows()
{
	asks --json drives && jq -e ".drives[] | select(.name == \"$1\") | $2" out >/dev/null
}

# posts PATH BODY: its status is printed, the answer is in out.
posts()
{
	curl -sS --unix-socket api.sock -o out -w '%{http_code}' -d "$2" "http://x/api/v1/drives/$1"
}

if ! command -v jq >/dev/null || ! command -v curl >/dev/null; then
	echo "1..0 # SKIP no jq or no curl"
	exit 0
fi
head -c 300000 /dev/urandom >disk.img
truncate -s 300K cd.iso
printf '\001CD001\001' | dd of=cd.iso bs=1 seek=32768 conv=notrunc status=none
printf '%-32s' 'SHELL DISC' | dd of=cd.iso bs=1 seek=32808 conv=notrunc status=none
printf '\226\0\0\0' | dd of=cd.iso bs=1 seek=32848 conv=notrunc status=none
printf '\0\010' | dd of=cd.iso bs=1 seek=32896 conv=notrunc status=none
printf '[media]\ndrives = cd;disk;cd2\nretry-limit-s = 60\n' >console.conf
"$console" --config console.conf --simulate --listen 127.0.0.1:0 --socket api.sock >log 2>&1 </dev/null &
pid=$!
pids=$pid

echo 1..27
waits logged '^api: on'
verdict $? "a console starts with the drives that its configuration names"
shows cd '.state == "empty" and .kind == "cd" and .source == null' && shows cd2 '.kind == "cd"' &&
	shows disk '.kind == "disk" and .reason == null'
verdict $? "its drives are there, and empty"
asks drives && [ "$(head -n 1 out)" = "ok         nothing is wrong" ] && grep -q '^disk       empty for ' out
verdict $? "and in words"

asks insert cd cd.iso --wait && [ "$(cat out)" = "drive cd: ready $work/cd.iso" ] && [ ! -s err ]
verdict $? "a file is inserted by its name, and waited for"
shows cd '.state == "ready" and .label == "SHELL DISC" and .size == 307200 and .write == "read-only"'
verdict $? "the drive has it then"
asks drives && grep -q '^           CD, 300.0 KiB, read-only, "SHELL DISC"$' out
verdict $? "and in words"
logged "^drive cd: $work/cd.iso: in the drive as a CD, 300.0 KiB, read-only$"
verdict $? "the log has a line for it"
asks --json insert disk disk.img --rw --wait && jq -e '.state == "ready" and .write == "read-write"' out >/dev/null
verdict $? "--json tells the same to programs"
says 1 'disk.img: is in use' "a disk that is written is no other drive's" insert cd2 disk.img --wait
says 2 'password on the command line' "a password on the command line is refused" insert disk http://ann:s3cret@127.0.0.1/x
says 2 'it is insert DRIVE SOURCE' "too few arguments are refused" insert disk
says 2 'what is "now"' "too many are" eject cd now
says 2 '--force does not go with insert' "an option of another command is" insert cd cd.iso --force
says 2 'exclude each other' "--rw and --overlay exclude each other" insert disk disk.img --rw --overlay
says 1 'there is no drive "zip"; there are cd, disk, cd2' "a drive that is not there is said" eject zip
says 1 'as must be auto, cd or disk' "so is a kind" insert cd cd.iso --as zip
says 1 'a CD cannot be written' "so is a CD to be written" insert cd cd.iso --as cd --rw
asks eject cd2
says 1 'nothing is in drive cd2' "and an eject of nothing" eject cd2

asks insert cd2 nowhere.iso --wait
[ $? = 1 ] && grep -q "nowhere.iso: is not there" err && [ ! -s out ]
verdict $? "what cannot be opened is waited for in vain, and said"
asks drives && grep -q '^PROBLEM    drive cd2: is not there' out
verdict $? "it is a problem in the list"

echo s3cret >password
SPICERACK_TOKEN=t0ken asks insert disk "http://127.0.0.1:1/x.iso?key=s3cret" &&
	asks insert disk http://127.0.0.1:1/x.iso --user ann --password-file password &&
	waits shows disk '.state == "opening" and (.reason | test("trying again"))' &&
	! grep -qE 's3cret|t0ken' log out err
verdict $? "a server that is away is tried again, and secrets are shown nowhere"
[ "$(posts disk/insert '{"source":"/x","sauce":1}')" = 400 ] && jq -e '.error.message | test("sauce")' out >/dev/null
verdict $? "curl is told of a mistake in a sentence"
[ "$(posts 1/insert "{\"source\":\"$work/disk.img\",\"as\":\"disk\"}")" = 202 ] && jq -e '.state == "opening"' out >/dev/null
verdict $? "an insert is taken with 202"
[ "$(posts cd/eject '{"force":true}')" = 200 ] && [ "$(posts cd/eject '{}')" = 409 ] && [ "$(posts 7/eject '{}')" = 404 ]
verdict $? "an eject is done with 200, is 409 without an image and 404 without a drive"
curl -sS --unix-socket api.sock http://x/api/v1/openapi.json |
	jq -e '.paths["/api/v1/drives/{drive}/insert"].post.requestBody' >/dev/null
verdict $? "it is in the OpenAPI document"
asks eject 1 --wait && shows disk '.state == "empty" and .reason == "ejected"'
verdict $? "eject waits until it is out"
kill "$pid" && wait "$pid"
verdict $? "the console ends well"
pids=
