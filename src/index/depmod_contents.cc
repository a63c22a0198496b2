// SPDX-License-Identifier: GPL-2.0-only
#include "index/depmod_contents.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>

#include "host/parallel.h"

namespace ring3::index {
namespace {

constexpr std::pair<std::string_view, Tag::Kind> kTags[] = {
    {"alias=", Tag::Alias},
    {"softdep=", Tag::SoftDependency},
    {"weakdep=", Tag::WeakDependency},
};

template <class T>
uint32_t size32(const std::vector<T>& items) {
  return static_cast<uint32_t>(items.size());
}

}  // namespace

Contents::Contents(const std::vector<TreeModule>& modules, bool crcs, unsigned threads)
    : crcs_(crcs), modules_(modules.size()) {
  for (unsigned i = 0; i < threads; i++) shelves_.push_back(std::make_unique<Shelf>());
  constexpr size_t kAtOnce = 8;  // neighbours in modules.order are neighbours on the disk
  std::atomic<size_t> next = 0;
  host::run_parallel(threads, [&](unsigned thread) {
    ModuleFile file;
    while (true) {
      size_t begin = next.fetch_add(kAtOnce), end = std::min(begin + kAtOnce, modules.size());
      for (size_t i = begin; i < end; i++) {
        modules_[i].shelf = thread;
        Result<void> done = read(modules[i], file, *shelves_[thread], modules_[i]);
        if (!done)
          modules_[i].problem =
              fmt::format("failed to load symbols from {}: {}{}{}{}", modules[i].path,
                          std::strerror(done.error().code), " (", done.error().text, ")");
      }
      if (end == modules.size()) return;
    }
  });
}

size_t Contents::tag_count() const {
  size_t count = 0;
  for (const auto& shelf : shelves_) count += shelf->tags.size();
  return count;
}

// A part that is damaged leaves out that part and what comes after it.
Result<void> Contents::read(const TreeModule& from, ModuleFile& file, Shelf& shelf,
                            Module& to) const {
  to.exports = {size32(shelf.exports), size32(shelf.exports)};
  to.imports = {size32(shelf.imports), size32(shelf.imports)};
  to.tags = {size32(shelf.tags), size32(shelf.tags)};
  TRY(file.open(from.path));
  for (std::string_view entry : TRY(file.modinfo())) {
    for (const auto& [prefix, kind] : kTags)
      if (entry.starts_with(prefix))
        shelf.tags.push_back({kind, shelf.texts.copy(entry.substr(prefix.size()))});
  }
  to.tags.end = size32(shelf.tags);
  for (const ModuleFile::Export& symbol : TRY(file.exports(crcs_))) {
    shelf.exports.push_back(shelf.names.add(symbol.name));
    if (crcs_) shelf.export_crcs.push_back(symbol.crc);
  }
  to.exports.end = size32(shelf.exports);
  for (const ModuleFile::Import& symbol : TRY(file.imports(crcs_))) {
    shelf.imports.push_back(shelf.names.add(symbol.name));
    if (!crcs_) continue;
    shelf.import_crcs.push_back(symbol.crc);
    shelf.import_weak.push_back(symbol.weak);
  }
  to.imports.end = size32(shelf.imports);
  return {};
}

}  // namespace ring3::index
