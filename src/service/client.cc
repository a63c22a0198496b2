// SPDX-License-Identifier: GPL-2.0-only
#include "service/client.h"

#include <fmt/format.h>

#include <cstring>

#include "host/command.h"
#include "host/file.h"
#include "host/process.h"
#include "host/socket.h"
#include "service/wire.h"

namespace ring3::service {
namespace {

// How long an end may take.
constexpr int kPatienceMs = 60'000;

std::string ring3_program() {
  std::string own = host::own_program();
  std::string beside = own.substr(0, own.rfind('/') + 1) + "ring3";
  return host::stat_file(beside).exists ? beside : "ring3";
}

}  // namespace

Result<Client> Client::connect(const Place& place) {
  auto socket = host::connect_to(place.socket);
  if (!socket && (socket.error().code == ENOENT || socket.error().code == ECONNREFUSED))
    return Error{ENOENT,
                 fmt::format("no machine '{}' is running; `ring3 boot --name {}` starts one",
                             place.name, place.name)};
  if (!socket) return socket.error();
  auto peer = TRY(host::peer_of(socket->get()));
  if (peer.user != host::user_id())
    return Error{EPERM, fmt::format("{}: user {} listens there, not you", place.socket, peer.user)};
  return Client(place, socket.take());
}

// Who does not get the lock finds the machine of who did.
Result<Client> Client::connect_or_start(const Place& place, const std::string& kernel,
                                        const std::string& program) {
  for (;;) {
    auto client = connect(place);
    if (client || client.error().code != ENOENT) return client;
    if (is_running(place)) {
      // Somebody starts it just now, or it is on its way out.
      host::wait_for_start(place.lock);
      client = connect(place);
      if (client || client.error().code != ENOENT) return client;
      if (wait_for_end(place, kPatienceMs)) continue;
      return Error{ETIMEDOUT, fmt::format("machine '{}' has a process but does not listen at {}; "
                                          "see {}",
                                          place.name, place.socket, place.errors)};
    }
    std::vector<std::string> words = {program.empty() ? ring3_program() : program, "boot",
                                      "--quiet", "--name", place.name};
    if (!kernel.empty()) words.insert(words.end(), {"--kernel", kernel});
    auto boot = TRY(host::run_command(words));
    // Another starter was faster, or the start failed; the words say which.
    if (boot.status != 0 && !is_running(place)) {
      while (boot.output.ends_with('\n')) boot.output.pop_back();
      return Error{EIO, fmt::format("cannot start the machine '{}': {}", place.name, boot.output)};
    }
  }
}

Error Client::gone() const {
  return Error{EPIPE, fmt::format("machine '{}' ended; its log is in {}", place_.name, place_.log)};
}

Result<Reply> Client::receive() {
  std::byte head_bytes[kHeadSize];
  host::Handle unexpected;
  if (!host::receive_all(socket_.get(), head_bytes, kHeadSize, unexpected)) return gone();
  std::string why;
  auto head = decode_head(head_bytes, why);
  if (!head) return Error{EPROTO, fmt::format("{}: {}", place_.socket, why)};
  if (head->operation != Operation::kReply || head->size > kReplyLimit)
    return Error{EPROTO, fmt::format("{}: the answer is no reply", place_.socket)};
  std::vector<std::byte> body(head->size);
  if (!host::receive_all(socket_.get(), body.data(), body.size(), unexpected)) return gone();
  auto reply = decode_reply(body);
  if (!reply) return Error{EPROTO, fmt::format("{}: the reply is malformed", place_.socket)};
  return std::move(*reply);
}

Result<Client::Answer> Client::ask(const Request& request, int descriptor) {
  std::string message = encode(request);
  if (message.size() > kHeadSize + kRequestLimit)
    return Error{E2BIG, fmt::format("a request has at most {} bytes", kRequestLimit)};
  // A machine that has no room for us says so and goes, maybe before we asked.
  (void)host::send_all(socket_.get(), as_bytes(message), descriptor);
  Reply reply = TRY(receive());
  return Answer{reply.error, reply.signal, std::move(reply.text), std::move(reply.content)};
}

Result<std::string> Client::content(const Request& request) {
  Answer answer = TRY(ask(request));
  if (answer.signal) answer.error = EIO;
  if (!answer.error) return std::move(answer.content);
  if (answer.text.empty())
    answer.text = fmt::format("{}: {}", request.name, std::strerror(answer.error));
  return Error{answer.error, std::move(answer.text)};
}

Result<Client::Answer> Client::init_module(const std::string& comm, Bytes image,
                                           const std::string& parameters, const std::string& path) {
  auto file = TRY(host::memory_file_with(image.data(), image.size()));
  return ask({Operation::kInitModule, comm, path, parameters}, file.get());
}

Result<Client::Answer> Client::finit_module(const std::string& comm, int fd,
                                            const std::string& parameters, int flags,
                                            const std::string& path) {
  return ask({Operation::kFinitModule, comm, path, parameters, static_cast<uint64_t>(flags)}, fd);
}

Result<Client::Answer> Client::delete_module(const std::string& comm, const std::string& name,
                                             unsigned flags) {
  return ask({Operation::kDeleteModule, comm, name, "", flags});
}

Result<std::string> Client::read_file(const std::string& path) {
  return content({Operation::kRead, "cat", path});
}

Result<std::vector<Entry>> Client::list(const std::string& path) {
  std::string bytes = TRY(content({Operation::kList, "ls", path}));
  auto entries = decode_entries(as_bytes(bytes));
  if (!entries) return Error{EPROTO, fmt::format("{}: malformed list", path)};
  return std::move(*entries);
}

Result<std::string> Client::read_link(const std::string& path) {
  return content({Operation::kReadLink, "readlink", path});
}

Result<void> Client::write_file(const std::string& path, const std::string& text) {
  TRY(content({Operation::kWrite, "sh", path, text}));
  return {};
}

Result<LogPart> Client::read_log(uint64_t sequence, int wait_ms) {
  std::string bytes = TRY(content(
      {Operation::kReadLog, "dmesg", "", "", static_cast<uint64_t>(int64_t{wait_ms}), sequence}));
  auto part = decode_log_part(as_bytes(bytes));
  if (!part) return Error{EPROTO, "the machine's log is malformed"};
  return std::move(*part);
}

Result<Client::SyslogAnswer> Client::syslog(int action, int64_t length) {
  Request request{Operation::kSyslog,           "dmesg", "", "", static_cast<uint64_t>(action),
                  static_cast<uint64_t>(length)};
  auto bytes = content(request);
  if (!bytes) return bytes.error();
  Reader reader(as_bytes(*bytes));
  SyslogAnswer answer;
  answer.result = static_cast<int64_t>(reader.number<uint64_t>());
  answer.text = reader.text(kReplyLimit);
  if (!reader.complete()) return Error{EPROTO, "the answer of syslog is malformed"};
  return answer;
}

Result<Status> Client::status() {
  std::string bytes = TRY(content({Operation::kStatus, "ring3"}));
  auto status = decode_status(as_bytes(bytes));
  if (!status) return Error{EPROTO, "the machine's status is malformed"};
  return std::move(*status);
}

Result<void> Client::shutdown(bool at_once) {
  // Who listens is the machine's process: watched while it surely lives.
  auto watch = host::watch_process(TRY(host::peer_of(socket_.get())).process);
  auto answer = ask({Operation::kShutdown, "shutdown", "", "", at_once});
  if (!answer && answer.error().code != EPIPE) return answer.error();
  if (!watch || !is_running(place_) || host::wait_readable(watch->get(), kPatienceMs)) return {};
  return Error{ETIMEDOUT, fmt::format("machine '{}' does not end", place_.name)};
}

}  // namespace ring3::service
