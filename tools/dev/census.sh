# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev census [--update]: for every installed kernel, how far `ring3 api census` comes with the
# distribution's own modules, and which missing symbols most of them want. The figures are compared
# with tests/census/SERIES.txt: a difference, better or worse, is a failure until --update writes the
# new ones. (ctest fails only when a figure slid back.)
install_for build headers image
build_preset release ring3
status=0
for release in $(installed_kernels); do
  series=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$release")
  kept=tests/census/$series.txt
  now=$(log_of "census-$series")
  step "$release"
  build/bin/ring3 api census --kernel "$release" --missing 30 "/lib/modules/$release/kernel" >"$now.all"
  cat "$now.all"
  sed '/^$/,$d' "$now.all" >"$now"
  if [ "${1:-}" = --update ]; then
    cp "$now" "$kept"
  elif [ ! -f "$kept" ]; then
    echo "no figures to compare with; ./dev census --update writes $kept"
  else
    diff -u "$kept" "$now" || status=1
  fi
done
[ "$status" = 0 ] || echo "the figures differ; ./dev census --update keeps the new ones"
exit "$status"
