// SPDX-License-Identifier: GPL-2.0-only
// ring3 boot: a machine that stays, in a process of its own. The order of its beginning is that of
// what it gives up:
//
//   lock       from here on the machine of this name is ours, or somebody else's
//   broker     forked while the process may still do everything
//   socket     a dead machine's is removed, ours is there; who waited for it connects
//   target     BTF, symbols, keys, the folders of modprobe: all files that the machine reads
//   Landlock   no more files
//   machine    CPUs, memory; system calls of module code are stopped from here on
//   seccomp    no system calls but those that a running machine needs
//   ready      the starter, which waited, says so and goes
#include <fmt/format.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "host/file.h"
#include "host/folder.h"
#include "host/process.h"
#include "host/sandbox.h"
#include "host/socket.h"
#include "service/client.h"
#include "session.h"
#include "user/server.h"

namespace ring3::tools {
namespace {

struct BootArguments {
  SessionOptions session;
  std::string name;
  bool quiet = false;
  bool programs = true;
};

// The kernel of a machine that nobody chose one for: RING3_KERNEL, the running kernel if its files
// are installed, else the newest one that is.
std::string default_kernel() {
  std::string kernel = host::environment("RING3_KERNEL");
  if (!kernel.empty()) return kernel;
  const std::string modules = "/lib/modules/";
  std::string running = host::running_release();
  if (host::stat_file(modules + running).directory) return running;
  auto releases = host::list_folder(modules);
  if (!releases) return running;
  for (const std::string& release : *releases)
    if (host::stat_file(modules + release + "/build").directory &&
        ::strverscmp(release.c_str(), kernel.c_str()) > 0)
      kernel = release;
  return kernel.empty() ? running : kernel;
}

user::Server* the_server = nullptr;

// The machine's process, from the broker on. The result goes to `starter`: "ok", or what is wrong.
class MachineProcess {
 public:
  MachineProcess(BootArguments& arguments, const service::Place& place, const host::Handle& lock)
      : options_(arguments.session), programs_(arguments.programs), place_(place), lock_(lock) {}

  int run(const host::Handle& starter) {
    auto status = [&]() -> Result<int> {
      TRY(prepare());
      TRY(start());
      (void)host::send_all(starter.get(), as_bytes("ok"));
      host::shut_down(starter.get());
      return server_->serve();
    }();
    if (!status) {
      host::remove_file(place_.socket);
      (void)host::send_all(starter.get(), as_bytes(status.error().text));
      return kExitFailed;
    }
    // Modules are still there, and nobody takes a machine apart that is switched off.
    host::end_process(*status);
  }

 private:
  Result<void> prepare() {
    outside_ = std::make_unique<BrokerOutside>(TRY(service::Broker::fork_off(place_, programs_)));
    host::remove_file(place_.socket);
    listener_ = TRY(host::listen_at(place_.socket));
    host::replace_content(lock_.get(), fmt::format("{}\n", host::process_id()));
    host::start_is_over(lock_.get());
    log_file_ = TRY(host::open_for_log(place_.log));
    host::raise_descriptor_limit();
    return {};
  }

  Result<void> start() {
    options_.log = SessionOptions::Log::kNone;
    options_.eager_keys = true;
    options_.outside = outside_.get();
    options_.before_machine = [this] {
      if (options_.sandbox) landlock_ = host::give_up_files();
    };
    options_.on_end = [](const char* reason, int status) {
      if (the_server) the_server->end(reason, status);
      host::wait_for_ever();
    };
    session_ = TRY(Session::start(options_, nullptr));
    user::ServerOptions server;
    server.name = place_.name;
    server.listener = std::move(listener_);
    server.log_file = std::move(log_file_);
    server.oopses = [this] { return session_->oopses(); };
    server.confined = options_.sandbox;
    server.landlock = landlock_;
    server_ = std::make_unique<user::Server>(session_->kernel(), std::move(server));
    the_server = server_.get();
    host::on_terminate([] { the_server->end("SIGTERM", kExitOk); });
    if (options_.sandbox) TRY(host::keep_only_needed_system_calls());
    return {};
  }

