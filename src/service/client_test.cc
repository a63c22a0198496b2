// SPDX-License-Identifier: GPL-2.0-only
// The client before machines that are not there, that answer, that answer nonsense, and that end in
// the middle.
#include "service/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "host/process.h"
#include "service/fake_machine.h"
#include "service/wire.h"

namespace ring3::service {
namespace {

using testing::HasSubstr;
using namespace std::string_literals;

// What a client gets for read_file() from a machine that sends these bytes and goes.
Error read_from(const std::string& bytes) {
  FakeMachine machine([&](Talk& talk) {
    talk.next();
    talk.send(bytes);
  });
  auto text = Client::connect(machine.place()).take().read_file("/proc/modules");
  return text ? Error{0, *text} : text.error();
}

std::string with_head(Operation operation, const std::string& body) {
  return encode_head({operation, static_cast<uint32_t>(body.size())}) + body;
}

TEST(Client, WithoutAMachineItSaysHowToStartOne) {
  RuntimeFolder folder;
  Place place = place_of("none").take();
  auto client = Client::connect(place);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ENOENT);
  EXPECT_THAT(client.error().text, HasSubstr("ring3 boot --name none"));
  // The socket that a dead machine left.
  host::listen_at(place.socket).take().close();
  EXPECT_EQ(Client::connect(place).error().code, ENOENT);
}

TEST(Client, APathThatIsTooLongIsSaid) {
  auto client = Client::connect({.name = "x", .socket = "/tmp/" + std::string(200, 'x')});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, ENAMETOOLONG);
  EXPECT_THAT(client.error().text, HasSubstr("XDG_RUNTIME_DIR"));
}

TEST(Client, TheCallsSayWhatTheyMean) {
  std::vector<Request> got;
  std::vector<std::string> files;
  {
    FakeMachine machine([&](Talk& talk) {
      while (talk.next()) {
        got.push_back(talk.request);
        files.push_back(talk.file());
        talk.answer({.error = EEXIST, .signal = 9, .text = "why", .content = "c"});
      }
    });
    Client client = Client::connect(machine.place()).take();
    auto answer = client.init_module("insmod", as_bytes("image"s), "a=1", "/x.ko");
    ASSERT_TRUE(answer) << answer.error().text;
    EXPECT_EQ(answer->error, EEXIST);
    EXPECT_EQ(answer->signal, 9);
    EXPECT_EQ(answer->text, "why");
    EXPECT_EQ(answer->content, "c");
    auto file = host::memory_file_with("file", 4);
    EXPECT_TRUE(client.finit_module("modprobe", file->get(), "b=2", 3, "/y.ko"));
    EXPECT_TRUE(client.delete_module("rmmod", "x", 0x800));
  }
  ASSERT_EQ(got.size(), 3u);
  EXPECT_EQ(got[0].operation, Operation::kInitModule);
  EXPECT_EQ(got[0].comm + got[0].name + got[0].text, "insmod/x.koa=1");
  EXPECT_EQ(files[0], "image");
  EXPECT_EQ(got[1].operation, Operation::kFinitModule);
  EXPECT_EQ(got[1].flags, 3u);
  EXPECT_EQ(files[1], "file");
  EXPECT_EQ(got[2].operation, Operation::kDeleteModule);
  EXPECT_EQ(got[2].name, "x");
  EXPECT_EQ(got[2].flags, 0x800u);
  EXPECT_EQ(files[2], "no file");
}

TEST(Client, ContentsAreDecoded) {
  FakeMachine machine([](Talk& talk) {
    while (talk.next()) switch (talk.request.operation) {
        case Operation::kList:
          talk.answer({.content = encode({Entry{"a", Entry::Kind::kDirectory, 0755, ""}})});
          break;
        case Operation::kReadLog:
          // What was asked for, as an answer.
          talk.answer({.content = encode(
                           LogPart{.next = talk.request.number, .dropped = talk.request.flags})});
          break;
        case Operation::kSyslog:
          talk.answer({.content = Writer().number(uint64_t{5}).text("<6>x").take()});
          break;
        case Operation::kStatus:
          talk.answer({.content = encode(Status{.name = "fake", .modules = 2})});
          break;
        default:
          talk.answer({.content = talk.request.name + "|" + talk.request.text});
      }
  });
  Client client = Client::connect(machine.place()).take();
  EXPECT_EQ(client.read_file("/a").take(), "/a|");
  EXPECT_EQ(client.read_link("/b").take(), "/b|");
  EXPECT_TRUE(client.write_file("/c", "text"));
  EXPECT_EQ(client.list("/").take().at(0).name, "a");
  EXPECT_EQ(client.read_log(17, -1).take().next, 17u);
  EXPECT_EQ(client.read_log(0, -1).take().dropped, ~uint64_t{0});
  EXPECT_EQ(client.syslog(3, 100).take().result, 5);
  EXPECT_EQ(client.syslog(3, 100).take().text, "<6>x");
  EXPECT_EQ(client.status().take().modules, 2u);
}

