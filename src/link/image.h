// SPDX-License-Identifier: GPL-2.0-only
// What linking makes of a view: a module's sections at their final addresses in module space,
// grouped by protection as Linux groups them (kernel/module/main.c layout_sections; struct
// module_memory's types), symbols with final values, and the services that linking needs from
// outside.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "elf/view.h"
#include "host/memory.h"

namespace ring3::link {

enum class Region : uint8_t {
  kText,
  kRodata,
  kRoAfterInit,
  kData,
  kInitText,
  kInitRodata,
  kInitData,
  kCount
};
inline constexpr size_t kRegionCount = static_cast<size_t>(Region::kCount);

struct RegionMemory {
  KernelAddress base;  // zero when the region is empty
  uint64_t size = 0;   // bytes used; the allocation is whole pages

  // In one of its pages, as Linux asks (within_module): what is behind the end is the module's too.
  uint64_t mapped() const { return host::page_up(size); }
  bool holds(uint64_t address) const { return address - base.value < mapped(); }
};

struct PlacedSection {
  KernelAddress address;  // zero: not in memory (not SHF_ALLOC, or dropped like .modinfo)
  uint64_t size = 0;
  Region region = Region::kCount;
  bool shown = false;  // in /sys/module/NAME/sections: was in memory when the module was loaded
  bool note = false;   // SHT_NOTE
};

// Answers what a symbol is. `where` names the module that asks.
class Resolver {
 public:
  virtual ~Resolver() = default;
  // The address of an undefined symbol. An error is what Linux would say and return (CONTRACT step
  // 13): text "Unknown symbol NAME (err -2)" without the module's name. A weak symbol that nobody
  // has is address 0.
  virtual Result<KernelAddress> resolve(std::string_view name, bool weak) = 0;
  // Where the machine keeps the module's .data..percpu: an offset into each CPU's area.
  virtual Result<uint64_t> allocate_percpu(uint64_t size, uint64_t align) = 0;
  virtual void free_percpu(uint64_t offset, uint64_t size) = 0;
  // Copies the initial image of the per-CPU section into every CPU's area.
  virtual void initialise_percpu(uint64_t offset, std::span<const std::byte> image) = 0;
  // May patches read these bytes, which are not the module's own: a static key or a pv_ops slot
  // that belongs to the kernel API or to another module? "No" is always right and leaves the place
  // as it was compiled. The data of a missing export must be a "no": nothing may touch it.
  virtual bool readable(KernelAddress, uint64_t) { return false; }
};

// A line that Linux would log while linking, already complete ("hello: Unknown symbol foo (err
// -2)").
class LinkLog {
 public:
  virtual ~LinkLog() = default;
  virtual void error(std::string_view line) = 0;    // KERN_ERR
  virtual void warning(std::string_view line) = 0;  // KERN_WARNING
};

// A symbol of the module with its final value, for kallsyms, exports and traces.
struct PlacedSymbol {
  std::string_view name;  // borrowed from Image::strings
  uint64_t value = 0;
  uint64_t size = 0;
  uint8_t info = 0;
  uint16_t section = 0;  // index; SHN_ABS and SHN_UNDEF as in ELF
  char type = '?';       // nm's letter, lower case, by Linux's rules (CONTRACT 5.3)
  bool core = false;     // kallsyms still has it when init memory is gone
};

class Image {
 public:
  ~Image();  // gives all memory back
  Image() = default;
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  std::string name;
  RegionMemory regions[kRegionCount];
  std::vector<PlacedSection> sections;     // by ELF section index
  std::vector<std::string> section_names;  // by ELF section index
  std::vector<PlacedSymbol> symbols;       // every symbol of .symtab, same order
  std::string strings;
  uint64_t percpu_offset = 0;
  uint64_t percpu_size = 0;
  uint64_t percpu_align = 0;
  // What Linux reports for the same file (/proc/modules shows the sum, sysfs coresize and
  // initsize): regions in whole pages, the kallsyms tables that Linux appends to data and init data
  // included.
  uint64_t core_size = 0;
  uint64_t init_size = 0;

