// SPDX-License-Identifier: GPL-2.0-only
// The records of /dev/kmsg that came after a mark. Where it may not be opened there are none.
#pragma once

#include <string>
#include <vector>

namespace ring3::host {

class KernelLog {
 public:
  KernelLog() = default;
  KernelLog(const KernelLog&) = delete;
  KernelLog& operator=(const KernelLog&) = delete;
  ~KernelLog();

  void mark();
  std::vector<std::string> since_mark();  // whole records, as the file has them

 private:
  int fd_ = -1;
};

}  // namespace ring3::host
