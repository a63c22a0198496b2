// SPDX-License-Identifier: GPL-2.0-only
// Who answers a module's undefined symbols: the kernel API bound to the target first, then the
// exports of loaded modules, with Linux's rules for GPL-only symbols, inherited taint, versions and
// namespaces (kernel/module/main.c resolve_symbol; CONTRACT 5.2 step 13).
#pragma once

#include <unordered_map>

#include "elf/view.h"
#include "kapi/binding.h"
#include "link/image.h"
#include "module/log_function.h"
#include "module/registry.h"

namespace ring3::module {

// Per-CPU memory for modules, from the machine.
struct PerCpuService {
  std::function<Result<uint64_t>(uint64_t size, uint64_t align)> allocate;
  std::function<void(uint64_t offset, uint64_t size)> free;
  std::function<void(uint64_t offset, std::span<const std::byte> image)> initialise;
};

struct ResolverOptions {
  bool strict = false;           // refuse what the target exports and we lack
  bool ignore_versions = false;  // MODULE_INIT_IGNORE_MODVERSIONS
};

class SymbolResolver final : public link::Resolver {
 public:
  SymbolResolver(kapi::Binding& binding, Registry& registry, Module& module, const elf::View& view,
                 const PerCpuService& percpu, ResolverOptions options, const LogFunction& log);

  Result<KernelAddress> resolve(std::string_view name, bool weak) override;
  Result<uint64_t> allocate_percpu(uint64_t size, uint64_t align) override;
  void free_percpu(uint64_t offset, uint64_t size) override;
  bool readable(KernelAddress address, uint64_t size) override;
  void initialise_percpu(uint64_t offset, std::span<const std::byte> image) override;

  // Names that the target exports and we lack, met so far.
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  struct Owner {  // where a symbol was found
    bool has_crc;
    uint32_t crc;
    std::string_view name_space;
  };
  Result<KernelAddress> resolve_now(std::string_view name, bool weak);
  Result<KernelAddress> from_kernel(std::string_view name, const target::Export& exported);
  Result<KernelAddress> from_module(std::string_view name, const FoundExport& found);
  Result<void> check(std::string_view name, const Owner& owner) const;
  Error unknown(std::string_view name, int code) const;

  kapi::Binding& binding_;
  Registry& registry_;
  Module& module_;
  const PerCpuService percpu_;
  ResolverOptions options_;
  const LogFunction& log_;
  std::unordered_map<std::string_view, uint64_t> versions_;
  bool has_versions_;
  std::vector<std::string> missing_;
};

}  // namespace ring3::module
