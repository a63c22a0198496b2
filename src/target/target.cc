// SPDX-License-Identifier: GPL-2.0-only
// Opening a target: the compiled file when it is there, sound and not older than its inputs, else
// everything is read and compiled anew.
#include "target/target.h"

#include <fmt/format.h>

#include "host/file.h"
#include "target/btf_source.h"
#include "target/builtin.h"
#include "target/compile.h"
#include "target/compiled_target.h"
#include "target/identity.h"
#include "target/kernel_tree.h"
#include "target/open.h"

namespace ring3::target {
std::string cache_folder(const std::string& cache_dir) {
  if (!cache_dir.empty()) return cache_dir;
  std::string folder = host::environment("XDG_CACHE_HOME");
  if (!folder.empty()) return folder + "/ring3";
  std::string home = host::environment("HOME");
  return (home.empty() ? "/tmp" : home + "/.cache") + "/ring3";
}

namespace {

// One file per build folder as it was named, so that it is found before anything is read. A link
// that is turned elsewhere (/lib/modules/X/build) has another path behind it, hence another file.
std::string cache_path(const OpenOptions& options, const Places& places) {
  std::string kdir = options.kdir.empty()
                         ? fmt::format("{}/{}/build", places.modules, options.release)
                         : options.kdir;
  kdir = host::absolute_path(kdir);
  uint64_t key = format::hash(as_bytes(kdir), format::hash(as_bytes(options.release)));
  key = format::hash(as_bytes(places.boot), key);
  return fmt::format("{}/target-{:016x}.v{}", cache_folder(options.cache_dir), key,
                     format::kVersion);
}

// sysfs gives its files the time at which somebody looked: what tells one running kernel from
// another is the build id in its notes.
InputState state_of(const std::string& path, const Places& places) {
  host::FileInfo info = host::stat_file(path);
  InputState state{path, info.exists, info.size, static_cast<uint64_t>(info.mtime_ns)};
  if (path == places.running_btf) state.stamp = 0;
  if (path == places.running_notes) {
    auto notes = host::read_file(path, 1 << 20);
    state.stamp = notes ? format::hash(*notes) : 0;
  }
  return state;
}

bool is_current(const CompiledTarget& target, const Places& places) {
  for (const InputState& input : target.inputs())
    if (state_of(input.path, places) != input) return false;
  return true;
}

Result<std::vector<std::byte>> compile(const OpenOptions& options, const Places& places,
                                       Diagnostics& diagnostics) {
  KernelTree tree = TRY(KernelTree::open(places, options.kdir, options.release));

  std::string symvers_path = tree.kdir() + "/Module.symvers";
  auto symvers = tree.read(symvers_path);
  if (!symvers)
    return Error{ENOENT, fmt::format("there is no '{}'; install the package linux-headers-{}, or "
                                     "build that kernel with 'make modules'",
                                     symvers_path, tree.release())};
  auto exports = TRY(parse_symvers(*symvers, symvers_path, diagnostics));

  std::optional<std::string> config_text;
  for (const std::string& path :
       {tree.kdir() + "/.config", tree.kdir() + "/include/config/auto.conf",
        fmt::format("{}/config-{}", places.boot, tree.release())})
    if (!config_text) config_text = tree.read(path);
  if (!config_text)
    return Error{ENOENT, fmt::format("no configuration of {}: neither '{}/.config', nor "
                                     "include/config/auto.conf there, nor '{}/config-{}'; install "
                                     "the package linux-headers-{}",
                                     tree.release(), tree.kdir(), places.boot, tree.release(),
                                     tree.release())};
  Config config(std::move(*config_text));

  std::vector<std::string_view> names;
  for (const SymversLine& line : exports)
    if (line.module == "vmlinux") names.push_back(line.name);
  FoundBtf found = TRY(find_btf(tree, names, diagnostics));
  std::vector<CpuFeature> features = read_cpu_features(tree, config, diagnostics);
  BuiltinModules builtin = builtin_modules(tree, *found.btf, std::move(found.builtin));
  Sources sources{tree.release(),
                  read_vermagic(tree, config, diagnostics),
                  tree.kdir(),
                  found.source,
                  read_banner(tree, config, found.boot_image_version),
                  exports,
                  config,
                  features,
                  builtin,
                  *found.btf,
                  {}};
  for (const std::string& path : tree.inputs()) sources.inputs.push_back(state_of(path, places));
  return compile_target(sources);
}

}  // namespace

Result<std::unique_ptr<Target>> Target::open(const OpenOptions& options, Diagnostics& diagnostics) {
  return open_target(options, host_places(), diagnostics);
}

Result<std::unique_ptr<Target>> open_target(const OpenOptions& options, const Places& places,
                                            Diagnostics& diagnostics) {
  std::string path = cache_path(options, places);
  if (!options.rebuild) {
    if (auto file = host::MappedFile::open(path)) {
      auto cached = CompiledTarget::open(file.take(), path);
      if (!cached) {
        diagnostics.warning(cached.error().text + "; it is made anew");
      } else if (is_current(**cached, places)) {
        return std::unique_ptr<Target>(cached.take());
      }
    }
  }

  std::vector<std::byte> compiled = TRY(compile(options, places, diagnostics));
  auto written = host::write_file_atomically(path, compiled);
  if (written) {
    if (auto file = host::MappedFile::open(path)) {
      auto fresh = CompiledTarget::open(file.take(), path);
      if (fresh) return std::unique_ptr<Target>(fresh.take());
    }
  } else {
    diagnostics.warning(
        fmt::format("{}; the next start reads everything again", written.error().text));
  }
  return std::unique_ptr<Target>(TRY(CompiledTarget::open(std::move(compiled), path)));
}

std::string_view release_of_vermagic(std::string_view vermagic) {
  return vermagic.substr(0, vermagic.find(' '));
}

}  // namespace ring3::target
