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
# What the shells answer. bash_answer TOOL WORD..., the last one is to be completed; fish_answer LINE.
bash_answer() {
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); "_ring3_$1"; echo "${COMPREPLY[*]}"' - "$folder/bash" "$@"
}
# shellcheck disable=SC2016 # they are fish's
fish_answer() { fish --no-config -c '. $argv[1]; complete -C $argv[2]' "$folder/fish" "$1" 2>/dev/null | cut -f1 | sort | paste -sd ' '; }
answers() {
  local wanted=$1 what=$2
  shift 2
  local answer
  answer=$("$@") || true
  [ "$answer" = "$wanted" ] || wrong "$what: '$answer', not '$wanted'"
}
# A module that exists, for what is completed from lsmod.
mkdir "$folder/bin" "$folder/files"
printf '#!/bin/sh\necho Module\necho abc_one 1 0\necho abc_two 2 0\n' >"$folder/bin/lsmod"
chmod +x "$folder/bin/lsmod"
: >"$folder/files/abc.ko"
export PATH=$folder/bin:$PATH
for tool in insmod rmmod lsmod modprobe modinfo; do
  # Each long option of the help, completed from all but its last letter.
  for option in $("$bin/$tool" --help | grep -oE -- '--[a-z-]+[a-z]' | sort -u); do
    bash_answer "$tool" "${option%?}" | tr ' ' '\n' | grep -x -- "$option" >/dev/null || wrong "bash: $tool does not complete $option"
    grep -q -- "'\*${option}[=\[]" "$folder/zsh" || wrong "zsh: $tool has no $option"
    if command -v fish >/dev/null; then
      fish_answer "$tool ${option%?}" | tr ' ' '\n' | grep -x -- "$option=\?" >/dev/null || wrong "fish: $tool does not complete $option"
    fi
  done
  bash -c '. "$1"; complete -p "$2"' - "$folder/bash" "$tool" | grep "_ring3_$tool" >/dev/null || wrong "bash: $tool is not registered"
done
cd "$folder/files"
answers --show-depends bash bash_answer modprobe --show-d
answers 'abc_one abc_two' 'bash, modules' bash_answer rmmod abc
answers abc.ko 'bash, files' bash_answer insmod ab
answers abc.ko 'bash, the file of an option' bash_answer modprobe -C ab
if command -v fish >/dev/null; then
  answers 'abc_one abc_two' 'fish, modules' fish_answer 'rmmod abc'
  answers abc.ko 'fish, files' fish_answer 'insmod ab'
fi
exit "$status"
