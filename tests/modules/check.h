/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A test module's own checks. A check that fails prints a line with FAIL, which the conformance
 * harness refuses on Linux and in Ring 3 alike; what is worth comparing is printed by the module.
 */
#ifndef RING3_CHECK_H
#define RING3_CHECK_H

#include <linux/printk.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			pr_err("%s:%d: FAIL " #condition "\n", KBUILD_MODNAME, __LINE__);          \
	} while (0)

/* One line that says that the module got to its end. */
#define DONE() pr_info("%s: done\n", KBUILD_MODNAME)

#endif
