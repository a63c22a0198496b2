// SPDX-License-Identifier: GPL-2.0-only
#include "session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "api.h"
#include "host/file.h"
#include "host/sandbox.h"
#include "link/module_space.h"
#include "module/kmodule.h"
#include "target/certificates.h"

namespace ring3::tools {
namespace {

// Prints to standard error what a reader noticed on the way.
class PrintDiagnostics final : public Diagnostics {
 public:
  void warning(std::string_view text) override { fmt::print(stderr, "ring3: warning: {}\n", text); }
};

std::string stamp(uint64_t ns) {
  return fmt::format("[{:5}.{:06}] ", ns / 1'000'000'000, ns / 1000 % 1'000'000);
}

// A record as dmesg prints it: every line of its text with the prefix.
void print_record(SessionOptions::Log style, const machine::LogRecordView& record) {
  using Log = SessionOptions::Log;
  if (style == Log::kNone) return;
  std::string out;
  if (style == Log::kJson) {
    nlohmann::ordered_json json = {{"seq", record.sequence},
                                   {"pri", record.level},
                                   {"fac", record.facility},
                                   {"time", static_cast<double>(record.time_ns) / 1e9},
                                   {"msg", std::string(record.text)}};
    out = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  } else {
    std::string prefix;
    if (style == Log::kRaw) prefix = fmt::format("<{}>", record.level + record.facility * 8);
    if (style != Log::kNoTime) prefix += stamp(record.time_ns);
    std::string_view text = record.text;
    do {
      size_t end = text.find('\n');
      out += prefix;
      out += text.substr(0, end);
      out += '\n';
      text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    } while (!text.empty());
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
}

void log_sink(void* context, const machine::LogRecordView& record) {
  print_record(static_cast<SessionOptions*>(context)->log, record);
}

}  // namespace

Result<ModuleFile> read_module(const std::string& path) {
  ModuleFile file;
  file.path = host::absolute_path(path);
  file.bytes = TRY(elf::read_module_file(path)).bytes;
  auto view = elf::View::parse(file.bytes);
  if (!view) return file;  // the loader will say what is wrong with it
  file.name = view->name(0);
  file.vermagic = view->modinfo("vermagic").value_or("");
  for (std::string_view alias : view->modinfo_all("alias")) file.aliases.emplace_back(alias);
  for (const elf::Symbol& symbol : view->symbols()) {
    if (symbol.index && symbol.section == SHN_UNDEF) file.imports.emplace_back(symbol.name);
    constexpr std::string_view kExport = "__ksymtab_";
    if (symbol.name.starts_with(kExport))
      file.exports.emplace_back(symbol.name.substr(kExport.size()));
  }
  return file;
}

std::vector<ModuleFile> in_dependency_order(std::vector<ModuleFile> files) {
  std::map<std::string, size_t> exporter;
  for (size_t i = 0; i < files.size(); i++)
    for (const std::string& name : files[i].exports) exporter.emplace(name, i);
  std::vector<size_t> order;
  std::set<size_t> seen;
  std::function<void(size_t)> visit = [&](size_t i) {
    if (!seen.insert(i).second) return;
    for (const std::string& name : files[i].imports)
      if (auto found = exporter.find(name); found != exporter.end()) visit(found->second);
    order.push_back(i);
  };
  for (size_t i = 0; i < files.size(); i++) visit(i);
  std::vector<ModuleFile> sorted;
  sorted.reserve(order.size());
  for (size_t i : order) sorted.push_back(std::move(files[i]));
  return sorted;
}

Result<std::unique_ptr<target::Target>> open_target(const std::string& kernel,
                                                    const ModuleFile* module) {
  target::OpenOptions open;
  if (kernel.find('/') != std::string::npos)
    open.kdir = kernel;
  else if (!kernel.empty())
    open.release = kernel;
  else if (module && !module->vermagic.empty())
    open.release = target::release_of_vermagic(module->vermagic);
  else
    return Error{ENOEXEC,
                 fmt::format("{}: it has no vermagic that names its kernel; say --kernel KDIR",
                             module ? module->path : "no module")};
  PrintDiagnostics diagnostics;
  return target::Target::open(open, diagnostics);
}

Result<std::unique_ptr<Session>> Session::start(const SessionOptions& options,
                                                const ModuleFile* module) {
  std::unique_ptr<Session> session(new Session());
  session->options_ = options;
  session->target_ = TRY(open_target(options.kernel, module));
  session->step("target");
  kernel::KernelOptions kernel;
  kernel.cpus = options.cpus;
  kernel.clock = options.virtual_time ? machine::ClockKind::kVirtual : machine::ClockKind::kReal;
  kernel.guarded_heap = options.guard;
  kernel.command_line = options.command_line;
  kernel.loader.strict = options.strict;
  kernel.loader.patch = !options.no_patch;
  for (const std::string& path : options.trust) {
    auto file = TRY(host::read_file(path));
    for (auto& one : TRY(module::read_certificates(file, path))) kernel.trusted.push_back(one);
  }
  kernel.builtin_keys = options.builtin_keys;
  if (options.eager_keys && options.builtin_keys) {
    auto list = target::builtin_certificates(*session->target_);
    if (list && !list->empty())
      if (auto keys = module::read_certificates(*list, "the kernel's own certificates"))
        for (auto& one : *keys) kernel.trusted.push_back(one);
    kernel.builtin_keys = false;
  }
  if (options.log != SessionOptions::Log::kNone) {
    kernel.log.sink = &log_sink;
    kernel.log.sink_context = &session->options_;
  }
  if (options.verbose)
    kernel.step = [raw = session.get()](std::string_view text) { raw->step(text); };
  auto on_end = options.on_end;
  if (!on_end)
    on_end = [](const char*, int status) {
      std::fflush(stdout);
      _exit(status);
    };
  kernel.on_panic = [on_end](const char*) { on_end("panic", kExitOops); };
  kernel.on_end = [on_end](kernel::MachineEnd how) {
    using kernel::MachineEnd;
    on_end(how == MachineEnd::kHalt       ? "halt"
           : how == MachineEnd::kPowerOff ? "power off"
                                          : "restart",
           kExitOk);
  };
  session->direct_ = std::make_unique<HostOutside>();
  Outside& outside = options.outside ? *options.outside : *session->direct_;
  session->programs_ = std::make_unique<UserPrograms>(*session, outside, options.module_folders);
  kernel.user_mode_helper = [programs = session->programs_.get()](
                                const kernel::UserProgram& program, kernel::HelperWait wait) {
    return programs->run(program, wait);
  };
  if (options.before_machine) {
    session->programs_->read_folders_now();
    options.before_machine();
  }
  // Before the CPUs' threads are there, so that each of them has it.
  if (options.sandbox)
    TRY(host::forbid_system_calls_of(link::kModuleSpaceBase, link::kModuleSpaceEnd));
  session->kernel_ = TRY(kernel::Kernel::start(*session->target_, kernel));
  debug::SourceLines::OpenFile open_file;
  if (options.outside)
    open_file = [&outside](const std::string& path) { return outside.open(path); };
  session->traps_ = std::make_unique<debug::Traps>(*session->kernel_, open_file);
  session->step("machine");
  return session;
}

Session::~Session() {
  programs_.reset();
  if (kernel_) kernel_->log().finish_line();
  traps_.reset();
  kernel_.reset();
}

void Session::step(std::string_view text) {
  if (!options_.verbose) return;
  auto now = std::chrono::steady_clock::now();
  std::fflush(stdout);
  fmt::print(stderr, "ring3: {:<12} {:8.3f} ms\n", text,
             std::chrono::duration<double, std::milli>(now - last_step_).count());
  last_step_ = now;
}

Session::Outcome Session::call(const std::string& comm, const std::function<int()>& body,
                               uint64_t without) {
  Outcome outcome;
  kernel::KillSwitch kill;
  outcome.died = !kernel_->run(
      comm, [&] { outcome.error = body(); }, without, &kill);
  outcome.signal = kill.death_signal();
  return outcome;
}

Session::Outcome Session::load(const ModuleFile& file, const std::string& args) {
  using module::OwnMemory;
  return call("insmod", [&] {
    return kernel_->system_calls().init_module(OwnMemory(), OwnMemory::at(file.bytes.data()),
                                               file.bytes.size(), OwnMemory::at(args.c_str()),
                                               file.path);
  });
}

Session::Outcome Session::remove(const std::string& name, uint64_t without) {
  using module::OwnMemory;
  constexpr unsigned kNonblock = 04000;  // as kmod's rmmod says it
  auto body = [&] {
    return kernel_->system_calls().delete_module(OwnMemory(), OwnMemory::at(name.c_str()),
                                                 kNonblock);
  };
  return call("rmmod", body, without);
}

Result<std::string> Session::read_file(const std::string& path) {
  Result<std::string> text = Error{EIO, ""};
  kernel_->run("cat", [&] { text = kernel_->files().read(path); });
  return text;
}

Result<void> Session::write_file(const std::string& path, const std::string& text) {
  Result<void> written = Error{EIO, ""};
  kernel_->run("sh", [&] { written = kernel_->files().write(path, text); });
  return written;
}

Result<std::vector<machine::File>> Session::list_files(const std::string& path) {
  Result<std::vector<machine::File>> list = Error{EIO, ""};
  kernel_->run("ls", [&] { list = kernel_->files().list(path); });
  return list;
}

std::string insmod_error(const std::string& path, int error) {
  std::string text;
  switch (error) {
    case ENOEXEC:
      text = "Invalid module format";
      break;
    case ENOENT:
      text = "Unknown symbol in module";
      break;
    case ESRCH:
      text = "Module has wrong symbol version";
      break;
    case EINVAL:
      text = "Invalid parameters";
      break;
    default:
      text = std::strerror(error);
  }
  return fmt::format("insmod: ERROR: could not insert module {}: {}", path, text);
}

std::string rmmod_error(Session& session, const std::string& name, int error) {
  auto& registry = session.kernel().loader().registry();
  module::Module* module = registry.find(name);
  if (!module) return fmt::format("rmmod: ERROR: Module {} is not currently loaded", name);
  if (!module->used_by.empty()) {
    std::string users;
    for (module::Module* user : module->used_by) users += " " + user->name;
    return fmt::format("rmmod: ERROR: Module {} is in use by:{}", name, users);
  }
  if (module->references > 0) return fmt::format("rmmod: ERROR: Module {} is in use", name);
  return fmt::format(
      "rmmod: ERROR: could not remove '{}': {}\nrmmod: ERROR: could not remove module {}: {}", name,
      std::strerror(error), name, std::strerror(error));
}

}  // namespace ring3::tools
