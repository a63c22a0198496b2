// SPDX-License-Identifier: GPL-2.0-only
// vsnprintf answers every line of tests/modules/lib/vsprintf_cases.h as the real kernel did
// (vsprintf.expected, printed by vsprintf.ko on 6.1.0-56 and the same on 6.12.117).
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/types.h>

#include <climits>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "linux/include/format.h"
#include "linux/include/format_fields.h"
#include "linux/include/format_flags.h"
#include "linux/include/testing.h"
#include "target/test_targets.h"

namespace ring3::kernel {
namespace {

using u8 = uint8_t;
using u32 = uint32_t;
using u64 = uint64_t;

std::vector<std::string> expected_lines() {
  std::ifstream file(RING3_SOURCE_DIR "/tests/modules/lib/vsprintf.expected");
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string shown(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      out += static_cast<char>(c);
    } else {
      char hex[8];
      snprintf(hex, sizeof(hex), "\\x%02x", c);
      out += hex;
    }
  }
  return out;
}

// The kernel's structs as the target would describe them: only their fields' offsets matter.
struct Resource {
  uint64_t start, end;
  unsigned long flags;
};
struct Dentry {
  Dentry* parent;
  const char* name;
};
struct File {
  Dentry* dentry;
};

void set_fields(testing::OwnFields& fields) {
  fields.set(kfield_resource_start, offsetof(Resource, start));
  fields.set(kfield_resource_end, offsetof(Resource, end));
  fields.set(kfield_resource_flags, offsetof(Resource, flags));
  fields.set(kfield_dentry_d_parent, offsetof(Dentry, parent));
  fields.set(kfield_dentry_name_text, offsetof(Dentry, name));
  fields.set(kfield_file_dentry, offsetof(File, dentry));
}

class Cases {
 public:
  int (*vsnprintf)(char*, size_t, const char*,
                   va_list) = testing::api<int(char*, size_t, const char*, va_list)>("vsnprintf");
  std::vector<std::string> expected = expected_lines();
  size_t number = 0;

