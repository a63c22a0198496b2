// SPDX-License-Identifier: GPL-2.0-only
// The order of kmod's hash tables, as it stands in the modules.symbols that Debian ships,
// and what the hash must be for it.
#include "index/depmod_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace ring3::index {
namespace {

// Every 590th line of modules.symbols of linux-image-6.1.0-56-amd64, and its two shortest names
// where they stand among them.
const std::string_view kShipped[] = {
    "drm_dp_link_train_channel_eq_delay",
    "iwl_init_notification_wait",
    "tpg_fillbuffer",
    "zgid",
    "iio_push_to_buffers",
    "v4l2_device_unregister",
    "au8522_get_state",
    "bcm_phy_write_rdb",
    "target_lun_is_rdonly",
    "rtl8723_dm_init_dynamic_bb_powersaving",
    "crc8",
    "LZ4_compress_fast",
    "nfs_file_operations",
    "__SCT__tp_func_vb2_buf_queue",
    "qmi_send_response",
    "fc_vport_setlink",
    "ieee802154_xmit_error",
    "rt2800_gain_calibration",
    "rt2800_probe_hw",
    "ishtp_cl_allocate",
    "pppox_compat_ioctl",
    "mma9551_set_device_state",
    "rtl_efuse_ops_init",
    "drm_dp_mst_topology_mgr_set_mst",
    "rndis_free_response",
    "rt2x00mac_sw_scan_complete",
};

TEST(DepmodOrder, NamesStandAsInTheShippedIndex) {
  std::vector<std::string_view> names(std::begin(kShipped), std::end(kShipped));
  std::shuffle(names.begin(), names.end(), std::mt19937(1));
  std::sort(names.begin(), names.end(), [](std::string_view a, std::string_view b) {
    return HashOrder(a, kSymbolBuckets) < HashOrder(b, kSymbolBuckets);
  });
  EXPECT_THAT(names, testing::ElementsAreArray(kShipped));
}

TEST(DepmodOrder, TheBucketIsTheHashsLowBits) {
  for (std::string_view name : kShipped) {
    uint32_t hash = super_fast_hash(name);
    EXPECT_EQ(HashOrder(name, kSymbolBuckets).bucket, hash % 2048) << name;
    EXPECT_EQ(HashOrder(name, kModuleBuckets).bucket, hash % 512) << name;
  }
}

// Inside a bucket as strcmp has it: bytes are not signed, and a beginning comes first.
TEST(DepmodOrder, InsideABucketNamesAreSorted) {
  EXPECT_TRUE(HashOrder("a", 1) < HashOrder("ab", 1));
  EXPECT_TRUE(HashOrder("z", 1) < HashOrder("\xe4", 1));
  EXPECT_FALSE(HashOrder("a", 1) < HashOrder("a", 1));
  EXPECT_TRUE(HashOrder("A", 1) < HashOrder("_", 1));
}

// Each byte counts, at each length and place, also when it has its top bit.
TEST(DepmodOrder, EachByteChangesTheHash) {
  std::set<uint32_t> seen;
  size_t made = 0;
  for (size_t size = 1; size <= 9; size++)
    for (size_t at = 0; at < size; at++)
      for (char c : {'a', '\x81', '\xff'}) {
        std::string name(size, 'x');
        name[at] = c;
        seen.insert(super_fast_hash(name));
        made++;
      }
  EXPECT_EQ(seen.size(), made);
  EXPECT_EQ(super_fast_hash(""), 0u);
}

}  // namespace
}  // namespace ring3::index
