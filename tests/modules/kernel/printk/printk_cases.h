/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the printk family, one a line. Compiled into printk_calls.ko (what /dev/kmsg then held on the
 * real kernel is printk.expected) and into src/linux/kernel/printk/printk_test.cc. The includer
 * gives TRY(call), which notes what the call returned, LONG(n), a text of n letters, and HEX(...).
 */
// NOLINTBEGIN(modernize-use-nullptr): C code for the kernel, too
static void run_cases(void)
{
	TRY(printk("default level\n"));
	TRY(printk(KERN_EMERG "level 0\n"));
	TRY(printk(KERN_ERR "level 3\n"));
	TRY(printk(KERN_DEBUG "level 7\n"));
	TRY(printk(KERN_ERR KERN_INFO "two levels\n"));
	TRY(printk("%s", KERN_ALERT "level in an argument\n"));
	TRY(printk("level " KERN_ERR "inside\n"));
	TRY(printk("\0019 no level\n"));
	TRY(printk("\001"));
	TRY(printk("\n"));
	TRY(printk(""));
	TRY(printk(KERN_INFO "%s", ""));
	TRY(printk(KERN_INFO "\n"));
	TRY(printk("open "));
	TRY(printk(KERN_CONT "joined "));
	TRY(printk(KERN_CONT "done\n"));
	TRY(printk("open, not joined"));
	TRY(printk("next\n"));
	TRY(printk("ended\n"));
	TRY(printk(KERN_CONT "continues nothing\n"));
	TRY(printk(KERN_CONT KERN_ERR "continuation with level\n"));
	TRY(printk(KERN_ERR KERN_CONT "level with continuation\n"));
	TRY(printk(KERN_WARNING "level stays "));
	TRY(printk(KERN_CONT KERN_ERR "as it was\n"));
	TRY(printk("many\nlines\nin one\n"));
	TRY(printk("newlines at the end\n\n"));
	TRY(printk("\nnewline in front\n"));
	TRY(printk("open with newline inside\nand "));
	TRY(printk(KERN_CONT "more\n"));
	TRY(printk("tab\tbell\abackslash\\high\xe4.\n"));
	TRY(printk("%s\n", LONG(900)));
	TRY(printk("%s\n", LONG(960)));
	TRY(printk("%s\n", LONG(1021)));
	TRY(printk("%s\n", LONG(1022)));
	TRY(printk("%s\n", LONG(1023)));
	TRY(printk("%s\n", LONG(1024)));
	TRY(printk("%s\n", LONG(1500)));
	TRY(printk(KERN_INFO "%s\n", LONG(1020)));
	TRY(printk(KERN_INFO "%s\n", LONG(1021)));
	TRY(printk(KERN_INFO "%s\n", LONG(1022)));
	TRY(printk(KERN_INFO "%s", LONG(1000)));
	TRY(printk(KERN_CONT "%s", LONG(10)));
	TRY(printk(KERN_CONT "%s", LONG(10)));
	TRY(printk(KERN_CONT "%s\n", LONG(10)));
	TRY(printk(KERN_INFO "%s", LONG(1015)));
	TRY(printk(KERN_CONT "%s\n", LONG(7)));
	TRY(printk(KERN_INFO "%s", LONG(1015)));
	TRY(printk(KERN_CONT "%s\n", LONG(8)));
	TRY(printk(KERN_INFO "%s", LONG(1015)));
	TRY(printk(KERN_CONT "%s\n", LONG(9)));
	TRY(printk(KERN_INFO "%s", LONG(1015)));
	TRY(printk(KERN_CONT "%s\n", LONG(10)));
	TRY(EMIT(0, 3, NULL, "emitted\n"));
	TRY(EMIT(0, -1, NULL, "emitted with the default level\n"));
	TRY(EMIT(0, -1, NULL, KERN_ERR "emitted with a prefix\n"));
	TRY(EMIT(0, 5, NULL, KERN_ERR "prefix against level\n"));
	TRY(EMIT(3, 5, NULL, KERN_ERR "another facility\n"));
	TRY(EMIT(3, 5, &info, "with a device"));
	TRY(printk(KERN_CONT "after a device\n"));
	TRY(EMIT(3, 5, &no_info, "with an empty device\n"));
	TRY(printk("unfinished"));
	HEX(KERN_INFO, "none: ", DUMP_PREFIX_NONE, 16, 1, 20, true);
	HEX(KERN_ERR, "offset: ", DUMP_PREFIX_OFFSET, 16, 4, 20, true);
	HEX(KERN_INFO, "", DUMP_PREFIX_OFFSET, 32, 2, 36, false);
	HEX(KERN_INFO, "", DUMP_PREFIX_NONE, 5, 1, 17, false);
	HEX(KERN_INFO, "empty", DUMP_PREFIX_NONE, 16, 1, 0, false);
	DEVICE(_dev_err, NULL, "no device %d\n", 5);
	DEVICE(_dev_info, NULL, "no device, no newline");
	DEVICE(_dev_warn, platform, "a platform device %d\n", 6);
	DEVICE(_dev_info, platform, "no newline");
	DEVICE(_dev_emerg, platform, "emergency\n");
	DEVICE(_dev_alert, root, "a device of nothing\n");
	TRY(dev_printk_emit(5, platform, "bare\n"));
	_dev_printk(KERN_NOTICE, platform, "by level %s\n", "text");
	TRY(printk(KERN_INFO "end\n"));
}
// NOLINTEND(modernize-use-nullptr)
