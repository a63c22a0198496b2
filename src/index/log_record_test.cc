// SPDX-License-Identifier: GPL-2.0-only
#include "index/log_record.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ring3::index {
namespace {

std::string shown(const KernelRecord& record) {
  return fmt::format("{}.{} {}.{} '{}' {}", record.facility, record.level, record.seconds,
                     record.microseconds, record.caller, record.text);
}

std::string kmsg(std::string_view text) {
  auto record = parse_kmsg(text);
  return record ? shown(*record) : "none";
}

std::vector<std::string> syslog(std::string_view text, bool priority = true) {
  SyslogText records(text, priority);
  std::vector<std::string> all;
  while (auto record = records.next()) all.push_back(shown(*record));
  return all;
}

using Lines = std::vector<std::string>;

TEST(LogRecord, KmsgHasPriorityTimeAndText) {
  EXPECT_EQ(kmsg("30,7,12000034,-;text\n"), "3.6 12.34 '' text");
  EXPECT_EQ(parse_kmsg("6,339,1,-;x\n")->sequence, 339u);
  EXPECT_EQ(parse_kmsg("6,339,1,-;x\n", false)->level, -1);
}

TEST(LogRecord, KmsgTextIsDecoded) {
  EXPECT_EQ(kmsg(R"(6,1,0,-;a\x0ab\x5cc \xzz \x4)"), "0.6 0.0 '' a\nb\\c \\xzz \\x4");
}

TEST(LogRecord, KmsgDictionaryIsNoText) {
  EXPECT_EQ(kmsg("6,1,0,-;text\n SUBSYSTEM=pci\n"), "0.6 0.0 '' text");
}

TEST(LogRecord, KmsgCallerIsOfTheHeadOnly) {
  EXPECT_EQ(kmsg("6,1,0,-,caller=T12;a"), "0.6 0.0 'T12' a");
  EXPECT_EQ(kmsg("6,1,0,c,more=1,caller=C0,x=y;a"), "0.6 0.0 'C0' a");
  EXPECT_EQ(kmsg("6,1,0,-;a caller=T12;b"), "0.6 0.0 '' a caller=T12;b");
}

TEST(LogRecord, KmsgThatIsDamaged) {
  EXPECT_EQ(kmsg(""), "none");
  EXPECT_EQ(kmsg("\n"), "none");
  EXPECT_EQ(kmsg("no head"), "-1.-1 0.0 '' no head");
  EXPECT_EQ(kmsg(";"), "-1.-1 0.0 '' ");
  EXPECT_EQ(kmsg("x,y,z;text"), "-1.-1 0.0 '' text");
  EXPECT_EQ(kmsg("99999999999999999999,1,99999999999999999999,-;text"), "-1.-1 0.0 '' text");
}

TEST(LogRecord, KmsgFileEndsRecordsAtNulOrNewline) {
  constexpr char kFile[] = "6,1,0,-;a\n K=v\n L=w\n7,2,0,-;b\n\0005,3,0,-;c";
  KmsgText file(std::string_view(kFile, sizeof(kFile) - 1));
  EXPECT_EQ(file.next(), "6,1,0,-;a\n K=v\n L=w");
  EXPECT_EQ(file.next(), "7,2,0,-;b");
  EXPECT_EQ(file.next(), "5,3,0,-;c");
  EXPECT_EQ(file.next(), std::nullopt);
}

TEST(LogRecord, SyslogGoesOnUntilALevel) {
  EXPECT_EQ(syslog("<6>[    1.000002] one\ntwo\n<30>[   12.5] three\n"),
            (Lines{"0.6 1.2 '' one\ntwo", "3.6 12.5 '' three"}));
  EXPECT_EQ(syslog("<6>[ 1.0] one", false), Lines{"-1.-1 1.0 '' one"});
}

TEST(LogRecord, SyslogCallers) {
  EXPECT_EQ(syslog("<6>[ 1.0] [   T1] a\n<6>[ 1.0] [  C12] b\n"),
            (Lines{"0.6 1.0 'T1' a", "0.6 1.0 'C12' b"}));
  // Nothing behind it: no byte beyond the text is touched.
  EXPECT_EQ(syslog("<6>[ 1.0] [T5]\n"), Lines{"0.6 1.0 'T5' "});
  EXPECT_EQ(syslog("<6>[ 1.0] [T5"), Lines{"0.6 1.0 '' [T5"});
}

TEST(LogRecord, SyslogThatIsDamaged) {
  EXPECT_EQ(syslog(""), Lines{});
  EXPECT_EQ(syslog(std::string_view("\0\0\0", 3)), Lines{});
  EXPECT_EQ(syslog("<"), Lines{"-1.-1 0.0 '' "});
  EXPECT_EQ(syslog("<6>["), Lines{"0.6 0.0 '' ["});
  EXPECT_EQ(syslog("<6>[ x] y"), Lines{"0.6 0.0 '' x] y"});
  EXPECT_EQ(syslog("<6>[9.9"), Lines{"0.6 0.0 '' 9.9"});
  EXPECT_EQ(syslog("<x>text\n"), Lines{"-1.-1 0.0 '' x>text"});
}

TEST(LogRecord, WhatStandsBehindARecord) {
  SyslogText records("<6>a\n\n<6>b\n", true);
  EXPECT_EQ(records.next()->after, '\n');
  EXPECT_EQ(records.next()->after, '\n');
}

}  // namespace
}  // namespace ring3::index
