// SPDX-License-Identifier: GPL-2.0-only
// load_module, step by step. Each step is a function; init_module() lists them, and between them
// stands what an error undoes. Steps that belong to one idea live in files of their own: the ELF
// checks in src/elf, symbols in resolver.cc, memory and relocation in src/link, arguments in
// params.cc, modinfo and versions in checks.cc.
#include "module/loader.h"

#include <fmt/format.h>

#include <cstring>

#include "module/dialect.h"
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
    : services_(std::move(services)), options_(options) {}

Loader::~Loader() {
  // Newest first, so that users go before what they use. Their exit does not run: the machine is
  // gone.
  for (Module* module : registry_.modules()) registry_.remove(module);
}

Result<Module*> Loader::init_module(Bytes file, std::string args, LoadFlags flags,
                                    std::string path) {
  Loading loading{.file = file, .flags = flags};
  auto signature = elf::find_signature(file);
  if (signature) loading.file = file.first(signature->elf_size);
  auto view = elf::View::parse(loading.file);
  if (!view) {
    log(3, view.error().text);
    return Error{view.error().code, ""};
  }
  loading.view = &*view;
  uint64_t name_offset = kfield_module_name.offset;
  if (auto checked = view->check_module(name_offset); !checked) {
    log(4, checked.error().text);
    return Error{checked.error().code, ""};
  }
  loading.owned = std::make_unique<Module>();
  loading.module = loading.owned.get();
  loading.module->name = view->name(name_offset);
  loading.module->args = std::move(args);
  loading.module->path = std::move(path);
  loading.module->build_id = view->build_id();
  TRY(check_versions(loading));
  TRY(check_modinfo(loading));
  step("checked");

  // From here on the name is taken; discard() gives everything back.
  TRY(add_unformed(loading));
  bool announced = false;
  auto form = [&]() -> Result<void> {
    TRY(link(loading));
    TRY(fill_module(loading));
    TRY(collect_exports(loading));
    step("linked");
    if (services_.coming) services_.coming(*loading.module);
    loading.module->set_state(State::kComing);
    if (int veto = notify(Notification::kComing, *loading.module)) return Error{veto, ""};
    announced = true;
    TRY(set_params(loading));
    step("parameters");
    return run_init(loading);
  };
  if (auto formed = form(); !formed) {
    if (announced) {
      loading.module->set_state(State::kGoing);
      notify(Notification::kGoing, *loading.module);
    }
    discard(loading.module);
    return formed.take_error();
  }
  return loading.module;
}

Result<void> Loader::add_unformed(Loading& loading) {
  if (registry_.find(loading.module->name)) return Error{EEXIST, ""};
  registry_.add(std::move(loading.owned));
  if (!told_unsigned_) {
    told_unsigned_ = true;
    log(5, fmt::format("{}: module verification failed: signature and/or required key missing - "
                       "tainting kernel",
                       loading.module->name));
  }
  loading.module->taints |= bit(kTaintUnsigned);
  registry_.add_taint(kTaintUnsigned);
  return {};
}

