// SPDX-License-Identifier: GPL-2.0-only
// The messages between tools and a machine. The first byte chooses which decoder gets the rest: the
// head, a request of some operation, a reply, and what replies carry. Whatever is taken is encoded
// again, and must then be the same bytes (a flag of another number than 1 becomes 1 first). Seeds:
// build/fuzz/bin/service_seeds tests/corpus/service.
#include <cstdlib>
#include <string>
#include <vector>

#include "service/content.h"
#include "service/message.h"
#include "service/wire.h"

namespace {

using namespace ring3;
using namespace ring3::service;

#define PROMISED(condition)         \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (0)

// What a decoder takes, its encoder makes again; the second time round nothing changes.
template <class Decode>
void round_trip(Bytes bytes, bool exact, Decode&& decode) {
  auto taken = decode(bytes);
  if (!taken) return;
  std::string once = encode(*taken);
  if (exact) PROMISED(once == as_text(bytes));
  auto again = decode(as_bytes(once));
  PROMISED(again.has_value() && encode(*again) == once);
}

void head(Bytes bytes) {
  std::string why;
  auto head = decode_head(bytes, why);
  PROMISED(head.has_value() == why.empty());
  if (head) PROMISED(encode_head(*head) == as_text(bytes));
}

// Two bytes say which operation, the rest is the body.
void request(Bytes bytes) {
  Reader reader(bytes);
  auto operation = static_cast<Operation>(reader.number<uint16_t>());
  if (reader.failed()) return;
  Bytes body = bytes.subspan(sizeof(uint16_t));
  auto taken = decode_request(operation, body);
  if (!taken) return;
  PROMISED(taken->name.find('\0') == std::string::npos);
  std::string message = encode(*taken), why;
  auto head = decode_head(as_bytes(message).first(kHeadSize), why);
  PROMISED(head && head->operation == operation && head->size == body.size());
  PROMISED(std::string_view(message).substr(kHeadSize) == as_text(body));
}

void reply(Bytes bytes) {
  auto taken = decode_reply(bytes);
  if (!taken) return;
  PROMISED(taken->error >= 0 && taken->signal >= 0 && taken->signal <= 64);
  PROMISED(std::string_view(encode(*taken)).substr(kHeadSize) == as_text(bytes));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  // Bytes in memory of their own size: one byte read too much is seen by asan.
  std::vector<std::byte> input(reinterpret_cast<const std::byte*>(data) + 1,
                               reinterpret_cast<const std::byte*>(data) + size);
  switch (data[0] % 6) {
    case 0:
      head(input);
      break;
    case 1:
      request(input);
      break;
    case 2:
      reply(input);
      break;
    case 3:
      round_trip(input, true, decode_entries);
      break;
    case 4:
      round_trip(input, false, decode_log_part);
      break;
    default:
      round_trip(input, false, decode_status);
  }
  return 0;
}
