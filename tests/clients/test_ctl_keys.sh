#!/bin/bash
# Keys and texts by spicerackctl, at a real daemon: what is said when, what stops it, and that no secret stays behind.
. "${top_srcdir:-.}/tests/clients/daemon.sh"

# texts COUNT: so many were begun.
texts()
{
	[ "$(grep -c 'event=text.typed .*kind=text' log)" = "$1" ]
}

echo 1..17
says 2 'type TEXT, type - or type --file FILE' "a text is missing" type
says 2 'keys CHORD' "a chord is missing" keys
says 2 'put it in quotes' "two arguments are no text" type one two
says 2 'either a text or --file' "a text and a file are one too many" type --file x one
says 2 '--file does not go with keys' "a file has no chords" keys --file x
says 2 '--layout does not go with status' "a layout goes with nothing else" --layout de status
says 2 'No such file' "a file must be there" type --file nowhere
asks help && grep -q '^  keys ' out && grep -q '^  type ' out
verdict $? "help has both"

: >log
"$console" --simulate --listen 127.0.0.1:0 --socket api.sock >log 2>&1 </dev/null &
pids=$!
waits logged '^api:'
verdict $? "a console runs"
says 1 'did you mean "del"' "a wrong name is told, with a guess" keys ctrl+alt+dell
says 1 'layout "us" lacks "é" \(line 1, column 2\)' "so is what the layout lacks" type 'aé'
asks keys ctrl+alt+del f12 && [ ! -s out ] && [ ! -s err ]
verdict $? "chords are pressed, in silence"
printf 's3cret-one' | timeout 20 "$ctl" --socket api.sock type - >out 2>err && [ ! -s out ] && [ ! -s err ]
verdict $? "standard input is typed"
printf 's3cret-two\n' >file && asks --json type --file file && grep -q '"state":"done".*"total":11,"typed":11' out
verdict $? "so is a file; --json says how much"

head -c 4000 /dev/zero | tr '\0' x >long
"$ctl" --socket api.sock type --file long >long.out 2>long.err </dev/null &
typist=$!
pids="$pids $typist"
waits texts 3
says 1 'already' "one types at a time" type more
kill -TERM $typist
wait $typist
[ $? = 1 ] && grep -qE 'typed [0-9]+ of 4000 characters, then stopped' long.err && asks keys esc
verdict $? "who is stopped says how far it came, and nobody types any more"
! grep -hE 's3cret|xxxx|ctrl|dell' log && logged 'event=text.typed'
verdict $? "nothing of it is in the log"
