// SPDX-License-Identifier: GPL-2.0-only
/* Logarithms in fixed point. */
#include <linux/module.h>
#include <linux/version.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#include <linux/int_log.h>
#else
#include <media/dvb_math.h>
#endif

#include "check.h"

static int __init logarithms_init(void)
{
	u32 value, mix2 = 0, mix10 = 0;

	for (value = 1; value < 1u << 31; value += value / 97 + 1) {
		mix2 = mix2 * 31 + intlog2(value);
		mix10 = mix10 * 31 + intlog10(value);
	}
	pr_info("logarithms: all %#x %#x, of 1000 %#x %#x\n", mix2, mix10, intlog2(1000),
		intlog10(1000));
	DONE();
	return 0;
}

static void __exit logarithms_exit(void)
{
}

module_init(logarithms_init);
module_exit(logarithms_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
