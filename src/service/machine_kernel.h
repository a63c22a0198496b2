// SPDX-License-Identifier: GPL-2.0-only
// A Ring 3 machine, as the module tools see a kernel. A call whose task dies in an oops ends this
// process by the signal that Linux would have sent it, so that the shell says what it says there.
#pragma once

#include <memory>
#include <string>

#include "index/kernel_interface.h"
#include "service/client.h"

namespace ring3::service {

class MachineKernel final : public index::KernelInterface {
 public:
  // `tool`: the name of the tasks that make the calls ("insmod").
  MachineKernel(Client client, std::string tool)
      : client_(std::move(client)), tool_(std::move(tool)) {}

  std::string release() override;
  Result<void> init_module(Bytes image, const std::string& args) override;
  Result<void> finit_module(int fd, const std::string& args, unsigned flags) override;
  Result<void> delete_module(const std::string& name, unsigned flags) override;
  Result<std::string> read_file(const std::string& path) override;
  Result<std::vector<std::string>> list_folder(const std::string& path) override;
  bool exists(const std::string& path) override;
  void mark_log() override;
  std::vector<index::LogLine> log_since_mark() override;
  Result<std::unique_ptr<index::LogReader>> open_log(index::LogStart start) override;
  Result<index::SyslogResult> syslog(int action, int64_t length) override;
  Result<int64_t> log_epoch() override;

  Client& client() { return client_; }

 private:
  Client client_;
  std::string tool_;
  uint64_t mark_ = 0;
};

// The machine that `said`, RING3_MACHINE or "default" names, started if there is none. `kernel`
// (a release or a build folder, may be empty) counts only when it is started.
Result<std::unique_ptr<MachineKernel>> open_machine(const std::string& said,
                                                    const std::string& tool,
                                                    const std::string& kernel = {});

}  // namespace ring3::service
