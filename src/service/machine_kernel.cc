// SPDX-License-Identifier: GPL-2.0-only
#include "service/machine_kernel.h"

#include <fmt/format.h>

#include "host/file.h"
#include "host/process.h"

namespace ring3::service {
namespace {

Result<void> outcome(Result<Client::Answer> answer) {
  if (!answer) return answer.error();
  if (answer->signal) host::end_by_signal(answer->signal);
  if (answer->error) return Error{answer->error, std::move(answer->text)};
  return {};
}

}  // namespace

std::string MachineKernel::release() {
  auto status = client_.status();
  return status ? status->release : std::string();
}

Result<void> MachineKernel::init_module(Bytes image, const std::string& args) {
  return outcome(client_.init_module(tool_, image, args));
}

Result<void> MachineKernel::finit_module(int fd, const std::string& args, unsigned flags) {
  // The machine wants the path for the source lines in its reports.
  std::string path = host::read_link(fmt::format("/proc/self/fd/{}", fd));
  return outcome(client_.finit_module(tool_, fd, args, static_cast<int>(flags), path));
}

Result<void> MachineKernel::delete_module(const std::string& name, unsigned flags) {
  return outcome(client_.delete_module(tool_, name, flags));
}

Result<std::string> MachineKernel::read_file(const std::string& path) {
  return client_.read_file(path);
}

Result<std::vector<std::string>> MachineKernel::list_folder(const std::string& path) {
  std::vector<std::string> names;
  for (Entry& entry : TRY(client_.list(path))) names.push_back(std::move(entry.name));
  return names;
}

bool MachineKernel::exists(const std::string& path) {
  size_t slash = path.rfind('/');
  if (slash == std::string::npos) return false;
  auto entries = client_.list(slash ? path.substr(0, slash) : "/");
  if (!entries) return false;
  for (const Entry& entry : *entries)
    if (entry.name == path.substr(slash + 1)) return true;
  return false;
}

void MachineKernel::mark_log() {
  if (auto part = client_.read_log(~0ull, 0)) mark_ = part->end;
}

std::vector<index::LogLine> MachineKernel::log_since_mark() {
  std::vector<index::LogLine> lines;
  for (;;) {
    auto part = client_.read_log(mark_, 0);
    if (!part || part->records.empty()) return lines;
    for (Record& record : part->records) lines.push_back({record.level, std::move(record.text)});
    mark_ = part->next;
  }
}

Result<std::unique_ptr<MachineKernel>> open_machine(const std::string& said,
                                                    const std::string& tool,
                                                    const std::string& kernel) {
  Place place = TRY(place_of(machine_name(said)));
  return std::make_unique<MachineKernel>(TRY(Client::connect_or_start(place, kernel)), tool);
}

}  // namespace ring3::service