Result<void> Loader::link(Loading& loading) {
  Module& module = *loading.module;
  // The resolver lives as long as the image: it takes the per-CPU memory back.
  loading.resolver = std::make_unique<SymbolResolver>(
      *services_.binding, registry_, module, *loading.view, services_.percpu,
      ResolverOptions{options_.strict, loading.flags.ignore_modversions}, services_.log);
  LinkLines lines(services_.log);
  auto linked =
      link::link_module(*loading.view, module.name, link_options(*services_.binding, options_),
                        *loading.resolver, lines);
  if (!linked) return Error{linked.error().code, ""};
  module.image = linked.take();
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
  module.kernel = reinterpret_cast<k::module*>(bytes.data());
  k::module* kernel = module.kernel;
  module.set_state(State::kUnformed);
  if ((module.taints & bit(kTaintProprietary)) && !told_license_ &&
      speaks_as_6_12(services_.binding->target())) {
    told_license_ = true;
    log(4, fmt::format("{}: module license taints kernel.", module.name));
  }
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

Result<void> Loader::set_params(Loading& loading) {
  Module& module = *loading.module;
  ParamContext context{.module_name = module.name,
                       .params = module.image->section("__param"),
                       .param_size = sizeof_kernel_param(),
                       .log = services_.log,
                       .taint_unsafe = [this] { registry_.add_taint(kTaintUser); },
                       .special =
                           [&](std::string_view name, const char*) {
                             // dyndbg= queries are taken; what they switch comes with dynamic
                             // debug.
                             if (name == "dyndbg") return true;
                             if (name != "async_probe") return false;
                             module_async_probe_requested(module.kernel) = true;
                             return true;
                           }};
  // Parsing writes NULs into the text; Linux keeps the original in module->args and so do we.
  module.parsed_args = module.args;
  return parse_args(context, module.parsed_args.data());
}

Result<void> Loader::run_init(Loading& loading) {
  Module& module = *loading.module;
  int result = call_init(module);
  step("init");
  if (result < 0) {
    return Error{-result, ""};
  }
  if (result > 0) {
    log(4, fmt::format("do_init_module: '{}'->init suspiciously returned {}, it should follow "
                       "0/-E convention\ndo_init_module: loading module anyway...",
                       module.name, result));
    if (services_.dump_stack) services_.dump_stack();
  }
  module.image->seal_after_init();
  module.set_state(State::kLive);
  notify(Notification::kLive, module);
  module.image->free_init();
  module_init(module.kernel) = nullptr;
  module.references--;
  return {};
}

// Runs module_init and checks, as do_one_initcall does, that it left the CPU as it found it.
int Loader::call_init(Module& module) {
  auto init = module_init(module.kernel);
  if (!init) return 0;
  auto before = machine::Cpu::current()->preempt_count() & ~machine::kNoReschedule;
  int result = init();
  std::string imbalance;
  auto& count = machine::Cpu::current()->preempt_count();
  if ((count & ~machine::kNoReschedule) != before) {
    imbalance += "preemption imbalance ";
    count = before | machine::kNoReschedule;
  }
  if (!kapi::gs_interrupts_on()) {
    imbalance += "disabled interrupts ";
    kapi::set_gs_interrupts_on(1);
  }
  if (!imbalance.empty())
    log(4, fmt::format("initcall {} returned with {}", symbolise(reinterpret_cast<uint64_t>(init)),
                       imbalance));
  return result;
}

Result<void> Loader::delete_module(std::string_view name, bool force) {
  Module* module = registry_.find(name);
  if (!module) return Error{ENOENT, ""};
  if (!module->used_by.empty()) return Error{EAGAIN, ""};
  if (module->state() != State::kLive) return Error{EBUSY, ""};
  auto exit = module_exit(module->kernel);
  if (module->has_init && !exit && !force) return Error{EBUSY, ""};
  int idle = 0;
  if (!module->references.compare_exchange_strong(idle, -1)) {
    if (!force) return Error{EAGAIN, ""};
    registry_.add_taint(kTaintForcedRmmod);
  }
  module->set_state(State::kGoing);
  if (exit) exit();
  step("exit");
  notify(Notification::kGoing, *module);
  discard(module);
  return {};
}

void Loader::discard(Module* module) {
  if (module->kernel) free_params(module->image->section("__param"), sizeof_kernel_param());
  for (Module* used : module->uses) {
    std::erase(used->used_by, module);
    used->references--;
  }
  std::unique_ptr<Module> taken = registry_.remove(module);
  if (services_.gone) services_.gone(*taken);
  step("freed");
}

std::string Loader::symbolise(uint64_t address, bool offset, bool return_address) const {
  return symbol_text(registry_, *services_.binding, address, offset, return_address);
}

}  // namespace ring3::module
