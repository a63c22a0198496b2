// SPDX-License-Identifier: GPL-2.0-only
// /sys/module/NAME/coresize as the two kernels showed it in QEMU, for modules of every shape: with
// and without __jump_table, static calls (whose table stays in data), large symbol tables.
#include <gtest/gtest.h>

#include "link/test_support.h"

namespace ring3::link {
namespace {

struct Observed {
  const TestKernel& kernel;
  const char* path;
  uint64_t coresize;
};
constexpr Observed kObserved[] = {
    {kTestKernels[0], "/kernel/fs/affs/affs.ko", 81920},
    {kTestKernels[0], "/kernel/crypto/aegis128.ko", 20480},
    {kTestKernels[0], "/kernel/drivers/video/fbdev/aty/atyfb.ko", 53248},
    {kTestKernels[0], "/kernel/drivers/android/binder_linux.ko", 204800},
    {kTestKernels[0], "/kernel/fs/fat/fat.ko", 90112},
    {kTestKernels[0], "/kernel/drivers/dca/dca.ko", 16384},
    {kTestKernels[0], "/kernel/drivers/crypto/ccp/ccp.ko", 118784},
    {kTestKernels[0], "/kernel/drivers/misc/apds990x.ko", 20480},
    {kTestKernels[1], "/kernel/fs/affs/affs.ko", 90112},
    {kTestKernels[1], "/kernel/drivers/block/brd.ko", 12288},
    {kTestKernels[1], "/kernel/fs/fat/fat.ko", 102400},
    {kTestKernels[1], "/kernel/drivers/crypto/ccp/ccp.ko", 159744},
    {kTestKernels[1], "/kernel/drivers/misc/apds990x.ko", 28672},
    {kTestKernels[1], "/kernel/drivers/mtd/lpddr/lpddr_cmds.ko", 16384},
};

TEST(CoreSize, IsWhatLinuxReports) {
  FakeResolver resolver;
  size_t compared = 0;
  for (const Observed& row : kObserved) {
    for (const std::string& path : modules_of(row.kernel.release)) {
      if (path.find(row.path) == std::string::npos) continue;
      auto file = elf::read_module_file(path);
      ASSERT_TRUE(file.ok()) << file.error().text;
      auto view = elf::View::parse(file->bytes);
      ASSERT_TRUE(view.ok()) << view.error().text;
      LinkOptions options;
      options.kallsyms_on_own_page = row.kernel.kallsyms_on_own_page;
      CollectLinkLog log;
      auto image = link_module(*view, view->name(0), options, resolver, log);
      ASSERT_TRUE(image.ok()) << image.error().text;
      EXPECT_EQ(image.value()->core_size, row.coresize) << path;
      compared++;
    }
  }
  if (compared == 0) GTEST_SKIP() << "neither kernel's modules are installed";
}

}  // namespace
}  // namespace ring3::link
