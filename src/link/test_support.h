// SPDX-License-Identifier: GPL-2.0-only
// What the tests of this folder share: a resolver that answers names with made-up thunks, a log
// that collects, a module built in the test and linked, and the modules of the installed kernels.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "elf/elf_builder.h"
#include "host/file.h"
#include "link/image.h"
#include "link/module_space.h"

namespace ring3::link {

struct CollectLinkLog final : LinkLog {
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
  void error(std::string_view line) override { errors.emplace_back(line); }
  void warning(std::string_view line) override { warnings.emplace_back(line); }
};

// Answers every name with the address of a 16-byte slot in module space, the same one each time,
// except for what a test puts into `known` and `unknown`.
class FakeResolver final : public Resolver {
 public:
  FakeResolver() : slots_(ModuleSpace::instance().allocate(kSize).take()) {}
  ~FakeResolver() override { ModuleSpace::instance().free(slots_, kSize); }

  std::map<std::string, KernelAddress, std::less<>> known;
  std::map<std::string, int, std::less<>> unknown;  // name -> errno
  bool percpu_full = false;
  bool may_read = true;
  std::vector<std::string> asked;
  std::vector<std::byte> percpu_image;
  uint64_t percpu_in_use = 0;

  Result<KernelAddress> resolve(std::string_view name, bool weak) override {
    asked.emplace_back(name);
    if (auto found = unknown.find(name); found != unknown.end()) {
      if (weak) return KernelAddress{};
      return Error{found->second, ""};
    }
    return address(name);
  }
  KernelAddress address(std::string_view name) {
    if (auto found = known.find(name); found != known.end()) return found->second;
    auto [slot, added] = names_.try_emplace(std::string(name), names_.size());
    return slots_ + slot->second * 16;
  }
  Result<uint64_t> allocate_percpu(uint64_t size, uint64_t align) override {
    if (percpu_full) return Error{ENOMEM, "no per-CPU memory"};
    percpu_in_use += size;
    return uint64_t{0x4000} / align * align;
  }
  void free_percpu(uint64_t, uint64_t size) override { percpu_in_use -= size; }
  void initialise_percpu(uint64_t, std::span<const std::byte> image) override {
    percpu_image.assign(image.begin(), image.end());
  }
  bool readable(KernelAddress address, uint64_t size) override {
    return may_read && address.value >= slots_.value &&
           address.value + size <= slots_.value + kSize;
  }

 private:
  static constexpr uint64_t kSize = 1 << 20;
  KernelAddress slots_;
  std::unordered_map<std::string, uint64_t> names_;
};

// The thunks that patches look for, as `resolver` answers them; every feature that makes no
// difference to user space.
inline LinkOptions options_for(FakeResolver& resolver, uint64_t alt_instr_size) {
  static constexpr const char* kRegisters[] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                               "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                               "r12", "r13", "r14", "r15"};
  LinkOptions options;
  options.alt_instr_size = alt_instr_size;
  options.cpu_features = {3 * 32 + 21};  // X86_FEATURE_ALWAYS
  options.return_thunk = resolver.address("__x86_return_thunk");
  options.fentry = resolver.address("__fentry__");
  for (int i = 0; i < 16; i++)
    options.indirect_thunks[i] =
        resolver.address(std::string("__x86_indirect_thunk_") + kRegisters[i]);
  return options;
}

// A module as a test writes it: sections and symbols through `elf`, then link(). The image dies
// before the resolver, as it must.
class TestModule {
 public:
  TestModule() { elf.this_module("hello"); }

  elf::ElfBuilder elf;
  FakeResolver resolver;
  CollectLinkLog log;
  LinkOptions options;
  std::unique_ptr<Image> image;
  Error error;  // code 0 when linking succeeded

  bool link() {
    file = elf.build();
    return link_file();
  }
  bool link_file() {
    auto view = elf::View::parse(file);
    if (!view) {
      error = view.take_error();
      return false;
    }
    auto linked = link_module(*view, "hello", options, resolver, log);
    if (linked)
      image = linked.take();
    else
      error = linked.take_error();
    return image != nullptr;
  }
  void use_thunks(uint64_t alt_instr_size = 12) { options = options_for(resolver, alt_instr_size); }
  // The bytes of a section in memory, as text.
  std::string bytes(std::string_view section) const {
    auto span = image->section(section);
    return {reinterpret_cast<const char*>(span.data()), span.size()};
  }
  uint64_t address(std::string_view section) const { return image->section_address(section).value; }
  template <class T>
  T value(std::string_view section, uint64_t offset) const {
    T out;
    std::memcpy(&out, image->section(section).data() + offset, sizeof(T));
    return out;
  }

  elf::ElfFile file;
};

// Bytes written as hex, blanks allowed: code("e8 00000000 c3").
inline std::string code(std::string_view hex) {
  std::string out;
  std::string digits;
  for (char c : hex)
    if (c != ' ') digits.push_back(c);
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return out;
}
inline std::string hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) {
    out.push_back(kDigits[c >> 4]);
    out.push_back(kDigits[c & 15]);
  }
  return out;
}

// Paths of all modules of an installed kernel, from its modules.dep; none when it is not installed.
inline std::vector<std::string> modules_of(const std::string& release) {
  std::vector<std::string> paths;
  std::string folder = "/lib/modules/" + release + "/";
  auto list = host::read_file(folder + "modules.dep");
  if (!list) return paths;
  std::string_view rest = as_text(*list);
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    paths.push_back(folder + std::string(line.substr(0, line.find(':'))));
  }
  return paths;
}

struct TestKernel {
  const char* release;
  uint64_t alt_instr_size;
  bool kallsyms_on_own_page;
};
inline constexpr TestKernel kTestKernels[] = {{"6.1.0-56-amd64", 12, true},
                                              {"6.12.117+deb12-amd64", 14, false}};

}  // namespace ring3::link
