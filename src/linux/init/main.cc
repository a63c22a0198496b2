// SPDX-License-Identifier: GPL-2.0-only
#include "linux/init/main.h"

#include <cstring>

#include "linux/include/bug.h"
#include "linux/include/dynamic_debug.h"
#include "linux/include/format.h"
#include "linux/include/kernel.h"
#include "linux/include/memory.h"
#include "linux/include/printk.h"
#include "linux/init/command_line.h"
#include "linux/kernel/cred.h"
#include "linux/kernel/fork.h"
#include "linux/kernel/module/notify.h"
#include "linux/kernel/params.h"
#include "linux/kernel/printk/printk_files.h"
#include "linux/kernel/reboot.h"
#include "linux/kernel/sched/sched.h"
#include "linux/kernel/sysctl.h"
#include "linux/mm/mm.h"
#include "machine/interrupts.h"
#include "machine/memory/memory.h"
#include "module/files.h"
#include "target/certificates.h"

namespace ring3::kernel {
namespace {

uint64_t machine_time(void*) {
  auto* machine = machine::Machine::instance();
  return machine ? machine->clock().now_ns() : 0;
}

// Continuation lines belong to the task that prints; host threads to themselves.
uint64_t log_caller() {
  machine::Machine* machine = machine::Machine::instance();
  if (machine && machine::on_cpu_thread()) return reinterpret_cast<uint64_t>(kapi::gs_task());
  return static_cast<uint64_t>(host::current_thread());
}

size_t symbolise_for_printk(char* out, size_t size, uint64_t address, SymbolStyle style) {
  module::Loader* loader = running().loader;
  if (!loader || !size) return 0;
  std::string text = loader->symbolise(address, style.offset, style.return_address);
  if (text.starts_with("0x")) return 0;
  size_t length = std::min(text.size(), size - 1);
  std::memcpy(out, text.data(), length);
  out[length] = 0;
  return length;
}

// A kernel without an image or without keys of its own trusts nobody.
std::vector<module::Certificate> builtin_keys(const target::Target& target) {
  auto list = target::builtin_certificates(target);
  if (!list || list->empty()) return {};
  auto keys = module::read_certificates(*list, "the kernel's own certificates");
  return keys ? keys.take() : std::vector<module::Certificate>();
}

module::PerCpuService percpu_service() {
  return {.allocate = [](uint64_t size, uint64_t align) -> Result<uint64_t> {
            uint64_t place = allocate_reserved_percpu(size, align);
            if (!place) return Error{ENOMEM, "no per-CPU memory"};
            return place;
          },
          .free = &free_reserved_percpu,
          .initialise =
              [](uint64_t offset, std::span<const std::byte> image) {
                for (unsigned cpu = 0; cpu < machine::percpu().cpus() && !image.empty(); cpu++)
                  std::memcpy(machine::percpu().at(cpu, offset), image.data(), image.size());
              }};
}

}  // namespace

static machine::LogOptions log_options(const KernelOptions& options) {
  machine::LogOptions log = options.log;
  log.clock = &machine_time;
  log.bytes = log_size(options.command_line, log.bytes);
  return log;
}

Kernel::Kernel(const KernelOptions& options) : log_(log_options(options)) {}

Result<std::unique_ptr<Kernel>> Kernel::start(const target::Target& target, KernelOptions options) {
  std::unique_ptr<Kernel> kernel(new Kernel(options));
  TRY(kernel->boot(target, options));
  return kernel;
}

Result<void> Kernel::boot(const target::Target& target, const KernelOptions& options) {
  binding_ = TRY(kapi::Binding::create(target));
  machine::MemoryOptions memory = memory_options(*binding_, options.cpus);
  memory.ram.size = options.ram_size;
  memory.guarded = options.guarded_heap;
  TRY(machine::create_memory(memory));
  start_machine(options);
  start_loader(options);
  machine_->start();
  sched_start();
  return {};
}

// Memory exists; now the CPUs' areas and exported data get their contents, then the CPUs are made.
void Kernel::start_machine(const KernelOptions& options) {
  machine::MachineOptions machine{.cpus = options.cpus,
                                  .clock = options.clock,
                                  .tick_ns = 1'000'000'000 / ticks_per_second(binding_->target()),
                                  .percpu_areas = machine::percpu().areas(),
                                  .current_task_offset = current_task_offset(*binding_),
                                  .preempt_count_offset = preempt_count_offset(*binding_)};
  machine_ = std::make_unique<machine::Machine>(machine);
  running().binding = binding_.get();
  running().machine = machine_.get();
  running().user_mode_helper = options.user_mode_helper;
  running().panic = [this, on_panic = options.on_panic](const char* reason) {
    panicked_ = true;
    log_.finish_line();
    if (on_panic) on_panic(reason);
    machine_->scheduler().exit_current(true);
  };
  running().end = [this, on_end = options.on_end](MachineEnd how) {
    log_.finish_line();
    if (on_end) on_end(how);
    machine_->scheduler().exit_current(true);
  };
  set_kernel_log(&log_);
  set_log_caller(&log_caller);
  set_symbolise(&symbolise_for_printk);
  binding_->initialise_data();
  for (unsigned cpu = 0; cpu < options.cpus; cpu++)
    binding_->for_each_percpu([&](const kapi::Record& record, uint64_t offset, uint64_t) {
      if (record.data.init) record.data.init(machine::percpu().at(cpu, offset), *binding_);
    });
  sched_init(*machine_, *binding_);
}

void Kernel::start_loader(const KernelOptions& options) {
  const target::Target& target = binding_->target();
  auto log = [this](int level, std::string_view line) { print(level, line); };
  module::SignatureVerifier::More builtin;
  if (options.builtin_keys) builtin = [&target] { return builtin_keys(target); };
  module::SignatureAbilities abilities{
      .numbers = [&target](std::string_view name) { return target.enumerator(name); },
      .built_in = [&target](std::string_view option) { return target.config(option) == "y"; }};
  signatures_ = std::make_unique<module::SignatureVerifier>(std::move(abilities), log,
                                                            options.trusted, builtin);
  module::LoaderServices services{
      .binding = binding_.get(),
      .machine = machine_.get(),
      .files = &files_,
      .log = log,
      .percpu = percpu_service(),
      .signature = [this](Bytes content,
                          Bytes pkcs7) { return signatures_->verify(content, pkcs7); },
      .current_comm = [] { return std::string(current_comm()); },
      .dump_stack =
          [] {
            if (running().dump_stack) running().dump_stack("");
          },
      .warn =
          [](const char* function, const std::string& text) {
            warn_report("init/main.c", 0, function, text.c_str());
          },
      .step = options.step,
      .notify = &notify_modules,
      .lock_params = &lock_params,
      .check_debug_sites = &check_debug_sites,
      .check_param_argument = &check_param_argument,
      .dyndbg = [](const std::string& module,
                   const char* queries) { dynamic_debug_queries(queries, module.c_str()); },
  };
  module::LoaderOptions loader = options.loader;
  for (std::string_view name : binding_->target().builtin_modules())
    loader.builtin.emplace_back(name);
  take_command_line(options.command_line, loader);
  loader_ = std::make_unique<module::Loader>(std::move(services), std::move(loader));
  system_calls_ =
      std::make_unique<module::SystemCalls>(*loader_, [] { return may_current(kCapSysModule); });
  module::add_module_files(files_, *loader_);
  add_sysctl_files(files_, *loader_);
  add_printk_files(files_);
  add_dynamic_debug_files(files_);
  running().loader = loader_.get();
}

Kernel::~Kernel() {
  if (machine_) machine_->stop();
  running().dump_stack = nullptr;
  forget_module_notifiers();
  forget_reboot_notifiers();
  system_calls_.reset();
  loader_.reset();
  if (machine_) sched_exit();
  running() = {};
  set_symbolise(nullptr);
  set_kernel_log(nullptr);
  set_log_caller(nullptr);
  machine_.reset();
  if (machine::has_memory()) machine::destroy_memory();
}

void Kernel::print(int level, std::string_view line) {
  kernel_print("\001%c%.*s\n", '0' + level, static_cast<int>(line.size()), line.data());
}

bool Kernel::run(const std::string& comm, std::function<void()> body, uint64_t without,
                 KillSwitch* kill) {
  auto in_task = [&] {
    mm_attach();
    if (without) drop_capabilities(without);
    body();
  };
  std::function<void(machine::Task*)> watch;
  if (kill) watch = [kill](machine::Task* task) { kill->watch(task); };
  return machine_->scheduler().run(comm, in_task, watch) && !panicked_;
}

void KillSwitch::watch(machine::Task* task) {
  std::scoped_lock lock(mutex_);
  if (task_ && !task) death_signal_ = task_->death_signal;
  task_ = task;
  if (task_ && killed_) signal();
}

void KillSwitch::kill() {
  std::scoped_lock lock(mutex_);
  killed_ = true;
  if (task_) signal();
}

void KillSwitch::signal() {
  constexpr int kKill = 9;
  send_signal_to(reinterpret_cast<k::task_struct*>(task_->kernel_task), kKill, true);
}

}  // namespace ring3::kernel
