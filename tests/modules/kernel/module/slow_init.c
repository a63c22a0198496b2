// SPDX-License-Identifier: GPL-2.0-only
// Takes two seconds to initialise, or `wait` ms, so that others meet it in that state; `result` is
// what init returns.
#include <linux/delay.h>
#include <linux/module.h>

static int result;
module_param(result, int, 0444);
static uint wait = 2000;
module_param(wait, uint, 0);

int slow_init_answer(void);

int slow_init_answer(void) { return 42; }
EXPORT_SYMBOL(slow_init_answer);

static int __init slow_init_begin(void) {
  msleep(wait);
  return result;
}
static void __exit slow_init_end(void) {}
module_init(slow_init_begin);
module_exit(slow_init_end);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("initialises slowly");
