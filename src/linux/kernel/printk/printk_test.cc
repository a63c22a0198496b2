// SPDX-License-Identifier: GPL-2.0-only
// The printk family leaves in the log what it left in the real kernels' /dev/kmsg:
// tests/modules/kernel/printk/printk_cases.h, answered in printk-6.1.expected and -6.12.expected.
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "linux/include/arguments.h"
#include "linux/include/device_fields.h"
#include "linux/include/jiffies.h"
#include "linux/include/printk.h"
#include "linux/include/testing.h"
#include "machine/log_text.h"
#include "target/test_targets.h"

namespace ring3::kernel {
namespace {

struct Named {
  const char* name;
};
struct Device {
  const char* init_name = nullptr;
  const char* name;
  void* driver = nullptr;
  Named* bus;
  Named* device_class = nullptr;
  uint32_t number = 0;
};

void set_fields(testing::OwnFields& fields) {
  fields.set(kfield_device_init_name, offsetof(Device, init_name));
  fields.set(kfield_device_kobject_name, offsetof(Device, name));
  fields.set(kfield_device_driver, offsetof(Device, driver));
  fields.set(kfield_device_bus_place, offsetof(Device, bus));
  fields.set(kfield_device_class_place, offsetof(Device, device_class));
  fields.set(kfield_device_devt, offsetof(Device, number));
  fields.set(kfield_device_driver_name, 0);
  fields.set(kfield_bus_type_name, 0);
  fields.set(kfield_class_name, 0);
}

// The log with sequence numbers and times taken out and runs of x counted.
std::vector<std::string> masked(const machine::Log& log) {
  std::string text;
  machine::Log::Cursor cursor;
  for (machine::LogRecord record; log.read(cursor, record);) {
    std::string line;
    append_kmsg(line, view_of(record));
    size_t first = line.find(','), last = line.rfind(',', line.find(';'));
    text += line.substr(0, first) + line.substr(last);
  }
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    size_t begin = line.find(std::string(100, 'x'));
    if (begin != std::string::npos) {
      size_t stop = line.find_first_not_of('x', begin);
      if (stop == std::string::npos) stop = line.size();
      line.replace(begin, stop - begin, "x{" + std::to_string(stop - begin) + "}");
    }
    lines.push_back(line);
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> expected(const char* name) {
  std::ifstream file(std::string(RING3_SOURCE_DIR "/tests/modules/kernel/printk/") + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::vector<int> returned;
std::string letters;
const char* long_text(size_t size) {
  letters.assign(size, 'x');
  return letters.c_str();
}

struct Info {
  char subsystem[16];
  char device[48];
} info = {"ring3", "+ring3:one"}, no_info = {};

Named platform_bus{"platform"};
Device platform_device{.name = "ring3test.4", .bus = &platform_bus};
Device root_device{.name = "ring3root", .bus = nullptr};
Device *platform = &platform_device, *root = &root_device;

template <class... A>
int printk(const char* format, A... arguments) {
  return testing::api<int(const char*, ...)>("_printk")(format, arguments...);
}
int emit(int facility, int level, const Info* device, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = testing::api<int(int, int, const Info*, const char*, va_list)>("vprintk_emit")(
      facility, level, device, format, arguments);
  va_end(arguments);
  return length;
}
template <class... A>
int dev_printk_emit(int level, Device* device, const char* format, A... arguments) {
  return testing::api<int(int, Device*, const char*, ...)>("dev_printk_emit")(level, device, format,
                                                                              arguments...);
}
template <class... A>
void _dev_printk(const char* level, Device* device, const char* format, A... arguments) {
  testing::api<void(const char*, Device*, const char*, ...)>("_dev_printk")(level, device, format,
                                                                            arguments...);
}
constexpr char kBytes[] = "0123456789abcdef\1\377ABCDEFGHIJKLMNOPQRSTUV";

#define TRY_CALL(call) returned.push_back(call)
#undef TRY
#define TRY(call) TRY_CALL(call)
#define LONG(size) long_text(size)
#define EMIT(...) emit(__VA_ARGS__)
enum { DUMP_PREFIX_NONE, DUMP_PREFIX_ADDRESS, DUMP_PREFIX_OFFSET };
#define HEX(level, prefix, type, row, group, size, ascii)                                 \
  testing::api<void(const char*, const char*, int, int, int, const void*, size_t, bool)>( \
      "print_hex_dump")(level, prefix, type, row, group, kBytes, size, ascii)
#define DEVICE(name, device, ...) \
  testing::api<void(const Device*, const char*, ...)>(#name)(device, __VA_ARGS__)

#include "../../../../tests/modules/kernel/printk/printk_cases.h"

void compare(const char* release, const char* file) {
  testing::OwnFields fields;
  set_fields(fields);
  bind_printk(target::installed(release));
  machine::Log log;
  set_kernel_log(&log);
  returned.clear();
  printk(KERN_INFO "printk cases begin\n");
  run_cases();
  for (size_t i = 0; i < returned.size(); i++)
    printk(KERN_INFO "returned %d: %d\n", static_cast<int>(i), returned[i]);
  printk(KERN_INFO "printk cases end\n");
  set_kernel_log(nullptr);
  auto lines = masked(log), wanted = expected(file);
  ASSERT_EQ(lines.size(), wanted.size());
  for (size_t i = 0; i < lines.size(); i++) EXPECT_EQ(lines[i], wanted[i]) << "line " << i + 1;
}

TEST(Printk, FillsTheLogAs61) { compare(target::k61, "printk-6.1.expected"); }
TEST(Printk, FillsTheLogAs612) { compare(target::k612, "printk-6.12.expected"); }

TEST(Printk, BlockAndCharacterDevicesAreNamedByNumber) {
  testing::OwnFields fields;
  set_fields(fields);
  machine::Log log;
  set_kernel_log(&log);
  Named block{"block"}, tty{"tty"};
  Device disk{.name = "sda", .bus = nullptr, .device_class = &block, .number = 8u << 20 | 1};
  Device line{.name = "ttyS0", .bus = nullptr, .device_class = &tty, .number = 4u << 20 | 64};
  DEVICE(_dev_err, &disk, "a\n");
  DEVICE(_dev_err, &line, "b\n");
  set_kernel_log(nullptr);
  EXPECT_EQ(masked(log),
            (std::vector<std::string>{"3,-;block sda: a", " SUBSYSTEM=block", " DEVICE=b8:1",
                                      "3,-;tty ttyS0: b", " SUBSYSTEM=tty", " DEVICE=c4:64"}));
}

TEST(Printk, RatelimitLetsABurstThroughAndCountsTheRest) {
  // printk_ratelimit's own state: ten in five seconds.
  machine::Log log;
  set_kernel_log(&log);
  auto limit = testing::api<int(const char*)>("__printk_ratelimit");
  int allowed = 0;
  for (int i = 0; i < 50; i++) allowed += limit("here");
  set_kernel_log(nullptr);
  EXPECT_EQ(allowed, 10);
  unsigned long last = 0;
  auto timed = testing::api<bool(unsigned long*, unsigned)>("printk_timed_ratelimit");
  EXPECT_TRUE(timed(&last, 1000));
  EXPECT_FALSE(timed(&last, 1000));
  last = current_jiffies() - 251;
  EXPECT_TRUE(timed(&last, 1000));
}

}  // namespace
}  // namespace ring3::kernel
