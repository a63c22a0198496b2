// SPDX-License-Identifier: GPL-2.0-only
// The broker: a small process that the machine leaves outside of its sandbox, for the two things
// that a running kernel still needs from the host.
//
//  - A file with debug information, opened for reading (an oops names source lines): a regular file
//    that is a .ko (also packed) or lies below /usr/lib/debug. Modules for the machine's own
//    modprobe are opened this way, too.
//  - A program that call_usermodehelper() starts, as this user, with the arguments and environment
//    that it gives and nothing else. (The machine's modprobe is none: the machine has its own.)
//
// Which program cannot be judged here: any module may name any path, as on Linux, and a path that a
// setting of the machine holds (/proc/sys/kernel/...) is a client's to change. So whoever has taken
// over the machine's process can have this user's programs run, and the sandbox holds only where
// that is switched off: with `ring3 boot --no-programs` the broker starts none.
//
// It lives as long as the machine's end of their socket, and removes the machine's socket from the
// runtime folder when that is gone, however it went. Each request brings a socket for its answers
// along, so requests do not wait for each other.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "host/handle.h"
#include "service/place.h"

namespace ring3::service {

class Broker {
 public:
  // Forks; to be called while the process has one thread and nothing open that it should not pass.
  static Result<Broker> fork_off(const Place& place, bool programs = true);

  Result<host::Handle> open(const std::string& path) const;

  struct Program {
    std::string path;
    std::vector<std::string> arguments, environment;
  };
  // Has it started? The handle is the program's: closed or shut down, the program is killed.
  Result<host::Handle> start(const Program& program) const;
  // Waits for its end: the status as wait(2) gives it.
  static int wait(const host::Handle& program);

 private:
  explicit Broker(host::Handle socket) : socket_(std::move(socket)) {}
  Result<host::Handle> ask(const std::string& request) const;
  host::Handle socket_;
};

// May the broker open it? By the path alone; for its tests.
bool broker_opens(const std::string& path);

}  // namespace ring3::service
