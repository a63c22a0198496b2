// SPDX-License-Identifier: GPL-2.0-only
/* Checksums and hashes whose values do not depend on the boot. */
#include <linux/crc32.h>
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/siphash.h>

static int __init checksums_init(void)
{
	static const siphash_key_t key = {{1, 2}};
	const char *text = "123456789";

	pr_info("checksums: crc32_le %08x crc32_be %08x crc32c %08x\n", crc32_le(~0, text, 9),
		crc32_be(~0, text, 9), __crc32c_le(~0, text, 9));
	pr_info("checksums: jhash %08x hash_32 %08x hash_64 %08llx\n", jhash(text, 9, 0),
		hash_32(12345, 20), (u64)hash_64(12345, 20));
	pr_info("checksums: siphash %016llx %016llx\n", siphash(text, 9, &key),
		siphash_1u64(3, &key));
	return 0;
}

static void __exit checksums_exit(void)
{
}

module_init(checksums_init);
module_exit(checksums_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
