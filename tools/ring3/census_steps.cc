// SPDX-License-Identifier: GPL-2.0-only
#include "census_steps.h"

#include <fmt/format.h>

#include <cstring>

#include "base/text.h"
#include "debug/traps.h"
#include "link/image.h"
#include "link/module_space.h"
#include "linux/init/main.h"
#include "session.h"

namespace ring3::tools {
namespace {

class AnyResolver final : public link::Resolver {
 public:
  Result<KernelAddress> resolve(std::string_view, bool) override {
    return KernelAddress{link::kModuleSpaceBase + 64};
  }
  Result<uint64_t> allocate_percpu(uint64_t, uint64_t) override { return uint64_t{4096}; }
  void free_percpu(uint64_t, uint64_t) override {}
  void initialise_percpu(uint64_t, std::span<const std::byte>) override {}
};

class NoLog final : public link::LinkLog {
 public:
  void error(std::string_view) override {}
  void warning(std::string_view) override {}
};

std::string link_problem(const ModuleFile& file, const target::Target& target) {
  auto view = elf::View::parse(file.bytes);
  if (!view) return view.error().text;
  link::LinkOptions options;
  options.this_module_size = target.size_of("module").value_or(0);
  options.alt_instr_size = target.size_of("alt_instr").value_or(0);
  AnyResolver resolver;
  NoLog log;
  auto image = link::link_module(*view, file.name, options, resolver, log);
  return image ? "" : image.error().text + " (linking)";
}

// One line each, so that an answer is lines.
std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n') c = ' ';
  return text;
}

}  // namespace

std::string Survey::to_text() const {
  std::string text = name + "\n" + one_line(problem) + "\n";
  for (const std::string& import : imports) text += "<" + import + "\n";
  for (const std::string& symbol : exports) text += ">" + symbol + "\n";
  return text;
}

Survey Survey::from_text(std::string_view text) {
  Survey survey;
  survey.name = take_field(text, '\n');
  survey.problem = take_field(text, '\n');
  for_each_line(text, [&](std::string_view line) {
    (line.starts_with('<') ? survey.imports : survey.exports).emplace_back(line.substr(1));
  });
  return survey;
}

std::string survey_module(const std::string& path, const target::Target& target) {
  Survey survey;
  auto file = read_module(path);
  if (!file) {
    survey.problem = file.error().text;
    return survey.to_text();
  }
  survey.problem = link_problem(*file, target);
  survey.name = std::move(file->name);
  survey.imports = std::move(file->imports);
  survey.exports = std::move(file->exports);
  return survey.to_text();
}

LoadOutcome LoadOutcome::from_text(std::string_view text) {
  LoadOutcome outcome;
  outcome.reached_init = take_field(text, '\n') == "init";
  outcome.problem = take_field(text, '\n');
  return outcome;
}

std::string load_modules(const std::vector<std::string>& paths, const target::Target& target) {
  size_t inits = 0;  // how many modules came to theirs
  kernel::KernelOptions options;
  options.cpus = 1;
  options.clock = machine::ClockKind::kVirtual;
  options.step = [&](std::string_view step) { inits += step == "parameters"; };
  auto answer = [&](const std::string& problem) {
    return fmt::format("{}\n{}\n", inits == paths.size() ? "init" : "not", one_line(problem));
  };
  auto kernel = kernel::Kernel::start(target, options);
  if (!kernel) return answer(kernel.error().text);
  // Never destroyed: a module may have left something that still runs, and the process ends anyway.
  kernel::Kernel& machine = *kernel->release();
  [[maybe_unused]] auto* traps = new debug::Traps(machine);
  for (const std::string& path : paths) {
    auto file = read_module(path);
    if (!file) return answer(file.error().text);
    int error = 0;
    bool finished = machine.run("insmod", [&] {
      auto loaded = machine.loader().load(file->bytes, "", {}, file->path);
      if (!loaded) error = loaded.error().code;
    });
    if (!finished) return answer(fmt::format("{} died in an oops", file->name));
    if (error) return answer(fmt::format("{}: {}", file->name, strerrorname_np(error)));
  }
  return answer("");
}

}  // namespace ring3::tools
