// SPDX-License-Identifier: GPL-2.0-only
// The kernel API bound to one target: which definition of each name is used, where its entry thunk
// lies in module space, where exported data lives, which per-CPU offset a variable has, and a trap
// for every export of the target that nobody has written. One binding per machine.
//
// A function's address, as modules see it, is its 16-byte thunk (jmp *target): R_X86_64_PLT32
// reaches it and it is the same for every module. A missing function lies in pages that nobody may
// touch: loading goes on, the first call stops with an oops that names it. Missing data is such a
// page of its own. If it is per-CPU data, the page's address is what module code takes for the
// offset, and each CPU's area has unreadable memory as far as that leads (machine::PerCpu).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "kapi/kapi.h"
#include "target/target.h"

namespace ring3::kapi {

enum class Found : uint8_t {
  kFunction,
  kData,
  kPerCpu,
  kMissingFunction,
  kMissingData,
  kNotExported
};

struct Lookup {
  Found found = Found::kNotExported;
  KernelAddress address;           // per-CPU: the offset
  const Record* record = nullptr;  // null when missing
};

// Does the definition's prototype equal the target's? Functions that BTF gives as void(void) are
// assembly there, so nothing is known of their prototype; likewise functions without BTF.
bool fits(const Record& record, const target::Export& exported);
// The bytes that a datum takes in the target; 0 when its struct is not in the target's BTF.
uint64_t data_size(const Record& record, const target::Target& target);

// What a definition that could not be used has wrong, for the ABI test and `ring3 api explain`.
struct Mismatch {
  const Record* record;
  std::string text;  // "ksize: ours i4s(p(v)), target i8u(p(v))"
};

class Binding {
 public:
  // Binds the table to the target: fields first (kapi/field.h), then functions and data. An error
  // lists every field that does not fit.
  static Result<std::unique_ptr<Binding>> create(const target::Target& target);
  ~Binding();

  // Fills exported data (the `init` of each record), once the machine has memory. Per-CPU records
  // are filled by the machine, for each CPU: for_each_percpu.
  void initialise_data() const;
  template <class Fn>
  void for_each_percpu(Fn&& fn) const {  // fn(const Record&, offset, size)
    for (const PerCpu& item : percpu_) fn(*item.record, item.offset, item.size);
  }
  uint64_t percpu_static_size() const { return percpu_size_; }  // first free offset

  // A name as a module imports it. Makes the trap when the target exports it and we lack it.
  Lookup lookup(std::string_view name);
  // The address of a bound function or datum; zero when there is none.
  KernelAddress address(std::string_view name) const;
  const Record* record(std::string_view name) const;

  struct Symbol {
    std::string_view name;
    uint64_t offset = 0;  // of the address from the symbol's beginning
    uint64_t size = 0;
    bool missing = false;  // a trap
    const Record* record = nullptr;
  };
  // Which symbol of the kernel API an address in module space belongs to.
  std::optional<Symbol> symbolise(KernelAddress address) const;

  // fn(address, name, is it a function) for everything bound, in the order of addresses.
  template <class Fn>
  void for_each_placed(Fn&& fn) const {
    std::scoped_lock lock(mutex_);
    for (const auto& [address, placed] : placed_)
      if (!placed.missing) fn(address, placed.name, address < data_.value);
  }

  const target::Target& target() const { return target_; }
  const std::vector<Mismatch>& mismatches() const { return mismatches_; }

 private:
  explicit Binding(const target::Target& target) : target_(target) {}
  Result<void> bind_fields();
  void choose_definitions();
  Result<void> place_functions();
  Result<void> place_data();
  Lookup make_trap(std::string_view name, bool function);

  struct PerCpu {
    const Record* record;
    uint64_t offset;
    uint64_t size;
  };
  struct Placed {
    std::string_view name;
    uint64_t size;
    bool missing;
    const Record* record;
  };
  const target::Target& target_;
  mutable std::mutex mutex_;  // guards found_ and placed_, which grow by traps
  std::unordered_map<std::string_view, const Record*> chosen_;
  std::unordered_map<std::string_view, Lookup> found_;
  std::map<uint64_t, Placed> placed_;  // by address, for symbolise
  std::vector<PerCpu> percpu_;
  std::vector<Mismatch> mismatches_;
  uint64_t percpu_size_ = 0;
  KernelAddress thunks_;  // the thunk area, read-execute
  uint64_t thunks_size_ = 0;
  uint64_t thunks_used_ = 0;
  static constexpr uint64_t kMaxTraps = 16384;  // more than a kernel exports
  KernelAddress traps_;                         // unreadable
  uint64_t traps_size_ = 0;
  uint64_t traps_used_ = 0;
  KernelAddress data_;
  uint64_t data_size_ = 0;
  std::vector<std::pair<KernelAddress, uint64_t>> trap_pages_;
};

}  // namespace ring3::kapi
