// SPDX-License-Identifier: GPL-2.0-only
#include "service/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "host/file.h"
#include "host/folder.h"
#include "host/process.h"
#include "host/socket.h"

namespace ring3::service {
namespace {

constexpr std::string_view kLockSuffix = ".lock";
constexpr size_t kNameLimit = 48;

bool is_name(std::string_view name) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  return !name.empty() && name.size() <= kNameLimit && name[0] != '.' &&
         std::all_of(name.begin(), name.end(), fits);
}

std::string folder() {
  std::string runtime = host::environment("XDG_RUNTIME_DIR");
  if (runtime.starts_with('/') && host::is_own_folder(runtime)) return runtime + "/ring3";
  runtime = fmt::format("/run/user/{}", host::user_id());
  if (host::is_own_folder(runtime)) return runtime + "/ring3";
  return fmt::format("/tmp/ring3-{}", host::user_id());
}

Place place_in(const std::string& folder, const std::string& name) {
  std::string path = folder + "/" + name;
  return {name, path + ".lock", path + ".socket", path + ".log", path + ".errors"};
}

}  // namespace

std::string machine_name(const std::string& said) {
  if (!said.empty()) return said;
  std::string name = host::environment("RING3_MACHINE");
  return name.empty() ? "default" : name;
}

Result<Place> place_of(const std::string& name) {
  if (!is_name(name))
    return Error{EINVAL, fmt::format("'{}' is no name for a machine: letters, digits, '-', '_' and "
                                     "'.', at most {}, not with '.' in front",
                                     name, kNameLimit)};
  std::string path = folder();
  TRY(host::make_private_folder(path));
  return place_in(path, name);
}

std::vector<std::string> known_machines() {
  std::vector<std::string> names;
  auto files = host::list_folder(folder());
  if (!files) return names;
  for (const std::string& file : *files)
    if (file.ends_with(kLockSuffix))
      if (std::string name = file.substr(0, file.size() - kLockSuffix.size()); is_name(name))
        names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

bool is_running(const Place& place) { return host::is_locked(place.lock); }

bool wait_for_end(const Place& place, int milliseconds) {
  auto holder = [&]() -> std::string {
    auto text = host::read_file(place.lock, 64);
    return text && is_running(place) ? std::string(as_text(*text)) : "";
  };
  std::string said = holder();
  auto watch = host::watch_process(std::atoi(said.c_str()));
  // Whoever locks the file empties it: the same number twice, so it was the holder's meanwhile.
  if (!watch || said.empty() || holder() != said) return true;
  return host::wait_readable(watch->get(), milliseconds);
}

}  // namespace ring3::service
