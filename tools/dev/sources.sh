# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# Which files are ours to format and to check: tracked or new, not ignored, existing.

tree_files() {
  local file
  git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
    if [ -f "$file" ]; then echo "$file"; fi
  done
}

# C++ of the program and its tests. Modules are C in the kernel's own style and left alone, and the
# bad trees of tests/lint are bad on purpose.
formatted_sources() {
  tree_files '*.cc' '*.h' | grep -Ev '^(examples|tests/modules|tests/user|tests/lint)/' || true
}

# Files that are compiled, so that clang-tidy has a command for them. 
compiled_sources() { formatted_sources | grep -E '^(src|tools|bench)/.*\.cc$' || true; }

shell_scripts() {
  tree_files | while read -r file; do
    case $file in
      *.sh) echo "$file" ;;
      *.*) ;;
      *) if head -c 64 "$file" | head -n 1 | grep -aqE '^#!.*\b(ba|da)?sh\b'; then echo "$file"; fi ;;
    esac
  done
}
