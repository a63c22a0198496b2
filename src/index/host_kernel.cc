// SPDX-License-Identifier: GPL-2.0-only
#include "index/host_kernel.h"

#include "base/text.h"
#include "host/file.h"
#include "host/folder.h"
#include "host/module_calls.h"

namespace ring3::index {
namespace {

Result<void> answer(int error) {
  if (error) return Error{error, ""};
  return {};
}

// "6,1234,5678,-;text\n KEY=value\n", as Documentation/ABI/testing/dev-kmsg has it: the first
// number is facility * 8 + level.
std::optional<LogLine> log_line(std::string_view record) {
  std::string_view text = record.substr(0, record.find('\n'));
  size_t semicolon = text.find(';');
  if (semicolon == std::string_view::npos) return std::nullopt;
  std::string_view prefix = text.substr(0, semicolon);
  auto priority = parse_number(take_field(prefix, ','));
  if (!priority) return std::nullopt;
  return LogLine{static_cast<int>(*priority & 7), std::string(text.substr(semicolon + 1))};
}

}  // namespace

std::string HostKernel::release() { return host::running_release(); }

Result<void> HostKernel::init_module(Bytes image, const std::string& args) {
  return answer(host::init_module(image, args));
}
Result<void> HostKernel::finit_module(int fd, const std::string& args, unsigned flags) {
  return answer(host::finit_module(fd, args, flags));
}
Result<void> HostKernel::delete_module(const std::string& name, unsigned flags) {
  return answer(host::delete_module(name, flags));
}

Result<std::string> HostKernel::read_file(const std::string& path) { return host::read_text(path); }
Result<std::vector<std::string>> HostKernel::list_folder(const std::string& path) {
  return host::list_folder(path);
}
bool HostKernel::exists(const std::string& path) { return host::stat_file(path).exists; }

void HostKernel::mark_log() { log_.mark(); }

std::vector<LogLine> HostKernel::log_since_mark() {
  std::vector<LogLine> lines;
  for (const std::string& record : log_.since_mark())
    if (auto line = log_line(record)) lines.push_back(std::move(*line));
  return lines;
}

}  // namespace ring3::index
