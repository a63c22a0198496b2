// SPDX-License-Identifier: GPL-2.0-only
// ring3 api census DIR: how far every module below DIR comes.
//
//   files      .ko files, packed ones included
//   parsed     the reader accepts it
//   relocated  laid out and every relocation applied, whatever its symbols are
//   bound      everything that it and the modules it depends on import is there
//   loaded     of those, alone with its dependencies in a machine of its own, init is called
//   init       and returns 0
//
// Everything that touches a module happens in children (children.h); time is virtual, so that a
// sleep in init costs nothing and the figures are the same on a slow host.
#include "census.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api.h"
#include "base/text.h"
#include "census_steps.h"
#include "children.h"
#include "host/file.h"

namespace ring3::tools {
namespace {

constexpr std::chrono::seconds kPatience{30};  // with one module; the host may be busy
constexpr size_t kFilesEach = 64;

using Json = nlohmann::ordered_json;

std::vector<std::string> modules_below(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    std::string path = entry.path().string();
    for (const char* end : {".ko", ".ko.xz", ".ko.gz", ".ko.zst"})
      if (path.ends_with(end) && entry.is_regular_file(error)) paths.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

struct Entry {
  std::string path;
  Survey survey;
  std::vector<size_t> needs;  // modules it depends on, dependencies of those first
  std::set<std::string> missing;
  bool parsed = false, relocated = false, bound = false, loaded = false, init = false;
  std::string failure;  // why it was not loaded or init did not return 0
};

struct Wanted {
  std::string name;
  size_t modules = 0, only = 0;  // how many miss it; how many miss nothing else
};

class Census {
 public:
  explicit Census(const CensusArguments& arguments) : arguments_(arguments) {
    at_once_ = std::max(1u, std::thread::hardware_concurrency());
  }

  int run() {
    for (std::string& path : modules_below(arguments_.directory))
      entries_.push_back({.path = std::move(path)});
    if (entries_.empty())
      return fail(
          fmt::format("there is no .ko file below '{}'; say a folder with modules, such as "
                      "/lib/modules/RELEASE/kernel",
                      arguments_.directory));
    if (auto opened = open_its_target(); !opened) return fail(opened.error().text);
    auto binding = kapi::Binding::create(*target_);
    if (!binding) return fail(binding.error().text);
    survey();
    find_needs();
    bind(**binding);
    binding->reset();  // each child makes its own
    if (!arguments_.quick) load();
    count();
    arguments_.json ? print_json() : print_text();
    return arguments_.at_least.empty() ? 0 : compare();
  }

 private:
  static int fail(const std::string& text) {
    fmt::print(stderr, "ring3 api census: {}\n", text);
    return 1;
  }

  Result<void> open_its_target() {
    Error why{ENOEXEC, "no file has a vermagic that names its kernel; say --kernel RELEASE"};
    for (const Entry& entry : entries_) {
      auto file = read_module(entry.path);
      if (!file || (file->vermagic.empty() && arguments_.kernel.empty())) continue;
      target_ = TRY(open_target(arguments_.kernel, &*file));
      return {};
    }
    return why;
  }

  // Reads and links all files, and notes what came of it.
  void survey() {
    auto answers = in_children(entries_.size(), {at_once_, kFilesEach, kPatience},
                               [&](size_t i) { return survey_module(entries_[i].path, *target_); });
    for (size_t i = 0; i < entries_.size(); i++) {
      Entry& entry = entries_[i];
      if (answers[i].fate != Answer::Fate::kAnswered) {
        entry.failure = told(answers[i]) + " while it was linked";
        continue;
      }
      entry.survey = Survey::from_text(answers[i].text);
      entry.parsed = !entry.survey.name.empty();
      entry.relocated = entry.parsed && entry.survey.problem.empty();
      entry.failure = entry.survey.problem;
    }
  }

  static std::string told(const Answer& answer) {
    if (answer.fate == Answer::Fate::kLate) return "out of time";
    return answer.signal ? fmt::format("ended by signal {}", answer.signal) : "ended";
  }

  void find_needs() {
    for (size_t i = 0; i < entries_.size(); i++)
      for (const std::string& name : entries_[i].survey.exports) exporter_.emplace(name, i);
    for (size_t i = 0; i < entries_.size(); i++) {
      std::set<size_t> seen{i};
      add_needs(entries_[i], entries_[i], seen);
    }
  }

  void add_needs(Entry& of, const Entry& entry, std::set<size_t>& seen) {
    for (const std::string& name : entry.survey.imports) {
      auto found = exporter_.find(name);
      if (found == exporter_.end() || target_->find_export(name) ||
          !seen.insert(found->second).second)
        continue;
      add_needs(of, entries_[found->second], seen);
      of.needs.push_back(found->second);
    }
  }

  void bind(const kapi::Binding& binding) {
    for (Entry& entry : entries_)
      for (const std::string& name : entry.survey.imports)
        if (target_->find_export(name) ? !binding.record(name) : !exporter_.contains(name))
          entry.missing.insert(name);
    for (Entry& entry : entries_) {
      entry.bound = entry.parsed && entry.missing.empty();
      for (size_t need : entry.needs) entry.bound &= entries_[need].missing.empty();
    }
  }

  void load() {
    std::vector<size_t> bound;
    for (size_t i = 0; i < entries_.size(); i++)
      if (entries_[i].bound && entries_[i].relocated) bound.push_back(i);
    auto answers = in_children(bound.size(), {at_once_, 1, kPatience}, [&](size_t item) {
      std::vector<std::string> paths;
      for (size_t need : entries_[bound[item]].needs) paths.push_back(entries_[need].path);
      paths.push_back(entries_[bound[item]].path);
      return load_modules(paths, *target_);
    });
    for (size_t item = 0; item < bound.size(); item++) {
      Entry& entry = entries_[bound[item]];
      LoadOutcome outcome = LoadOutcome::from_text(answers[item].text);
      bool answered = answers[item].fate == Answer::Fate::kAnswered;
      entry.loaded = answered && outcome.reached_init;
      entry.init = entry.loaded && outcome.problem.empty();
      entry.failure = answered ? outcome.problem : told(answers[item]);
    }
  }

  void count() {
    std::map<std::string, Wanted> wanted;
    size_t parsed = 0, relocated = 0, bound = 0, loaded = 0, init = 0;
    for (const Entry& entry : entries_) {
      parsed += entry.parsed;
      relocated += entry.relocated;
      bound += entry.bound;
      loaded += entry.loaded;
      init += entry.init;
      for (const std::string& name : entry.missing) {
        Wanted& of = wanted[name];
        of.modules++;
        of.only += entry.missing.size() == 1;
      }
    }
    figures_ = {
        {"files", entries_.size()}, {"parsed", parsed}, {"relocated", relocated}, {"bound", bound}};
    if (!arguments_.quick) figures_.insert(figures_.end(), {{"loaded", loaded}, {"init", init}});
    for (auto& [name, of] : wanted) wanted_.push_back({name, of.modules, of.only});
    std::stable_sort(wanted_.begin(), wanted_.end(),
                     [](const Wanted& a, const Wanted& b) { return a.modules > b.modules; });
    if (wanted_.size() > arguments_.missing) wanted_.resize(arguments_.missing);
  }

  // Name and reason of what is bound and does not come to an end, and of what cannot be linked.
  std::vector<std::pair<std::string, std::string>> failures() const {
    std::vector<std::pair<std::string, std::string>> all;
    for (const Entry& entry : entries_)
      if (!entry.failure.empty())
        all.emplace_back(entry.parsed ? entry.survey.name : entry.path, entry.failure);
    std::sort(all.begin(), all.end());
    return all;
  }

  void print_text() const {
    fmt::print("kernel {}\n", target_->release());
    for (const auto& [name, figure] : figures_) fmt::print("{} {}\n", name, figure);
    if (!wanted_.empty()) fmt::print("\n{:<40} modules  only this\n", "missing");
    for (const Wanted& of : wanted_)
      fmt::print("{:<40} {:7}  {:9}\n", of.name, of.modules, of.only);
    if (!arguments_.failures) return;
    fmt::print("\nnot loaded\n");
    for (const auto& [name, failure] : failures()) fmt::print("{:<32} {}\n", name, failure);
  }

  void print_json() const {
    Json json = {{"kernel", target_->release()}};
    for (const auto& [name, figure] : figures_) json[name] = figure;
    json["missing"] = Json::array();
    for (const Wanted& of : wanted_)
      json["missing"].push_back({{"name", of.name}, {"modules", of.modules}, {"only", of.only}});
    json["not_loaded"] = Json::object();
    for (const auto& [name, failure] : failures()) json["not_loaded"][name] = failure;
    fmt::print("{}\n", json.dump(1, ' ', false, Json::error_handler_t::replace));
  }

  // --at-least FILE: no figure may be lower than the one that an earlier census printed there.
  int compare() const {
    auto kept = host::read_file(arguments_.at_least);
    if (!kept) return fail(kept.error().text);
    std::map<std::string_view, std::string_view> lines;
    for_each_line(as_text(*kept), [&](std::string_view line) {
      std::string_view name = take_field(line, ' ');
      lines.emplace(name, line);
    });
    if (lines["kernel"] != target_->release())
      return fail(
          fmt::format("'{}' has the figures of '{}', these are of {}; ./dev census "
                      "--update writes them again",
                      arguments_.at_least, lines["kernel"], target_->release()));
    int status = 0;
    for (const auto& [name, figure] : figures_) {
      auto least = parse_number(lines[name]);
      if (!least)
        status = fail(fmt::format("'{}' has no figure '{}'; ./dev census --update writes it",
                                  arguments_.at_least, name));
      else if (figure < *least)
        status = fail(fmt::format("{} slid back from {} to {}; --failures says which do not load",
                                  name, *least, figure));
    }
    return status;
  }

  CensusArguments arguments_;
  size_t at_once_;
  std::unique_ptr<target::Target> target_;
  std::vector<Entry> entries_;
  std::map<std::string, size_t> exporter_;
  std::vector<std::pair<std::string, size_t>> figures_;
  std::vector<Wanted> wanted_;
};

}  // namespace

int census(const CensusArguments& arguments) { return Census(arguments).run(); }

}  // namespace ring3::tools
