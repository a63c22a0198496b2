// SPDX-License-Identifier: GPL-2.0-only
// Binding the table to a target: one definition chosen for each name, thunks, data and traps placed
// in module space. Traps cost no memory: they are addresses in pages that nobody may touch, so that
// the fault itself says which symbol was called or read.
#include "kapi/binding.h"

#include <fmt/format.h>

#include <cstring>

#include "base/check.h"
#include "link/module_space.h"

namespace ring3::kapi {
namespace {

constexpr uint64_t kThunkSize = 16;
constexpr uint64_t kDataAlign =
    64;  // exported structs may be cache-line aligned (BTF does not say)

// jmp *2(%rip); ud2; .quad target
void write_thunk(uint8_t* at, const void* function) {
  static constexpr uint8_t kCode[] = {0xff, 0x25, 0x02, 0, 0, 0, 0x0f, 0x0b};
  std::memcpy(at, kCode, sizeof(kCode));
  std::memcpy(at + sizeof(kCode), &function, sizeof(function));
}

bool is_function(const Record& record) {
  return record.kind == Kind::kFunction || record.kind == Kind::kAssembly;
}

bool is_alias(const Record& record,
              const std::unordered_map<std::string_view, const Record*>& chosen) {
  return record.data.same_as && chosen.contains(record.data.same_as);
}

}  // namespace

bool fits(const Record& record, const target::Export& exported) {
  if (!record.prototype || exported.prototype.empty() || exported.prototype == "v()") return true;
  return same_type(record.prototype, exported.prototype);
}

uint64_t data_size(const Record& record, const target::Target& target) {
  const DataShape& shape = record.data;
  if (!shape.struct_name) return shape.size;
  return target.size_of(shape.struct_name).value_or(0) * (shape.size ? shape.size : 1);
}

Result<std::unique_ptr<Binding>> Binding::create(const target::Target& target) {
  std::unique_ptr<Binding> binding(new Binding(target));
  TRY(binding->bind_fields());
  binding->choose_definitions();
  TRY(binding->place_functions());
  TRY(binding->place_data());
  return binding;
}

Binding::~Binding() {
  auto& space = link::ModuleSpace::instance();
  if (thunks_) space.free(thunks_, thunks_size_);
  if (traps_) space.free(traps_, traps_size_);
  if (data_) space.free(data_, data_size_);
  for (auto& [address, size] : trap_pages_) space.free(address, size);
}

void Binding::choose_definitions() {
  for (auto at = records_begin(); at != records_end(); ++at) {
    const Record& record = **at;
    auto exported = target_.find_export(record.name);
    if (!exported) continue;  // this kernel has no such export: another target's definition
    if (!fits(record, *exported)) {
      mismatches_.push_back({&record, fmt::format("{}: ours {}, target {}", record.name,
                                                  record.prototype, exported->prototype)});
      continue;
    }
    auto [place, fresh] = chosen_.emplace(record.name, &record);
    if (!fresh)
      mismatches_.push_back(
          {&record,
           fmt::format("{}: two definitions fit target {} (the other at {}:{})", record.name,
                       target_.release(), place->second->file, place->second->line)});
  }
  // A definition that does not fit is no trouble when another one of the name does.
  std::erase_if(mismatches_, [this](const Mismatch& mismatch) {
    auto chosen = chosen_.find(mismatch.record->name);
    return chosen != chosen_.end() && mismatch.text.find("two definitions") == std::string::npos;
  });
}

Result<void> Binding::place_functions() {
  auto& space = link::ModuleSpace::instance();
  uint64_t count = 0;
  for (auto& [name, record] : chosen_) count += is_function(*record);
  thunks_size_ = host::page_up(count * kThunkSize + kThunkSize);
  thunks_ = TRY(space.allocate(thunks_size_));
  for (auto& [name, record] : chosen_) {
    if (!is_function(*record)) continue;
    KernelAddress at = thunks_ + thunks_used_;
    thunks_used_ += kThunkSize;
    write_thunk(at.as<uint8_t>(), record->address);
    found_[name] = {Found::kFunction, at, record};
    placed_[at.value] = {name, kThunkSize, false, record};
  }
  TRY(host::protect(thunks_.value, thunks_size_, host::Protection::kReadExecute));
  traps_size_ = host::page_up(kMaxTraps * kThunkSize);
  traps_ = TRY(space.allocate(traps_size_));
  return host::protect(traps_.value, traps_size_, host::Protection::kNone);
}

Result<void> Binding::place_data() {
  percpu_size_ = sizeof(GsArea);
  for (auto& [name, record] : chosen_) {
    if (is_function(*record) || is_alias(*record, chosen_)) continue;
    uint64_t size = data_size(*record, target_);
    if (!size)
      return Error{EINVAL,
                   fmt::format("{} ({}:{}): struct {} is not in the BTF of {}", name, record->file,
                               record->line, record->data.struct_name, target_.release())};
    uint64_t align = size >= kDataAlign ? kDataAlign : 16;
    uint64_t& used = record->kind == Kind::kData ? data_size_ : percpu_size_;
    used = (used + align - 1) / align * align;
    if (record->kind == Kind::kPerCpu) {
      percpu_.push_back({record, used, size});
      found_[name] = {Found::kPerCpu, {used}, record};
    } else {
      found_[name] = {Found::kData, {used}, record};
    }
    used += size;
  }
  data_ = TRY(link::ModuleSpace::instance().allocate(data_size_));
  for (auto& [name, item] : found_) {
    if (item.found == Found::kData) {
      item.address = data_ + item.address.value;
      placed_[item.address.value] = {name, data_size(*item.record, target_), false, item.record};
    }
    if (item.record->bound) *item.record->bound = item.address;
  }
  for (auto& [name, record] : chosen_) {
    if (is_function(*record) || !is_alias(*record, chosen_)) continue;
    const Lookup& of = found_[record->data.same_as];
    found_[name] = {of.found, of.address, record};
    if (record->bound) *record->bound = of.address;
  }
  return {};
}

void Binding::initialise_data() const {
  for (auto& [name, item] : found_) {
    if (item.found != Found::kData || is_alias(*item.record, chosen_)) continue;
    std::memset(item.address.as<void>(), 0, data_size(*item.record, target_));
    if (item.record->data.init) item.record->data.init(item.address.as<void>(), *this);
  }
}

// Missing functions get a slot of 16 bytes; missing data, whose size nobody knows, a page.
Lookup Binding::make_trap(std::string_view name, bool function) {
  auto& space = link::ModuleSpace::instance();
  if (function && traps_used_ < traps_size_) {
    KernelAddress at = traps_ + traps_used_;
    traps_used_ += kThunkSize;
    placed_[at.value] = {name, kThunkSize, true, nullptr};
    return {Found::kMissingFunction, at, nullptr};
  }
  auto page = space.allocate(host::kPageSize);
  CHECK(page.ok(), "no room for the trap of {}: {}", name, page.error().text);
  (void)host::protect(page->value, host::kPageSize, host::Protection::kNone);
  trap_pages_.emplace_back(*page, host::kPageSize);
  placed_[page->value] = {name, host::kPageSize, true, nullptr};
  return {Found::kMissingData, *page, nullptr};
}

Lookup Binding::lookup(std::string_view name) {
  std::lock_guard lock(mutex_);
  auto found = found_.find(name);
  if (found != found_.end()) return found->second;
  auto exported = target_.find_export(name);
  if (!exported) return {};
  // exported->name lies in the target's mapping and outlives this binding.
  return found_[exported->name] = make_trap(exported->name, !exported->prototype.empty());
}

KernelAddress Binding::address(std::string_view name) const {
  std::lock_guard lock(mutex_);
  auto found = found_.find(name);
  return found != found_.end() && found->second.record ? found->second.address : KernelAddress{};
}

const Record* Binding::record(std::string_view name) const {
  auto found = chosen_.find(name);
  return found == chosen_.end() ? nullptr : found->second;
}

std::optional<Binding::Symbol> Binding::symbolise(KernelAddress address) const {
  std::lock_guard lock(mutex_);
  auto after = placed_.upper_bound(address.value);
  if (after == placed_.begin()) return std::nullopt;
  auto& [begin, placed] = *std::prev(after);
  if (address.value - begin >= placed.size) return std::nullopt;
  return Symbol{placed.name, address.value - begin, placed.size, placed.missing, placed.record};
}

}  // namespace ring3::kapi
