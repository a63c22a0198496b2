// SPDX-License-Identifier: GPL-2.0-only
// The types of parameters (src/linux/kernel/params.cc) in a live machine: modules with parameters
// of every type are loaded with arguments, or their files are written to; then every parameter that
// can be read is read. The answer is 0 or an errno, a text is shorter than a page, the task lives.
#include <fuzzer/FuzzedDataProvider.h>

#include "live_kernel.h"

namespace {

using namespace ring3;

constexpr const char* kModules[] = {"params_kinds",  "params_int",  "params_bool",  "params_array",
                                    "params_string", "params_long", "debug_classes"};
constexpr size_t kPage = 4096;

struct Parameters {
  std::string module;
  std::vector<std::byte> file;
  std::vector<machine::File> files;
};

std::vector<Parameters> load_all(LiveKernel& live) {
  std::vector<Parameters> all;
  live.run([&] {
    for (const char* name : kModules) {
      Parameters one{name, LiveKernel::read_module(name), {}};
      if (!live.loader().load(one.file, "")) die(std::string(name) + " does not load");
      auto files = live.kernel().files().list(fmt::format("/sys/module/{}/parameters", name));
      if (!files) die(std::string(name) + " shows no parameters");
      one.files = files.take();
      all.push_back(std::move(one));
    }
  });
  return all;
}

void read_all(LiveKernel& live, const Parameters& of) {
  for (const machine::File& file : of.files) {
    auto text = live.kernel().files().read(
        fmt::format("/sys/module/{}/parameters/{}", of.module, file->name));
    if (text && text->size() >= kPage) die(fmt::format("{} shows more than a page", file->name));
    if (!text && text.error().code <= 0) die(fmt::format("{} answered 0", file->name));
  }
}

// What the file had before, so that inputs do not depend on each other too much.
void load_again(LiveKernel& live, const Parameters& of, const std::string& arguments) {
  if (!live.loader().unload(of.module, true)) die(of.module + " stays");
  auto loaded = live.loader().load(of.file, arguments);
  if (!loaded && loaded.error().code <= 0) die("the load answered 0");
  if (loaded) read_all(live, of);
  if (loaded && !live.loader().unload(of.module, true)) die(of.module + " stays");
  if (!live.loader().load(of.file, "")) die(of.module + " does not load any more");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  LiveKernel& live = LiveKernel::instance();
  static const std::vector<Parameters> modules = load_all(live);
  FuzzedDataProvider input(data, size);
  const Parameters& of = modules[input.ConsumeIntegralInRange<size_t>(0, modules.size() - 1)];
  const machine::File& file =
      of.files[input.ConsumeIntegralInRange<size_t>(0, of.files.size() - 1)];
  bool at_load = input.ConsumeBool();
  size_t repeat = input.ConsumeIntegralInRange<size_t>(1, 300);
  std::string text = input.ConsumeRemainingBytesAsString();
  text.resize(std::min(text.find('\0'), text.size()));
  std::string value;  // long values come from short inputs
  for (size_t i = 0; i < repeat && value.size() < 2 * kPage; i++) value += text;
  live.run([&] {
    if (at_load) return load_again(live, of, fmt::format("{}={}", file->name, value));
    auto path = fmt::format("/sys/module/{}/parameters/{}", of.module, file->name);
    auto written = live.kernel().files().write(path, value);
    if (!written && written.error().code <= 0) die(path + " answered 0");
    read_all(live, of);
  });
  return 0;
}
