# shellcheck shell=bash disable=SC2317 # the check_ functions are called through check
# SPDX-License-Identifier: GPL-2.0-only
# ./dev lint [--all] [FILE...]: format, layers, shell scripts, clang-tidy. clang-tidy is slow, so it
# looks at FILEs, or at what differs from main; --all looks at everything. A file that was found
# clean is not looked at again until it, a header of it or .clang-tidy changes (build/tidy).
# shellcheck source=tools/dev/sources.sh
. tools/dev/sources.sh
install_for build lint

# Sources that differ from the common ancestor with main, and those that include a header that does.
changed_sources() {
  local base='' ref changed pattern
  for ref in origin/main main; do
    base=$(git merge-base HEAD "$ref" 2>/dev/null) && break
  done
  changed=$( { git diff --name-only "${base:-HEAD}"; git ls-files --others --exclude-standard; } | sort -u)
  pattern=$(sed -nE 's|^(src/)?(.*\.h)$|"\2"|p' <<<"$changed" | paste -sd'|')
  compiled_sources | while read -r file; do
    if grep -qxF -- "$file" <<<"$changed" || { [ -n "$pattern" ] && grep -qE -- "$pattern" "$file"; }; then
      echo "$file"
    fi
  done
}

status=0
# check NAME COMMAND...: one line when clean, the findings when not.
check() {
  local name=$1 log
  shift
  log=$(log_of "lint-${name// /-}")
  if "$@" >"$log" 2>&1; then
    echo "ok    $name"
  else
    status=1
    echo "FAIL  $name"
    cat "$log"
  fi
}

check_format() { formatted_sources | xargs -r -d '\n' clang-format --dry-run -Werror; }
check_shell() { shell_scripts | xargs -r -d '\n' shellcheck -x; }
check_tidy() {
  [ -f build/compile_commands.json ] || cmake --preset release || return 1
  printf '%s\n' "$@" | nice xargs -r -d '\n' -n 1 -P "$(nproc)" tools/dev/tidy_one.sh
}

case ${1:-} in
  --all) mapfile -t sources < <(compiled_sources) ;;
  '') mapfile -t sources < <(changed_sources) ;;
  *) sources=("$@") ;;
esac

check format check_format
check layers tools/dev/lint_layers.py
check "shell scripts" check_shell
if [ ${#sources[@]} -eq 0 ]; then
  echo "ok    clang-tidy: nothing differs from main (./dev lint --all looks at everything)"
else
  check "clang-tidy of ${#sources[@]} files" check_tidy "${sources[@]}"
fi
exit "$status"
