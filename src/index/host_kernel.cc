// SPDX-License-Identifier: GPL-2.0-only
#include "index/host_kernel.h"

#include "host/file.h"
#include "host/folder.h"
#include "host/kmsg_file.h"
#include "host/module_calls.h"

namespace ring3::index {
namespace {

Result<void> answer(int error) {
  if (error) return Error{error, ""};
  return {};
}

class HostLog final : public LogReader {
 public:
  explicit HostLog(host::KmsgFile file) : file_(std::move(file)) {}

  // EPIPE: records were overwritten before they were read; the gap in their numbers shows it.
  Result<std::optional<KernelRecord>> next() override {
    std::string record;
    for (int error = EPIPE; error == EPIPE;) {
      error = file_.read(record);
      if (error == EAGAIN) return std::optional<KernelRecord>();
      if (error && error != EPIPE) return Error{error, ""};
    }
    return parse_kmsg(record);
  }
  void wait() override { file_.wait(); }

 private:
  host::KmsgFile file_;
};

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
  for (const std::string& text : log_.since_mark())
    if (auto record = parse_kmsg(text); record && record->level >= 0)
      lines.push_back({record->level, std::move(record->text)});
  return lines;
}

Result<std::unique_ptr<LogReader>> HostKernel::open_log(LogStart start) {
  return std::unique_ptr<LogReader>(
      std::make_unique<HostLog>(TRY(host::KmsgFile::open(start == LogStart::kEnd))));
}

Result<SyslogResult> HostKernel::syslog(int action, int64_t length) {
  SyslogResult result;
  result.value = TRY(host::kernel_syslog(action, length, result.text));
  return result;
}

Result<int64_t> HostKernel::log_epoch() { return host::log_epoch_us(); }

}  // namespace ring3::index
