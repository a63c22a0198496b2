# shellcheck shell=dash disable=SC2034,SC2145 # fields that read skips; step_X names a function
# SPDX-License-Identifier: GPL-2.0-only
# Performs scenarios inside the guest and prints transcripts in the format of
# tests/conformance/README.md. The generated /run sources this file and calls, for each scenario:
#
#   scenario NAME; step 'LINE AS WRITTEN' COMMAND ARGUMENT...; ...; end NAME  (or: end_crash NAME)
#
# Lines that begin with %% are for the harness and stand outside of a transcript.

scenario() {
  # A message without a newline is finished by the next one; /dev/kmsg is such a one.
  echo "<7>next scenario" >/dev/kmsg
  dmesg -c >/dev/null
  echo "%%begin $1"
}

# Prints the log lines that came since the last call, raw: <level>text.
kernel_log() { dmesg -r -c; }

step() {
  printf '$ %s\n' "$1"
  shift
  perform "$@"
  rc=$?
  [ $rc = 0 ] || echo "rc=$rc"
  kernel_log
}

# A command, or one behind a prefix: `start TAG COMMAND...` in the background, `without CAPABILITY
# COMMAND...` in a shell that lacks it.
perform() {
  case $1 in
    start)
      tag=$2
      shift 2
      perform "$@" >"/tmp/job.$tag" 2>&1 &
      eval "job_$tag=$!"
      ;;
    without)
      capability=$2
      shift 2
      call without "$capability" /bin/sh -c '. /steps.sh; perform "$@"' sh "$@"
      ;;
    *) "step_$@" ;;
  esac
}

# What a command that `start` began printed, and its status.
step_join() {
  eval "wait \$job_$1"
  status=$?
  cat "/tmp/job.$1"
  return $status
}

# Kills (SIGKILL) the tool that a command behind `start` runs: the job is a shell that waits for it.
step_kill() {
  job=$(eval echo "\$job_$1")
  for stat in /proc/[0-9]*/stat; do
    read -r pid name state parent rest <"$stat" || continue
    [ "$parent" != "$job" ] || kill -9 "$pid"
  done 2>/dev/null
}

# The tools run where the modules lie, so their messages name files without a folder. The outer
# 2>/dev/null drops the shell's own "Killed" when an oops ends the tool. A step that hangs is noticed
# outside: the harness stops a guest that is silent for too long.
tool() {
  (cd /modules && exec "$@" 2>&1)
} 2>/dev/null

step_insmod() {
  module=$1
  shift
  [ ! -f "/modules/$module.ko.xz" ] || set -- "$module.ko.xz" "$@"
  [ -f "/modules/$module.ko.xz" ] || set -- "$module.ko" "$@"
  tool /sbin/insmod "$@"
}

# The system calls themselves: see guest/call.c.
raw() {
  call=$1 name=$2
  shift 2
  case $name in
    @*:*) name=$name.ko ;;
    @*) ;;
    *) name=$name.ko ;;
  esac
  tool /bin/call "$call" "$name" "$@"
}
step_init_module() { raw init_module "$@"; }
step_finit_module() { raw finit_module "$@"; }
step_delete_module() { tool /bin/call delete_module "$@"; }

# A program that opens a character device: see guest/device.c.
step_device() { tool /bin/device "$@"; }

step_rmmod() { tool /sbin/rmmod "$@"; }

step_sleep() { sleep "$1"; }

# A file's text, or why it cannot be read; a newline is added where the last one is missing.
step_cat() {
  cat "$1" >/tmp/text 2>/tmp/error
  status=$?
  [ ! -s /tmp/text ] || awk '{ print }' /tmp/text
  [ $status = 0 ] || echo "cat: $1: $(sed -n '$s/.*: //p' /tmp/error)"
  return $status
}

# Lines of a file that contain a fixed string.
step_grep() { grep -F -e "$1" "$2"; }

# A folder's entries in the order of their names: mode, name, and where a link leads.
step_ls() {
  [ -d "$1" ] || {
    echo "ls: $1: No such file or directory"
    return 1
  }
  for entry in "$1"/*; do
    [ -e "$entry" ] || [ -L "$entry" ] || continue
    set -- "$(stat -c %A "$entry")" "${entry##*/}"
    [ ! -L "$entry" ] || set -- "$@" "-> $(readlink "$entry")"
    echo "$*"
  done
}

# `echo TEXT >FILE`. In busybox's shell, because dash says "I/O error" for every errno.
step_write() {
  message=$(busybox sh -c 'echo "$1" >"$0"' "$1" "$2" 2>&1) && return 0
  echo "write: $1: ${message##*: }"
  return 1
}

# Unloads whatever the scenario left, newest first, by force where it has no exit or is held.
end() {
  echo "%%end $1"
  for round in 1 2 3; do
    names=
    while read -r name rest; do names="$names $name"; done </proc/modules
    [ -n "$names" ] || return 0
    for name in $names; do
      /sbin/rmmod "$name" 2>/dev/null || /sbin/rmmod -f "$name" 2>/dev/null
    done
  done
  echo "%%left $1$names"
}

# After an oops nothing can be unloaded, and the next scenario brings modules of its own.
end_crash() { echo "%%end $1"; }
