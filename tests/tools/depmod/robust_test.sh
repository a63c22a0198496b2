#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What kmod cannot be compared in. Usage: robust_test.sh OUR_DEPMOD RELEASE
#
#   killed at random 200 times, every index is at each moment a whole one
#   -m, -o, modules packed with gzip, an unwritable folder, circles that touch each other
set -u
ours=$1
release=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
object() { # FILE "EXPORTS" "IMPORTS"
  {
    for name in $2; do
      printf '.section __ksymtab_strings,"aMS",@progbits,1\n.asciz "%s"\n' "$name"
      printf '.section __ksymtab,"a"\n.zero 12\n.text\n.globl %s\n%s:\n' "$name" "$name"
    done
    for name in $3; do printf '.data\n.quad %s\n' "$name"; done
    printf '.section .modinfo,"a"\n.asciz "alias=test:%s"\n' "$(basename "$1")"
  } | as -o "$1" -
}

at=$work/root/mods/$release
mkdir -p "$at/kernel"
object "$at/kernel/a.ko" a ""
object "$at/kernel/b.ko" b a
gzip "$at/kernel/b.ko"
"$ours" -b "$work/root" -m mods -o "$work/out" "$release" 2>/dev/null || fail "-m -o"
printf 'kernel/a.ko:\nkernel/b.ko.gz: kernel/a.ko\n' >"$work/want"
sort "$work/out/mods/$release/modules.dep" | diff "$work/want" - || fail "-m, -o, .ko.gz"
[ ! -e "$at/modules.dep" ] || fail "-o wrote beside the modules"

"$ours" -b "$work/root" -m mods -o "$work/want/x" "$release" 2>"$work/err" && fail "a folder that is a file"
grep -q "FATAL: .*want" "$work/err" || fail "it does not say what cannot be written"

circles=$work/circles/lib/modules/$release
mkdir -p "$circles"
object "$circles/a.ko" a "b c"
object "$circles/b.ko" b a
object "$circles/c.ko" c "a b"
"$ours" -b "$work/circles" "$release" 2>"$work/err" && fail "circles are accepted"
for name in a b c; do
  grep -q "Cycle detected:.* $name ->" "$work/err" || fail "module $name is in a circle and not named"
done
grep -q 'Found 3 modules in dependency cycles!' "$work/err" || fail "the number of modules"
[ ! -e "$circles/modules.dep" ] || fail "indexes were written in spite of circles"

# Two contents that differ, and depmod killed between them.
tree=$work/kill/lib/modules/$release
mkdir -p "$tree"
cp -rs "/lib/modules/$release/kernel/drivers/net" "$tree/net" || fail "no modules of $release"
object "$tree/a.ko" a ""
for state in with without; do
  [ $state = with ] || rm "$tree/a.ko"
  "$ours" -b "$work/kill" "$release" 2>/dev/null || fail "depmod"
  mkdir "$work/$state"
  cp "$tree"/modules.* "$work/$state"
done
for round in $(seq 200); do
  if [ $((round % 2)) = 1 ]; then object "$tree/a.ko" a ""; else rm -f "$tree/a.ko"; fi
  "$ours" -b "$work/kill" "$release" 2>/dev/null &
  child=$!
  sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
  kill -9 $child 2>/dev/null
  wait $child 2>/dev/null
  for file in "$work/with"/modules.*; do
    name=$(basename "$file")
    cmp -s "$file" "$tree/$name" || cmp -s "$work/without/$name" "$tree/$name" ||
      fail "round $round: $name is neither the old nor the new one"
  done
done
echo "ok"
