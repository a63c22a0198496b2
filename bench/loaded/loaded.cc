// SPDX-License-Identifier: GPL-2.0-only
// The distribution's modules, all loaded at once in one machine: what one more costs when so many
// are there already.
//
//     loaded [RELEASE]      prints a table: modules there, time and memory of each of the last
//     batch
//
// Their init functions do not run (most need what this machine does not have yet); all else of a
// load does: checks, linking, symbols of other modules, parameters, /sys. Files are read and
// unpacked before the clock starts.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <set>

#include "base/text.h"
#include "debug/traps.h"
#include "elf/view.h"
#include "host/file.h"
#include "linux/init/main.h"

namespace ring3 {
namespace {

constexpr size_t kMarks[] = {500, 1000, 2000, 4000};

class Quiet final : public Diagnostics {
 public:
  void warning(std::string_view) override {}
};

// modules.dep of the release: files, those that a file needs before it.
std::vector<std::string> in_order(const std::string& folder) {
  auto text = host::read_file(folder + "/modules.dep");
  if (!text) return {};
  std::map<std::string, std::vector<std::string>> needs;
  for_each_line(as_text(*text), [&](std::string_view line) {
    std::string file(take_field(line, ':'));
    auto& list = needs[file];
    while (!line.empty())
      if (std::string_view word = take_field(line, ' '); !word.empty()) list.emplace_back(word);
  });
  std::vector<std::string> order;
  std::set<std::string> seen;
  std::function<void(const std::string&)> visit = [&](const std::string& file) {
    if (!seen.insert(file).second) return;
    for (const std::string& other : needs[file]) visit(other);
    order.push_back(folder + "/" + file);
  };
  for (const auto& [file, list] : needs) visit(file);
  return order;
}

// Time of this process on processors, which other processes do not disturb much.
double cpu_us() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

uint64_t resident_bytes() {
  auto text = host::read_file("/proc/self/statm");
  if (!text) return 0;
  std::string_view rest = as_text(*text);
  take_field(rest, ' ');
  return parse_number(take_field(rest, ' ')).value_or(0) * static_cast<uint64_t>(getpagesize());
}

int run(const std::string& release) {
  Quiet diagnostics;
  auto target = target::Target::open({.release = release}, diagnostics);
  if (!target) return fmt::print(stderr, "{}\n", target.error().text), 1;
  kernel::KernelOptions options{.ram_size = 4ull << 30};
  options.loader.call_init = false;
  auto kernel = kernel::Kernel::start(**target, options);
  if (!kernel) return fmt::print(stderr, "{}\n", kernel.error().text), 1;
  debug::Traps traps(**kernel);
  std::vector<std::string> files = in_order("/lib/modules/" + release);
  fmt::print("{}: {} modules\n{:>8} {:>12} {:>14} {:>12} {:>12}\n", release, files.size(), "loaded",
             "us a module", "KiB resident", "KiB of it", "us a KiB");
  size_t loaded = 0, batch = 0, failed = 0;
  double batch_us = 0;
  uint64_t batch_bytes = 0, batch_core = 0;
  std::map<std::string, int> errors;
  for (const std::string& path : files) {
    auto bytes = elf::read_module_file(path);
    if (!bytes) continue;
    uint64_t before = resident_bytes();
    (*kernel)->run("load", [&] {
      double begin = cpu_us();
      auto module = (*kernel)->loader().load(bytes->bytes, "");
      double end = cpu_us();
      if (!module) {
        failed++;
        errors[strerrorname_np(module.error().code)]++;
        return;
      }
      batch_us += end - begin;
      batch_core += (*module)->core_size();
      loaded++, batch++;
    });
    batch_bytes += std::max(resident_bytes(), before) - before;
    for (size_t mark : kMarks) {
      if (loaded != mark || !batch) continue;
      auto per = [&](uint64_t bytes) {
        return static_cast<double>(bytes) / 1024 / static_cast<double>(batch);
      };
      fmt::print("{:>8} {:>12.1f} {:>14.1f} {:>12.1f} {:>12.2f}\n", loaded,
                 batch_us / static_cast<double>(batch), per(batch_bytes), per(batch_core),
                 batch_us / static_cast<double>(batch) / per(batch_core));
      batch = 0;
      batch_us = 0;
      batch_bytes = batch_core = 0;
    }
  }
  fmt::print("{} loaded at once, {} refused", loaded, failed);
  for (const auto& [name, count] : errors) fmt::print(", {} {}", count, name);
  fmt::print("\n");
  return 0;
}

}  // namespace
}  // namespace ring3

int main(int count, char** words) { return ring3::run(count > 1 ? words[1] : "6.1.0-56-amd64"); }
