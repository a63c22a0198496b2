// SPDX-License-Identifier: GPL-2.0-only
#include "target/btf_source.h"

#include <fmt/format.h>

#include "host/file.h"
#include "target/boot_image.h"
#include "target/builtin.h"
#include "target/elf_section.h"
#include "target/probe.h"

namespace ring3::target {
namespace {

using Attempt = Result<FoundBtf>;
using ExportNames = std::vector<std::string_view>;

Attempt absent(const std::string& path) {
  return Error{ENOENT, fmt::format("{}: does not exist", path)};
}

Attempt from_vmlinux(KernelTree& tree, const ExportNames&) {
  std::string path = tree.vmlinux();
  if (!tree.uses(path)) return absent(path);
  auto file = TRY(host::MappedFile::open(path));
  Bytes section = TRY(find_section(file.bytes(), ".BTF", path));
  return FoundBtf{TRY(Btf::parse(section, path)), "vmlinux: " + path, {}, {}};
}

Attempt from_running_kernel(KernelTree& tree, const ExportNames&) {
  const Places& places = tree.places();
  if (tree.release() != places.running_release)
    return Error{ENOENT, fmt::format("{}: the running kernel is {}", places.running_btf,
                                     places.running_release)};
  tree.uses(places.running_notes);
  if (!tree.uses(places.running_btf)) return absent(places.running_btf);
  auto content = TRY(host::read_file(places.running_btf));
  return FoundBtf{TRY(Btf::parse(content, places.running_btf)),
                  "running kernel: " + places.running_btf,
                  {},
                  {}};
}

Attempt from_boot_image(KernelTree& tree, const ExportNames&) {
  std::string path = tree.boot_image();
  if (!tree.uses(path)) return absent(path);
  auto file = TRY(host::MappedFile::open(path));
  BootImage image = TRY(parse_boot_image(file.bytes(), path));
  std::vector<std::byte> kernel = TRY(unpack_boot_image(image, path));
  Bytes section = TRY(find_section(kernel, ".BTF", path));
  FoundBtf found{
      TRY(Btf::parse(section, path)), "boot image: " + path, std::string(image.version), {}};
  found.builtin = names_with_parameters(kernel, *found.btf);
  return found;
}

Attempt from_probe(KernelTree& tree, const ExportNames& exports) {
  std::vector<std::byte> btf = TRY(build_probe(tree, exports));
  return FoundBtf{TRY(Btf::parse(btf, "probe of " + tree.kdir())), "probe: " + tree.kdir(), {}, {}};
}

}  // namespace

Result<FoundBtf> find_btf(KernelTree& tree, const std::vector<std::string_view>& exports,
                          Diagnostics& diagnostics) {
  std::string told;
  for (auto* attempt : {from_vmlinux, from_running_kernel, from_boot_image, from_probe}) {
    Attempt found = attempt(tree, exports);
    if (found) return found;
    if (found.error().code != ENOENT) diagnostics.warning(found.error().text);
    told += (told.empty() ? "" : "; ") + found.error().text;
  }
  return Error{ENOENT, fmt::format("no BTF for {}: install the package linux-image-{}, or "
                                   "linux-headers-{} with dwarves and a compiler ({})",
                                   tree.release(), tree.release(), tree.release(), told)};
}

}  // namespace ring3::target