  // Addresses inside the module's own text, init text included while it exists.
  bool contains_text(uint64_t address) const;
  // Which of the regions in memory holds the address; null: none.
  const RegionMemory* region_of(uint64_t address) const;
  // The text that begins at the address, if it and its NUL are in one region of the module.
  std::optional<std::string_view> text_at(uint64_t address) const;
  // The bytes of a section in memory; empty when there is none of the name.
  std::span<std::byte> section(std::string_view section_name) const;
  KernelAddress section_address(std::string_view section_name) const;
  // From now on nobody begins to look at .init.*.
  void leave_init() { init_freed = true; }
  // Gives it back; its addresses stay in `sections` (Linux shows them in sysfs) but are unmapped.
  void free_init();
  std::atomic<bool> init_freed{false};  // read by whoever looks at /sys
  KernelAddress memory() const { return memory_; }
  // What stays of it when init memory is gone; zero: nothing.
  KernelAddress core_memory() const {
    return init_memory_ == memory_size_ ? KernelAddress{} : memory_ + init_memory_;
  }
  // ro_after_init becomes read-only; called right before module_init's result counts.
  void seal_after_init();

 private:
  friend class Linker;
  KernelAddress memory_;      // one allocation: init regions first, so that they can go alone
  uint64_t memory_size_ = 0;  // whole pages
  uint64_t init_memory_ = 0;  // of them, the init regions'
  Resolver* resolver_ = nullptr;
};

// Where calls of a static call go at the moment.
struct StaticCallTarget {
  enum Kind : uint8_t { kFunction, kNothing, kReturnsZero } kind = kFunction;
  KernelAddress function;
};

struct LinkOptions {
  bool patch =
      true;  // false: leave everything to the thunks (each patch must not be needed to run)
  // X86_FEATURE_* numbers (word * 32 + bit) that .altinstructions may be patched in for. At least
  // ALWAYS; never one whose instruction is privileged (SMAP). With ALWAYS every static_cpu_has() is
  // decided here: the list must agree with boot_cpu_data.
  std::vector<uint32_t> cpu_features;
  // Those whose NOT alternatives may be patched in. Never XENPV: its are cli, sti and the like.
  std::vector<uint32_t> missing_cpu_features;
  uint64_t alt_instr_size = 0;    // sizeof(struct alt_instr) of the target
  uint64_t this_module_size = 0;  // sizeof(struct module) of the target
  // For Image::core_size alone: before 6.4, when struct module still had core_layout, the tables of
  // kallsyms began on a page of their own; since then they follow data directly.
  bool kallsyms_on_own_page = false;
  // Thunks that patches look for, zero when the target lacks them.
  KernelAddress return_thunk;  // __x86_return_thunk
  KernelAddress fentry;        // __fentry__
  // What Linux says of a place that is not zero before it is relocated: until v6.3 that it is
  // skipped.
  const char* nonzero_target = "Skipping invalid relocation target, existing value is nonzero";
  bool keep_fentry = false;  // leave the calls of __fentry__: somebody traces
  // Asked for each static call site, with the address of the key or, where the key is not exported,
  // of the trampoline. Nothing (or no function here): calls keep going through the trampoline,
  // which is right for every call whose target changes.
  std::function<std::optional<StaticCallTarget>(KernelAddress key_or_trampoline)> static_call;
  // What Linux does between two passes: when the layout is known, and when memory is there. An
  // error ends linking.
  std::function<Result<void>()> laid_out, placed;
  KernelAddress
      indirect_thunks[16];  // __x86_indirect_thunk_rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8..r15
};

// Runs the passes of link.cc. On an error every byte is given back and the log has Linux's lines.
Result<std::unique_ptr<Image>> link_module(const elf::View& view, const std::string& name,
                                           const LinkOptions& options, Resolver& resolver,
                                           LinkLog& log);

}  // namespace ring3::link
