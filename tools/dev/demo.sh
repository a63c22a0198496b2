# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# ./dev demo: the modules of examples/, built with their own Makefiles against the kernels' headers,
# in Ring 3, step by step. It needs no root (but for installing), no virtual machine, no kernel image.
install_for build modules demo headers
build_preset release
ring3=build/bin/ring3
failures=0

# build_examples RELEASE: from a copy, so that the sources stay as they are.
build_examples() {
  local example copy
  for example in examples/*/; do
    copy=build/examples/$1/$(basename "$example")
    mkdir -p "$copy"
    cp -u "$example"* "$copy"
    make -s -C "$copy" KDIR="/lib/modules/$1/build" PWD="$PWD/$copy" >"$(log_of "examples-$1")" 2>&1 ||
      { cat "$(log_of "examples-$1")" >&2; fail "make failed in $copy"; }
  done
}

# show STATUS EXPLANATION COMMAND...: says what comes, runs it, and compares its exit status.
show() {
  local wanted=$1 status=0
  printf '\n# %s\n$ %s\n' "$2" "${*:3}"
  shift 2
  "$@" || status=$?
  if [ "$status" -ne "$wanted" ]; then
    failures=$((failures + 1))
    echo "./dev demo: exit status $status instead of $wanted" >&2
  fi
}

for release in $(installed_kernels); do
  step "make -C examples/* KDIR=/lib/modules/$release/build"
  build_examples "$release"
done

step "running them"
first=$(installed_kernels | head -n 1)
last=$(installed_kernels | tail -n 1)
ko=build/examples/$first
show 0 "A module is loaded into a fresh machine, runs, and is removed." $ring3 run "$ko/hello/hello.ko"
show 0 "It takes parameters, as insmod gives them." $ring3 run -t "$ko/hello/hello.ko" name=Ada times=3
show 1 "Its init refuses, and the load fails as it does on Linux." $ring3 run -t "$ko/hello/hello.ko" times=-1
show 0 "One module uses another's functions: loaded in order, removed in reverse." \
  $ring3 run -t "$ko/stack/stack.ko" "$ko/stack/stack_user.ko"
show 3 "A null pointer: an oops with the source line. It ends this process, and nothing else." \
  $ring3 run -t "$ko/broken/broken.ko" what=null
show 3 "BUG() likewise." $ring3 run -t "$ko/broken/broken.ko" what=bug
[ "$first" = "$last" ] ||
  show 0 "The same program runs the module as built for $last." $ring3 run -t "build/examples/$last/hello/hello.ko"

printf '\n'
[ "$failures" = 0 ] || fail "$failures steps did not end as they should"
echo "Read tools/dev/demo.sh for the steps, examples/ for the modules; ring3 run --help for the options."
