// SPDX-License-Identifier: GPL-2.0-only
// A descriptor that somebody owns: closed when the owner goes.
#pragma once

#include <utility>

#include "host/memory.h"

namespace ring3::host {

class Handle {
 public:
  Handle() = default;
  explicit Handle(int fd) : fd_(fd) {}
  Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Handle() { close(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) close_fd(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
};

}  // namespace ring3::host
