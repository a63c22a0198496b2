// SPDX-License-Identifier: GPL-2.0-only
// Damaged modules, from end to end: a real module, a list of edits to its bytes, then all of a load
// but its init, a look at everything that can be seen of it, and its removal. Whatever the damage,
// the load answers 0 or an errno, the task lives, and the books balance afterwards.
//
// The input is the list, not the file: which module, flags, then per edit what to change (a field
// of the ELF header, a section header, a symbol, a relocation or a special section's bytes) and the
// value. So a small change of the input is a small change of a module that is whole otherwise.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstring>

#include "link/module_space.h"
#include "live_kernel.h"
#include "machine/memory/memory.h"

namespace {

using namespace ring3;

constexpr const char* kModules[] = {"hello",         "params_kinds",    "debug_sites",
                                    "static_keys",   "namespace_owner", "percpu_variables",
                                    "init_sections", "printk_calls",    "broken"};

struct Books {
  uint64_t module_space, objects;
  bool operator==(const Books&) const = default;
};
Books books() {
  uint64_t objects = 0;
  machine::heap().for_each_object(link::kModuleSpaceBase, link::kModuleSpaceEnd,
                                  [&](const machine::HeapObject&) { objects++; });
  return {link::ModuleSpace::instance().bytes_in_use(), objects};
}

std::vector<std::vector<std::byte>> read_modules() {
  std::vector<std::vector<std::byte>> modules;
  for (const char* name : kModules) modules.push_back(LiveKernel::read_module(name));
  return modules;
}

class Damage {
 public:
  Damage(FuzzedDataProvider& input, std::vector<std::byte>& bytes) : input_(input), bytes_(bytes) {
    std::memcpy(&header_, bytes.data(), sizeof(header_));
    auto* all = reinterpret_cast<const Elf64_Shdr*>(bytes.data() + header_.e_shoff);
    sections_.assign(all, all + header_.e_shnum);
    for (size_t i = 1; i < sections_.size(); i++)
      if (sections_[i].sh_flags & SHF_ALLOC || sections_[i].sh_type == SHT_SYMTAB ||
          sections_[i].sh_type == SHT_STRTAB || sections_[i].sh_type == SHT_NOTE ||
          (sections_[i].sh_type == SHT_RELA &&
           sections_[sections_[i].sh_info].sh_flags & SHF_ALLOC) ||
          i == header_.e_shstrndx)
        used_.push_back(i);
  }

  void one() {
    switch (input_.ConsumeIntegralInRange(0, 6)) {
      case 0:
        return write(input_.ConsumeIntegralInRange<uint64_t>(0, sizeof(Elf64_Ehdr) - 1));
      case 1: {
        size_t field = input_.ConsumeIntegralInRange<size_t>(0, sizeof(Elf64_Shdr) - 1);
        return write(header_.e_shoff + section() * sizeof(Elf64_Shdr) + field);
      }
      case 2:
        return inside(SHT_SYMTAB);
      case 3:
        return inside(SHT_RELA);
      case 4:
        return inside(SHT_STRTAB);
      case 5: {
        const Elf64_Shdr& of = sections_[section()];
        if (of.sh_type == SHT_PROGBITS || of.sh_type == SHT_NOTE) within(of);
        return;
      }
      default:
        bytes_.resize(input_.ConsumeIntegralInRange<size_t>(0, bytes_.size()));
    }
  }

 private:
  size_t section() { return used_[input_.ConsumeIntegralInRange<size_t>(0, used_.size() - 1)]; }
  // Some section of the type, counted from a random one on.
  void inside(uint32_t type) {
    size_t first = input_.ConsumeIntegralInRange<size_t>(0, used_.size() - 1);
    for (size_t i = 0; i < used_.size(); i++) {
      const Elf64_Shdr& of = sections_[used_[(first + i) % used_.size()]];
      if (of.sh_type == type) return within(of);
    }
  }
  void within(const Elf64_Shdr& of) {
    if (of.sh_size)
      write(of.sh_offset + input_.ConsumeIntegralInRange<uint64_t>(0, of.sh_size - 1));
  }
  void write(uint64_t at) {
    uint64_t size = 1ull << input_.ConsumeIntegralInRange(0, 3);
    uint64_t value = 0;
    if (at + size > bytes_.size()) return;
    std::memcpy(&value, bytes_.data() + at, size);
    switch (input_.ConsumeIntegralInRange(0, 4)) {
      case 0:
        value = 0;
        break;
      case 1:
        value = ~0ull >> input_.ConsumeIntegralInRange(0, 63);
        break;
      case 2:
        value += static_cast<uint64_t>(static_cast<int64_t>(input_.ConsumeIntegral<int8_t>()));
        break;
      case 3:
        value ^= 1ull << input_.ConsumeIntegralInRange(0, 63);
        break;
      default:
        value = input_.ConsumeIntegral<uint64_t>();
    }
    std::memcpy(bytes_.data() + at, &value, size);
  }

  FuzzedDataProvider& input_;
  std::vector<std::byte>& bytes_;
  // Of the whole module: offsets are its.
  Elf64_Ehdr header_;
  std::vector<Elf64_Shdr> sections_;
  std::vector<size_t> used_;  // sections that a load looks at
};

// Every file below the folder, three levels deep: /sys/module/NAME/sections/.text. Not the
// parameters: whoever reads one may run code of the module, which is damaged too.
void read_all(machine::FileTree& files, const std::string& folder, int depth) {
  auto names = files.list(folder);
  if (!names) return;
  for (const machine::File& file : *names) {
    if (file->name == "parameters") continue;
    std::string path = folder + "/" + file->name;
    (void)files.read(path);
    if (depth) read_all(files, path, depth - 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LiveKernel& live = LiveKernel::instance();
  static const auto modules = read_modules();
  FuzzedDataProvider input(data, size);
  auto bytes = modules[input.ConsumeIntegralInRange<size_t>(0, modules.size() - 1)];
  int flags = input.ConsumeIntegralInRange(0, 3);
  Damage damage(input, bytes);
  while (input.remaining_bytes() > 1 && bytes.size() > sizeof(Elf64_Ehdr)) damage.one();

  live.run([&] {
    Books before = books();
    auto& kernel = live.kernel();
    auto module = kernel.loader().load(
        bytes, "", {.ignore_modversions = (flags & 1) != 0, .ignore_vermagic = (flags & 2) != 0});
    if (module) {
      std::string name = (*module)->name;
      (void)kernel.files().read("/proc/modules");
      (void)kernel.files().read("/proc/kallsyms");
      read_all(kernel.files(), "/sys/module/" + name, 2);
      if (auto gone = kernel.loader().unload(name, true); !gone)
        die(fmt::format("{} stays: {}", name, gone.error().code));
    } else if (module.error().code <= 0) {
      die(fmt::format("the load answered {}", module.error().code));
    }
    Books after = books();
    if (before != after)
      die(fmt::format("module space {} -> {}, objects {} -> {}", before.module_space,
                      after.module_space, before.objects, after.objects));
  });
  return 0;
}
