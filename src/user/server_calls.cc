// SPDX-License-Identifier: GPL-2.0-only
// The requests that are calls into the machine: made by a task that the client's end kills.
#include <algorithm>
#include <chrono>

#include "host/descriptor.h"
#include "machine/log_text.h"
#include "service/wire.h"
#include "user/server.h"

namespace ring3::user {
namespace {

using module::OwnMemory;

service::Entry::Kind kind_of(machine::FileKind kind) {
  using service::Entry;
  return kind == machine::FileKind::kDirectory ? Entry::Kind::kDirectory
         : kind == machine::FileKind::kLink    ? Entry::Kind::kLink
                                               : Entry::Kind::kRegular;
}

service::Reply failed(const Error& error) { return {.error = error.code, .text = error.text}; }

constexpr size_t kLogPartBytes = 256 * 1024;

}  // namespace

service::Reply Server::call(const Shared& connection, const std::string& comm,
                            const std::function<int()>& body) {
  service::Reply reply;
  kernel::KillSwitch kill;
  {
    std::scoped_lock lock(mutex_);
    if (connection->gone) return {.error = EINTR};
    connection->call = &kill;
  }
  constexpr size_t kCommSize = 15;  // TASK_COMM_LEN without the NUL
  bool finished = kernel_.run(
      comm.substr(0, kCommSize), [&] { reply.error = body(); }, 0, &kill);
  std::scoped_lock lock(mutex_);
  connection->call = nullptr;
  if (!finished) reply.signal = kill.death_signal();
  return reply;
}

service::Reply Server::module_call(const Shared& connection, const service::Request& request,
                                   int fd) {
  auto& calls = kernel_.system_calls();
  UserAddress args = OwnMemory::at(request.text.c_str());
  if (request.text.find('\0') != std::string::npos) return {.error = EINVAL};
  switch (request.operation) {
    case service::Operation::kDeleteModule:
      return call(connection, request.comm, [&] {
        return calls.delete_module(OwnMemory(), OwnMemory::at(request.name.c_str()),
                                   static_cast<unsigned>(request.flags));
      });
    case service::Operation::kFinitModule:
      return call(connection, request.comm, [&] {
        return calls.finit_module(OwnMemory(), fd, args, static_cast<int>(request.flags),
                                  request.name);
      });
    default:
      break;
  }
  // The image comes in a memory file. Read, not mapped: its owner could change it meanwhile.
  constexpr uint64_t kImageLimit = 1ull << 30;
  auto info = host::readable_file(fd);
  if (!info) return failed(info.error());
  if (info->size > kImageLimit) return {.error = ENOMEM};
  auto image = host::read_descriptor(fd, info->size);
  if (!image) return failed(image.error());
  return call(connection, request.comm, [&] {
    return calls.init_module(OwnMemory(), OwnMemory::at(image->data()), image->size(), args,
                             request.name);
  });
}

service::Reply Server::file_call(const Shared& connection, const service::Request& request) {
  machine::FileTree& files = kernel_.files();
  std::string content, why;
  auto take = [&](const Error& error) {
    why = error.text;
    return error.code;
  };
  auto body = [&]() -> int {
    switch (request.operation) {
      case service::Operation::kRead: {
        auto text = files.read(request.name);
        if (!text) return take(text.error());
        content = text.take();
        return content.size() > service::kReplyLimit / 2 ? EFBIG : 0;
      }
      case service::Operation::kReadLink: {
        auto target = files.read_link(request.name);
        if (!target) return take(target.error());
        content = target.take();
        return 0;
      }
      case service::Operation::kWrite: {
        auto written = files.write(request.name, request.text);
        return written ? 0 : take(written.error());
      }
      default: {
        auto list = files.list(request.name);
        if (!list) return take(list.error());
        std::vector<service::Entry> entries;
        for (const machine::File& file : *list)
          entries.push_back({file->name, kind_of(file->kind), file->mode, file->target});
        content = service::encode(entries);
        return 0;
      }
    }
  };
  service::Reply reply = call(connection, request.comm, body);
  if (reply.signal) return reply;
  if (reply.error) content.clear();
  reply.text = std::move(why);
  reply.content = std::move(content);
  return reply;
}

// False: there is nothing new, and no more to wait for.
bool Server::wait_for_log(const Shared& connection, uint64_t sequence, int64_t wait_ms) {
  machine::Log& log = kernel_.log();
  auto over = [&] { return log.next() > sequence || connection->gone || ending_; };
  std::unique_lock lock(mutex_);
  if (wait_ms < 0)
    changed_.wait(lock, over);
  else
    changed_.wait_for(lock, std::chrono::milliseconds(std::min<int64_t>(wait_ms, 3'600'000)), over);
  return log.next() > sequence;
}

service::Reply Server::read_log(const Shared& connection, const service::Request& request) {
  machine::Log& log = kernel_.log();
  if (auto wait_ms = static_cast<int64_t>(request.flags)) {
    {
      std::scoped_lock lock(mutex_);
      connection->follows = true;
    }
    wait_for_log(connection, request.number, wait_ms);
  }
  service::LogPart part;
  machine::Log::Cursor cursor{request.number};
  size_t bytes = 0;
  for (machine::LogRecord record; bytes < kLogPartBytes && log.read(cursor, record);) {
    if (part.records.empty() && record.sequence > request.number)
      part.dropped = record.sequence - request.number;
    bytes += record.text.size() + record.dictionary.size() + 32;
    part.records.push_back({record.sequence, record.time_ns, record.level, record.facility,
                            record.continuation, std::move(record.text),
                            std::move(record.dictionary)});
  }
  part.next = cursor.sequence;
  part.first = log.first();
  part.end = log.next();
  part.cleared = log.cleared();
  std::scoped_lock lock(mutex_);
  connection->told_end = part.ended = ending_ && part.next >= part.end;
  return {.content = service::encode(part)};
}

service::Reply Server::syslog(const Shared& connection, const service::Request& request) {
  int action = static_cast<int>(request.flags);
  auto length = static_cast<int64_t>(request.number);
  if (length > static_cast<int64_t>(service::kReplyLimit / 2)) length = service::kReplyLimit / 2;
  for (;;) {
    auto answer = syslog_.call(action, length);
    if (!answer) return failed(answer.error());
    // READ waits until there is something.
    if (action == machine::kSyslogRead && length > 0 && answer->result == 0) {
      if (wait_for_log(connection, syslog_.next_unread(), -1)) continue;
      return {.error = EINTR};
    }
    return {.content = service::Writer()
                           .number(static_cast<uint64_t>(answer->result))
                           .text(answer->text)
                           .take()};
  }
}

}  // namespace ring3::user
