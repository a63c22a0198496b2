// SPDX-License-Identifier: GPL-2.0-only
#include "service/message.h"

#include <fmt/format.h>

#include "service/wire.h"

namespace ring3::service {
namespace {

constexpr size_t kCommLimit = 64, kNameLimit = 8192;

std::string with_head(Operation operation, const std::string& body) {
  return encode_head({operation, static_cast<uint32_t>(body.size())}) + body;
}

}  // namespace

std::string encode_head(const Head& head) {
  return Writer()
      .number(kMagic)
      .number(kVersion)
      .number(static_cast<uint16_t>(head.operation))
      .number(head.size)
      .number(uint32_t{0})
      .take();
}

std::optional<Head> decode_head(Bytes bytes, std::string& why) {
  Reader reader(bytes);
  auto magic = reader.number<uint32_t>();
  auto version = reader.number<uint16_t>();
  Head head;
  head.operation = static_cast<Operation>(reader.number<uint16_t>());
  head.size = reader.number<uint32_t>();
  auto reserved = reader.number<uint32_t>();
  if (!reader.complete() || magic != kMagic || reserved != 0) {
    why = "what came is no message of ring3";
    return {};
  }
  if (version != kVersion) {
    why = fmt::format(
        "the other side speaks version {} of the protocol, this one {}; end the machine with the "
        "ring3 that started it, and boot it again",
        version, kVersion);
    return {};
  }
  return head;
}

std::string encode(const Request& request) {
  return with_head(request.operation, Writer()
                                          .text(request.comm)
                                          .text(request.name)
                                          .text(request.text)
                                          .number(request.flags)
                                          .number(request.number)
                                          .take());
}

std::optional<Request> decode_request(Operation operation, Bytes body) {
  if (operation < Operation::kInitModule || operation > Operation::kLast) return {};
  Reader reader(body);
  Request request;
  request.operation = operation;
  request.comm = reader.text(kCommLimit);
  request.name = reader.text(kNameLimit);
  request.text = reader.text(kRequestLimit);
  request.flags = reader.number<uint64_t>();
  request.number = reader.number<uint64_t>();
  if (!reader.complete()) return {};
  // Both become C strings.
  if (request.name.find('\0') != std::string::npos || request.comm.find('\0') != std::string::npos)
    return {};
  return request;
}

std::string encode(const Reply& reply) {
  return with_head(Operation::kReply, Writer()
                                          .number(static_cast<uint32_t>(reply.error))
                                          .number(static_cast<uint32_t>(reply.signal))
                                          .text(reply.text)
                                          .text(reply.content)
                                          .take());
}

std::optional<Reply> decode_reply(Bytes body) {
  Reader reader(body);
  Reply reply;
  reply.error = static_cast<int>(reader.number<uint32_t>());
  reply.signal = static_cast<int>(reader.number<uint32_t>());
  reply.text = reader.text(kReplyLimit);
  reply.content = reader.text(kReplyLimit);
  constexpr int kErrnoLimit = 4096, kSignalLimit = 64;
  if (!reader.complete() || reply.error < 0 || reply.error >= kErrnoLimit || reply.signal < 0 ||
      reply.signal > kSignalLimit)
    return {};
  return reply;
}

}  // namespace ring3::service
