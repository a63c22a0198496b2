// SPDX-License-Identifier: GPL-2.0-only
// Removing: what was loaded after the module goes first (its soft dependencies behind it, with
// --remove-holders the modules that use it), then the module, then what nobody needs any more.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "index/loaded.h"
#include "index/plan.h"
#include "kmod/messages.h"
#include "modprobe.h"

namespace ring3::kmod {
namespace {

using index::Found;

unsigned long now_ms() {
  timespec now;
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<unsigned long>(now.tv_sec) * 1000 +
         static_cast<unsigned long>(now.tv_nsec) / 1'000'000;
}

void sleep_ms(unsigned long ms) {
  timespec time{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000) * 1'000'000};
  ::nanosleep(&time, nullptr);
}

}  // namespace

void Modprobe::tell_users(const std::string& name) {
  std::vector<std::string> users = index::holders(kernel_, name);
  if (!users.empty()) {
    messages().cause(fmt::format("{} is used by: {}", name, fmt::join(users, " ")));
  } else if (auto count = index::reference_count(kernel_, name); count && *count > 0) {
    messages().cause(fmt::format("{} has {} reference{} from programs or from the kernel", name,
                                 *count, *count == 1 ? "" : "s"));
  }
}

int Modprobe::delete_module(const std::string& name) {
  if (showing()) fmt::print("rmmod {}\n", name);
  std::fflush(stdout);
  if (options_.dry_run) return 0;
  unsigned flags =
      index::kDeleteNonblock |
      (options_.force_modversion && options_.force_vermagic ? index::kDeleteForce : 0u);
  unsigned long deadline = now_ms() + options_.wait_ms, pause = 1;
  while (true) {
    auto done = kernel_.delete_module(name, flags);
    if (done) return 0;
    unsigned long now = now_ms();
    if (done.error().code != EAGAIN || now >= deadline) {
      messages().error(
          fmt::format("could not remove '{}': {}", name, std::strerror(done.error().code)));
      if (done.error().code == EAGAIN) tell_users(name);
      return done.error().code;
    }
    sleep_ms(std::min(pause, deadline - now));
    pause *= 2;
  }
}

// In reverse order.
int Modprobe::remove_list(const std::vector<Found>& modules, bool stop) {
  for (size_t i = modules.size(); i-- > 0;) {
    int error = remove_module(modules[i], kIgnoreBuiltin);
    if (error && stop) return error;
  }
  return 0;
}

int Modprobe::remove_module(const Found& module, unsigned flags) {
  const std::string& name = module.name;
  if (!removing_.insert(name).second) return 0;  // a circle of soft dependencies
  index::SoftDependencies soft;
  const std::string* command = nullptr;
  if (!options_.ignore_commands) {
    soft = index::soft_dependencies(lookup_, name);
    command = config_.remove_command(name);
  }
  if (!command && !options_.show_depends) {
    if (module.builtin || lookup_.builtin(name)) {
      if (flags & kIgnoreBuiltin) return 0;
      complain(fmt::format("Module {} is builtin.", name));
      return ENOENT;
    }
    if (index::module_state(kernel_, name) == index::ModuleState::kNone) {
      if (!options_.first_time) return 0;
      complain(fmt::format("Module {} is not in kernel.", name));
      return ENOENT;
    }
  }
  remove_list(soft.after, false);
  if (flags & kHolders) {
    std::vector<Found> users;
    for (std::string& holder : index::holders(kernel_, name))
      users.push_back({std::move(holder), "", false});
    if (int error = remove_list(users, true)) return error;
  }
  if (!command && !options_.show_depends && options_.wait_ms == 0 &&
      index::reference_count(kernel_, name).value_or(0) > 0) {
    complain(fmt::format("Module {} is in use.", name), name);
    return EBUSY;
  }
  if (command) {
    if (showing()) fmt::print("remove {}\n", *command);
    if (!options_.dry_run)
      if (int error = run_command("remove", name, *command, "")) return error;
  } else {
    if (int error = delete_module(name)) return error;
    // What it needed and nobody else needs; whether that succeeds does not matter.
    if (const index::DependencyEntry* entry = lookup_.entry(name))
      for (const auto& dependency : entry->dependencies)
        if (!removing_.contains(dependency.name) &&
            index::reference_count(kernel_, dependency.name) == 0)
          delete_module(dependency.name);
  }
  remove_list(soft.before, false);
  return 0;
}

bool Modprobe::remove(const std::string& text) {
  std::vector<Found> found = lookup_.resolve(text);
  if (found.empty()) {
    complain(fmt::format("Module {} not found.", text));
    return false;
  }
  for (const Found& module : found) {
    removing_.clear();
    if (remove_module(module, options_.remove_holders ? unsigned{kHolders} : 0u)) return false;
  }
  return true;
}

}  // namespace ring3::kmod
