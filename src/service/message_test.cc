// SPDX-License-Identifier: GPL-2.0-only
// Heads, requests and replies: what is encoded is decoded, and whatever is not exactly a message
// is refused.
#include "service/message.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/wire.h"

namespace ring3::service {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

const Operation kOperations[] = {
    Operation::kInitModule, Operation::kFinitModule, Operation::kDeleteModule, Operation::kRead,
    Operation::kList,       Operation::kReadLink,    Operation::kWrite,        Operation::kReadLog,
    Operation::kSyslog,     Operation::kStatus,      Operation::kShutdown};

std::string body_of(const std::string& message) { return message.substr(kHeadSize); }

std::optional<Head> head_of(const std::string& message, std::string& why) {
  return decode_head(as_bytes(message).first(std::min(message.size(), kHeadSize)), why);
}
std::optional<Request> request(Operation operation, const std::string& body) {
  return decode_request(operation, as_bytes(body));
}
std::optional<Reply> reply(const std::string& body) { return decode_reply(as_bytes(body)); }

Request sample(Operation operation) {
  return {operation, "modprobe", "/lib/modules/x y.ko", "a=1 b=\"\\\n\xff\"", ~0ull, 1ull << 63};
}

TEST(Message, EveryRequestComesBack) {
  for (Operation operation : kOperations) {
    const Request sent = sample(operation);
    std::string why, message = encode(sent);
    auto head = head_of(message, why);
    ASSERT_TRUE(head) << why;
    EXPECT_EQ(head->operation, operation);
    EXPECT_EQ(head->size, message.size() - kHeadSize);
    auto got = request(head->operation, body_of(message));
    ASSERT_TRUE(got);
    EXPECT_EQ(got->operation, operation);
    EXPECT_EQ(got->comm, sent.comm);
    EXPECT_EQ(got->name, sent.name);
    EXPECT_EQ(got->text, sent.text);
    EXPECT_EQ(got->flags, sent.flags);
    EXPECT_EQ(got->number, sent.number);
  }
}

TEST(Message, AReplyComesBack) {
  std::string why, message = encode(Reply{17, 9, "why", "content\0more"s});
  auto head = head_of(message, why);
  ASSERT_TRUE(head) << why;
  EXPECT_EQ(head->operation, Operation::kReply);
  auto got = reply(body_of(message));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->error, 17);
  EXPECT_EQ(got->signal, 9);
  EXPECT_EQ(got->text, "why");
  EXPECT_EQ(got->content, "content\0more"s);
}

TEST(Message, AHeadThatIsCutIsNone) {
  const std::string head = encode_head({Operation::kRead, 5});
  ASSERT_EQ(head.size(), kHeadSize);
  for (size_t size = 0; size < kHeadSize; size++) {
    std::string why, cut = head.substr(0, size);
    EXPECT_FALSE(decode_head(as_bytes(cut), why)) << size;
    EXPECT_THAT(why, HasSubstr("no message")) << size;
  }
  std::string why;
  EXPECT_FALSE(decode_head(as_bytes(head + "x"), why));
}

// Each byte of the magic number and of what is reserved; the version has words of its own.
TEST(Message, AHeadWithAChangedByteIsRefused) {
  for (size_t at : {0, 1, 2, 3, 4, 5, 12, 13, 14, 15}) {
    std::string why, head = encode_head({Operation::kStatus, 0});
    head[at] = static_cast<char>(head[at] ^ 0x80);
    EXPECT_FALSE(decode_head(as_bytes(head), why)) << at;
    EXPECT_THAT(why, HasSubstr(at == 4 || at == 5 ? "speaks version" : "no message of ring3"))
        << at;
  }
}

TEST(Message, AnotherVersionSaysWhich) {
  std::string why, head = encode_head({Operation::kStatus, 0});
  head[4] = 9;
  EXPECT_FALSE(decode_head(as_bytes(head), why));
  EXPECT_THAT(why, HasSubstr("version 9 of the protocol, this one 1"));
}

TEST(Message, ARequestThatIsCutOrLongerIsRefused) {
  const std::string body = body_of(encode(sample(Operation::kWrite)));
  for (size_t size = 0; size < body.size(); size++)
    EXPECT_FALSE(request(Operation::kWrite, body.substr(0, size))) << size;
  EXPECT_FALSE(request(Operation::kWrite, body + '\0'));
}

TEST(Message, AReplyThatIsCutOrLongerIsRefused) {
  const std::string body = body_of(encode(Reply{2, 0, "no such file", "x"}));
  for (size_t size = 0; size < body.size(); size++)
    EXPECT_FALSE(reply(body.substr(0, size))) << size;
  EXPECT_FALSE(reply(body + "x"));
}

TEST(Message, OnlyKnownOperationsAreRequests) {
  const std::string body = body_of(encode(sample(Operation::kRead)));
  for (unsigned operation : {0u, 12u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu})
    EXPECT_FALSE(request(static_cast<Operation>(operation), body)) << operation;
  EXPECT_TRUE(request(Operation::kShutdown, body));
}

TEST(Message, NamesHaveNoNulAndTextsMay) {
  Request made = sample(Operation::kRead);
  made.name = "/proc\0/x"s;
  EXPECT_FALSE(request(made.operation, body_of(encode(made))));
  made = sample(Operation::kRead);
  made.comm = "c\0"s;
  EXPECT_FALSE(request(made.operation, body_of(encode(made))));
  made = sample(Operation::kWrite);
  made.text = "a\0b"s;
  auto got = request(made.operation, body_of(encode(made)));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->text, "a\0b"s);
}

TEST(Message, TheFieldsOfARequestHaveLimits) {
  auto with = [](size_t comm, size_t name, size_t text) {
    Request made{Operation::kWrite, std::string(comm, 'c'), std::string(name, 'n'),
                 std::string(text, 't')};
    return request(made.operation, body_of(encode(made))).has_value();
  };
  EXPECT_TRUE(with(64, 8192, kRequestLimit));
  EXPECT_FALSE(with(65, 1, 1));
  EXPECT_FALSE(with(1, 8193, 1));
  EXPECT_FALSE(with(1, 1, kRequestLimit + 1));
}

// A reply's errno and signal become results and deaths of tools.
TEST(Message, AReplysNumbersAreInRange) {
  auto with = [](uint32_t error, uint32_t signal) {
    return reply(Writer().number(error).number(signal).text("").text("").take()).has_value();
  };
  EXPECT_TRUE(with(0, 0));
  EXPECT_TRUE(with(4095, 64));
  EXPECT_FALSE(with(4096, 0));
  EXPECT_FALSE(with(0xffffffff, 0));
  EXPECT_FALSE(with(0, 65));
  EXPECT_FALSE(with(0, 0x80000000));
}

}  // namespace
}  // namespace ring3::service
