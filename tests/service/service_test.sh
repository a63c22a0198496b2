#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called through check and eventually
# The machine as a service, from its boot to its end, with clients and machines that are killed.
#
#   service_test.sh RING3 CLIENT RELEASE MODULES
set -uo pipefail

ring3=$1
client=$2
release=$3
modules=$4
XDG_RUNTIME_DIR=$(mktemp -d)
export XDG_RUNTIME_DIR RING3_KERNEL=$release
folder=$XDG_RUNTIME_DIR/ring3
failures=0
trap '"$ring3" shutdown --now one >/dev/null 2>&1; "$ring3" shutdown --now default >/dev/null 2>&1; rm -rf "$XDG_RUNTIME_DIR"' EXIT

# check WHAT COMMAND...: the command succeeds.
check() {
  local what=$1
  shift
  "$@" >/dev/null 2>&1 && return
  echo "FAILED: $what: $*"
  failures=1
}
# The command succeeds sooner or later.
eventually() {
  local what=$1 tries=1000
  shift
  while ! "$@" >/dev/null 2>&1; do
    sleep 0.02
    [ $((tries -= 1)) -gt 0 ] && continue
    echo "FAILED: $what: $*"
    failures=1
    return
  done
}
no_machine() { [ "$("$ring3" ps --json)" = '[]' ]; }
# status N COMMAND...: its exit status is N.
status() {
  local expected=$1 result=0
  shift
  timeout 60 "$@" >/dev/null 2>&1 || result=$?
  [ "$result" -eq "$expected" ] && return
  echo "FAILED: status $result, not $expected: $*"
  failures=1
}
ask() { timeout 60 "$client" "$@"; }
says() { ask one dmesg | grep -q "$1"; }
process() { "$ring3" ps --json | python3 -c 'import json,sys; print(json.load(sys.stdin)[0]["process"])'; }
restart() {
  "$ring3" shutdown --now one >/dev/null 2>&1
  check 'boot' "$ring3" boot --quiet --name one
}

# Its place, its life.
check 'boot' "$ring3" boot --name one
check 'socket for the user alone' test "$(stat -c '%a %u' "$folder/one.socket")" = "600 $(id -u)"
check 'folder for the user alone' test "$(stat -c '%a' "$folder")" = 700
status 1 "$ring3" boot --name one
status 1 "$ring3" boot --name ../one
status 0 "$client" one insmod "$modules/hello.ko"
check 'listed' test -n "$(ask one cat /proc/modules)"
status 17 "$client" one insmod-bytes "$modules/hello.ko"
status 0 "$client" one garbage
status 0 "$client" one half
status 0 "$client" one rmmod hello
status 2 "$client" one rmmod hello
check 'log' says 'hello, world'
check 'syslog' test "$(ask one syslog 10 0)" -ge 131072

# A client that is killed in the middle of a call; another one is served meanwhile.
"$client" one insmod "$modules/slow_init.ko" &
sleep 0.1
check 'served meanwhile' ask one cat /proc/modules
kill -9 $!
wait $! 2>/dev/null
check 'served afterwards' ask one cat /proc/modules

# A machine that is killed is found dead, and the next client starts another.
kill -9 "$(process)"
eventually 'ps knows no dead machine' no_machine
status 0 "$client" one insmod "$modules/hello.ko"

# Many starters, one machine.
for _ in 1 2 3 4 5 6; do "$client" default cat /proc/modules & done
for job in $(jobs -p); do wait "$job" || failures=1; done
check 'one machine' test "$("$ring3" ps | grep -c '^default')" = 1
status 0 "$ring3" shutdown default

# An oops kills its client, as Linux would, and nothing else.
restart
status 137 "$client" one insmod "$modules/oops_null_write.ko"
check 'alive after an oops' ask one cat /proc/modules

# System calls that a module makes itself.
sleep 60 &
victim=$!
for what in open socket connect kill fork exec getpid int80; do
  restart
  status 159 "$client" one insmod "$modules/raw_calls.ko" what=$what victim=$victim
  check "named: $what" says 'ring3: module raw_calls made the system call'
done
check 'the victim lives' kill -0 $victim
check 'no file was made' test ! -e /tmp/ring3-raw-calls
kill $victim

# The machine ends, its log stays.
for how in power_off halt restart restart_command emergency panic; do
  restart
  status 99 "$client" one insmod "$modules/ends.ko" how=$how
  check "log after $how" grep -q "ends: $how, pm_power_off is null" "$folder/one.log"
done
restart
check 'a line to follow' ask one insmod "$modules/hello.ko"
ask one follow >"$XDG_RUNTIME_DIR/followed" &
follower=$!
eventually 'the follower reads' test -s "$XDG_RUNTIME_DIR/followed"
check 'shutdown' "$ring3" shutdown one
check 'a follower ends by itself' wait $follower
check 'and has the last words' grep -q 'Power down' "$XDG_RUNTIME_DIR/followed"
eventually 'the socket is gone' test ! -e "$folder/one.socket"
exit $failures
