# SPDX-License-Identifier: GPL-2.0-only
# Performs scenarios inside the guest and prints transcripts in the format of
# tests/conformance/README.md. The generated /run sources this file and calls, for each scenario:
#
#   scenario NAME; step 'LINE AS WRITTEN' COMMAND ARGUMENT...; ...; end NAME
#
# Lines that begin with %% are for the harness and stand outside of a transcript.

LIMIT=30 # seconds that one step may take

scenario() {
  dmesg -c >/dev/null
  echo "%%begin $1"
}

# Prints the log lines that came since the last call, raw: <level>text.
kernel_log() { dmesg -r -c; }

step() {
  printf '$ %s\n' "$1"
  shift
  "step_$@"
  rc=$?
  [ $rc = 0 ] || echo "rc=$rc"
  kernel_log
}

# The tools run where the modules lie, so their messages name files without a folder. The outer
# 2>/dev/null drops the shell's own "Killed" when an oops ends the tool.
tool() {
  begin=$(cut -d. -f1 /proc/uptime)
  (cd /modules && exec timeout -s KILL $LIMIT "$@" 2>&1)
  status=$?
  [ $(($(cut -d. -f1 /proc/uptime) - begin)) -lt $LIMIT ] || echo "did not finish within $LIMIT s"
  return $status
} 2>/dev/null

step_insmod() {
  module=$1
  shift
  tool /sbin/insmod "$module.ko" "$@"
}

step_rmmod() { tool /sbin/rmmod "$@"; }

step_sleep() { sleep "$1"; }

# A file's text; a newline is added where the last one is missing.
step_cat() {
  text=$(cat "$1" 2>&1 && echo .)
  status=$?
  text=${text%.}
  printf %s "$text"
  [ -z "$text" ] || [ "${text%
}" != "$text" ] || echo
  return $status
}

# One write of TEXT and a newline. The shell's message is cut down to its reason.
step_write() {
  message=$( (printf '%s\n' "$2" >"$1") 2>&1) && return 0
  echo "write: $1: ${message##*: }"
  return 1
}

# Unloads whatever the scenario left, newest first, by force where it has no exit or is held.
end() {
  echo "%%end $1"
  round=0
  while [ -n "$(cat /proc/modules)" ] && [ $round -lt 3 ]; do
    cut -d' ' -f1 /proc/modules | while read -r name; do
      timeout -s KILL 5 /sbin/rmmod "$name" 2>/dev/null || timeout -s KILL 5 /sbin/rmmod -f "$name" 2>/dev/null
    done
    round=$((round + 1))
  done
  echo "%%left $1" $(cut -d' ' -f1 /proc/modules)
}
