// SPDX-License-Identifier: GPL-2.0-only
// Where machines are found: the folder must be safe, a name must be one, and only the lock says
// that a machine runs.
#include "service/place.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "host/command.h"
#include "host/process.h"
#include "host/socket.h"

namespace ring3::service {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class PlaceTest : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("XDG_RUNTIME_DIR", folder_.path().c_str(), 1);
    ::unsetenv("RING3_MACHINE");
  }
  std::string below(const std::string& name) { return folder_.path() + "/" + name; }
  // Its error; 0: it was given.
  int refused(const std::string& name, const std::string& words) {
    auto place = place_of(name);
    if (place) return 0;
    EXPECT_THAT(place.error().text, HasSubstr(words));
    return place.error().code;
  }
  host::TemporaryFolder folder_ = host::TemporaryFolder::create("ring3-place-").take();
};

TEST_F(PlaceTest, TheOptionCountsMoreThanTheVariable) {
  EXPECT_EQ(machine_name(""), "default");
  ::setenv("RING3_MACHINE", "two", 1);
  EXPECT_EQ(machine_name(""), "two");
  EXPECT_EQ(machine_name("three"), "three");
  ::setenv("RING3_MACHINE", "", 1);
  EXPECT_EQ(machine_name(""), "default");
}

TEST_F(PlaceTest, TheFolderIsMadeForTheUserAlone) {
  auto place = place_of("one");
  ASSERT_TRUE(place) << place.error().text;
  struct stat status;
  ASSERT_EQ(::stat(below("ring3").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0700u);
  EXPECT_EQ(place->name, "one");
  EXPECT_EQ(place->lock, below("ring3/one.lock"));
  EXPECT_EQ(place->socket, below("ring3/one.socket"));
  EXPECT_EQ(place->log, below("ring3/one.log"));
  EXPECT_EQ(place->errors, below("ring3/one.errors"));
}

TEST_F(PlaceTest, AFolderThatOthersMayEnterIsRefused) {
  ASSERT_EQ(::mkdir(below("ring3").c_str(), 0700), 0);
  ASSERT_EQ(::chmod(below("ring3").c_str(), 0710), 0);
  EXPECT_EQ(refused("one", "others may enter it"), EPERM);
  ASSERT_EQ(::chmod(below("ring3").c_str(), 0700), 0);
  EXPECT_EQ(refused("one", ""), 0);
}

TEST_F(PlaceTest, AFolderThatIsALinkIsRefused) {
  ASSERT_EQ(::mkdir(below("other").c_str(), 0700), 0);
  ASSERT_EQ(::symlink(below("other").c_str(), below("ring3").c_str()), 0);
  EXPECT_EQ(refused("one", "it is not a folder"), EPERM);
}

TEST_F(PlaceTest, ARelativeRuntimeFolderIsNotUsed) {
  ::setenv("XDG_RUNTIME_DIR", "relative", 1);
  auto place = place_of("one");
  ASSERT_TRUE(place) << place.error().text;
  EXPECT_TRUE(place->lock.starts_with('/')) << place->lock;
  EXPECT_THAT(place->lock, testing::Not(HasSubstr("relative")));
}

TEST_F(PlaceTest, NamesCannotLeaveTheFolder) {
  for (const char* name :
       {"", ".", "..", ".hidden", "../one", "a/b", "a b", "a\nb", "\xc3\xa4", "*"})
    EXPECT_EQ(refused(name, "no name for a machine"), EINVAL) << name;
  EXPECT_EQ(refused(std::string(49, 'a'), "at most 48"), EINVAL);
  EXPECT_EQ(refused(std::string("a\0b", 3), "no name"), EINVAL);
  EXPECT_EQ(refused(std::string(48, 'a'), ""), 0);
  EXPECT_EQ(refused("A-z_0.9", ""), 0);
}

TEST_F(PlaceTest, KnownIsWhatHasALockFileAndAName) {
  EXPECT_THAT(known_machines(), IsEmpty());
  ASSERT_TRUE(place_of("one"));
  EXPECT_THAT(known_machines(), IsEmpty());
  for (const char* file :
       {"two.lock", "one.lock", "one.socket", "x.log", ".lock", "a b.lock", ".x.lock"})
    std::ofstream(below("ring3/") + file) << "";
  EXPECT_THAT(known_machines(), ElementsAre("one", "two"));
}

TEST_F(PlaceTest, ALockFileIsNoMachineButALockIs) {
  Place place = place_of("one").take();
  EXPECT_FALSE(is_running(place));
  std::ofstream(place.lock) << "";
  EXPECT_FALSE(is_running(place));
  {
    auto lock = host::lock_file(place.lock);
    ASSERT_TRUE(lock) << lock.error().text;
    EXPECT_TRUE(is_running(place));
    host::start_is_over(lock->get());
    EXPECT_TRUE(is_running(place));
    auto second = host::lock_file(place.lock);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, EAGAIN);
  }
  EXPECT_FALSE(is_running(place));
}

// Who waits for a start goes on when it is over, or when the starter is gone.
TEST_F(PlaceTest, AStartCanBeWaitedFor) {
  Place place = place_of("one").take();
  host::wait_for_start(place.lock);  // there is none
  for (bool fails : {false, true}) {
    auto lock = host::lock_file(place.lock).take();
    std::atomic<bool> over = false;
    std::thread waiter([&] {
      host::wait_for_start(place.lock);
      EXPECT_TRUE(over);
    });
    over = true;
    if (fails)
      lock.close();
    else
      host::start_is_over(lock.get());
    waiter.join();
    EXPECT_EQ(is_running(place), !fails);
  }
}

TEST_F(PlaceTest, AnEndCanBeWaitedFor) {
  Place place = place_of("one").take();
  EXPECT_TRUE(wait_for_end(place, -1));  // nobody
  auto pair = host::socket_pair(false).take();
  auto child = host::run_in_copy([&] {
    auto lock = host::lock_file(place.lock);
    host::replace_content(lock->get(), fmt::format("{}\n", host::process_id()));
    host::start_is_over(lock->get());
    (void)host::send_all(pair.theirs.get(), as_bytes("x"));
    pair.ours.close();
    host::wait_readable(pair.theirs.get(), -1);
    return 0;
  });
  ASSERT_TRUE(child);
  char c;
  host::Handle nothing;
  ASSERT_TRUE(host::receive_all(pair.ours.get(), &c, 1, nothing));
  EXPECT_FALSE(wait_for_end(place, 0));
  pair.ours.close();
  pair.theirs.close();
  EXPECT_TRUE(wait_for_end(place, -1));
  host::reap(*child);
  // What a dead holder left does not make anybody wait.
  EXPECT_TRUE(wait_for_end(place, -1));
}

}  // namespace
}  // namespace ring3::service
