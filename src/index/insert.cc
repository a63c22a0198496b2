// SPDX-License-Identifier: GPL-2.0-only
#include "index/insert.h"

#include <algorithm>

#include "base/text.h"
#include "elf/view.h"
#include "host/open_file.h"
#include "index/module_file.h"
#include "index/module_names.h"

namespace ring3::index {
namespace {

// What the file begins with, in the words of /sys/module/compression; empty: it is not packed.
std::string_view compression(std::string_view head) {
  if (head.starts_with("\x1f\x8b")) return "gzip";
  if (head.starts_with(std::string_view("\xfd\x37zXZ\0", 6))) return "xz";
  if (head.starts_with("\x28\xb5\x2f\xfd")) return "zstd";
  return "";
}

bool kernel_unpacks(KernelInterface& kernel, std::string_view kind) {
  auto text = kernel.read_file("/sys/module/compression");
  if (!text) return false;
  return std::string_view(*text).substr(0, text->find('\n')) == kind;
}

}  // namespace

Result<void> hide_checks(std::vector<std::byte>& image, InsertFlags flags) {
  elf::View view = TRY(elf::View::parse(image));
  auto header = read_at<Elf64_Ehdr>(image, 0);
  const elf::Section* versions = view.find("__versions");
  if (flags.ignore_modversions && versions && header) {
    // The kernel finds only sections that go to memory.
    uint64_t at = header->e_shoff + uint64_t{versions->index} * sizeof(Elf64_Shdr) +
                  offsetof(Elf64_Shdr, sh_flags);
    uint64_t kept = versions->flags & ~uint64_t{SHF_ALLOC};
    if (slice(image, at, sizeof(kept))) std::memcpy(image.data() + at, &kept, sizeof(kept));
  }
  const elf::Section* modinfo = view.find(".modinfo");
  if (flags.ignore_vermagic && modinfo) {
    constexpr std::string_view kTag = "vermagic=";
    std::string_view text = as_text(modinfo->bytes);
    for (size_t at = 0; at < text.size();) {
      size_t end = std::min(text.find('\0', at), text.size());
      if (text.substr(at, end - at).starts_with(kTag))
        std::memset(image.data() + modinfo->offset + at, 0, end - at);
      at = end + 1;
    }
  }
  return {};
}

Result<void> insert_module(KernelInterface& kernel, const std::string& path,
                           const std::string& args, InsertFlags flags) {
  constexpr size_t kHead = 6;  // what tells every compression apart
  std::string_view packed;
  {
    host::OpenFile file = TRY(host::OpenFile::open(path));
    char head[kHead];
    size_t read = TRY(file.read(head, kHead, 0));
    if (read < kHead) return Error{EINVAL, "'" + path + "' is too short for a module"};
    packed = compression({head, kHead});
    unsigned kernel_flags = (flags.ignore_vermagic ? kIgnoreVermagic : 0u) |
                            (flags.ignore_modversions ? kIgnoreModversions : 0u);
    if (packed.empty() || kernel_unpacks(kernel, packed)) {
      if (!packed.empty()) kernel_flags |= kCompressedFile;
      auto done = kernel.finit_module(file.fd(), args, kernel_flags);
      bool refused = !done && (done.error().code == ENOSYS ||
                               (!packed.empty() && done.error().code == EOPNOTSUPP));
      if (!refused) return done;
    }
  }
  elf::FileBytes file = TRY(elf::read_module_file(path));
  if (flags.ignore_modversions || flags.ignore_vermagic) TRY(hide_checks(file.bytes, flags));
  return kernel.init_module(file.bytes, args);
}

std::string name_in_file(const std::string& path) {
  constexpr std::string_view kTag = "name=";
  ModuleFile file;
  auto opened = file.open(path);
  auto lines = opened ? file.modinfo() : Result<std::span<const std::string_view>>(opened.error());
  if (lines)
    for (std::string_view line : *lines)
      if (line.starts_with(kTag)) return std::string(line.substr(kTag.size()));
  return module_name_of(path);
}

std::vector<std::string> causes(const std::vector<LogLine>& log, const std::string& module) {
  constexpr int kWarning = 4;
  constexpr size_t kMost = 8;
  std::vector<std::string> lines;
  for (const LogLine& line : log) {
    std::string_view text = line.text;
    bool ours = text.starts_with(module + ":") || text.starts_with(module + " ") ||
                text.starts_with("Loading of ") || text.starts_with("module: ") ||
                text.find("'" + module + "'") != std::string_view::npos ||
                text.find(" " + module + ": ") != std::string_view::npos;
    if (line.level > kWarning || !ours || lines.size() == kMost) continue;
    if (std::find(lines.begin(), lines.end(), line.text) == lines.end()) lines.push_back(line.text);
  }
  return lines;
}

}  // namespace ring3::index
