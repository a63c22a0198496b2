// SPDX-License-Identifier: GPL-2.0-only
// Against the two kernels that this project is tested with. A missing one is a failed test, not a
// skipped one: its packages are linux-headers-RELEASE and linux-image-RELEASE.
#include "target/target.h"

#include <gtest/gtest.h>

#include "target/test_targets.h"

namespace ring3::target {
namespace {

TEST(Target, knows_prototypes_of_exports) {
  for (const char* release : kReleases) {
    const Target& target = installed(release);
    EXPECT_EQ("i4s(p(i1),...)", target.find_export("_printk")->prototype);
    EXPECT_EQ("v(p(v))", target.find_export("kfree")->prototype);
    EXPECT_EQ("i1b(i4s,p(workqueue_struct),p(work_struct))",
              target.find_export("queue_work_on")->prototype);
    EXPECT_EQ("i4s(i4u,i4u,i4u,p(i1),p(file_operations))",
              target.find_export("__register_chrdev")->prototype);
    EXPECT_EQ("i4s(p(i4u),i4u,i4u,p(i1))", target.find_export("alloc_chrdev_region")->prototype);
    EXPECT_EQ("v()", target.find_export("__fentry__")->prototype);
  }
}

}  // namespace
}  // namespace ring3::target
