// SPDX-License-Identifier: GPL-2.0-only
// The table of tests/tools/dmesg/linux_test.py, which asks Linux.
#include "linux/kernel/printk/printk_files.h"

#include <gtest/gtest.h>

#include <string>

#include "linux/include/printk.h"
#include "target/test_targets.h"

namespace ring3::kernel {
namespace {

constexpr const char* kLevels = "/proc/sys/kernel/printk";
constexpr const char* kKmsg = "/dev/kmsg";

class PrintkFiles : public ::testing::Test {
 protected:
  PrintkFiles() {
    bind_printk(target::installed(target::k61));
    set_kernel_log(&log_);
    add_printk_files(files_);
  }
  ~PrintkFiles() override {
    set_kernel_log(nullptr);
    console_levels() = saved_;
  }

  machine::Log log_;
  machine::FileTree files_;
  ConsoleLevels saved_ = console_levels();
};

TEST_F(PrintkFiles, LevelsAreReadAsLinuxReadsThem) {
  struct Row {
    const char* text;
    int error;
    const char* then;
  };
  constexpr Row kRows[] = {{"3", 0, "3\t4\t1\t7\n"},
                           {"5 6 2 1", 0, "5\t6\t2\t1\n"},
                           {" 3\t2\n", 0, "3\t2\t1\t7\n"},
                           {"3 x", EINVAL, "3\t4\t1\t7\n"},
                           {"x", EINVAL, "1\t4\t1\t7\n"},
                           {"1 2 3 4 5", 0, "1\t2\t3\t4\n"},
                           {"99 -3", 0, "99\t-3\t1\t7\n"},
                           {"3x", EINVAL, "1\t4\t1\t7\n"},
                           {"0x3", 0, "3\t4\t1\t7\n"},
                           {"010", 0, "8\t4\t1\t7\n"},
                           {"08", EINVAL, "1\t4\t1\t7\n"},
                           {"\n", EINVAL, "1\t4\t1\t7\n"},
                           {"4 5 6 7 x", 0, "4\t5\t6\t7\n"},
                           {"+3", EINVAL, "1\t4\t1\t7\n"},
                           {"-0x2 0", 0, "-2\t0\t1\t7\n"},
                           {"2147483648", EINVAL, "1\t4\t1\t7\n"},
                           {"-2147483648", 0, "-2147483648\t4\t1\t7\n"},
                           {"5,6", EINVAL, "1\t4\t1\t7\n"},
                           {"- 3", EINVAL, "1\t4\t1\t7\n"}};
  for (const Row& row : kRows) {
    console_levels() = {1, 4, 1, 7};
    auto written = files_.write(kLevels, row.text);
    EXPECT_EQ(written ? 0 : written.error().code, row.error) << row.text;
    EXPECT_EQ(*files_.read(kLevels), row.then) << row.text;
  }
}

TEST_F(PrintkFiles, KmsgTakesAndGivesRecords) {
  ASSERT_TRUE(files_.write(kKmsg, "<30>one\n"));
  ASSERT_TRUE(files_.write(kKmsg, "two\nlines\n"));
  EXPECT_EQ(*files_.read(kKmsg), "30,0,0,-;one\n12,1,0,-;two\\x0alines\n");
  EXPECT_EQ(files_.write(kKmsg, std::string(993, 'x')).error().code, EINVAL);
  bind_printk(target::installed(target::k612));
  EXPECT_TRUE(files_.write(kKmsg, std::string(1024, 'x')));
}

}  // namespace
}  // namespace ring3::kernel
