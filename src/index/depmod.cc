// SPDX-License-Identifier: GPL-2.0-only
// The list of steps. The modules are read by all CPUs, and so are the files made: the largest
// first, each by one thread. Nothing is put in place before everything has been written.
#include "index/depmod.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "host/file.h"
#include "host/output_folder.h"
#include "host/parallel.h"
#include "index/depmod_output.h"

namespace ring3::index {
namespace {

constexpr unsigned kMostThreads = 8;

// In the order of kmod.
const std::vector<std::string> kFiles = {
    "modules.dep",         "modules.dep.bin",           "modules.alias",   "modules.alias.bin",
    "modules.softdep",     "modules.weakdep",           "modules.symbols", "modules.symbols.bin",
    "modules.builtin.bin", "modules.builtin.alias.bin", "modules.devname"};

unsigned threads_for(size_t jobs) {
  return static_cast<unsigned>(
      std::max<size_t>(1, std::min<size_t>({jobs, kMostThreads, host::usable_cpus()})));
}

void show(const DepmodNotes& notes, DepmodLog& log) {
  for (const DepmodNotes::Note& note : notes.notes)
    note.error ? log.error(note.text) : log.warning(note.text);
}

void print_texts(const DepmodInput& input, const DepmodOptions& options, DepmodLog& log) {
  DepmodNotes notes;
  options.print(make_dep(input, false, notes).text);
  options.print(make_aliases(input));
  options.print(make_softdeps(input));
  options.print(make_weakdeps(input));
  options.print(make_symbols(input, false, notes).text);
  options.print(make_devnames(input, notes));
  show(notes, log);
}

Result<void> write_files(const DepmodInput& input, const std::string& folder, DepmodLog& log) {
  using Write = std::function<void(const char* name, std::string_view content)>;
  using Job = void (*)(const DepmodInput&, const Write&, DepmodNotes&);
  static constexpr Job kJobs[] = {
      [](const DepmodInput& input, const Write& write, DepmodNotes& notes) {
        write("modules.alias.bin", make_alias_trie(input, notes));
      },
      [](const DepmodInput& input, const Write& write, DepmodNotes& notes) {
        DepmodFile file = make_symbols(input, true, notes);
        write("modules.symbols", file.text);
        write("modules.symbols.bin", file.trie);
      },
      [](const DepmodInput& input, const Write& write, DepmodNotes& notes) {
        DepmodFile file = make_dep(input, true, notes);
        write("modules.dep", file.text);
        write("modules.dep.bin", file.trie);
      },
      [](const DepmodInput& input, const Write& write, DepmodNotes& notes) {
        write("modules.alias", make_aliases(input));
        write("modules.softdep", make_softdeps(input));
        write("modules.weakdep", make_weakdeps(input));
        write("modules.builtin.bin", make_builtin_trie(input, notes));
        write("modules.builtin.alias.bin", make_builtin_alias_trie(input, notes));
        write("modules.devname", make_devnames(input, notes));
      },
  };
  constexpr size_t kCount = std::size(kJobs);

  host::OutputFolder output;
  TRY(host::make_folders(folder));
  TRY(output.open(folder));
  DepmodNotes notes[kCount];
  Result<void> written[kCount];
  std::atomic<size_t> next = 0;
  host::run_parallel(threads_for(kCount), [&](unsigned) {
    for (size_t i = next++; i < kCount; i = next++) {
      auto write = [&](const char* name, std::string_view content) {
        if (written[i]) written[i] = output.write(name, content);
      };
      kJobs[i](input, write, notes[i]);
    }
  });
  for (const DepmodNotes& of : notes) show(of, log);
  for (Result<void>& result : written) TRY(std::move(result));
  return output.put_in_place(kFiles);
}

}  // namespace

Result<void> run_depmod(const DepmodOptions& options, DepmodLog& log) {
  const std::string& out = options.output_folder.empty() ? options.folder : options.output_folder;
  DepmodConfig config = DepmodConfig::load(options.config_paths, options.version, log);
  if (options.quick) {
    // Nothing would be written, so nothing is looked at (kmod's way).
    if (options.dry_run) return {};
    auto newer = newer_than_dep(options.folder, out + "/modules.dep");
    if (newer && !*newer) return {};
  }

  Symbols symbols(options.symbol_prefix);
  if (!options.symvers.empty())
    TRY(symbols.add_symvers(options.symvers, log));
  else if (!options.system_map.empty())
    TRY(symbols.add_system_map(options.system_map, log));

  ModuleTree tree(options.folder, config, threads_for(kMostThreads), log);
  // With -A all modules count once one is newer, whatever files are named.
  bool all = options.files.empty() || options.quick;
  if (all) {
    Result<void> found = tree.find_all();
    if (!found)
      return Error{found.error().code,
                   fmt::format("could not search modules: {}", std::strerror(found.error().code))};
  }
  if (!all)
    for (const std::string& file : options.files) tree.add(file);
  tree.sort();

  bool unknown = options.error_symbols && (!options.symvers.empty() || !options.system_map.empty());
  Contents contents(tree.modules(), unknown, threads_for(tree.modules().size()));
  for (const Contents::Module& module : contents.modules())
    if (!module.problem.empty()) log.error(module.problem);
  symbols.add_modules(contents);
  DependencyChecks checks{unknown, !options.symvers.empty(), options.verbose};
  Dependencies dependencies(tree.modules(), contents, symbols, checks, log);
  TRY(dependencies.sort(log));

  DepmodInput input{tree.modules(), contents,       symbols,
                    dependencies,   options.folder, options.warn_duplicates};
  if (!options.dry_run) return write_files(input, out, log);
  print_texts(input, options, log);
  return {};
}

}  // namespace ring3::index
