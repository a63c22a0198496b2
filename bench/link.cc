// SPDX-License-Identifier: GPL-2.0-only
// Measured: linking the largest module of the image (found by its unpacked size; amdgpu on Debian),
// with a resolver that answers every name: the relocation pass alone, and all passes of link.cc
// (memory given back included). Bytes are those of the module's regions in memory.
// Aim: 50 million relocations a second in the pass, so that reading the file costs more than it.
#include <fmt/format.h>

#include <chrono>
#include <unordered_map>

#include "bench_kernel.h"
#include "elf/view.h"
#include "host/file.h"
#include "link/linker.h"
#include "link/module_space.h"

namespace ring3::bench {
namespace {

// Every name has a slot of 16 bytes in module space; answers are remembered, so that only the first
// link pays for making them.
class AnswerAll final : public link::Resolver {
 public:
  AnswerAll() : slots_(link::ModuleSpace::instance().allocate(kSize).take()) {}
  ~AnswerAll() override { link::ModuleSpace::instance().free(slots_, kSize); }
  KernelAddress address(std::string_view name) {
    auto found = names_.find(name);
    if (found == names_.end()) found = names_.emplace(name, names_.size()).first;
    return slots_ + found->second * 16 % kSize;
  }
  Result<KernelAddress> resolve(std::string_view name, bool) override { return address(name); }
  Result<uint64_t> allocate_percpu(uint64_t, uint64_t) override { return uint64_t{0x4000}; }
  void free_percpu(uint64_t, uint64_t) override {}
  void initialise_percpu(uint64_t, std::span<const std::byte>) override {}

 private:
  static constexpr uint64_t kSize = 1 << 20;
  KernelAddress slots_;
  std::unordered_map<std::string_view, uint64_t> names_;  // borrowed from the view
};

class NoLog final : public link::LinkLog {
 public:
  void error(std::string_view) override {}
  void warning(std::string_view) override {}
};

// The file with the most bytes on disk: all modules of a kernel are packed in the same way.
std::string largest_module(const BenchTarget& target) {
  std::string folder = "/lib/modules/" + target.release + "/";
  auto list = host::read_file(folder + "modules.dep");
  std::string largest;
  size_t size = 0;
  std::string_view rest = list ? as_text(*list) : std::string_view();
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    std::string path = folder + std::string(line.substr(0, line.find(':')));
    auto file = host::read_file(path);
    if (!file || file->size() <= size) continue;
    size = file->size();
    largest = path;
  }
  return largest;
}

struct Subject {
  elf::FileBytes file;
  std::optional<elf::View> view;
  std::string name;
  int64_t relocations = 0;
  uint64_t alt_instr_size = 0;
  std::string error;
};

// Read once for all link benchmarks of a kernel: finding it reads every module.
Subject& subject(const BenchTarget& target) {
  static std::unordered_map<std::string, std::unique_ptr<Subject>> kept;
  auto& slot = kept[target.release];
  if (slot) return *slot;
  slot = std::make_unique<Subject>();
  Subject& made = *slot;
  std::string path = largest_module(target);
  if (path.empty()) {
    made.error = target.release + ": no modules; install linux-image-" + target.release;
    return made;
  }
  auto file = elf::read_module_file(path);
  if (!file) {
    made.error = file.error().text;
    return made;
  }
  made.file = file.take();
  auto view = elf::View::parse(made.file.bytes);
  if (!view) {
    made.error = view.error().text;
    return made;
  }
  made.view.emplace(view.take());
  made.name = made.view->name(0);
  for (const elf::Relocations& relocations : made.view->relocations())
    made.relocations += static_cast<int64_t>(relocations.entries.size());
  auto opened = open_target(target);
  if (!opened) {
    made.error = opened.error().text;
    return made;
  }
  made.alt_instr_size = (*opened)->size_of("alt_instr").value_or(0);
  return made;
}

link::LinkOptions options_for(AnswerAll& resolver, const Subject& subject) {
  static constexpr const char* kRegisters[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                               "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                               "r12", "r13", "r14", "r15"};
  link::LinkOptions options;
  options.alt_instr_size = subject.alt_instr_size;
  options.cpu_features = {3 * 32 + 21};  // X86_FEATURE_ALWAYS
  options.return_thunk = resolver.address("__x86_return_thunk");
  options.fentry = resolver.address("__fentry__");
  static std::string thunks[16];  // the resolver borrows names
  for (int i = 0; i < 16; i++) {
    thunks[i] = fmt::format("__x86_indirect_thunk_{}", kRegisters[i]);
    options.indirect_thunks[i] = resolver.address(thunks[i]);
  }
  return options;
}

uint64_t bytes_of(const link::Image& image) {
  uint64_t bytes = 0;
  for (const link::RegionMemory& region : image.regions) bytes += region.size;
  return bytes;
}

void relocate(benchmark::State& state, const BenchTarget& target) {
  Subject& module = subject(target);
  if (!module.error.empty()) return state.SkipWithError(module.error.c_str());
  AnswerAll resolver;
  NoLog log;
  link::LinkOptions options = options_for(resolver, module);
  uint64_t bytes = 0;
  for (auto _ : state) {
    link::Image image;
    image.name = module.name;
    link::Linker linker(*module.view, options, resolver, log, image);
    if (!linker.layout() || !linker.place() || !linker.resolve())
      return state.SkipWithError("a pass before relocation failed");
    auto begin = std::chrono::steady_clock::now();
    bool done = linker.relocate().ok();
    std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!done) return state.SkipWithError("relocation failed");
    state.SetIterationTime(took.count());
    bytes = bytes_of(image);
  }
  state.SetLabel(module.name);
  state.SetItemsProcessed(state.iterations() * module.relocations);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
}

void link_whole(benchmark::State& state, const BenchTarget& target) {
  Subject& module = subject(target);
  if (!module.error.empty()) return state.SkipWithError(module.error.c_str());
  AnswerAll resolver;
  NoLog log;
  link::LinkOptions options = options_for(resolver, module);
  uint64_t bytes = 0;
  for (auto _ : state) {
    auto image = link::link_module(*module.view, module.name, options, resolver, log);
    if (!image) return state.SkipWithError(image.error().text.c_str());
    bytes = bytes_of(**image);
  }
  state.SetLabel(module.name);
  state.SetItemsProcessed(state.iterations() * module.relocations);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes));
}

[[maybe_unused]] const bool kRegistered =
    for_each_target("link/relocate", {.at_least_per_second = 50e6}, &relocate, Clock::kManual) &&
    for_each_target("link/all_passes", {}, &link_whole);

}  // namespace
}  // namespace ring3::bench
