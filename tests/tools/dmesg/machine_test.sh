#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called through check
# dmesg on a machine: what it shows, clears and follows, and how following ends.
#
#   machine_test.sh BIN CLIENT RELEASE MODULES
set -uo pipefail

bin=$1
client=$2
release=$3
modules=$4
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR RING3_KERNEL=$release RING3_MACHINE=log TZ=UTC LC_ALL=C.UTF-8
work=$XDG_RUNTIME_DIR
failures=0
trap '"$bin/ring3" shutdown --now log >/dev/null 2>&1; rm -rf "$work"' EXIT

# check WHAT COMMAND...: the command succeeds.
check() {
  local what=$1
  shift
  "$@" && return
  echo "FAILED: $what: $*"
  failures=1
}
equal() { [ "$1" = "$2" ] || { printf 'has\n%s\nnot\n%s\n' "$1" "$2"; false; }; }
log() { "$bin/dmesg" "$@"; }
say() { "$client" log write /dev/kmsg "$1"; }
# has FILE TEXT: sooner or later, by a loop that asks and does not guess how long.
has() {
  local tries=3000
  until grep -q "$2" "$1" 2>/dev/null; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.02
  done
}
ended() {
  local tries=3000
  while kill -0 "$1" 2>/dev/null; do
    [ $((tries -= 1)) -gt 0 ] || return 1
    sleep 0.02
  done
}
json() { python3 -c 'import json,sys; print(*[eval(sys.argv[1]) for r in json.load(sys.stdin)["dmesg"]], sep="\n")' "$1"; }

# What is shown.
"$bin/insmod" "$modules/hello.ko"
check 'as a tool of its own' grep -q 'hello: hello, world' <(log)
check 'as a word after ring3' grep -q 'hello: hello, world' <("$bin/ring3" dmesg --machine log)
"$bin/rmmod" hello
check 'the record outlives its module' grep -q 'hello: hello, world' <(log)
log -C
check 'nothing after the clear' equal "$(log)" ''
check 'which a machine keeps' equal "$(log -S)" ''
check 'no records are JSON too' equal "$(log -J | json 'r')" ''
say $'<6>first\n'
say $'<28>second: in\ntwo lines\n'
say $'<11>\x07bell \xc3\xa9 \xff\n'
say 'without a newline'
check 'text' equal "$(log -t)" $'first\nsecond: in\ntwo lines\n\\x07bell é \\xff'
say $'<7>more\n'
check 'decoded' equal "$(log -t -x)" \
  $'user  :info  : first\ndaemon:warn  : second: in\n               two lines\nuser  :err   : \\x07bell é \\xff\nuser  :warn  : without a newline\nuser  :debug : more'
check 'by syslog(2)' equal "$(log -t -S -x)" \
  $'user  :info  : first\ndaemon:warn  : second: in\ndaemon:warn  : two lines\nuser  :err   : \\x07bell é \\xff\nuser  :warn  : without a newline\nuser  :debug : more'
check 'levels' equal "$(log -t -l err+)" $'\\x07bell é \\xff'
check 'facilities' equal "$(log -t -f daemon -p)" $'second: in\ntwo lines'
check 'kernel only' equal "$(log -t -k)" ''
check 'JSON' equal "$(log -J -x | json '(r["fac"], r["pri"], r["msg"])')" \
  $'(\'user\', \'info\', \'first\')\n(\'daemon\', \'warn\', \'second: in\\ntwo lines\')\n(\'user\', \'err\', \'\\x07bell é ÿ\')\n(\'user\', \'warn\', \'without a newline\')\n(\'user\', \'debug\', \'more\')'
check 'the time of day is now' equal "$(log -t --since '10 hours ago' --until '+1h' | wc -l)" 6
check 'not yet' equal "$(log --since +1h)" ''
check '/dev/kmsg' grep -q '^28,[0-9]*,[0-9]*,-;second: in\\x0atwo lines$' <("$client" log cat /dev/kmsg)
check 'a saved one is read back' equal "$("$client" log cat /dev/kmsg >"$work/kmsg" && log -t -K "$work/kmsg" | tail -n 1)" more
check 'read and clear' equal "$(log -t -c | tail -n 1; log)" more

# The console's level.
levels() { "$client" log cat /proc/sys/kernel/printk | cut -f1; }
log -n 3 && check 'level' equal "$(levels)" 3
log -n debug && check 'level by name' equal "$(levels)" 8
log -D && check 'off' equal "$(levels)" 1
log -E && check 'on' equal "$(levels)" 8

# Following: each record as it comes, until a signal comes; the status is the signal's.
"$bin/dmesg" -w -t >"$work/out" &
follower=$!
say $'<6>one\n'
check 'follows' has "$work/out" '^one$'
say $'<6>two\n'
check 'goes on' has "$work/out" '^two$'
kill -TERM "$follower"
wait "$follower"
check 'a signal ends it' equal "$?" 143
"$bin/dmesg" -J -w >"$work/out" &
follower=$!
say $'<6>three\n'
check 'follows in JSON' has "$work/out" '"three"'
kill -TERM "$follower"
wait "$follower"
check 'whole in the end' equal "$(json 'r["msg"]' <"$work/out" | tail -n 1)" three
# Python starts it with SIGINT as a terminal would have it: a shell's background has it ignored.
python3 - "$bin/dmesg" "$work/out" <<'EOF' || { echo 'FAILED: SIGINT'; failures=1; }
import json, signal, subprocess, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
with open(sys.argv[2], "wb") as out:
    follower = subprocess.Popen([sys.argv[1], "-w", "-J"], stdout=out)
while b"three" not in open(sys.argv[2], "rb").read():
    time.sleep(0.02)
follower.send_signal(signal.SIGINT)
status = follower.wait(60)
assert status == -signal.SIGINT, status
assert json.load(open(sys.argv[2]))["dmesg"][-1]["msg"] == "three"
EOF
# Only what is new: nothing before the start.
"$bin/dmesg" -W -t >"$work/out" &
follower=$!
until grep -q new "$work/out"; do say $'<6>new\n'; done
check 'only new ones' equal "$(sort -u "$work/out")" new
kill -TERM "$follower"
wait "$follower"
# The reader goes.
log -C
{ "$bin/dmesg" -w & echo $! >"$work/pid"; wait $!; } | { read -r _; } &
until [ -s "$work/pid" ]; do sleep 0.01; done
say $'<6>for the pipe\n'
check 'a closed pipe ends it, without another record' ended "$(cat "$work/pid")"
# A reader that is too slow hears how much it lost: it stands while more is written than the log holds.
"$bin/dmesg" -w -t >"$work/out" 2>"$work/lost" &
follower=$!
check 'follows' has "$work/out" 'for the pipe'
kill -STOP "$follower"
long=$(printf '%0900d' 0)
for _ in $(seq 340); do say "<6>$long"; done
say $'<6>the last\n'
kill -CONT "$follower"
check 'goes on behind the gap' has "$work/out" 'the last'
check 'lost records are counted' has "$work/lost" '^dmesg: [0-9]* records were lost here'
kill -TERM "$follower"
wait "$follower"
# The machine ends: its last words come, then the end.
"$bin/dmesg" -w -J >"$work/out" &
follower=$!
check 'follows' has "$work/out" 'the last'
"$bin/ring3" shutdown log
wait "$follower"
check 'ends with its machine' equal "$?" 0
check 'last words' equal "$(json 'r["msg"]' <"$work/out" | tail -n 1)" 'reboot: Power down'
exit "$failures"