  SessionOptions& options_;
  const bool programs_;
  const service::Place& place_;
  const host::Handle& lock_;
  std::unique_ptr<BrokerOutside> outside_;
  host::Handle listener_, log_file_;
  int landlock_ = 0;
  std::unique_ptr<Session> session_;
  std::unique_ptr<user::Server> server_;
};

std::string read_all(int socket) {
  std::string text;
  char c;
  host::Handle nothing;
  while (host::receive_all(socket, &c, 1, nothing)) text += c;
  return text;
}

Result<void> start_machine(BootArguments& arguments, const service::Place& place) {
  auto lock = host::lock_file(place.lock);
  if (!lock && lock.error().code == EAGAIN)
    return Error{EEXIST, fmt::format("machine '{}' is running already; `ring3 ps` shows it, `ring3 "
                                     "shutdown {}` ends it",
                                     place.name, place.name)};
  if (!lock) return lock.error();
  auto errors = TRY(host::open_for_log(place.errors));
  host::replace_content(errors.get(), "");
  auto pair = TRY(host::socket_pair(false));
  TRY(host::run_in_background(errors.get(), [&] {
    pair.ours.close();
    return MachineProcess(arguments, place, *lock).run(pair.theirs);
  }));
  pair.theirs.close();
  std::string answer = read_all(pair.ours.get());
  if (answer == "ok") return {};
  return Error{EIO, answer.empty() ? fmt::format("the machine's process died; see {}", place.errors)
                                   : answer};
}

int boot(BootArguments& arguments) {
  auto place = service::place_of(service::machine_name(arguments.name));
  if (place && arguments.session.kernel.empty()) arguments.session.kernel = default_kernel();
  // The process will stand in the root folder.
  for (std::string& folder : arguments.session.module_folders) folder = host::absolute_path(folder);
  for (std::string& file : arguments.session.trust) file = host::absolute_path(file);
  if (arguments.session.kernel.find('/') != std::string::npos)
    arguments.session.kernel = host::absolute_path(arguments.session.kernel);
  auto started = place ? start_machine(arguments, *place) : Result<void>(place.error());
  if (!started) {
    fmt::print(stderr, "ring3 boot: {}\n", started.error().text);
    return kExitFailed;
  }
  if (arguments.quiet) return kExitOk;
  auto client = service::Client::connect(*place);
  auto status = client ? client->status() : Result<service::Status>(client.error());
  if (!status) {
    fmt::print(stderr, "ring3 boot: {}\n", status.error().text);
    return kExitFailed;
  }
  fmt::print("machine '{}' runs Linux {} in process {}\n", status->name, status->release,
             status->process);
  return kExitOk;
}

}  // namespace

void add_boot(CLI::App& app, Commands& commands) {
  auto arguments = std::make_shared<BootArguments>();
  SessionOptions& session = arguments->session;
  session.sandbox = true;  // programs are started by the broker
  CLI::App* command = app.add_subcommand("boot", "start a machine that stays");
  command->add_option("-n,--name", arguments->name,
                      "its name (default: RING3_MACHINE, else 'default')");
  command->add_option("-k,--kernel", session.kernel,
                      "build folder or release of the kernel (default: RING3_KERNEL, else the "
                      "running kernel's if it is installed, else the newest that is)");
  command->add_option("--cmdline", session.command_line,
                      "the kernel's command line, as to log_buf_len=4M");
  command
      ->add_option("--modules", session.module_folders,
                   "folder where the machine's own modprobe looks; may be given again")
      ->allow_extra_args(false);
  command->add_option("--cpus", session.cpus, "CPUs of the machine")->check(CLI::Range(1, 64));
  command->add_option("--trust", session.trust, "trust modules signed with this certificate")
      ->allow_extra_args(false);
  command->add_flag("!--no-builtin-keys", session.builtin_keys,
                    "do not trust the certificates in the target's own kernel");
  command->add_flag("--strict", session.strict, "refuse modules that import what ring3 lacks");
  command->add_flag("--virtual-time", session.virtual_time, "sleeps cost nothing");
  command->add_flag("--guard", session.guard, "put each allocation against an unreadable page");
  command->add_flag("--no-patch", session.no_patch, "leave thunks and static branches unpatched");
  command->add_flag("!--no-sandbox", session.sandbox, "let the machine's process keep its rights");
  command->add_flag("!--no-programs", arguments->programs,
                    "module code may not start programs of the host");
  command->add_flag("-q,--quiet", arguments->quiet, "say nothing but errors");
  command->callback(
      [arguments, &commands] { commands.run = [arguments] { return boot(*arguments); }; });
}

}  // namespace ring3::tools
