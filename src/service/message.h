// SPDX-License-Identifier: GPL-2.0-only
// What a client and a machine say to each other: one request, one reply, as often as the client
// likes, on one connection. A message is a head (16 bytes) and a body of the stated size; every
// request has the same few fields, of which each operation uses some:
//
//   operation       name                 text                flags            number     descriptor
//   init_module     path, for reports    parameters                                      the image
//   finit_module    path, for reports    parameters          MODULE_INIT_*               the file
//   delete_module   the module                               O_NONBLOCK ...
//   read, list,     path
//   read_link
//   write           path                 what one write(2)
//                                        writes
//   read_log                                                 milliseconds     sequence
//                                                            to wait          number
//   syslog                                                   SYSLOG_ACTION_*  length
//   status
//   shutdown                                                 1: at once
//
// `comm` is the task's name that makes the call inside of the machine. A reply has an errno, the
// signal that ended the task if an oops did, what a person may read of it, and the content.
//
// Messages come from outside: a decoder answers nullopt for what it does not take, and never reads
// or allocates by a number that was not checked. Another version of the protocol is refused with
// EPROTO by both sides: client and machine are parts of one program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace ring3::service {

inline constexpr uint32_t kMagic = 0x33474e52;  // "RNG3"
inline constexpr uint16_t kVersion = 1;
inline constexpr size_t kHeadSize = 16;
inline constexpr uint32_t kRequestLimit = 1 << 20;
inline constexpr uint32_t kReplyLimit = 256 << 20;  // /proc/kallsyms with every module loaded

enum class Operation : uint16_t {
  kInitModule = 1,
  kFinitModule,
  kDeleteModule,
  kRead,
  kList,
  kReadLink,
  kWrite,
  kReadLog,
  kSyslog,
  kStatus,
  kShutdown,
  kLast = kShutdown,
  kReply = 0x8000,
};

struct Head {
  Operation operation{};
  uint32_t size = 0;  // of the body
};
// EPROTO in words: not our magic number, another version. The size is not judged here.
std::string encode_head(const Head& head);
std::optional<Head> decode_head(Bytes bytes, std::string& why);

struct Request {
  Operation operation{};
  std::string comm, name, text;
  uint64_t flags = 0, number = 0;
};
std::string encode(const Request& request);  // head and body
std::optional<Request> decode_request(Operation operation, Bytes body);

struct Reply {
  int error = 0;   // errno
  int signal = 0;  // an oops ended the task: what Linux would have killed the caller with
  std::string text;
  std::string content;
};
std::string encode(const Reply& reply);
std::optional<Reply> decode_reply(Bytes body);

}  // namespace ring3::service
