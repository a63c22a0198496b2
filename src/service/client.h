// SPDX-License-Identifier: GPL-2.0-only
// A machine, as a tool uses it: connect, or start one where there is none, and ask. One connection
// answers one question at a time; use several for several threads.
//
// Calls that are system calls inside of the machine give their errno. When the machine ends in the
// middle of a call, the error is EPIPE and names the log that it left. An oops in the call ended
// its task: `signal` of the Answer says what Linux would have killed the caller with.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "host/handle.h"
#include "service/content.h"
#include "service/message.h"
#include "service/place.h"

namespace ring3::service {

class Client {
 public:
  // ENOENT: no such machine runs. EPERM: whoever listens there is another user.
  static Result<Client> connect(const Place& place);
  // Starts one first if there is none: `ring3 boot --name NAME [--kernel KERNEL]`, the ring3 that
  // lies beside the running program, else the one in PATH. `program`: another ring3.
  static Result<Client> connect_or_start(const Place& place, const std::string& kernel,
                                         const std::string& program = {});

  struct Answer {
    int error = 0;     // errno of the call
    int signal = 0;    // not 0: the task died in an oops
    std::string text;  // what a person may want to know, or empty
    std::string content;
  };
  // `comm`: the name of the task that makes the call, the tool's own. The outer error: the machine
  // is gone, or does not speak our language.
  Result<Answer> init_module(const std::string& comm, Bytes image, const std::string& parameters,
                             const std::string& path = {});
  Result<Answer> finit_module(const std::string& comm, int fd, const std::string& parameters,
                              int flags, const std::string& path = {});
  Result<Answer> delete_module(const std::string& comm, const std::string& name, unsigned flags);

  // Errors of the call are errors here.
  Result<std::string> read_file(const std::string& path);
  Result<std::vector<Entry>> list(const std::string& path);
  Result<std::string> read_link(const std::string& path);
  Result<void> write_file(const std::string& path, const std::string& text);

  // Records from `sequence` on; when there are none, waits for some at most so many milliseconds
  // (-1: for ever).
  Result<LogPart> read_log(uint64_t sequence, int wait_ms);
  // syslog(2): the answer is the result (>= 0) and, for the actions that read, the text.
  struct SyslogAnswer {
    int64_t result = 0;
    std::string text;
  };
  Result<SyslogAnswer> syslog(int action, int64_t length);

  Result<Status> status();
  // Returns when the machine is gone. `at_once`: nobody in it is told before.
  Result<void> shutdown(bool at_once);

  const Place& place() const { return place_; }

 private:
  Client(Place place, host::Handle socket) : place_(std::move(place)), socket_(std::move(socket)) {}
  Result<Reply> receive();
  Result<Answer> ask(const Request& request, int descriptor = -1);
  Result<std::string> content(const Request& request);
  Error gone() const;

  Place place_;
  host::Handle socket_;
};

}  // namespace ring3::service
