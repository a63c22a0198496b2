// SPDX-License-Identifier: GPL-2.0-only
// The installed kernels that tests open, compiled once into a folder that all tests share.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "base/diagnostics.h"
#include "target/target.h"

namespace ring3::target {

inline constexpr const char* k61 = "6.1.0-56-amd64";
inline constexpr const char* k612 = "6.12.117+deb12-amd64";
inline constexpr const char* kReleases[] = {k61, k612};

inline std::string shared_cache() { return testing::TempDir() + "ring3-target-tests"; }

// Ends the test program when the kernel is not installed.
inline const Target& installed(const std::string& release) {
  static std::map<std::string, std::unique_ptr<Target>> open;
  std::unique_ptr<Target>& target = open[release];
  if (!target) {
    CollectDiagnostics diagnostics;
    OpenOptions options;
    options.release = release;
    options.cache_dir = shared_cache();
    auto opened = Target::open(options, diagnostics);
    if (!opened) {
      fprintf(stderr, "cannot open %s: %s\n", release.c_str(), opened.error().text.c_str());
      abort();
    }
    target = opened.take();
  }
  return *target;
}

}  // namespace ring3::target