  void run(size_t size, const char* format, ...) {
    char text[256];
    memset(text, '#', sizeof(text));
    va_list arguments;
    va_start(arguments, format);
    int value = vsnprintf(text, size, format, arguments);
    va_end(arguments);
    size_t length = size == sizeof(text) ? value : size + 1;
    number++;
    std::string line = "case " + std::to_string(number) + " " + std::to_string(value) + " |" +
                       shown({text, std::min(length, sizeof(text) - 1)}) + "|";
    ASSERT_LE(number, expected.size()) << "run vsprintf.ko on the real kernel again";
    EXPECT_EQ(line, expected[number - 1]) << "format \"" << format << '"';
  }
};

Cases* cases;

#define CASE(...) cases->run(256, __VA_ARGS__)
#define SIZED(size, ...) cases->run(size, __VA_ARGS__)

char* nullp;
void* errp = reinterpret_cast<void*>(-14L);
int number;
u8 mac[6] = {0x00, 0x1b, 0x21, 0xAB, 0xcd, 0xef};
u8 ipv4[4] = {192, 168, 1, 20}, ipv4small[4] = {1, 2, 3, 4};
#include "../../../tests/modules/lib/vsprintf_data.h"
sockaddr_in* sockaddr4;
sockaddr_in6* sockaddr6;
sockaddr* sockaddrx;
#define RES(name, ...)                \
  Resource name##_value{__VA_ARGS__}; \
  Resource* name = &name##_value
RES(res_mem, 0xfed00000, 0xfed003ff, kResourceMemory | 0x80000000 | kResourcePrefetch);
RES(res_io, 0x3f8, 0x3ff, kResourceIo);
RES(res_irq, 14, 14, kResourceIrq);
RES(res_dma, 2, 3, kResourceDma);
RES(res_bus, 0, 0xff, kResourceBus);
RES(res_none, 0x10, 0x20, 0x1000);
RES(res_unset, 0, 0xfff, kResourceMemory | kResourceUnset);
RES(res_disabled, 0x1000, 0x1fff, kResourceMemory | kResourceDisabled);
RES(res_mem64, 0x380000000000, 0x38000fffffff,
    kResourceMemory | kResourceMemory64 | kResourceWindow);
Dentry root_value{&root_value, "/"}, a_value{&root_value, "first"}, b_value{&a_value, "second"},
    c_value{&b_value, "third"};
Dentry *dentry_root = &root_value, *dentry_b = &b_value, *dentry_c = &c_value;
File file_value{&c_value};
File* file_c = &file_value;
int rtc[9] = {7, 8, 9, 3, 1, 126}, rtc_bad[9] = {99, -1, 24, 0, 12, -1900};
int64_t time64 = 1234567890, time64neg = -1;
u32 gfp = 0xcc0, gfpzero, gfpodd = 0x20 | 0x200 | 0x800 | 0x100 | 1u << 30;
unsigned long vmflags = 0x1 | 0x4 | 0x10 | 0x40000;
u64 features = 0x1234567890;
struct {
  const char* format;
  va_list* arguments;
} va_format_value;
auto* vaf = &va_format_value;

#include "../../../tests/modules/lib/vsprintf_cases.h"

void run_with_va(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_format_value = {format, &arguments};
  run_cases();
  va_end(arguments);
}

TEST(Vsprintf, AnswersAsTheRealKernel) {
  testing::OwnFields fields;
  set_fields(fields);
  format::bind_flag_names(target::installed(target::k61));
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(12345);
  memcpy(&in.sin_addr, ipv4, 4);
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(12345);
  memcpy(&in6.sin6_addr, ipv6, 16);
  in6.sin6_flowinfo = htonl(0x12345);
  in6.sin6_scope_id = 7;
  sockaddr other{};
  other.sa_family = 99;
  sockaddr4 = &in;
  sockaddr6 = &in6;
  sockaddrx = &other;
  Cases all;
  cases = &all;
  run_with_va("inner %d %s %pI4", 5, "text", ipv4);
  EXPECT_EQ(all.number, all.expected.size());
}

// bprintf and bstr_printf together print what snprintf prints.
template <class... A>
void expect_same_in_binary(const char* format, A... arguments) {
  uint32_t words[64];
  char direct[256], later[256];
  int used = testing::api<int(uint32_t*, size_t, const char*, ...)>("bprintf")(words, 64, format,
                                                                               arguments...);
  ASSERT_LE(used, 64);
  testing::api<int(char*, size_t, const char*, ...)>("snprintf")(direct, sizeof(direct), format,
                                                                 arguments...);
  int length = testing::api<int(char*, size_t, const char*, const uint32_t*)>("bstr_printf")(
      later, sizeof(later), format, words);
  EXPECT_STREQ(later, direct) << format;
  EXPECT_EQ(length, static_cast<int>(strlen(direct))) << format;
}

TEST(Vsprintf, SavedArgumentsPrintTheSame) {
  expect_same_in_binary("plain");
  expect_same_in_binary("%d %hhd %hd %ld %lld %u %x", -1, -2, -3, -4l, -5ll, 6, 7);
  expect_same_in_binary("%c%s|%-8s|%.2s|%d", 'a', "text", "left", "cut", 9);
  expect_same_in_binary("%*d %.*s %s", 6, 42, 3, "abcdef", nullptr);
  expect_same_in_binary("%pI4 %pM %px %pe %d", ipv4, mac, ipv4, errp, 3);
  expect_same_in_binary("%s%c%lld%c%hd%s", "odd", 'x', 1ll << 40, 'y', 5, "end");
}

TEST(Vsprintf, BinaryFormsSayHowManyWordsTheyNeed) {
  auto save = testing::api<int(uint32_t*, size_t, const char*, ...)>("bprintf");
  uint32_t words[2] = {7, 7};
  EXPECT_EQ(save(words, 0, "%d %lld %c", 1, 2ll, 'c'), 4);
  EXPECT_EQ(words[0], 7u);
  EXPECT_EQ(save(words, 1, "%d %d", 1, 2), 2);
  EXPECT_EQ(words[0], 1u);
  EXPECT_EQ(words[1], 7u);
}

TEST(Vsprintf, PointersAreHashedByTheirKey) {
  auto print = testing::api<int(char*, size_t, const char*, ...)>("snprintf");
  uint64_t first_key[2] = {1, 2}, second_key[2] = {3, 4};
  char first[32], again[32], second[32];
  void* pointer = reinterpret_cast<void*>(0xffff888012345678);
  set_pointer_hash_key(first_key);
  print(first, sizeof(first), "%p", pointer);
  print(again, sizeof(again), "%pK", pointer);
  set_pointer_hash_key(second_key);
  print(second, sizeof(second), "%p", pointer);
  EXPECT_STREQ(first, again);
  EXPECT_STRNE(first, second);
  EXPECT_EQ(std::string(first).substr(0, 8), "00000000");
  set_pointers_plain(true);
  print(first, sizeof(first), "%p", pointer);
  set_pointers_plain(false);
  EXPECT_STREQ(first, "ffff888012345678");
}

TEST(Vsprintf, SymbolsComeThroughTheHook) {
  set_symbolise([](char* out, size_t size, uint64_t address, SymbolStyle style) -> size_t {
    if (address != 0x1234) return 0;
    return snprintf(out, size, "name%s%s", style.offset ? "+0x4/0x10" : "",
                    style.return_address ? " (return)" : "");
  });
  auto print = testing::api<int(char*, size_t, const char*, ...)>("snprintf");
  char text[128];
  void* address = reinterpret_cast<void*>(0x1234);
  print(text, sizeof(text), "[%pS][%ps][%pB][%14pSR][%pS]", address, address, address, address,
        reinterpret_cast<void*>(0x9999));
  set_symbolise(nullptr);
  EXPECT_STREQ(text, "[name+0x4/0x10][name][name+0x4/0x10 (return)][ name+0x4/0x10][0x9999]");
}

}  // namespace
}  // namespace ring3::kernel
