// SPDX-License-Identifier: GPL-2.0-only
/* Names of addresses: own functions and data, init ones while they last and later, the kernel's. */
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "check.h"

static char text[KSYM_SYMBOL_LEN];

static noinline int ordinary(int n)
{
	return n * 3 + (n & 1);
}

static int some_data[4] = {1, 2, 3, 4};

static void name_it(const char *what, unsigned long address)
{
	int length = sprint_symbol(text, address);

	CHECK(length == strlen(text));
	pr_info("symbol_names: %s is %s\n", what, text);
}

static noinline __init int early(int n)
{
	return n + 1;
}

static unsigned long early_address;

static int later(const char *unused, const struct kernel_param *kp)
{
	sprint_symbol(text, early_address);
	pr_info("symbol_names: init function later has %s\n", strncmp(text, "0x", 2) ? text : "no name");
	snprintf(text, sizeof(text), "%ps", (void *)early_address);
	pr_info("symbol_names: and %%ps has %s\n", strncmp(text, "0x", 2) ? text : "no name");
	return 0;
}
static const struct kernel_param_ops later_ops = {.set = later};
module_param_cb(later, &later_ops, NULL, 0200);

static int __init symbol_names_init(void)
{
	early_address = (unsigned long)early;
	pr_info("symbol_names: %d %d\n", ordinary(1), early(1));
	name_it("a function", (unsigned long)ordinary);
	name_it("the middle of one", (unsigned long)ordinary + 2);
	name_it("data", (unsigned long)some_data);
	name_it("the middle of data", (unsigned long)&some_data[2]);
	name_it("an init function", early_address);
	name_it("null", 0);
	name_it("a low address", 0x1234);
	sprint_symbol_no_offset(text, (unsigned long)ordinary + 2);
	pr_info("symbol_names: no offset: %s\n", text);
	sprint_symbol_no_offset(text, early_address);
	pr_info("symbol_names: no offset: %s\n", text);
	sprint_symbol_no_offset(text, (unsigned long)kfree);
	pr_info("symbol_names: the kernel's: %s\n", text);
	sprint_symbol_no_offset(text, (unsigned long)&system_wq);
	pr_info("symbol_names: the kernel's data: %s\n", text);
	sprint_symbol_build_id(text, (unsigned long)ordinary);
	pr_info("symbol_names: build id: %s\n", text);
	pr_info("symbol_names: %pS %ps %pB\n", ordinary, ordinary, (char *)ordinary + 3);
	pr_info("symbol_names: %pSR %pSb %pBb\n", early, ordinary, (char *)ordinary + 3);
	pr_info("symbol_names: %ps\n", kfree);
	return 0;
}

static void __exit symbol_names_exit(void)
{
}

module_init(symbol_names_init);
module_exit(symbol_names_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
