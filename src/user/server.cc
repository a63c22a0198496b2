// SPDX-License-Identifier: GPL-2.0-only
#include "user/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <thread>

#include "host/process.h"
#include "host/thread.h"
#include "linux/kernel/reboot.h"
#include "machine/log_text.h"

namespace ring3::user {
namespace {

using std::chrono::milliseconds;

constexpr uint64_t kListener = 0, kEnd = 1;  // tags; connections have those from 2 on
constexpr size_t kMostClients = 1000;
// How long the modules that registered for the end may take, and clients to hear of it.
constexpr int kEndPatienceMs = 10'000;
constexpr milliseconds kFollowersPatience{2000};

}  // namespace

Server::Server(kernel::Kernel& kernel, ServerOptions options)
    : kernel_(kernel),
      options_(std::move(options)),
      syslog_(kernel.log(), kernel::console_levels().console,
              kernel::console_levels().minimum_console),
      started_ns_(host::host_now_ns()) {
  poll_.add(options_.listener.get(), kListener, host::EventPoll::kReadable);
  poll_.add(end_flag_.fd(), kEnd, host::EventPoll::kReadable);
}

int Server::serve() {
  std::thread(&Server::pump, this).detach();
  for (;;) {
    // A machine that was asked to end, and does not come to it, ends anyway.
    auto ready = poll_.wait(shutting_down_ ? kEndPatienceMs : -1);
    if (ready.empty() && shutting_down_) {
      kernel_.print(machine::kLogAlert, "ring3: a reboot notifier does not return; ending anyway");
      end("shutdown", 0);
    }
    for (uint64_t tag : ready) {
      if (tag == kEnd && end_reason_.load()) return finish();
      if (tag == kListener)
        accept();
      else
        hung_up(tag);
    }
  }
}

void Server::end(const char* reason, int status) {
  const char* none = nullptr;
  if (end_reason_.compare_exchange_strong(none, reason)) end_status_ = status;
  end_flag_.set();
}

int Server::finish() {
  kernel_.log().finish_line();
  {
    std::unique_lock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, kFollowersPatience, [&] { return !followed(); });
  }
  std::string text;
  machine::Log::Cursor cursor;
  for (machine::LogRecord record; kernel_.log().read(cursor, record);)
    machine::append_lines(text, machine::view_of(record), {.raw = true});
  host::replace_content(options_.log_file.get(), text);
  return end_status_;
}

bool Server::followed() const {
  return std::ranges::any_of(connections_, [](auto& each) { return each.second->follows; });
}

// Wakes who follows the log whenever it grew.
void Server::pump() {
  for (uint64_t seen = 0; kernel_.log().wait(seen); seen = kernel_.log().next()) {
    std::scoped_lock lock(mutex_);
    changed_.notify_all();
  }
}

void Server::accept() {
  auto socket = host::accept_from(options_.listener.get());
  if (!socket) {
    // Out of descriptors, say: the client waits in the queue, and we do not spin.
    if (socket.error().code != ECONNABORTED) std::this_thread::sleep_for(milliseconds(10));
    return;
  }
  auto peer = host::peer_of(socket->get());
  if (!peer || peer->user != host::user_id()) return;
  auto connection = std::make_shared<Connection>();
  connection->socket = socket.take();
  {
    std::scoped_lock lock(mutex_);
    if (connections_.size() >= kMostClients) {
      service::Reply busy{
          .error = EAGAIN,
          .text = fmt::format("machine '{}' has {} clients already", options_.name, kMostClients)};
      (void)host::send_all(connection->socket.get(), as_bytes(service::encode(busy)));
      return;
    }
    connection->id = next_id_++;
    connections_.emplace(connection->id, connection);
  }
  poll_.add(connection->socket.get(), connection->id, host::EventPoll::kHangup);
  std::thread(&Server::talk, this, connection).detach();
}

void Server::hung_up(uint64_t id) {
  std::scoped_lock lock(mutex_);
  auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->gone = true;
  if (found->second->call) found->second->call->kill();
  changed_.notify_all();
}

void Server::talk(const Shared& connection) {
  while (answer_one(connection)) {
  }
  std::scoped_lock lock(mutex_);
  connections_.erase(connection->id);
  if (connection->follows) changed_.notify_all();
}

// False: the connection is over. Bytes that are no request end it, after a word why; so does the
// end of the log, which finish() waits for.
bool Server::answer_one(const Shared& connection) {
  int socket = connection->socket.get();
  std::byte head_bytes[service::kHeadSize];
  host::Handle descriptor;
  if (!host::receive_all(socket, head_bytes, sizeof(head_bytes), descriptor)) return false;
  std::string why;
  auto head = service::decode_head(head_bytes, why);
  if (head && head->size > service::kRequestLimit) {
    why = fmt::format("a request has at most {} bytes", service::kRequestLimit);
    head.reset();
  }
  std::optional<service::Request> request;
  if (head) {
    std::vector<std::byte> body(head->size);
    if (!host::receive_all(socket, body.data(), body.size(), descriptor)) return false;
    request = service::decode_request(head->operation, body);
    if (!request) why = "the request is malformed";
  }
  service::Reply reply{.error = EPROTO, .text = why};
  if (request) reply = perform(connection, *request, descriptor.get());
  bool sent = host::send_all(socket, as_bytes(service::encode(reply))).ok();
  return sent && request && !connection->told_end;
}

service::Reply Server::perform(const Shared& connection, const service::Request& request, int fd) {
  using service::Operation;
  switch (request.operation) {
    case Operation::kInitModule:
    case Operation::kFinitModule:
    case Operation::kDeleteModule:
      return module_call(connection, request, fd);
    case Operation::kRead:
    case Operation::kList:
    case Operation::kReadLink:
    case Operation::kWrite:
      return file_call(connection, request);
    case Operation::kReadLog:
      return read_log(connection, request);
    case Operation::kSyslog:
      return syslog(connection, request);
    case Operation::kStatus:
      return status();
    case Operation::kShutdown:
      shut_down(request.flags != 0);
      return {};
    default:
      return {.error = ENOSYS};
  }
}

void Server::shut_down(bool at_once) {
  if (at_once) return end("shutdown", 0);
  shutting_down_ = true;
  end_flag_.set();  // serve() counts the time from here on
  kernel_.run("shutdown", [] { kernel::power_off(); });
}

service::Reply Server::status() const {
  service::Status status;
  status.name = options_.name;
  status.release = kernel_.binding().target().release();
  status.process = static_cast<uint64_t>(host::process_id());
  status.cpus = kernel_.machine().cpu_count();
  status.uptime_ns = host::host_now_ns() - started_ns_;
  kernel_.loader().registry().for_each([&](module::Module&) { status.modules++; });
  status.taints = kernel_.loader().registry().taints();
  status.oopses = options_.oopses ? options_.oopses() : 0;
  status.confined = options_.confined;
  status.landlock = static_cast<uint64_t>(options_.landlock);
  std::scoped_lock lock(mutex_);
  status.clients = connections_.size();
  return {.content = service::encode(status)};
}

}  // namespace ring3::user
