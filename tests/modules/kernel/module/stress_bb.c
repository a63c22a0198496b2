// SPDX-License-Identifier: GPL-2.0-only
// A module that depends on another: see stress_aa.
#include <linux/module.h>
#include <linux/slab.h>

int stress_aa_answer(void);
int stress_bb_answer(void);

static int fail;
module_param(fail, int, 0444);
static char *label = "none";
module_param(label, charp, 0644);

int stress_bb_answer(void) { return stress_aa_answer() + 1; }
EXPORT_SYMBOL_GPL(stress_bb_answer);

static void *kept;

static int __init stress_bb_init(void) {
  if (fail) return -fail;
  kept = kmalloc(100 * stress_bb_answer(), GFP_KERNEL);
  return kept ? 0 : -ENOMEM;
}
static void __exit stress_bb_exit(void) { kfree(kept); }
module_init(stress_bb_init);
module_exit(stress_bb_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("one of many");
