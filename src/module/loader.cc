// SPDX-License-Identifier: GPL-2.0-only
// load_module, step by step. Each step is a function; init_module() lists them, and between them
// stands what an error undoes. Steps that belong to one idea live in files of their own: the ELF
// checks in src/elf, symbols in resolver.cc, memory and relocation in src/link, arguments in
// params.cc, modinfo and versions in checks.cc.
#include "module/loader.h"

#include <fmt/format.h>

#include <cstring>

#include "machine/memory/memory.h"
#include "module/dialect.h"
#include "module/files.h"
#include "module/loading.h"
#include "module/params.h"
#include "module/symbols.h"

namespace ring3::module {
namespace {

// Linux's lines while linking go to the log at the levels that Linux uses.
class LinkLines final : public link::LinkLog {
 public:
  explicit LinkLines(const LogFunction& log) : log_(log) {}
  void error(std::string_view line) override { log_(3, line); }
  void warning(std::string_view line) override { log_(4, line); }

 private:
  const LogFunction& log_;
};

void init_list(void* list) {
  void** links = static_cast<void**>(list);
  links[0] = links[1] = list;
}

}  // namespace

Loader::Loader(LoaderServices services, LoaderOptions options)
    : services_(std::move(services)), options_(std::move(options)) {}

Loader::~Loader() {
  // Newest first, so that users go before what they use. Their exit does not run: the machine is
  // gone.
  while (Module* newest = registry_.newest()) registry_.remove(newest);
}

bool Loader::first(Once what) { return !(told_.fetch_or(1u << what) & 1u << what); }

Result<Module*> Loader::load(Bytes file, std::string args, LoadFlags flags, std::string path) {
  Loading loading{.file = file, .flags = flags};
  TRY(check_signature(loading));
  auto refused = [&](const Error& error) {
    log(elf::log_level(error), error.text);
    return Error{error.code, ""};
  };
  auto view = elf::View::parse(loading.file, elf_checks(services_.binding->target()));
  if (!view) return refused(view.error());
  loading.view = &*view;
  uint64_t name_offset = kfield_module_name.offset;
  if (auto checked = view->check_module(name_offset); !checked) return refused(checked.error());
  loading.owned = std::make_unique<Module>();
  loading.module = loading.owned.get();
  loading.module->name = view->struct_name(name_offset);
  loading.module->args = std::move(args);
  loading.module->path = std::move(path);
  loading.module->build_id = view->build_id();
  TRY(check_blacklist(loading));
  TRY(check_versions(loading));
  TRY(check_vermagic(loading));
  read_modinfo(loading);
  if (taints_before_claim(services_.binding->target())) taint_by_modinfo(loading);
  step("checked");

  // While it is linked its name is taken; from there on discard() gives everything back.
  Module& module = *loading.module;
  bool announced = false;
  auto form = [&]() -> Result<void> {
    TRY(link(loading));
    TRY(fill_module(loading));
    if (auto checked = check_tables(module, services_); !checked) return refused(checked.error());
    module.tables_checked = true;
    if (flags.arguments_error) return Error{flags.arguments_error, ""};
    if (auto found = collect_exports(loading); !found) return refused(found.error());
    TRY(publish(loading));
    step("linked");
    if (int veto = notify(Notification::kComing, module)) return Error{veto, ""};
    announced = true;
    TRY(set_params(loading));
    step("parameters");
    TRY(show(module));
    return run_init(module);
  };
  if (auto formed = form(); !formed) {
    if (!loading.claimed) return formed.take_error();
    if (module.kernel) registry_.set_state(module, State::kGoing);
    if (announced) notify(Notification::kGoing, module);
    discard(&module);
    return formed.take_error();
  }
  return &module;
}

Result<void> Loader::claim_name(Loading& loading) {
  TRY(registry_.claim(std::move(loading.owned)));
  loading.claimed = true;
  Module& module = *loading.module;
  bool late = !taints_before_claim(services_.binding->target());
  uint64_t before = registry_.taints();
  if (late) taint_by_modinfo(loading);
  if (!loading.signature_good) taint_unsigned(module);
  if (late) taint_by_name(module);
  if (late) tell_of_licence(module, before);
  return {};
}

Result<void> Loader::link(Loading& loading) {
  Module& module = *loading.module;
  // The resolver lives as long as the image: it takes the per-CPU memory back.
  loading.resolver = std::make_unique<SymbolResolver>(
      *services_.binding, registry_, module, *loading.view, services_.percpu,
      ResolverOptions{options_.strict, loading.flags.ignore_modversions}, services_.log);
  LinkLines lines(services_.log);
  link::LinkOptions options = link_options(*services_.binding, options_);
  options.laid_out = [&]() -> Result<void> {
    // module_alloc, which comes before the name on Linux.
    if (machine::allocation_fail_point().should_fail(0)) return Error{ENOMEM, ""};
    return claim_name(loading);
  };
  options.placed = [&]() -> Result<void> {
    look_at_sections(loading);
    return {};
  };
  auto linked = link::link_module(*loading.view, module.name, options, *loading.resolver, lines);
  if (!linked) return Error{linked.error().code, ""};
  registry_.formed(&module, linked.take());
  module.resolver = std::move(loading.resolver);
  return {};
}

// What Linux writes into struct module after relocation, as far as module code or we read it.
Result<void> Loader::fill_module(Loading& loading) {
  Module& module = *loading.module;
  auto bytes = module.image->section(".gnu.linkonce.this_module");
  if (bytes.size() != sizeof_module())
    return Error{ENOEXEC,
                 fmt::format("{}: .gnu.linkonce.this_module has {} bytes, struct module of {} {}",
                             module.name, bytes.size(), services_.binding->target().release(),
                             sizeof_module())};
  TRY(check_aligned(module, ".gnu.linkonce.this_module", alignof(void*)));
  // Linux, too, would write to it when it is read-only already, and oops.
  const uint64_t flags = loading.view->this_module()->flags;
  if (!(flags & SHF_WRITE) || flags & SHF_EXECINSTR)
    return Error{ENOEXEC, fmt::format("{}: .gnu.linkonce.this_module is not writable data (flags "
                                      "{:#x}); rebuild the module",
                                      module.name, flags)};
  auto* kernel = reinterpret_cast<k::module*>(bytes.data());
  // The file's own bytes say 0, which is live: corrected before anybody can see them.
  module_state(kernel) = static_cast<unsigned>(State::kUnformed);
  module.kernel = kernel;
  for (void* list : {module_list(kernel), module_source_list(kernel), module_target_list(kernel)})
    init_list(list);
  auto params = module.image->section("__param");
  module_kp(kernel) = reinterpret_cast<k::kernel_param*>(params.data());
  module_num_kp(kernel) = static_cast<unsigned>(params.size() / sizeof_kernel_param());
  auto extable = module.image->section("__ex_table");
  module_extable(kernel) = reinterpret_cast<k::exception_table_entry*>(extable.data());
  module_num_exentries(kernel) =
      static_cast<unsigned>(extable.size() / sizeof_exception_table_entry());
  auto bugs = module.image->section("__bug_table");
  module_bug_table(kernel) = reinterpret_cast<k::bug_entry*>(bugs.data());
  module_num_bugs(kernel) = static_cast<unsigned>(bugs.size() / sizeof_bug_entry());
  module_percpu(kernel) = reinterpret_cast<void*>(module.image->percpu_offset);
  module_percpu_size(kernel) = static_cast<unsigned>(module.image->percpu_size);
  module_taints(kernel) = module.taints;
  module_args(kernel) = module.args.data();
  module_using_gplonly_symbols(kernel) = module.using_gpl_only_symbols;
  if (!module.version.empty()) module_version(kernel) = module.version.c_str();
  return {};
}

// unknown_module_param_cb: what every module takes. "dyndbg" may stand behind a name and a dot, and
// is then about the module of that name.
bool Loader::set_special(Module& module, std::string_view name, const char* value) {
  if (name == "async_probe") {
    module_async_probe_requested(module.kernel) = !value || parse_bool(value).value_or(true);
    return true;
  }
  size_t dot = name.find('.');
  if (name.substr(dot + 1) != "dyndbg") return false;
  std::string about(dot == name.npos ? module.name : name.substr(0, dot));
  if (services_.dyndbg) services_.dyndbg(about, value ? value : "+p");
  return true;
}

Result<void> Loader::set_params(Loading& loading) {
  Module& module = *loading.module;
  ParamContext context{
      .module_name = module.name,
      .params = module.image->section("__param"),
      .param_size = sizeof_kernel_param(),
      .log = services_.log,
      .note_unsafe = [this](const k::kernel_param* param) { note_unsafe(param); },
      .lock = [&](bool lock) { lock_params(module, lock); },
      .special = [&](std::string_view name,
                     const char* value) { return set_special(module, name, value); }};
  // Parsing writes NULs into the text; Linux keeps the original in module->args and so do we.
  module.parsed_args = module.args;
  return parse_args(context, module.parsed_args.data());
}

// complete_formation: now others can use its symbols, and wait for it.
Result<void> Loader::publish(Loading& loading) {
  Module& module = *loading.module;
  std::string_view name, owner;
  for (const ModuleExport& symbol : module.exports) {
    if (!services_.binding->target().find_export(symbol.name)) continue;
    name = symbol.name;
    owner = "kernel";
    break;
  }
  const FoundExport* twin = nullptr;
  if (owner.empty() && !registry_.publish(&module, twin)) {
    name = twin->symbol->name;
    owner = twin->owner->name;
  }
  if (owner.empty()) return {};
  log(3, fmt::format("{}: exports duplicate symbol {} (owned by {})", module.name, name, owner));
  return Error{ENOEXEC, ""};
}

// mod_sysfs_setup.
Result<void> Loader::show(Module& module) {
  if (!services_.files) return {};
  auto folder = add_sysfs_folder(*services_.files, *this, module);
  if (!folder) {
    log(3, fmt::format("{}: module is already loaded", module.name));
    return Error{EINVAL, ""};
  }
  module.folder = folder.take();
  return {};
}

void Loader::note_unsafe(const k::kernel_param* param) {
  if (!(kernel_param_flags(param) & kParamUnsafe)) return;
  log(5, fmt::format("Setting dangerous option {} - tainting kernel", kernel_param_name(param)));
  registry_.add_taint(kTaintUser);
}

std::string Loader::symbolise(uint64_t address, bool offset, bool return_address) const {
  return symbol_text(registry_, *services_.binding, address, offset, return_address);
}

}  // namespace ring3::module