TEST(Client, ErrorsOfTheCallHaveWords) {
  Error error = read_from(encode(Reply{.error = ENOENT}));
  EXPECT_EQ(error.code, ENOENT);
  EXPECT_EQ(error.text, "/proc/modules: No such file or directory");
  error = read_from(encode(Reply{.error = EINVAL, .text = "because"}));
  EXPECT_EQ(error.text, "because");
  EXPECT_EQ(read_from(encode(Reply{.signal = 11})).code, EIO);
  EXPECT_EQ(read_from(encode(Reply{.content = "all is well"})).code, 0);
}

TEST(Client, ContentThatIsMalformedIsAProtocolError) {
  FakeMachine machine([](Talk& talk) {
    while (talk.next()) talk.answer({.content = "rubbish"});
  });
  Client client = Client::connect(machine.place()).take();
  EXPECT_EQ(client.list("/").error().code, EPROTO);
  EXPECT_EQ(client.read_log(0, 0).error().code, EPROTO);
  EXPECT_EQ(client.syslog(3, 1).error().code, EPROTO);
  EXPECT_EQ(client.status().error().code, EPROTO);
}

TEST(Client, WhatIsNoReplyIsAProtocolError) {
  std::string reply = encode(Reply{});
  std::string old = reply, cut_body = reply.substr(kHeadSize);
  old[4] = 7;
  cut_body.pop_back();
  EXPECT_EQ(read_from("HTTP/1.1 400 Bad Request").code, EPROTO);
  EXPECT_THAT(read_from(old).text, HasSubstr("speaks version 7"));
  EXPECT_THAT(read_from(with_head(Operation::kRead, "")).text, HasSubstr("no reply"));
  EXPECT_THAT(read_from(encode_head({Operation::kReply, kReplyLimit + 1})).text,
              HasSubstr("no reply"));
  EXPECT_THAT(read_from(with_head(Operation::kReply, cut_body)).text, HasSubstr("malformed"));
}

TEST(Client, AMachineThatEndsIsNamedWithItsLog) {
  const std::string reply = encode(Reply{.text = "text"});
  for (size_t size = 0; size < reply.size(); size++) {
    Error error = read_from(reply.substr(0, size));
    EXPECT_EQ(error.code, EPIPE) << size;
    EXPECT_THAT(error.text, HasSubstr("machine 'fake' ended")) << size;
    EXPECT_THAT(error.text, HasSubstr("fake.log")) << size;
  }
}

// A machine with too many clients answers before it was asked, and goes.
TEST(Client, AnAnswerBeforeTheQuestionIsRead) {
  RuntimeFolder folder;
  Place place = place_of("busy").take();
  auto listener = host::listen_at(place.socket).take();
  Client client = Client::connect(place).take();
  {
    auto socket = host::accept_from(listener.get()).take();
    std::string busy = encode(Reply{.error = EAGAIN, .text = "too many"});
    ASSERT_TRUE(host::send_all(socket.get(), as_bytes(busy)));
  }
  auto text = client.read_file("/proc/modules");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code, EAGAIN);
  EXPECT_EQ(text.error().text, "too many");
}

TEST(Client, ARequestHasALimit) {
  FakeMachine machine([](Talk& talk) {
    while (talk.next()) talk.answer({});
  });
  Client client = Client::connect(machine.place()).take();
  EXPECT_EQ(client.write_file("/x", std::string(kRequestLimit, 'x')).error().code, E2BIG);
  EXPECT_TRUE(client.write_file("/x", std::string(kRequestLimit - 100, 'x')));
}

TEST(Client, ShutdownSaysWhetherAtOnce) {
  for (bool at_once : {false, true}) {
    uint64_t flags = 7;
    FakeMachine machine([&](Talk& talk) {
      if (talk.next()) flags = talk.request.flags;
      talk.answer({});
    });
    // Nobody holds the lock: it is over when it was said.
    auto ended = Client::connect(machine.place()).take().shutdown(at_once);
    EXPECT_TRUE(ended) << ended.error().text;
    EXPECT_EQ(flags, at_once ? 1u : 0u);
  }
}

// A start that fails is an error with the words of who tried.
TEST(Client, AStartThatFailsIsSaid) {
  RuntimeFolder folder;
  std::string bin = folder.path() + "/bin";
  ASSERT_EQ(host::run_command({"mkdir", bin})->status, 0);
  std::ofstream(bin + "/ring3") << "#!/bin/sh\necho no kernel \"$@\"\nexit 3\n";
  ASSERT_EQ(host::run_command({"chmod", "+x", bin + "/ring3"})->status, 0);
  auto client = Client::connect_or_start(place_of("new").take(), "9.9", bin + "/ring3");
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code, EIO);
  EXPECT_EQ(client.error().text,
            "cannot start the machine 'new': no kernel boot --quiet --name new --kernel 9.9");
}

}  // namespace
}  // namespace ring3::service
