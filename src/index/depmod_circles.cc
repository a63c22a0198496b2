// SPDX-License-Identifier: GPL-2.0-only
// Modules that need each other in a circle. What stands in circles are the components of the graph
// in which everything reaches everything (Tarjan's algorithm, with a stack of our own). From each
// such module that no circle has shown yet the shortest way back to it is reported: each ring of
// its own once, in kmod's order and words, and of tangles enough to see every module.
#include <fmt/format.h>

#include <algorithm>

#include "index/depmod_dependencies.h"

namespace ring3::index {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr unsigned kMostReports = 100;

}  // namespace

// The component of each module; kNone for those that are in no circle.
std::vector<uint32_t> Dependencies::components() const {
  uint32_t count = static_cast<uint32_t>(modules_.size()), next = 0;
  std::vector<uint32_t> number(count, kNone), low(count), component(count, kNone), open;
  std::vector<bool> is_open(count);
  struct Visit {
    uint32_t module;
    const uint32_t* at;
  };
  std::vector<Visit> visits;
  auto enter = [&](uint32_t module) {
    number[module] = low[module] = next++;
    open.push_back(module);
    is_open[module] = true;
    visits.push_back({module, direct(module).first});
  };
  for (uint32_t start = 0; start < count; start++) {
    if (number[start] == kNone) enter(start);
    while (!visits.empty()) {
      auto& [module, at] = visits.back();
      if (at != direct(module).second) {
        uint32_t other = *at++;
        if (number[other] == kNone)
          enter(other);
        else if (is_open[other])
          low[module] = std::min(low[module], number[other]);
        continue;
      }
      uint32_t done = module;
      visits.pop_back();
      if (!visits.empty())
        low[visits.back().module] = std::min(low[visits.back().module], low[done]);
      if (low[done] != number[done]) continue;
      bool alone = open.back() == done;
      while (is_open[done]) {
        uint32_t member = open.back();
        open.pop_back();
        is_open[member] = false;
        if (!alone) component[member] = done;
      }
    }
  }
  return component;
}

// The shortest way from `start` back to it, inside its component: start, ..., last.
std::vector<uint32_t> Dependencies::circle(uint32_t start,
                                           const std::vector<uint32_t>& component) const {
  std::vector<uint32_t> before(modules_.size(), kNone), queue = {start};
  for (size_t i = 0; i < queue.size(); i++) {
    auto [at, end] = direct(queue[i]);
    for (; at != end; ++at) {
      if (*at == start) {
        std::vector<uint32_t> way;
        for (uint32_t step = queue[i]; step != kNone; step = before[step]) way.push_back(step);
        std::reverse(way.begin(), way.end());
        return way;
      }
      if (component[*at] != component[start] || before[*at] != kNone) continue;
      before[*at] = queue[i];
      queue.push_back(*at);
    }
  }
  return {start};
}

Error Dependencies::report_circles(DepmodLog& log) const {
  std::vector<uint32_t> component = components();
  size_t count = modules_.size(), found = 0;
  for (uint32_t of : component) found += of != kNone;
  std::vector<bool> shown(count);
  unsigned reports = 0;
  // After each circle from behind its last module, round the end.
  for (size_t i = 0, looked = 0; looked < count && reports < kMostReports;
       i = (i + 1) % count, looked++) {
    if (component[i] == kNone || shown[i]) continue;
    std::string text = "Cycle detected:";
    std::vector<uint32_t> way = circle(static_cast<uint32_t>(i), component);
    for (uint32_t module : way) {
      shown[module] = true;
      text += fmt::format(" {} ->", modules_[module].name);
    }
    log.error(fmt::format("{} {}", text, modules_[i].name));
    reports++;
    i = way.back();
    looked = 0;
  }
  return Error{ELOOP, fmt::format("Found {} modules in dependency cycles!", found)};
}

}  // namespace ring3::index
