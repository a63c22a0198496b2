// SPDX-License-Identifier: GPL-2.0-only
// Eight tasks load and remove fifty modules that depend on each other, at random and at once; at
// the end the books must balance. The modules are one file with other letters in it: module i is
// `stress_` and two letters, and needs the symbol of module (i - 1) / 2.
//
//     load_stress RELEASE [OPERATIONS [SEED]]
//
// Every answer must be one that Linux could give at that moment, a module that is there must be
// whole, and what is left when all are removed is what was there before the first.
#include <fmt/format.h>

#include <cstdlib>
#include <random>

#include "debug/traps.h"
#include "elf/view.h"
#include "link/module_space.h"
#include "linux/init/main.h"
#include "machine/memory/memory.h"
#include "module/system_calls.h"

namespace ring3 {
namespace {

constexpr int kModules = 50, kTasks = 8;

class PrintDiagnostics final : public Diagnostics {
 public:
  void warning(std::string_view text) override { fmt::print(stderr, "{}\n", text); }
};

[[noreturn]] void fail(const std::string& text) {
  fmt::print("FAILED: {}\n", text);
  std::fflush(stdout);
  _exit(1);
}

// Two letters that neither template uses: "ca", "cb", ...
std::string letters(int i) {
  return {static_cast<char>('c' + i / 10), static_cast<char>('a' + i % 10)};
}
std::string name_of(int i) { return "stress_" + letters(i); }

void replace(std::vector<std::byte>& bytes, const std::string& from, const std::string& to) {
  std::string_view text = as_text(bytes);
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + 1))
    std::memcpy(bytes.data() + at, to.data(), to.size());
}

// stress_bb was built to use stress_aa's symbol, whose version differs from that of its own kind.
void expect_version_of_own_kind(std::vector<std::byte>& bytes) {
  auto view = elf::View::parse(bytes);
  if (!view) fail(view.error().text);
  const elf::Section* versions = view->find("__versions");
  const elf::Section* own = view->find("__kcrctab_gpl");
  if (!versions || !own) fail("stress_bb has no versions");
  for (uint64_t at = 0; at < versions->size; at += 64) {
    if (!as_text(versions->bytes.subspan(at + 8)).starts_with("stress_aa_answer")) continue;
    std::memcpy(bytes.data() + versions->offset + at, own->bytes.data(), 4);
  }
}

struct Books {
  uint64_t module_space, objects;
  bool operator==(const Books&) const = default;
};
Books books() {
  uint64_t objects = 0;  // that modules allocated
  machine::heap().for_each_object(link::kModuleSpaceBase, link::kModuleSpaceEnd,
                                  [&](const machine::HeapObject&) { objects++; });
  return {link::ModuleSpace::instance().bytes_in_use(), objects};
}

class Stress {
 public:
  Stress(kernel::Kernel& kernel, const std::string& folder) : kernel_(kernel) {
    for (int i = 0; i < kModules; i++) {
      auto file = elf::read_module_file(folder + (i ? "/stress_bb.ko" : "/stress_aa.ko"));
      if (!file) fail(file.error().text);
      files_.push_back(std::move(file->bytes));
      if (i > 2) expect_version_of_own_kind(files_[i]);
      if (i) replace(files_[i], "stress_aa", name_of((i - 1) / 2));
      replace(files_[i], i ? "stress_bb" : "stress_aa", name_of(i));
    }
  }

  int load(int i, const char* arguments) {
    using module::OwnMemory;
    return kernel_.system_calls().init_module(OwnMemory(), OwnMemory::at(files_[i].data()),
                                              files_[i].size(), OwnMemory::at(arguments));
  }
  int unload(int i) {
    std::string name = name_of(i);
    return kernel_.system_calls().delete_module(module::OwnMemory(),
                                                module::OwnMemory::at(name.c_str()), 0);
  }

