// SPDX-License-Identifier: GPL-2.0-only
// What tests open: the installed kernels, compiled once into a folder that all tests share, and a
// small kernel made of files that the test writes.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/diagnostics.h"
#include "host/command.h"
#include "target/open.h"
#include "target/target.h"

namespace ring3::target {

inline constexpr const char* k61 = "6.1.0-56-amd64";
inline constexpr const char* k612 = "6.12.117+deb12-amd64";
inline constexpr const char* kReleases[] = {k61, k612};

inline std::string shared_cache() { return testing::TempDir() + "ring3-target-tests"; }

// Ends the test program when the kernel is not installed: that is a failed test, not a skipped one.
const Target& installed(const std::string& release);

// A kernel of a few files: KDIR with utsrelease.h, .config, Module.symvers and an ELF `vmlinux`
// that holds test_btf(). Nothing of the host is asked.
class TestKernel {
 public:
  TestKernel();
  Result<std::unique_ptr<Target>> open() {
    diagnostics.lines.clear();
    return open_target(options, places, diagnostics);
  }
  std::string path(const std::string& name) const { return options.kdir + "/" + name; }
  void write(const std::string& name, std::string_view content) const;
  std::string cache_file() const;  // the only file in the cache folder

  OpenOptions options;
  Places places;
  CollectDiagnostics diagnostics;

 private:
  host::TemporaryFolder folder_;
};

// Every kind of type, small: see test_targets.cc.
std::vector<std::byte> test_btf();
// An ELF file whose only content is a section of that name.
std::string elf_with_section(std::string_view name, Bytes content);
// Asks a target everything there is to ask, for the sanitizers to watch.
void ask_everything(const Target& target);

}  // namespace ring3::target
