// SPDX-License-Identifier: GPL-2.0-only
// The root of tests/stress: fifty modules are made of this one and stress_bb by other letters.
#include <linux/module.h>
#include <linux/slab.h>

static int depth = 1;
module_param(depth, int, 0444);
static char *label = "none";
module_param(label, charp, 0644);

int stress_aa_answer(void);
int stress_aa_answer(void) { return depth; }
EXPORT_SYMBOL_GPL(stress_aa_answer);

static void *kept;

static int __init stress_aa_init(void) {
  kept = kmalloc(100, GFP_KERNEL);
  return kept ? 0 : -ENOMEM;
}
static void __exit stress_aa_exit(void) { kfree(kept); }
module_init(stress_aa_init);
module_exit(stress_aa_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("one of many");