  void operations(unsigned seed, int count) {
    std::mt19937 random(seed);
    for (int n = 0; n < count; n++) {
      int i = static_cast<int>(random() % kModules);
      unsigned what = random() % 16;
      int error;
      if (what < 8) {
        bool bad = what == 0 && i;
        // One that fails can be read, too, while its init runs.
        error = load(i, bad ? "fail=5 label=\"a text\"" : "label=\"a text\"");
        done_[0]++;
        check("load", i, error, {0, EEXIST, EBUSY, ENOENT, bad ? EIO : 0});
      } else if (what < 15) {
        error = unload(i);
        done_[1]++;
        check("unload", i, error, {0, ENOENT, EAGAIN, EBUSY});
      } else {
        check_address(i);
        auto text = kernel_.files().read("/sys/module/" + name_of(i) + "/parameters/label");
        done_[2]++;
        error = text ? 0 : text.error().code;
        check("read", i, error, {0, ENOENT});
        if (text && *text != "a text\n") fail("a parameter reads " + *text);
      }
      if (!error) succeeded_++;
    }
  }

  void empty() {
    for (int i = kModules - 1; i >= 0; i--)
      if (int error = unload(i); error && error != ENOENT)
        fail(fmt::format("{} is left: {}", name_of(i), strerrorname_np(error)));
  }

  void report() const {
    fmt::print("{} loads, {} removals, {} reads, {} succeeded\n", done_[0].load(), done_[1].load(),
               done_[2].load(), succeeded_.load());
  }

 private:
  // A module that is there is found by the address of its struct module.
  void check_address(int i) {
    auto& registry = kernel_.loader().registry();
    module::Registry::Hold hold(registry);
    for (int attempt = 0; attempt < 2; attempt++) {
      module::Module* module = registry.find(name_of(i));
      if (!module || module->state() != module::State::kLive) return;
      auto address = reinterpret_cast<uint64_t>(module->kernel.load());
      if (registry.containing(address) == module) return;
    }  // removed in between, or twice lost
    fail(name_of(i) + " is not found by its address");
  }

  static void check(const char* what, int i, int error, std::initializer_list<int> may) {
    for (int one : may)
      if (one == error) return;
    fail(fmt::format("{} of {} answered {}", what, name_of(i), strerrorname_np(error)));
  }

  kernel::Kernel& kernel_;
  std::vector<std::vector<std::byte>> files_;
  std::atomic<int> done_[3] = {}, succeeded_{0};
};

int run(const std::string& release, int operations, unsigned seed) {
  PrintDiagnostics diagnostics;
  auto target = target::Target::open({.release = release}, diagnostics);
  if (!target) fail(target.error().text);
  auto kernel = kernel::Kernel::start(**target, {.cpus = 2});
  if (!kernel) fail(kernel.error().text);
  debug::Traps traps(**kernel);
  Stress stress(**kernel, std::string(RING3_TEST_MODULES) + "/" + release);
  auto& scheduler = (*kernel)->machine().scheduler();
  Books before{}, after{};
  bool finished = (*kernel)->run("stress", [&] {
    // Once around first: what is made once per machine is there then.
    if (int error = stress.load(0, "")) fail(fmt::format("the first load: {}", error));
    if (!books().objects) fail("the books do not show what a module allocated");
    stress.empty();
    before = books();
    std::vector<machine::Task*> tasks;
    tasks.reserve(kTasks);
    for (int t = 0; t < kTasks; t++)
      tasks.push_back(scheduler.create(fmt::format("stress/{}", t), [&, t] {
        stress.operations(seed + static_cast<unsigned>(t), operations / kTasks);
      }));
    for (machine::Task* task : tasks) scheduler.wake(task);
    for (machine::Task* task : tasks) {
      scheduler.join(task);
      if (task->killed()) fail("a task died in an oops");
    }
    for (machine::Task* task : tasks) scheduler.destroy(task);
    stress.empty();
    after = books();
  });
  if (!finished) fail("the task died in an oops");
  stress.report();
  if ((*kernel)->loader().registry().newest()) fail("modules are left");
  if (before != after)
    fail(fmt::format("module space {} -> {} bytes, heap {} -> {} objects", before.module_space,
                     after.module_space, before.objects, after.objects));
  fmt::print("books balance: {} bytes of module space, {} objects\n", after.module_space,
             after.objects);
  return 0;
}

}  // namespace
}  // namespace ring3

int main(int count, char** words) {
  if (count < 2) {
    fmt::print(stderr, "load_stress RELEASE [OPERATIONS [SEED]]\n");
    return 2;
  }
  return ring3::run(words[1], count > 2 ? std::atoi(words[2]) : 100'000,
                    count > 3 ? static_cast<unsigned>(std::atoi(words[3])) : 1);
}
