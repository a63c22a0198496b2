// SPDX-License-Identifier: GPL-2.0-only
// ring3 ps: the user's machines. ring3 shutdown: the end of one.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "service/client.h"
#include "session.h"

namespace ring3::tools {
namespace {

std::string duration(uint64_t ns) {
  uint64_t s = ns / 1'000'000'000;
  if (s >= 86400) return fmt::format("{}d{:02}h", s / 86400, s / 3600 % 24);
  if (s >= 3600) return fmt::format("{}h{:02}m", s / 3600, s / 60 % 60);
  return fmt::format("{}m{:02}s", s / 60, s % 60);
}

nlohmann::ordered_json as_json(const service::Place& place, const service::Status& status) {
  return {{"name", status.name},
          {"process", status.process},
          {"kernel", status.release},
          {"cpus", status.cpus},
          {"modules", status.modules},
          {"clients", status.clients},
          {"uptime", static_cast<double>(status.uptime_ns) / 1e9},
          {"taints", status.taints},
          {"oopses", status.oopses},
          {"confined", status.confined},
          {"landlock", status.landlock},
          {"socket", place.socket},
          {"log", place.log}};
}

// A machine whose lock nobody holds is no machine, whatever lies in the folder.
int ps(bool json) {
  int result = kExitOk;
  auto list = nlohmann::ordered_json::array();
  if (!json)
    fmt::print("{:<16} {:>8}  {:<28} {:>4} {:>7} {:>7} {:>8}\n", "NAME", "PROCESS", "KERNEL",
               "CPUS", "MODULES", "CLIENTS", "UP");
  for (const std::string& name : service::known_machines()) {
    auto place = service::place_of(name);
    if (!place || !service::is_running(*place)) continue;
    auto client = service::Client::connect(*place);
    auto status = client ? client->status() : Result<service::Status>(client.error());
    if (!status && !service::is_running(*place)) continue;  // it just ended
    if (!status) {
      fmt::print(stderr, "ring3 ps: {}: {}\n", name, status.error().text);
      result = kExitFailed;
      continue;
    }
    status->clients--;  // this one
    if (json)
      list.push_back(as_json(*place, *status));
    else
      fmt::print("{:<16} {:>8}  {:<28} {:>4} {:>7} {:>7} {:>8}\n", status->name, status->process,
                 status->release, status->cpus, status->modules, status->clients,
                 duration(status->uptime_ns));
  }
  if (json) fmt::print("{}\n", list.dump(2));
  return result;
}

int shutdown(const std::string& name, bool now) {
  auto ended = [&]() -> Result<void> {
    auto place = TRY(service::place_of(service::machine_name(name)));
    return TRY(service::Client::connect(place)).shutdown(now);
  }();
  if (ended) return kExitOk;
  fmt::print(stderr, "ring3 shutdown: {}\n", ended.error().text);
  return kExitFailed;
}

}  // namespace

void add_ps(CLI::App& app, Commands& commands) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("ps", "list the machines that run");
  command->add_flag("-J,--json", *json, "as JSON");
  command->callback([json, &commands] { commands.run = [json] { return ps(*json); }; });
}

void add_shutdown(CLI::App& app, Commands& commands) {
  auto name = std::make_shared<std::string>();
  auto now = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand("shutdown", "end a machine");
  command->add_option("name", *name, "which (default: RING3_MACHINE, else 'default')");
  command->add_flag("--now", *now, "without telling its modules");
  command->callback(
      [name, now, &commands] { commands.run = [name, now] { return shutdown(*name, *now); }; });
}

}  // namespace ring3::tools
