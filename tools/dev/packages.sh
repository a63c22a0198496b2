# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# The one list of Debian packages, by purpose, and install_for PURPOSE... which installs what is
# missing. apt is not called when nothing is.

declare -A PACKAGES=(
  [build]="g++ cmake ninja-build pkg-config ccache libfmt-dev libcli11-dev nlohmann-json3-dev
    libbpf-dev libdw-dev libelf-dev liblzma-dev libzstd-dev zlib1g-dev libssl-dev libseccomp-dev libgtest-dev libgmock-dev
    libbenchmark-dev"
  [modules]="make gcc libc6-dev xz-utils dwarves"
  [demo]=""
  [test]="clang llvm libclang-rt-14-dev python3 zsh fish qemu-system-x86 busybox-static kmod cpio dash zstd openssl"
  [bench]="kmod"
  [lint]="python3 clang-format clang-tidy shellcheck git"
  [format]="clang-format git"
  [vm]="python3 qemu-system-x86 busybox-static kmod cpio dash"
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The kernels that modules are built for and compared on.
KERNEL_SERIES="6.1 6.12"

# Picks from package names on stdin the newest RELEASE of linux-headers-RELEASE in a series. Flavours
# (cloud, rt) are not what modules are built against here.
newest_release() {
  sed -nE "s/^linux-headers-(${1//./\\.}\.[^-]*(-[0-9]+)?-amd64)\$/\1/p" | sort -V | tail -n 1
}

# The release of a series that counts: the one whose headers are installed (any version will do, a run
# does not upgrade it), else the newest that apt knows.
kernel_release() {
  local release
  release=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "linux-headers-$1.*" 2>/dev/null |
    sed -n 's/^installed //p' | newest_release "$1")
  [ -n "$release" ] || release=$(apt-cache pkgnames linux-headers- | newest_release "$1")
  echo "$release"
}

# kernel_packages KIND...: lines with the linux-KIND-RELEASE that are missing, "headers-6.1" where
# not even apt knows one yet.
kernel_packages() {
  local kind series release
  for series in $KERNEL_SERIES; do
    release=$(kernel_release "$series")
    for kind in "$@"; do
      is_installed "linux-$kind-$release" || echo "linux-$kind-${release:-$series}"
    done
  done
}

# As root, or with sudo. Asked only when there is something to install.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    fail "packages are missing and there is neither root nor sudo to install them: run, as root:
  $*"
  fi
}

apt_get() { as_root apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" </dev/null; }

# install_for PURPOSE...: what the list says for these purposes. `headers` and `image` are the
# kernels'.
install_for() {
  local purpose package missing=() kinds=() kernels=()
  for purpose in "$@"; do
    case $purpose in
      headers | image) kinds+=("$purpose") ;;
      *)
        for package in ${PACKAGES[$purpose]}; do
          is_installed "$package" || missing+=("$package")
        done
        ;;
    esac
  done
  mapfile -t kernels < <(kernel_packages "${kinds[@]}")
  [ ${#missing[@]} -gt 0 ] || [ ${#kernels[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    fail "packages are missing and this machine has no apt-get: ${missing[*]} ${kernels[*]}"
  apt_get update
  mapfile -t kernels < <(kernel_packages "${kinds[@]}") # what is newest may have changed
  for package in "${kernels[@]}"; do
    [ -n "$(apt-cache pkgnames "$package")" ] ||
      fail "apt does not know $package; Debian 12 with its security archive has it (old headers without
their image: remove the headers, and the newest of both are taken)"
  done
  step "installing: ${missing[*]} ${kernels[*]}"
  apt_get install --no-install-recommends -y "${missing[@]}" "${kernels[@]}"
}
