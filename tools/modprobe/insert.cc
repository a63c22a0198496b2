// SPDX-License-Identifier: GPL-2.0-only
// Inserting: the plan of src/index, performed. What is in the kernel already is passed over; what
// is only a soft dependency may fail.
#include <fmt/format.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "host/file.h"
#include "index/insert.h"
#include "index/loaded.h"
#include "index/module_names.h"
#include "index/plan.h"
#include "kmod/messages.h"
#include "modprobe.h"

namespace ring3::kmod {

using index::Found;

bool Modprobe::showing() const { return options_.show_depends || messages().verbose() > 0; }

bool Modprobe::in_kernel(const Found& module) {
  return module.builtin || lookup_.builtin(module.name) ||
         index::module_state(kernel_, module.name) == index::ModuleState::kLive;
}

// Without -a the first of these ends modprobe, as kmod's does, also where it is about a soft
// dependency. A quiet modprobe goes on.
void Modprobe::complain(std::string_view text, const std::string& used) {
  if (options_.all)
    messages().warning(text);
  else
    messages().fatal(text);
  if (!used.empty()) tell_users(used);
  if (options_.all || messages().quiet()) return;
  std::fflush(stdout);
  std::exit(1);
}

namespace {

bool is_path(const std::string& text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

std::string replaced(std::string text, std::string_view what, const std::string& with) {
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace

std::vector<Found> Modprobe::resolve(const std::string& text) {
  if (!is_path(text)) return lookup_.resolve(text);
  std::string path = host::absolute_path(text);
  if (!host::stat_file(path).exists) return {};
  std::string name = index::module_name_of(path);
  lookup_.set_path(name, path);
  return {{name, "", false}};
}

void Modprobe::show_action(const Found& module, const std::string& path, const std::string* command,
                           const std::string& arguments) {
  bool builtin = !command && path.empty();
  if (builtin && !module.builtin && !lookup_.builtin(module.name)) return;
  const char* action = command ? "install" : builtin ? "builtin" : "insmod";
  if (options_.json)
    actions_.push_back({action, module.name, path, command ? *command : "", arguments});
  else if (builtin)
    fmt::print("builtin {}\n", module.name);
  else
    fmt::print("{} {} {}\n", action, command ? *command : path, arguments);
}

int Modprobe::run_command(const char* type, const std::string& module, const std::string& command,
                          const std::string& arguments) {
  std::string line = replaced(command, "$CMDLINE_OPTS", arguments);
  std::fflush(stdout);
  ::setenv("MODPROBE_MODULE", module.c_str(), 1);
  int status = std::system(line.c_str());
  ::unsetenv("MODPROBE_MODULE");
  if (status == 0) return 0;
  if (status == -1)
    messages().error(fmt::format("Could not run {} command '{}' for module {}: {}", type, line,
                                 module, std::strerror(errno)));
  else if (WIFSIGNALED(status))
    messages().error(fmt::format("Error running {} command '{}' for module {}: ended by signal {}",
                                 type, line, module, WTERMSIG(status)));
  else
    messages().error(fmt::format("Error running {} command '{}' for module {}: retcode {}", type,
                                 line, module, WEXITSTATUS(status)));
  return EINVAL;
}

int Modprobe::load(const Found& module, const std::string& path, const std::string& arguments,
                   std::vector<std::string>& causes) {
  if (path.empty()) {
    messages().error(fmt::format("could not find module by name='{}'", module.name));
    return ENOENT;
  }
  kernel_.mark_log();
  auto done = index::insert_module(kernel_, path, arguments,
                                   {options_.force_modversion, options_.force_vermagic});
  if (done) return 0;
  if (done.error().code != EEXIST) {
    causes = index::causes(kernel_.log_since_mark(), index::name_in_file(path));
    if (!done.error().text.empty()) causes.push_back(done.error().text);
  }
  return done.error().code;
}

// One module with all that belongs to it. The result is an errno.
int Modprobe::probe(const Found& asked, const std::string& arguments,
                    std::vector<std::string>& causes) {
  bool check_loaded = !options_.show_depends;
  if (check_loaded && in_kernel(asked)) return options_.first_time ? EEXIST : 0;
  if ((!asked.alias.empty() || options_.use_blacklist) && config_.blacklisted(asked.name)) return 0;
  for (const index::Step& step : index::insertion_plan(lookup_, asked, options_.ignore_commands)) {
    const Found& module = step.module;
    int error = 0;
    if (check_loaded && in_kernel(module)) {
      error = EEXIST;
    } else {
      std::string options = config_.options_of(module.name, module.alias);
      if (!options.empty()) options += ' ';
      if (step.asked) options += arguments;
      const std::string* command =
          step.ignore_command ? nullptr : config_.install_command(module.name);
      if (showing()) show_action(module, step.path, command, options);
      if (options_.dry_run) continue;
      error = command ? run_command("install", module.name, *command, options)
                      : load(module, step.path, options, causes);
    }
    if (error == EEXIST && step.asked && options_.first_time) return error;
    if (error == 0 || error == EEXIST || !step.required) {
      causes.clear();
      continue;
    }
    if (!step.asked)
      causes.push_back(
          fmt::format("'{}' needs '{}' ({}), which failed", asked.name, module.name, step.path));
    return error;
  }
  return 0;
}

bool Modprobe::insert(const std::string& text, const std::string& arguments) {
  std::vector<Found> found = resolve(text);
  if (found.empty()) {
    complain(fmt::format("Module {} not found in directory {}", text, options_.folder));
    return false;
  }
  bool good = true;
  for (const Found& module : found) {
    good = true;
    if (options_.resolve) {
      fmt::print("{}\n", module.name);
      continue;
    }
    std::vector<std::string> causes;
    int error = probe(module, arguments, causes);
    if (error == 0) continue;
    good = false;
    const char* why = error == EEXIST ? "Module already in kernel"
                      : error == ENOENT
                          ? "Unknown symbol in module, or unknown parameter (see dmesg)"
                          : std::strerror(error);
    messages().error(fmt::format("could not insert '{}': {}", module.name, why));
    for (const std::string& cause : causes) messages().cause(cause);
  }
  return good;
}

}  // namespace ring3::kmod
