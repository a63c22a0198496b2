// SPDX-License-Identifier: GPL-2.0-only
// What the broker opens and starts for a machine, and what it refuses.
#include "service/broker.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "host/descriptor.h"
#include "host/file.h"
#include "host/process.h"
#include "service/fake_machine.h"

namespace ring3::service {
namespace {

class BrokerTest : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::string path = folder_.path() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
  int open_error(const std::string& path) {
    auto file = broker_.open(path);
    return file ? 0 : file.error().code;
  }
  // The status of a shell script.
  int run(const std::string& script) {
    auto program = broker_.start({"/bin/sh", {"sh", "-c", script}, {"A=b c"}});
    return program ? Broker::wait(*program) : -program.error().code;
  }
  RuntimeFolder folder_;
  Place place_ = place_of("one").take();
  Broker broker_ = Broker::fork_off(place_).take();
};

TEST(BrokerPaths, ModulesAndDebugInformationOnly) {
  for (const char* path : {"/a.ko", "/x/y.ko.gz", "/x/y.ko.xz", "/x/y.ko.zst",
                           "/usr/lib/debug/.build-id/ab/cd.debug", "/usr/lib/debug/x..y/../z.ko.d"})
    EXPECT_EQ(broker_opens(path), std::string(path).find("/../") == std::string::npos) << path;
  for (const char* path :
       {"", "a.ko", "./a.ko", "/etc/passwd", "/x/../y.ko", "/usr/lib/debug", "/usr/lib/debugx",
        "/usr/lib/debug/../../etc/passwd", "/a.ko/x", "/a.ko.bz2", "/a.KO", "/a.ko "})
    EXPECT_FALSE(broker_opens(path)) << path;
}

TEST_F(BrokerTest, AModuleIsOpened) {
  auto file = broker_.open(write("x.ko", "bytes"));
  ASSERT_TRUE(file) << file.error().text;
  auto bytes = host::read_descriptor(file->get(), 5);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(as_text(*bytes), "bytes");
}

TEST_F(BrokerTest, OnlyRegularFilesAreOpened) {
  EXPECT_EQ(open_error("/etc/passwd"), EPERM);
  EXPECT_EQ(open_error(folder_.path() + "/missing.ko"), ENOENT);
  ASSERT_EQ(::mkdir((folder_.path() + "/folder.ko").c_str(), 0700), 0);
  EXPECT_EQ(open_error(folder_.path() + "/folder.ko"), EPERM);
  // Nobody writes to it: opening it must not wait for somebody who does.
  ASSERT_EQ(::mkfifo((folder_.path() + "/pipe.ko").c_str(), 0600), 0);
  EXPECT_EQ(open_error(folder_.path() + "/pipe.ko"), EPERM);
  EXPECT_EQ(open_error(write("y.ko", "")), 0);
}

TEST_F(BrokerTest, AProgramsStatusComesBack) {
  EXPECT_EQ(run("exit 3"), 3 << 8);
  EXPECT_EQ(run("exit 0"), 0);
  EXPECT_EQ(run("kill -9 $$"), 9);
  EXPECT_EQ(broker_.start({"/no/such/program", {"x"}, {}}).error().code, ENOENT);
}

TEST_F(BrokerTest, AProgramHasItsEnvironmentAndNoOther) {
  std::string out = folder_.path() + "/out";
  EXPECT_EQ(run("echo \"$A|$HOME|$XDG_RUNTIME_DIR|$(pwd)\" >" + out), 0);
  EXPECT_EQ(as_text(host::read_file(out).take()), "b c|||/\n");
}

TEST_F(BrokerTest, AProgramNobodyIsInterestedInIsKilled) {
  // It holds the writing end of a pipe, so its end is the pipe's.
  std::string pipe = folder_.path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  auto program =
      broker_.start({"/bin/sh", {"sh", "-c", "exec 3>" + pipe + "; exec sleep 1000"}, {}});
  ASSERT_TRUE(program) << program.error().text;
  int reader = ::open(pipe.c_str(), O_RDONLY | O_CLOEXEC);  // when the shell opens it, too
  ASSERT_GE(reader, 0);
  program->close();
  char c;
  EXPECT_EQ(::read(reader, &c, 1), 0);
  ::close(reader);
}

TEST(BrokerPrograms, CanBeSwitchedOff) {
  RuntimeFolder folder;
  Broker broker = Broker::fork_off(place_of("one").take(), false).take();
  EXPECT_EQ(broker.start({"/bin/true", {"true"}, {}}).error().code, EPERM);
  EXPECT_EQ(broker.open("/nonexistent/x.ko").error().code, ENOENT);
}

TEST_F(BrokerTest, MoreThanItTakesIsRefused) {
  std::vector<std::string> many(5000, "x");
  EXPECT_EQ(broker_.start({"/bin/true", many, {}}).error().code, EINVAL);
  EXPECT_EQ(broker_.start({"/bin/true", {"x", std::string(200 * 1024, 'x')}, {}}).error().code,
            E2BIG);
  EXPECT_EQ(run("exit 4"), 4 << 8);  // and goes on
}

TEST_F(BrokerTest, RequestsDoNotWaitForEachOther) {
  auto slow = broker_.start({"/bin/sleep", {"sleep", "1000"}, {}});
  ASSERT_TRUE(slow);
  EXPECT_EQ(run("exit 5"), 5 << 8);
}

TEST(BrokerEnd, TheSocketGoesWithTheMachine) {
  RuntimeFolder folder;
  Place place = place_of("one").take();
  auto broker = std::make_unique<Broker>(Broker::fork_off(place).take());
  auto listener = host::listen_at(place.socket).take();
  broker.reset();
  // The copy is a child of this process: its end is the end of its work.
  while (::wait(nullptr) > 0) {
  }
  EXPECT_FALSE(host::stat_file(place.socket).exists);
}

}  // namespace
}  // namespace ring3::service
