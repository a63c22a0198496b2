#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# What is made from the tables of options: help fits a screen, completions are accepted by their
# shells, man pages by man. BIN is the folder of the programs.
set -euo pipefail

bin=$1
status=0
wrong() {
  echo "$*"
  status=1
}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for tool in insmod rmmod lsmod modprobe modinfo dmesg; do
  help=$("$bin/$tool" --help)
  [ "$(wc -l <<<"$help")" -le 24 ] || wrong "$tool --help has more than 24 lines"
  [ "$(wc -L <<<"$help")" -le 80 ] || wrong "$tool --help is wider than 80 columns"
  "$bin/kmod" --man "$tool" >"$folder/$tool.8"
  grep -q '^\.SH OPTIONS' "$folder/$tool.8" || wrong "$tool.8 has no options"
  if command -v groff >/dev/null; then
    complaints=$(groff -man -ww -Tutf8 -z "$folder/$tool.8" 2>&1)
    [ -z "$complaints" ] || wrong "$tool.8: $complaints"
  fi
done
"$bin/kmod" --man static-nodes | grep -q 'tmpfiles' || wrong 'no page for static-nodes'
for shell in bash zsh fish; do
  "$bin/kmod" --completion "$shell" >"$folder/$shell"
  grep -q show-depends "$folder/$shell" || wrong "$shell: no --show-depends"
  ! command -v "$shell" >/dev/null || "$shell" -n "$folder/$shell" || wrong "$shell: syntax"
done
# The completion itself, where it can be asked without a terminal.
answer=$(bash -c '. "$1"; COMP_WORDS=(modprobe --show-d); COMP_CWORD=1; _ring3_modprobe; echo "${COMPREPLY[*]}"' - "$folder/bash")
[ "$answer" = --show-depends ] || wrong "bash completes --show-d to '$answer'"
exit "$status"
