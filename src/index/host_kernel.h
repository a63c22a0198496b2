// SPDX-License-Identifier: GPL-2.0-only
// The running kernel, by its system calls and files.
#pragma once

#include "host/kernel_log.h"
#include "index/kernel_interface.h"

namespace ring3::index {

class HostKernel final : public KernelInterface {
 public:
  std::string release() override;
  Result<void> init_module(Bytes image, const std::string& args) override;
  Result<void> finit_module(int fd, const std::string& args, unsigned flags) override;
  Result<void> delete_module(const std::string& name, unsigned flags) override;
  Result<std::string> read_file(const std::string& path) override;
  Result<std::vector<std::string>> list_folder(const std::string& path) override;
  bool exists(const std::string& path) override;
  void mark_log() override;
  std::vector<LogLine> log_since_mark() override;
  Result<std::unique_ptr<LogReader>> open_log(LogStart start) override;
  Result<SyslogResult> syslog(int action, int64_t length) override;
  Result<int64_t> log_epoch() override;

 private:
  host::KernelLog log_;
};

}  // namespace ring3::index
