// SPDX-License-Identifier: GPL-2.0-only
// Steps of loading that only look: symbol versions, vermagic, sections, the module's exports.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "module/dialect.h"
#include "module/loading.h"

namespace ring3::module {
namespace {

// With symbol versions the release itself (the first word) does not count (same_magic).
bool same_magic(std::string_view a, std::string_view b, bool has_versions) {
  if (has_versions) {
    a = a.substr(std::min(a.find(' '), a.size()));
    b = b.substr(std::min(b.find(' '), b.size()));
  }
  return a == b;
}

}  // namespace

link::LinkOptions link_options(const kapi::Binding& binding, const LoaderOptions& options) {
  static constexpr const char* kRegisters[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp",
                                                 "rsi", "rdi", "r8",  "r9",  "r10", "r11",
                                                 "r12", "r13", "r14", "r15"};
  const target::Target& target = binding.target();
  link::LinkOptions link{};
  link.patch = options.patch;
  // ALWAYS alone: unpatched code runs everywhere, and nothing privileged may come in.
  if (auto always = target.cpu_feature("ALWAYS")) link.cpu_features.push_back(*always);
  // Without these a module calls a function for what it would else do to user memory inline.
  for (const char* name : {"FSRM", "FSRS"})
    if (auto fast = target.cpu_feature(name)) link.missing_cpu_features.push_back(*fast);
  link.this_module_size = sizeof_module();
  link.kallsyms_on_own_page = has_module_core_base();
  if (target.prototype("clear_relocate_add"))
    link.nonzero_target = "Invalid relocation target, existing value is nonzero";
  link.alt_instr_size = target.size_of("alt_instr").value_or(0);
  link.return_thunk = binding.address("__x86_return_thunk");
  link.fentry = binding.address("__fentry__");
  for (size_t i = 0; i < 16; i++)
    link.indirect_thunks[i] =
        binding.address(fmt::format("__x86_indirect_thunk_{}", kRegisters[i]));
  return link;
}

// CONTRACT step 1. What cannot be verified counts as unsigned, unless signatures are enforced.
Result<void> Loader::check_signature(Loading& loading) {
  auto signature = elf::find_signature(loading.file);
  bool ignored = loading.flags.ignore_modversions || loading.flags.ignore_vermagic;
  if (signature && !ignored) loading.file = loading.file.first(signature->elf_size);
  int error = ENODATA;
  if (signature && !ignored) {
    if (signature->info.empty() || !signature->pkcs7.data()) return Error{EBADMSG, ""};
    // struct module_signature: id_type is the third byte; the other seven are reserved.
    constexpr size_t kIdType = 2, kReserved = 8;
    constexpr std::byte kPkcs7{2};  // enum pkey_id_type
    bool reserved_used = false;
    for (size_t i = 0; i < kReserved; i++)
      reserved_used |= i != kIdType && signature->info[i] != std::byte{0};
    if (signature->info[kIdType] != kPkcs7) {
      log(3, "module: not signed with expected PKCS#7 message");
      error = ENOPKG;
    } else if (reserved_used) {
      log(3, "module: PKCS#7 signature info has unexpected non-zero params");
      error = EBADMSG;
    } else {
      error = services_.signature ? services_.signature(loading.file, signature->pkcs7) : ENOKEY;
    }
  }
  const char* reason = nullptr;
  switch (error) {
    case 0:
      loading.signature_good = true;
      return {};
    case ENODATA:
      reason = "unsigned module";
      break;
    case ENOPKG:
      reason = "module with unsupported crypto";
      break;
    case ENOKEY:
      reason = "module with unavailable key";
      break;
    default:
      return Error{error, ""};
  }
  if (options_.sig_enforce) {
    log(5, fmt::format("Loading of {} is rejected", reason));
    return Error{EKEYREJECTED, ""};
  }
  if (options_.locked_down) {
    log(5, fmt::format("Lockdown: {}: unsigned module loading is restricted; see man "
                       "kernel_lockdown.7",
                       services_.current_comm ? services_.current_comm() : "insmod"));
    return Error{EPERM, ""};
  }
  return {};
}

// CONTRACT step 4. Up to here the name is .modinfo's.
Result<void> Loader::check_blacklist(const Loading& loading) const {
  const auto& list = options_.blacklist;
  std::string name = loading.view->name(kfield_module_name.offset);
  if (std::find(list.begin(), list.end(), name) == list.end()) return {};
  log(3, fmt::format("Module {} is blacklisted", name));
  return Error{EPERM, ""};
}

Result<void> Loader::check_versions(Loading& loading) {
  const elf::View& view = *loading.view;
  auto layout = services_.binding->target().find_export("module_layout");
  if (!layout || !layout->crc) return {};
  if (!loading.has_versions()) {
    force_load(*loading.module, "module_layout");
    return {};
  }
  const std::string& name = loading.module->name;
  for (const elf::Version& version : view.versions()) {
    if (version.name != "module_layout") continue;
    if (version.crc == layout->crc) return {};
    log(4, fmt::format("{}: disagrees about version of symbol module_layout", name));
    return Error{ENOEXEC, ""};
  }
  log(4, fmt::format("{}: no symbol version for module_layout", name));
  return Error{ENOEXEC, ""};
}

Result<void> Loader::check_vermagic(Loading& loading) {
  std::string_view ours = services_.binding->target().vermagic();
  auto magic = loading.view->modinfo("vermagic");
  if (!magic || loading.flags.ignore_vermagic) {
    force_load(*loading.module, "bad vermagic");
  } else if (!same_magic(*magic, ours, loading.has_versions())) {
    log(3,
        fmt::format("{}: version magic '{}' should be '{}'", loading.module->name, *magic, ours));
    return Error{ENOEXEC, ""};
  }
  return {};
}

// What .modinfo says that is no reason to refuse.
void Loader::read_modinfo(Loading& loading) {
  const elf::View& view = *loading.view;
  Module& module = *loading.module;
  module.license = view.modinfo("license").value_or("unspecified");
  module.version = view.modinfo("version").value_or("");
  module.srcversion = view.modinfo("srcversion").value_or("");
  for (std::string_view name_space : view.modinfo_all("import_ns"))
    module.imported_namespaces.emplace_back(name_space);
}

// CONTRACT step 12: sections of which Linux has something to say.
void Loader::look_at_sections(Loading& loading) {
  const elf::View& view = *loading.view;
  Module& module = *loading.module;
  if (view.find("__obsparm")) log(4, fmt::format("{}: Ignoring obsolete parameters", module.name));
  if (taints_before_claim(services_.binding->target())) {
    uint64_t before = registry_.taints();
    taint_by_name(module);
    tell_of_licence(module, before);
  }
  for (auto [symbols, crcs] :
       {std::pair("__ksymtab", "__kcrctab"), std::pair("__ksymtab_gpl", "__kcrctab_gpl")})
    if (const elf::Section* table = view.find(symbols); table && table->size && !view.find(crcs))
      return force_load(module, "no versions for exported symbols");
}

// __ksymtab and __ksymtab_gpl with their CRCs in __kcrctab*, entry by entry.
Result<void> Loader::collect_exports(Loading& loading) {
  Module& module = *loading.module;
  for (bool gpl_only : {false, true}) {
    auto table = module.image->section(gpl_only ? "__ksymtab_gpl" : "__ksymtab");
    auto crcs = module.image->section(gpl_only ? "__kcrctab_gpl" : "__kcrctab");
    size_t count = table.size() / sizeof(RelativeSymbol);
    const auto* symbols = reinterpret_cast<const RelativeSymbol*>(table.data());
    for (size_t i = 0; i < count; i++) {
      ModuleExport exported;
      TableEntry entry(module, gpl_only ? "__ksymtab_gpl" : "__ksymtab", i);
      exported.name = TRY(entry.text("name", relative(symbols[i].name)));
      exported.address = relative(symbols[i].value);
      exported.gpl_only = gpl_only;
      if (symbols[i].name_space)
        exported.name_space = TRY(entry.text("namespace", relative(symbols[i].name_space)));
      exported.has_crc = crcs.size() >= (i + 1) * sizeof(uint32_t);
      if (exported.has_crc) std::memcpy(&exported.crc, crcs.data() + i * 4, 4);
      module.exports.push_back(exported);
    }
  }
  module.has_init = module_init(module.kernel) != nullptr;
  return {};
}

}  // namespace ring3::module
