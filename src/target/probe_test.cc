// SPDX-License-Identifier: GPL-2.0-only
// The probe, forced on 6.1 (whose headers bring no vmlinux) by hiding the boot image, against what
// the boot image's own BTF says.
#include "target/probe.h"

#include <gtest/gtest.h>

#include "target/test_targets.h"

namespace ring3::target {
namespace {

// Compiled once for all tests: it takes seconds.
const Target& probed() {
  static std::unique_ptr<Target> target = [] {
    Places places = host_places();
    places.boot = "/nonexistent";
    OpenOptions options;
    options.release = k61;
    options.cache_dir = shared_cache();
    CollectDiagnostics diagnostics;
    auto opened = open_target(options, places, diagnostics);
    if (!opened) {
      fprintf(stderr, "%s\n", opened.error().text.c_str());
      abort();
    }
    return opened.take();
  }();
  return *target;
}

TEST(Probe, is_what_is_left_without_a_boot_image) {
  EXPECT_EQ("probe: /usr/src/linux-headers-6.1.0-56-amd64", probed().btf_source());
}

TEST(Probe, lays_out_structs_as_the_boot_image_does) {
  const Target& image = installed(k61);
  for (const char* type : {"module", "task_struct", "work_struct", "file_operations", "inode",
                           "net_device", "sk_buff", "pci_dev", "device", "page"}) {
    EXPECT_EQ(image.size_of(type), probed().size_of(type)) << type;
    ASSERT_TRUE(probed().size_of(type)) << type;
  }
  for (const char* path : {"state", "list", "name", "init", "exit", "core_layout.base",
                           "mkobj.kobj", "num_syms", "refcnt", "source_list", "arch"}) {
    auto expected = image.field("module", path), found = probed().field("module", path);
    ASSERT_TRUE(expected && found) << path;
    EXPECT_EQ(expected->offset, found->offset) << path;
    EXPECT_EQ(expected->type, found->type) << path;
  }
  for (const char* path : {"stack", "flags", "on_cpu", "pid", "comm", "mm", "signal", "thread.sp",
                           "in_execve", "sched_task_group", "journal_info"}) {
    auto expected = image.field("task_struct", path), found = probed().field("task_struct", path);
    ASSERT_TRUE(expected && found) << path;
    EXPECT_EQ(expected->offset, found->offset) << path;
    EXPECT_EQ(expected->bit_offset, found->bit_offset) << path;
    EXPECT_EQ(expected->bit_size, found->bit_size) << path;
    EXPECT_EQ(expected->type, found->type) << path;
  }
  EXPECT_EQ(image.enumerator("MODULE_STATE_GOING"), probed().enumerator("MODULE_STATE_GOING"));
}

TEST(Probe, knows_the_prototypes_that_headers_declare) {
  size_t known = 0;
  for (const Export& expected : installed(k61).exports()) {
    auto found = probed().find_export(expected.name);
    ASSERT_TRUE(found);
    // Assembly is void(void) in the image, whatever its header says; data has no prototype there.
    if (found->prototype.empty() || expected.prototype.empty() || expected.prototype == "v()")
      continue;
    known++;
    EXPECT_EQ(expected.prototype, found->prototype) << expected.name;
  }
  EXPECT_GT(known, 8000u) << "of 9684 that the image has";
  EXPECT_EQ("p(v)(p(v),p(v),i8u)", probed().find_export("memcpy")->prototype);
}

TEST(Probe, a_folder_without_headers_is_told_with_every_attempt) {
  TestKernel kernel;
  ASSERT_TRUE(host::run_command({"rm", kernel.path("vmlinux")}).ok());
  auto opened = kernel.open();
  ASSERT_FALSE(opened.ok());
  const std::string& text = opened.error().text;
  for (const char* part : {"linux-image-9.8.7-test", "linux-headers-9.8.7-test", "dwarves",
                           "kdir/vmlinux", "the running kernel is 9.9.9-running",
                           "boot/vmlinuz-9.8.7-test", "the probe does not compile"})
    EXPECT_NE(std::string::npos, text.find(part)) << part << " in: " << text;
}

}  // namespace
}  // namespace ring3::target
