// SPDX-License-Identifier: GPL-2.0-only
// The host's /dev/kmsg, its syslog(2), and the clocks that the times of its log are told with.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "host/handle.h"

namespace ring3::host {

class KmsgFile {
 public:
  // At the log's end, or behind what was cleared. A kernel whose /dev/kmsg cannot be read refuses.
  static Result<KmsgFile> open(bool at_end);

  // The next record; 0, or an errno: EAGAIN there is none now, EPIPE some were overwritten.
  int read(std::string& record);
  // Until there is a record, the standard output is a pipe that nobody reads any more, a signal
  // came, or about a second is over.
  void wait();

 private:
  explicit KmsgFile(Handle file) : file_(std::move(file)) {}
  Handle file_;
};

// The result and, for the actions that read (2, 3, 4), the text. Errors have no text.
Result<int64_t> kernel_syslog(int action, int64_t length, std::string& text);

// Is the standard output a pipe or socket whose other end is gone?
bool output_is_gone();

int64_t time_of_day_us();
// The time of day when the log's clock was 0.
Result<int64_t> log_epoch_us();

}  // namespace ring3::host
