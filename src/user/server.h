// SPDX-License-Identifier: GPL-2.0-only
// The machine's side of its socket: each connection has a thread, each request becomes a call by a
// task of its own in the machine, so a client that blocks (in a module's init, say) blocks nobody
// else. When a client goes away in the middle of a call, its task is killed as Linux would kill it:
// it wakes from what a fatal signal ends, and otherwise goes on to its end. Nothing that a client
// sends can do more than the same user's other requests could.
//
// serve() runs in a thread that is no CPU's. It takes connections, sees which clients went away,
// and ends the machine when somebody asks: a client, module code that switches the machine off, a
// panic. The end is always the same: followers of the log get its last records, the log is saved,
// and the process ends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "host/handle.h"
#include "host/socket.h"
#include "linux/include/printk.h"
#include "linux/init/main.h"
#include "machine/syslog.h"
#include "service/content.h"
#include "service/message.h"

namespace ring3::user {

struct ServerOptions {
  std::string name;       // of the machine
  host::Handle listener;  // of its socket
  host::Handle log_file;  // for the last log
  std::function<unsigned()> oopses;
  bool confined = false;
  int landlock = 0;
};

class Server {
 public:
  Server(kernel::Kernel& kernel, ServerOptions options);
  // Until the end; the process's exit status is the caller's to take: 0, or 3 after a panic.
  int serve();

  // From any thread and any context. The first reason counts.
  void end(const char* reason, int status);

 private:
  struct Connection {
    uint64_t id = 0;
    host::Handle socket;
    kernel::KillSwitch* call = nullptr;  // guarded by mutex_, as is the rest
    bool gone = false;
    bool follows = false;   // waited for the log once, so it will ask again
    bool told_end = false;  // had, or is being sent, the answer that the log ended
  };
  using Shared = std::shared_ptr<Connection>;

  void accept();
  void hung_up(uint64_t id);
  void talk(const Shared& connection);
  bool answer_one(const Shared& connection);
  service::Reply perform(const Shared& connection, const service::Request& request, int fd);
  service::Reply call(const Shared& connection, const std::string& comm,
                      const std::function<int()>& body);
  service::Reply module_call(const Shared& connection, const service::Request& request, int fd);
  service::Reply file_call(const Shared& connection, const service::Request& request);
  service::Reply read_log(const Shared& connection, const service::Request& request);
  service::Reply syslog(const Shared& connection, const service::Request& request);
  service::Reply status() const;
  void shut_down(bool at_once);
  bool wait_for_log(const Shared& connection, uint64_t sequence, int64_t wait_ms);
  void pump();
  bool followed() const;  // with mutex_
  int finish();

  kernel::Kernel& kernel_;
  ServerOptions options_;
  machine::Syslog syslog_;
  host::EventPoll poll_;
  host::Flag end_flag_;
  std::atomic<const char*> end_reason_{nullptr};
  int end_status_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // the log grew, a client went, the machine ends
  std::map<uint64_t, Shared> connections_;
  uint64_t next_id_ = 2;
  bool ending_ = false;
  std::atomic<bool> shutting_down_{false};
  uint64_t started_ns_;
};

}  // namespace ring3::user
