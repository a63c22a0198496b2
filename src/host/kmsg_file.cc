// SPDX-License-Identifier: GPL-2.0-only
#include "host/kmsg_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/klog.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>

namespace ring3::host {
namespace {

constexpr const char* kPath = "/dev/kmsg";
constexpr size_t kRecordSize = 8192;  // the kernels' limit for one, with its dictionary
constexpr int kPatienceMs = 1000;

int64_t microseconds(const timespec& time) { return time.tv_sec * 1'000'000 + time.tv_nsec / 1000; }

}  // namespace

Result<KmsgFile> KmsgFile::open(bool at_end) {
  Handle file(::open(kPath, O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::lseek(file.get(), 0, at_end ? SEEK_END : SEEK_DATA) < 0) return Error{errno, ""};
  return KmsgFile(std::move(file));
}

int KmsgFile::read(std::string& record) {
  record.resize(kRecordSize);
  ssize_t size;
  do {
    size = ::read(file_.get(), record.data(), record.size());
  } while (size < 0 && errno == EINTR);
  int error = size < 0 ? errno : size == 0 ? EAGAIN : 0;
  record.resize(size < 0 ? 0 : static_cast<size_t>(size));
  return error;
}

void KmsgFile::wait() {
  pollfd files[] = {{.fd = file_.get(), .events = POLLIN, .revents = 0},
                    {.fd = STDOUT_FILENO, .events = 0, .revents = 0}};
  (void)::poll(files, 2, kPatienceMs);
}

Result<int64_t> kernel_syslog(int action, int64_t length, std::string& text) {
  constexpr int kRead = 2, kReadClear = 4;
  bool reads = action >= kRead && action <= kReadClear;
  if (reads) text.resize(static_cast<size_t>(length));
  int result = ::klogctl(action, reads ? text.data() : nullptr, static_cast<int>(length));
  int error = errno;
  text.resize(reads && result > 0 ? static_cast<size_t>(result) : 0);
  if (result < 0) return Error{error, ""};
  return int64_t{result};
}

bool output_is_gone() {
  pollfd output{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & (POLLERR | POLLHUP | POLLNVAL));
}

int64_t time_of_day_us() {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  return now.tv_sec * 1'000'000 + now.tv_usec;
}

// The log's clock stands while the system sleeps, as this one does.
Result<int64_t> log_epoch_us() {
  timespec running{};
  if (::clock_gettime(CLOCK_MONOTONIC, &running)) return Error{errno, ""};
  return time_of_day_us() - microseconds(running);
}

}  // namespace ring3::host
