# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev census [--update]: for every installed kernel, what `ring3 api census` says of the
# distribution's own modules, compared with the checked-in figures in tests/census/SERIES.txt.
# A difference, better or worse, is a failure until --update writes the new figures.
install_for build headers image
build_preset release
status=0
for release in $(installed_kernels); do
  series=$(grep -oE '^[0-9]+\.[0-9]+' <<<"$release")
  kept=tests/census/$series.txt
  now=$(log_of "census-$series")
  step "$release"
  build/bin/ring3 api census --kernel "$release" "/lib/modules/$release/kernel" | tee "$now"
  if [ "${1:-}" = --update ]; then
    mkdir -p tests/census
    cp "$now" "$kept"
  elif [ ! -f "$kept" ]; then
    echo "no figures to compare with; ./dev census --update writes $kept"
  else
    diff -u "$kept" "$now" || status=1
  fi
done
exit "$status"
