// SPDX-License-Identifier: GPL-2.0-only
// ring3 api census DIR: how far every module below DIR comes. Parsed: the reader accepts it.
// Linked: it is laid out and relocated, with traps for what is missing. Bound: every import of it
// and of the modules it depends on is there. Loaded: init returned 0. Linking and loading happen in
// forked children, a machine each, a few at a time, so that nothing a module does reaches the
// count.
#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "api.h"
#include "link/module_space.h"

namespace ring3::tools {
namespace {

constexpr auto kPatience = std::chrono::seconds(5);
constexpr size_t kChildren = 2;

void find_modules(const std::string& folder, std::vector<std::string>& paths) {
  DIR* directory = opendir(folder.c_str());
  if (!directory) return;
  while (dirent* entry = readdir(directory)) {
    std::string name = entry->d_name;
    if (name == "." || name == ".." || entry->d_type == DT_LNK) continue;
    std::string path = folder + "/" + name;
    if (entry->d_type == DT_DIR)
      find_modules(path, paths);
    else if (name.ends_with(".ko") || name.ends_with(".ko.xz") || name.ends_with(".ko.gz") ||
             name.ends_with(".ko.zst"))
      paths.push_back(path);
  }
  closedir(directory);
}

struct Entry {
  std::string path, name;
  std::vector<std::string> imports;
  std::vector<size_t> needs;  // modules it depends on, dependencies of those first
  std::set<std::string> missing;
  bool parsed = false, bound = false, linked = false, loaded = false;
  std::string outcome;
};

// Runs fn in a child; true when it returned 0 in time.
struct Child {
  pid_t pid;
  size_t index;
  std::chrono::steady_clock::time_point deadline;
};

class Census {
 public:
  explicit Census(const CensusArguments& arguments) : arguments_(arguments) {}

  int run() {
    std::vector<std::string> paths;
    find_modules(arguments_.directory, paths);
    std::sort(paths.begin(), paths.end());
    if (paths.empty()) return fail(fmt::format("no modules below '{}'", arguments_.directory));
    read(paths);
    if (!target_) return 1;
    bind();
    perform([this](size_t i) { return link_one(entries_[i]) ? 0 : 1; },
            [](const Entry& entry) { return entry.parsed; }, &Entry::linked);
    if (!arguments_.quick)
      perform([this](size_t i) { return load_one(entries_[i]); },
              [](const Entry& entry) { return entry.bound && entry.linked; }, &Entry::loaded);
    print();
    return 0;
  }

 private:
  int fail(const std::string& text) {
    fmt::print(stderr, "ring3 api census: {}\n", text);
    return 1;
  }

  void read(const std::vector<std::string>& paths) {
    std::map<std::string, size_t> exporter;
    for (const std::string& path : paths) {
      Entry entry{.path = path};
      auto file = read_module(path);
      if (file && !file->name.empty()) {
        if (!target_) {
          auto target = open_target(arguments_.kernel, &*file);
          if (!target) {
            fail(target.error().text);
            return;
          }
          target_ = target.take();
        }
        entry.parsed = true;
        entry.name = file->name;
        entry.imports = std::move(file->imports);
        for (const std::string& name : file->exports) exporter.emplace(name, entries_.size());
      }
      entries_.push_back(std::move(entry));
    }
    for (size_t i = 0; i < entries_.size(); i++) {
      std::set<size_t> seen{i};
      add_needs(entries_[i], entries_[i], exporter, seen);
    }
  }

  void add_needs(Entry& of, const Entry& entry, const std::map<std::string, size_t>& exporter,
                 std::set<size_t>& seen) {
    for (const std::string& name : entry.imports) {
      auto found = exporter.find(name);
      if (found == exporter.end() || target_->find_export(name) ||
          !seen.insert(found->second).second)
        continue;
      add_needs(of, entries_[found->second], exporter, seen);
      of.needs.push_back(found->second);
    }
  }

  void bind() {
    auto binding = kapi::Binding::create(*target_);
    if (!binding) return (void)fail(binding.error().text);
    for (Entry& entry : entries_)
      for (const std::string& name : entry.imports)
        if (target_->find_export(name) && !(*binding)->record(name)) entry.missing.insert(name);
    for (Entry& entry : entries_) {
      entry.bound = entry.parsed && entry.missing.empty();
      for (size_t need : entry.needs) entry.bound &= entries_[need].missing.empty();
    }
  }

  // Layout and relocation alone, in this process: no machine, no module code.
  bool link_one(const Entry& entry) {
    class AnyResolver final : public link::Resolver {
     public:
      Result<KernelAddress> resolve(std::string_view, bool) override {
        return KernelAddress{link::kModuleSpaceBase + 64};
      }
      Result<uint64_t> allocate_percpu(uint64_t, uint64_t) override { return uint64_t{4096}; }
      void free_percpu(uint64_t, uint64_t) override {}
      void initialise_percpu(uint64_t, std::span<const std::byte>) override {}
    } resolver;
    class NoLog final : public link::LinkLog {
     public:
      void error(std::string_view) override {}
      void warning(std::string_view) override {}
    } log;
    auto file = elf::read_module_file(entry.path);
    if (!file) return false;
    auto view = elf::View::parse(file->bytes);
    if (!view) return false;
    link::LinkOptions options;
    options.this_module_size = target_->size_of("module").value_or(0);
    options.alt_instr_size = target_->size_of("alt_instr").value_or(0);
    return link::link_module(*view, entry.name, options, resolver, log).ok();
  }

