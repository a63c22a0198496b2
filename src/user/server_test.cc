// SPDX-License-Identifier: GPL-2.0-only
// The machine's side of its socket, without any module: a machine in a process of its own, as
// `ring3 boot` makes it, and clients that ask, follow the log, send rubbish and go away.
#include "user/server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <thread>

#include "host/file.h"
#include "host/process.h"
#include "linux/kernel/reboot.h"
#include "service/client.h"
#include "service/fake_machine.h"
#include "target/test_targets.h"

namespace ring3::user {
namespace {

using service::Client;
using service::LogPart;
using testing::HasSubstr;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    host::raise_descriptor_limit();
    auto listener = host::listen_at(place_.socket).take();
    const target::Target& target = target::installed(target::k61);
    auto child = host::run_in_copy([&] { return machine(target, std::move(listener)); });
    process_ = child ? *child : -1;
  }
  ~ServerTest() override {
    if (process_ > 0) Client::connect(place_).ok() ? (void)end() : host::reap(process_);
  }
  int machine(const target::Target& target, host::Handle listener) {
    static Server* server;
    kernel::KernelOptions options;
    options.builtin_keys = false;
    options.on_end = [](kernel::MachineEnd) {
      server->end("power off", 0);
      host::wait_for_ever();
    };
    auto kernel = kernel::Kernel::start(target, options);
    if (!kernel) return 100;
    ServerOptions server_options;
    server_options.name = "one";
    server_options.listener = std::move(listener);
    server_options.log_file = host::open_for_log(place_.log).take();
    server = new Server(**kernel, std::move(server_options));
    host::end_process(server->serve());
  }
  Client connect() { return Client::connect(place_).take(); }
  // Says that it shall end; the exit status when it did.
  int end(bool at_once = true) {
    (void)connect().shutdown(at_once);
    return wait();
  }
  int wait() {
    int status = 0;
    ::waitpid(std::exchange(process_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
  // Reads until the log is at its end, as dmesg -w does: the text of all records.
  static std::string follow(Client& client, uint64_t next = 0) {
    std::string text;
    for (;;) {
      auto part = client.read_log(next, -1);
      if (!part) return text + "(" + part.error().text + ")";
      for (const service::Record& record : part->records) text += record.text + "\n";
      next = part->next;
      if (part->ended) return text + "(ended)";
    }
  }
  // Sends bytes; what comes back, until the machine ends the connection.
  std::string send(const std::string& bytes, bool and_end = false) {
    auto socket = host::connect_to(place_.socket).take();
    (void)host::send_all(socket.get(), as_bytes(bytes));
    if (and_end) ::shutdown(socket.get(), SHUT_WR);
    std::string answer;
    host::Handle nothing;
    for (char c; host::receive_all(socket.get(), &c, 1, nothing);) answer += c;
    return answer;
  }

  service::RuntimeFolder folder_;
  service::Place place_ = service::place_of("one").take();
  int process_ = -1;
};

TEST_F(ServerTest, FilesAndStatus) {
  Client client = connect();
  auto status = client.status();
  ASSERT_TRUE(status) << status.error().text;
  EXPECT_EQ(status->name, "one");
  EXPECT_EQ(status->release, target::k61);
  EXPECT_EQ(status->process, static_cast<uint64_t>(process_));
  EXPECT_EQ(status->modules, 0u);
  EXPECT_EQ(status->clients, 1u);
  EXPECT_EQ(client.read_file("/proc/modules").take(), "");
  EXPECT_EQ(client.read_file("/no/such").error().code, ENOENT);
  EXPECT_EQ(client.read_link("/proc/modules").error().code, EINVAL);
  auto list = client.list("/sys");
  ASSERT_TRUE(list) << list.error().text;
  EXPECT_THAT(*list, testing::Contains(testing::Field(&service::Entry::name, "module")));
}

TEST_F(ServerTest, CallsGiveTheirErrno) {
  Client client = connect();
  EXPECT_EQ(client.delete_module("rmmod", "nosuch", 0x800)->error, ENOENT);
  EXPECT_EQ(client.init_module("insmod", as_bytes("no module"), "")->error, ENOEXEC);
  EXPECT_EQ(client.init_module("insmod", as_bytes("x"), std::string("a\0b", 3))->error, EINVAL);
  EXPECT_EQ(client.finit_module("insmod", -1, "", 0)->error, EBADF);
}

TEST_F(ServerTest, RubbishEndsOneConnectionAfterAWord) {
  EXPECT_THAT(send(std::string(64, 'x')), HasSubstr("no message of ring3"));
  std::string old = service::encode(service::Request{service::Operation::kStatus});
  old[4] = 9;
  EXPECT_THAT(send(old), HasSubstr("speaks version 9"));
  EXPECT_THAT(send(service::encode_head({service::Operation::kRead, service::kRequestLimit + 1})),
              HasSubstr("at most 1048576 bytes"));
  for (unsigned operation : {0u, 12u, 0x8000u, 0xffffu})
    EXPECT_THAT(send(service::encode_head({static_cast<service::Operation>(operation), 0})),
                HasSubstr("the request is malformed"));
  std::string request = service::encode(service::Request{service::Operation::kStatus});
  EXPECT_EQ(send(request.substr(0, request.size() - 1), true), "");
  EXPECT_EQ(send(request.substr(0, 5), true), "");
  EXPECT_EQ(connect().status()->clients, 1u) << "the others are forgotten";
}

TEST_F(ServerTest, AFollowerGetsTheLastWords) {
  Client follower = connect();
  ASSERT_TRUE(follower.read_log(0, 1));  // waits: a follower
  std::string text;
  std::thread thread([&] { text = follow(follower); });
  EXPECT_EQ(end(false), 0);
  thread.join();
  EXPECT_THAT(text, HasSubstr("reboot: Power down\n"));
  EXPECT_THAT(text, testing::EndsWith("(ended)"));
  auto saved = host::read_file(place_.log);
  ASSERT_TRUE(saved);
  EXPECT_THAT(std::string(as_text(*saved)), HasSubstr("reboot: Power down"));
}

// Who waited once will ask again: the machine's end waits for that, also between two questions.
TEST_F(ServerTest, AFollowerBetweenTwoQuestionsIsWaitedFor) {
  Client first = connect(), second = connect();
  auto part = first.read_log(0, 1);
  ASSERT_TRUE(part);
  ASSERT_TRUE(second.read_log(0, 1));
  std::string text;
  std::thread thread([&] { text = follow(second); });
  Client asks = connect();
  std::thread shutdown([&] { (void)asks.shutdown(true); });
  thread.join();  // the machine is in its end: the second follower was told
  EXPECT_THAT(text, testing::EndsWith("(ended)"));
  EXPECT_THAT(follow(first, part->next), testing::EndsWith("(ended)"));
  shutdown.join();
  EXPECT_EQ(wait(), 0);
}

// After the word that the log ended the connection is over.
TEST_F(ServerTest, AFollowerThatWasToldIsDone) {
  Client follower = connect();
  ASSERT_TRUE(follower.read_log(0, 1));
  std::string text, after;
  std::thread thread([&] {
    text = follow(follower);
    after = follow(follower);
  });
  EXPECT_EQ(end(), 0);
  thread.join();
  EXPECT_THAT(text, testing::EndsWith("(ended)"));
  EXPECT_THAT(after, HasSubstr("machine 'one' ended"));
}

// Followers that went away, or never come back, do not keep the machine.
TEST_F(ServerTest, FollowersThatDoNotComeBackAreNotWaitedForLong) {
  {
    Client gone = connect();
    ASSERT_TRUE(gone.read_log(0, 1));
  }
  Client silent = connect();
  ASSERT_TRUE(silent.read_log(0, 1));
  EXPECT_EQ(end(), 0);
  EXPECT_EQ(silent.read_log(0, 0).error().code, EPIPE);
}

TEST_F(ServerTest, PartsOfTheLog) {
  Client client = connect();
  LogPart all = client.read_log(0, 0).take();
  EXPECT_FALSE(all.ended);
  EXPECT_EQ(all.next, all.end);
  LogPart none = client.read_log(all.end, 0).take();
  EXPECT_TRUE(none.records.empty());
  EXPECT_EQ(none.next, all.end);
  LogPart beyond = client.read_log(~0ull, 0).take();
  EXPECT_TRUE(beyond.records.empty());
  EXPECT_EQ(beyond.end, all.end);
  EXPECT_EQ(client.syslog(99, 0).error().code, EINVAL);
  EXPECT_GT(client.syslog(10, 0)->result, 0);  // SYSLOG_ACTION_SIZE_BUFFER
}

TEST_F(ServerTest, MoreClientsThanItTakesAreToldSo) {
  constexpr int kMost = 1000;
  std::vector<Client> clients;
  for (int i = 0; i < kMost; i++) clients.push_back(connect());
  EXPECT_EQ(clients.back().status()->clients, static_cast<uint64_t>(kMost));
  auto refused = connect().status();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, EAGAIN);
  EXPECT_THAT(refused.error().text, HasSubstr("has 1000 clients already"));
  (void)clients.back().shutdown(true);
  EXPECT_EQ(wait(), 0);
}

}  // namespace
}  // namespace ring3::user
