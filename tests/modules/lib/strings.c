// SPDX-License-Identifier: GPL-2.0-only
/* The string functions, one line each: results as numbers, or the texts they make. */
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static char buffer[32];

/* Position of what was found in `text`, or -1. */
static long at(const char *text, const void *found)
{
	return found ? (const char *)found - text : -1;
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static int __init strings_init(void)
{
	const char *text = "the quick brown fox";
	char *rest, *word;
	ssize_t result;

	/* Hidden, so that the compiler calls the kernel's functions instead of knowing the answer.
	 */
	OPTIMIZER_HIDE_VAR(text);
	pr_info("strings: strlen %zu strnlen %zu %zu\n", strlen(text), strnlen(text, 5),
		strnlen(text, 99));
	pr_info("strings: strcmp %d %d %d\n", sign(strcmp(text, "the")), sign(strcmp(text, "tie")),
		sign(strcmp(text, "the quick brown fox")));
	pr_info("strings: strncmp %d %d strcasecmp %d strncasecmp %d\n",
		sign(strncmp(text, "then", 3)), sign(strncmp(text, "then", 4)),
		sign(strcasecmp(text, "THE QUICK BROWN FOX")), sign(strncasecmp(text, "TIE", 2)));
	pr_info("strings: strchr %ld %ld strrchr %ld strnchr %ld strchrnul %ld\n",
		at(text, strchr(text, 'q')), at(text, strchr(text, 'z')),
		at(text, strrchr(text, 'o')), at(text, strnchr(text, 3, 'q')),
		at(text, strchrnul(text, 'z')));
	pr_info("strings: strstr %ld %ld %ld strnstr %ld %ld\n", at(text, strstr(text, "brown")),
		at(text, strstr(text, "")), at(text, strstr(text, "green")),
		at(text, strnstr(text, "quick", 8)), at(text, strnstr(text, "quick", 9)));
	pr_info("strings: strspn %zu strcspn %zu strpbrk %ld\n", strspn(text, "eht"),
		strcspn(text, "q"), at(text, strpbrk(text, "xyz")));
	pr_info("strings: memcmp %d %d memchr %ld %ld memscan %ld memchr_inv %ld\n",
		sign(memcmp(text, "the", 3)), sign(memcmp(text, "thf", 3)),
		at(text, memchr(text, 'b', 19)), at(text, memchr(text, 'b', 5)),
		at(text, memscan((void *)text, 'b', 5)), at(text, memchr_inv(text, 't', 10)));
	strcpy(buffer, text);
	strcat(buffer, "!");
	strncat(buffer, "1234567", 3);
	pr_info("strings: '%s'\n", buffer);
	result = strscpy(buffer, text, 8);
	pr_info("strings: strscpy %zd '%s'", result, buffer);
	result = strscpy(buffer, "abc", 8);
	pr_info("strings: strscpy %zd %zd\n", result, strscpy(buffer, "abc", 0));
	result = strlcat(buffer, "defghij", 8);
	pr_info("strings: strlcat %zd\n", result);
	pr_info("strings: '%s'\n", buffer);
	memset(buffer, '#', sizeof(buffer));
	strncpy(buffer, "ab", 5);
	pr_info("strings: strncpy pads: %d %d %c\n", buffer[2], buffer[4], buffer[5]);
	memset(buffer, '#', sizeof(buffer));
	result = strscpy_pad(buffer, "ab", 5);
	pr_info("strings: strscpy_pad %zd: %d %d %c\n", result, buffer[2], buffer[4], buffer[5]);
	strcpy(buffer, "abcdefgh");
	memmove(buffer + 2, buffer, 6);
	pr_info("strings: memmove up '%s'\n", buffer);
	memmove(buffer, buffer + 2, 6);
	pr_info("strings: memmove down '%s'\n", buffer);
	strcpy(buffer, "  one,two;;three  ");
	rest = strim(buffer);
	pr_info("strings: strim '%s' skip_spaces '%s'\n", rest, skip_spaces("  x "));
	while ((word = strsep(&rest, ",;")))
		pr_info("strings: strsep '%s'\n", word);
	strcpy(buffer, "a.b.c");
	pr_info("strings: strreplace '%s'\n", (strreplace(buffer, '.', '-'), buffer));
	pr_info("strings: sysfs_streq %d %d\n", sysfs_streq("on\n", "on"),
		sysfs_streq("on\n\n", "on"));
	pr_info("strings: match_string %d %d\n",
		__sysfs_match_string((const char *const[]){"off", "on"}, 2, "on\n"),
		match_string((const char *const[]){"off", "on"}, 2, "auto"));
	pr_info("strings: strstarts %d str_has_prefix %zu kbasename '%s'\n",
		strstarts(text, "the q"), str_has_prefix(text, "the"), kbasename("/a/b/c"));
	word = kstrndup(text, 9, GFP_KERNEL);
	pr_info("strings: kstrndup '%s'\n", word);
	kfree(word);
	word = kmemdup_nul(text, 3, GFP_KERNEL);
	pr_info("strings: kmemdup_nul '%s'\n", word);
	kfree(word);
	memset16((u16 *)buffer, 0x4241, 3);
	memset32((u32 *)(buffer + 6), 0x44434241, 2);
	buffer[14] = 0;
	pr_info("strings: memset16 and memset32 '%s'\n", buffer);
	pr_info("strings: %d%d%d%d%d %c%c\n", !!isalpha('a'), !!isdigit('a'), !!isxdigit('f'),
		!!isspace('\t'), !!ispunct('.'), toupper('a'), tolower('Z'));
	return 0;
}

static void __exit strings_exit(void)
{
}

module_init(strings_init);
module_exit(strings_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Ring 3 test module");