  // A machine, the dependencies, the module: 0 when init returned 0.
  int load_one(const Entry& entry) {
    SessionOptions options;
    options.log = SessionOptions::Log::kNone;
    options.kernel = std::string(target_->release());
    options.cpus = 1;
    auto session = Session::start(options, nullptr);
    if (!session) return 3;
    std::vector<size_t> order = entry.needs;
    order.push_back(static_cast<size_t>(&entry - entries_.data()));
    for (size_t index : order) {
      auto file = read_module(entries_[index].path);
      if (!file) return 4;
      auto outcome = (*session)->load(*file, "");
      if (outcome.died) _exit(5);
      if (outcome.error) _exit(6);
    }
    _exit(0);
  }

  template <class Work, class Wanted>
  void perform(Work work, Wanted wanted, bool Entry::*result) {
    std::vector<Child> children;
    size_t next = 0;
    auto reap = [&](bool block) {
      for (size_t i = 0; i < children.size(); i++) {
        int status;
        pid_t done = waitpid(children[i].pid, &status, WNOHANG);
        bool late = std::chrono::steady_clock::now() > children[i].deadline;
        if (done == 0 && !late) continue;
        if (done == 0) {
          kill(children[i].pid, SIGKILL);
          waitpid(children[i].pid, &status, 0);
        }
        Entry& entry = entries_[children[i].index];
        entry.*result = WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (!(entry.*result))
          entry.outcome = late && done == 0          ? "timeout"
                          : WIFSIGNALED(status)      ? fmt::format("signal {}", WTERMSIG(status))
                          : WEXITSTATUS(status) == 5 ? "oops"
                                                     : "refused";
        children.erase(children.begin() + static_cast<long>(i));
        return;
      }
      if (block) usleep(200);
    };
    std::fflush(stdout);
    while (next < entries_.size() || !children.empty()) {
      while (next < entries_.size() && !wanted(entries_[next])) next++;
      if (next < entries_.size() && children.size() < kChildren) {
        pid_t pid = fork();
        if (pid == 0) {
          int null = ::open("/dev/null", O_WRONLY);
          dup2(null, 1);
          dup2(null, 2);
          _exit(work(next));
        }
        children.push_back({pid, next, std::chrono::steady_clock::now() + kPatience});
        next++;
        continue;
      }
      reap(true);
    }
  }

  void print() {
    size_t parsed = 0, linked = 0, bound = 0, loaded = 0;
    std::map<std::string, std::pair<size_t, size_t>> wanted;  // how many miss it; miss only it
    for (const Entry& entry : entries_) {
      parsed += entry.parsed;
      linked += entry.linked;
      bound += entry.bound;
      loaded += entry.loaded;
      for (const std::string& name : entry.missing) {
        wanted[name].first++;
        wanted[name].second += entry.missing.size() == 1;
      }
    }
    std::vector<std::pair<std::string, std::pair<size_t, size_t>>> top(wanted.begin(),
                                                                       wanted.end());
    std::sort(top.begin(), top.end(),
              [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
    if (top.size() > 40) top.resize(40);
    if (arguments_.json) {
      nlohmann::ordered_json json = {{"target", target_->release()},
                                     {"modules", entries_.size()},
                                     {"parsed", parsed},
                                     {"linked", linked},
                                     {"bound", bound},
                                     {"init", loaded}};
      for (auto& [name, counts] : top) json["missing"][name] = counts.first;
      for (const Entry& entry : entries_)
        if (!entry.outcome.empty()) json["failed"][entry.name] = entry.outcome;
      fmt::print("{}\n", json.dump(1));
      return;
    }
    fmt::print("{}: {} modules\n", target_->release(), entries_.size());
    fmt::print("  {:6} are parsed\n  {:6} are laid out and relocated\n", parsed, linked);
    fmt::print("  {:6} find everything they import, dependencies included\n", bound);
    if (!arguments_.quick) fmt::print("  {:6} load, and init returns 0\n", loaded);
    fmt::print("\nmost wanted:   modules  only this\n");
    for (auto& [name, counts] : top)
      fmt::print("  {:40} {:6} {:6}\n", name, counts.first, counts.second);
  }

  CensusArguments arguments_;
  std::unique_ptr<target::Target> target_;
  std::vector<Entry> entries_;
};

}  // namespace

int census(const CensusArguments& arguments) { return Census(arguments).run(); }

}  // namespace ring3::tools
