/* SPDX-License-Identifier: GPL-2.0-only */
// LENGTH: one table of cases, read by two programs.
/*
 * What the text and number functions of lib/ are asked. Compiled twice, like vsprintf_cases.h: into
 * string.ko (string-RELEASE.expected is what the real kernels answered) and into
 * src/linux/lib/string_test.cc. The includer gives
 *   SHOW(fmt, ...)   print one line
 *   S(text)          the text, so that the compiler does not know it
 *   B()              a buffer of 128 bytes, filled with '#', whose size the compiler does not know
 *   MEM(p, n)        the n bytes as text, others than printable ones as \xNN
 */
// NOLINTBEGIN(modernize-use-nullptr): C code for the kernel, too
static int compare_ints(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

/* Tens decide, units tell equal elements apart. */
static int compare_tens(const void *a, const void *b)
{
	return *(const int *)a / 10 - *(const int *)b / 10;
}

#define KSTRTO(type, fmt, name, text, base)                                                        \
	do {                                                                                       \
		type value = 77;                                                                   \
		int error = name(S(text), base, &value);                                           \
		SHOW(#name " " #text " " #base " = %d " fmt, error, value);                        \
	} while (0)
#define SIMPLE(fmt, name, text, base)                                                              \
	do {                                                                                       \
		char *begin = S(text), *end;                                                       \
		SHOW(#name " " #text " " #base " = " fmt, name(begin, &end, base));                \
		SHOW("  rest '%s'", end);                                                          \
	} while (0)
#define SCAN(text, fmt)                                                                            \
	do {                                                                                       \
		unsigned long long a = 0x1111111111111111ULL, b = 0x2222222222222222ULL;           \
		unsigned long long c[4] = {0};                                                     \
		int count = sscanf(S(text), S(fmt), &a, &b, c);                                    \
		SHOW("sscanf %s %s = %d", #text, #fmt, count);                                     \
		SHOW("  %llx %llx %s", a, b, MEM(c, 12));                                          \
	} while (0)
#define PARSELIST(text, bits)                                                                      \
	do {                                                                                       \
		unsigned long map[2] = {0x5a5a5a5a5a5a5a5aUL, 0};                                  \
		int error = bitmap_parselist(S(text), map, bits);                                  \
		SHOW("bitmap_parselist " #text " " #bits " = %d", error);                          \
		if (!error)                                                                        \
			SHOW("  %*pb", bits, map);                                                 \
	} while (0)
#define PARSEMAP(text, bits)                                                                       \
	do {                                                                                       \
		unsigned long map[2] = {0, 0};                                                     \
		int error = bitmap_parse(S(text), 100, map, bits);                                 \
		SHOW("bitmap_parse " #text " " #bits " = %d", error);                              \
		if (!error)                                                                        \
			SHOW("  %*pb", bits, map);                                                 \
	} while (0)
#define OPTIONS(text, count)                                                                       \
	do {                                                                                       \
		int ints[8] = {-7, -7, -7, -7, -7, -7, -7, -7};                                    \
		char *rest = get_options(S(text), count, ints);                                    \
		SHOW("get_options " #text " " #count " = %d: %d %d %d %d '%s'", ints[0], ints[1],  \
		     ints[2], ints[3], ints[4], rest);                                             \
	} while (0)
#define OPTION(text)                                                                               \
	do {                                                                                       \
		int value = -7;                                                                    \
		char *at = S(text);                                                                \
		int kind = get_option(&at, &value);                                                \
		SHOW("get_option " #text " = %d: %d '%s'", kind, value, at);                       \
	} while (0)
#define NEXTARG(text)                                                                              \
	do {                                                                                       \
		char *buffer = B(), *name, *value, *rest;                                          \
		strcpy(buffer, S(text));                                                           \
		rest = next_arg(buffer, &name, &value);                                            \
		SHOW("next_arg " #text " = '%s' '%s' '%s'", name, value, rest);                    \
	} while (0)
#define SIZE_TEXT(size, block, units)                                                              \
	do {                                                                                       \
		char *buffer = B();                                                                \
		string_get_size(size, block, units, buffer, 20);                                   \
		SHOW("string_get_size " #size " " #block " " #units " = %s", buffer);              \
	} while (0)
#define UNESCAPE(text, size, flags)                                                                \
	do {                                                                                       \
		char *buffer = B();                                                                \
		int length = string_unescape(S(text), buffer, size, flags);                        \
		SHOW("string_unescape " #text " " #size " " #flags " = %d", length);               \
		SHOW("  %s", MEM(buffer, length + 2));                                             \
	} while (0)
#define ESCAPE(text, size, room, flags, only)                                                      \
	do {                                                                                       \
		char *buffer = B();                                                                \
		int length = string_escape_mem(S(text), size, buffer, room, flags, only);          \
		SHOW("string_escape_mem " #text " " #size " " #room " " #flags " = %d", length);   \
		SHOW("  %s", MEM(buffer, (length < room ? length : room) + 1));                    \
	} while (0)
#define HEXLINE(size, row, group, room, ascii)                                                     \
	do {                                                                                       \
		char *buffer = B();                                                                \
		int length = hex_dump_to_buffer(S("0123456789abcdef\1\377ABCDEFGHIJKLMN"), size,   \
						row, group, buffer, room, ascii);                  \
		SHOW("hex_dump_to_buffer " #size " " #row " " #group " " #room " " #ascii          \
		     " = %d", length);                                                             \
		SHOW("  %s", MEM(buffer, room ? strnlen(buffer, room) + 1 : 1));                   \
	} while (0)
#define GLOB(pattern, text)                                                                        \
	SHOW("glob " #pattern " " #text " = %d %d", glob_match(S(pattern), S(text)),               \
	     match_wildcard(S(pattern), S(text)))
#define UUID(text)                                                                                 \
	do {                                                                                       \
		char *u = B(), *g = B() + 16;                                                      \
		int valid = uuid_is_valid(S(text));                                                \
		int first = uuid_parse(S(text), (void *)u), second = guid_parse(S(text), (void *)g); \
		SHOW("uuid " #text " = %d %d %d %*ph", valid, first, second, 32, u);               \
	} while (0)

static void run_text_cases(void)
{
	char *buffer;
	int i;

	/* comparing */
	SHOW("%d %d %d", strcmp(S("a"), S("b")), strcmp(S("b"), S("a")), strcmp(S("a"), S("a")));
	SHOW("%d %d %d", strcmp(S("a"), S("z")), strcmp(S("\xff"), S("a")), strcmp(S(""), S("a")));
	SHOW("%d %d %d", strncmp(S("abc"), S("abd"), 2), strncmp(S("abc"), S("abd"), 3),
	     strncmp(S("ab"), S("abd"), 9));
	SHOW("%d %d", strncmp(S("z"), S("a"), 0), strncmp(S("z"), S("a"), 2));
	SHOW("%d %d %d", strcasecmp(S("ABC"), S("abc")), strcasecmp(S("ABC"), S("abd")),
	     strcasecmp(S("z"), S("A")));
	SHOW("%d %d %d", strncasecmp(S("ABC"), S("abd"), 2), strncasecmp(S("ABC"), S("abd"), 3),
	     strncasecmp(S("ABC"), S("abd"), 0));
	SHOW("%d %d", strcasecmp(S("\xc4"), S("\xe4")), strcasecmp(S("["), S("{")));
	SHOW("%d %d %d", memcmp(S("abc"), S("abd"), 3), memcmp(S("abd"), S("abc"), 3),
	     memcmp(S("\xff"), S("\1"), 1));
	SHOW("%d %d", memcmp(S("abc"), S("abd"), 2), memcmp(S("a"), S("b"), 0));
	SHOW("%d %d %d %d", sysfs_streq(S("a"), S("a\n")), sysfs_streq(S("a\n"), S("a")),
	     sysfs_streq(S("a\n\n"), S("a")), sysfs_streq(S("a"), S("b")));
	SHOW("%d %d", sysfs_streq(S("a\n"), S("a\n")), sysfs_streq(S(""), S("\n")));
	/* finding */
	SHOW("%s %s", strchr(S("hello"), 'l'), strchr(S("hello"), 'z'));
	SHOW("%s [%s]", strrchr(S("hello"), 'l'), strchrnul(S("hello"), 'z'));
	SHOW("%s %s %s", strnchr(S("hello"), 2, 'l'), strnchr(S("hello"), 3, 'l'),
	     strnchr(S("hello"), 9, 0));
	SHOW("[%s]", strchr(S("hello"), 0));
	SHOW("%d %d", (int)strspn(S("aabbc"), S("ab")), (int)strcspn(S("aabbc"), S("cb")));
	SHOW("%s %s", strpbrk(S("hello"), S("lo")), strpbrk(S("hello"), S("xyz")));
	SHOW("%s %s %s", strstr(S("hello"), S("ll")), strstr(S("hello"), S("")),
	     strstr(S("hello"), S("lll")));
	SHOW("%s %s", strnstr(S("hello"), S("llo"), 5), strnstr(S("hello"), S("llo"), 4));
	SHOW("%s", strnstr(S("hello"), S(""), 0));
	SHOW("%d %d %d", (int)strlen(S("hello")), (int)strnlen(S("hello"), 3),
	     (int)strnlen(S("hello"), 9));
	SHOW("%s %s", (char *)memchr(S("hello"), 'l', 5), (char *)memchr(S("hello"), 'l', 2));
	SHOW("%s [%s]", (char *)memscan(S("hello"), 'l', 5), (char *)memscan(S("hello"), 'z', 5));
	SHOW("%s %s", (char *)memchr_inv(S("aaab"), 'a', 4), (char *)memchr_inv(S("aaab"), 'a', 3));
	/* copying */
	buffer = B();
	SHOW("%d %s", (int)strlcat(strcpy(buffer, S("abc")), S("def"), 6), buffer);
	buffer = B();
	SHOW("%d %s", (int)strlcat(strcpy(buffer, S("abc")), S("def"), 20), buffer);
	buffer = B();
	SHOW("%s", strcat(strcpy(buffer, S("abc")), S("def")));
	SHOW("%s", strncat(buffer, S("ghijk"), 3));
	buffer = B();
	strncpy(buffer, S("abc"), 6);
	SHOW("%s", MEM(buffer, 8));
	buffer = B();
	strncpy(buffer, S("abc"), 2);
	SHOW("%s", MEM(buffer, 4));
	buffer = B();
	SHOW("%d", (int)strscpy(buffer, S("abcdef"), 4));
	SHOW("%s", MEM(buffer, 6));
	buffer = B();
	SHOW("%d", (int)strscpy(buffer, S("abc"), 4));
	SHOW("%s", MEM(buffer, 6));
	SHOW("%d", (int)strscpy(buffer, S("abc"), 0));
	buffer = B();
	SHOW("%d", (int)strscpy_pad(buffer, S("abc"), 10));
	SHOW("%s", MEM(buffer, 12));
	buffer = B();
	memcpy_and_pad(buffer, 6, S("abcdefgh"), 3, '-');
	SHOW("%s", MEM(buffer, 8));
	buffer = B();
	memcpy_and_pad(buffer, 6, S("abcdefgh"), 8, '-');
	SHOW("%s", MEM(buffer, 8));
	/* parts and spaces */
	buffer = B();
	strcpy(buffer, S("a,b;;c"));
	SHOW("%s", strsep(&buffer, ",;"));
	SHOW("%s [%s] [%s]", strsep(&buffer, ",;"), buffer, strsep(&buffer, ",;"));
	SHOW("%s", strsep(&buffer, ",;"));
	SHOW("%s %p", strsep(&buffer, ",;"), buffer);
	SHOW("[%s] [%s]", skip_spaces(S(" \t\n\xa0 x ")), skip_spaces(S("")));
	buffer = B();
	strcpy(buffer, S("  in the middle \n"));
	SHOW("[%s]", strim(buffer));
	buffer = B();
	strcpy(buffer, S("   "));
	SHOW("[%s]", strim(buffer));
	buffer = B();
	strcpy(buffer, S("a/b/c"));
	SHOW("[%s] %s", strreplace(buffer, '/', '!'), buffer);
	{
		static const char *const words[] = {"zero", "one", "two", NULL, "four"};

		SHOW("%d %d %d %d", match_string(words, 5, S("two")), match_string(words, 2, S("two")),
		     match_string(words, -1, S("four")), match_string(words, 5, S("two\n")));
		SHOW("%d %d", __sysfs_match_string(words, 5, S("two\n")),
		     __sysfs_match_string(words, 5, S("four")));
	}
	/* numbers of text, strict */
	KSTRTO(int, "%d", kstrtoint, "42", 0);
	KSTRTO(int, "%d", kstrtoint, "42\n", 0);
	KSTRTO(int, "%d", kstrtoint, "42\n\n", 0);
	KSTRTO(int, "%d", kstrtoint, " 42", 0);
	KSTRTO(int, "%d", kstrtoint, "-42", 0);
	KSTRTO(int, "%d", kstrtoint, "+42", 0);
	KSTRTO(int, "%d", kstrtoint, "+-42", 0);
	KSTRTO(int, "%d", kstrtoint, "-+42", 0);
	KSTRTO(int, "%d", kstrtoint, "", 0);
	KSTRTO(int, "%d", kstrtoint, "-", 0);
	KSTRTO(int, "%d", kstrtoint, "\n", 0);
	KSTRTO(int, "%d", kstrtoint, "12x", 0);
	KSTRTO(int, "%d", kstrtoint, "0x1F", 0);
	KSTRTO(int, "%d", kstrtoint, "0x", 0);
	KSTRTO(int, "%d", kstrtoint, "0xg", 0);
	KSTRTO(int, "%d", kstrtoint, "0X1f", 16);
	KSTRTO(int, "%d", kstrtoint, "1f", 16);
	KSTRTO(int, "%d", kstrtoint, "017", 0);
	KSTRTO(int, "%d", kstrtoint, "08", 0);
	KSTRTO(int, "%d", kstrtoint, "0", 0);
	KSTRTO(int, "%d", kstrtoint, "017", 10);
	KSTRTO(int, "%d", kstrtoint, "101", 2);
	KSTRTO(int, "%d", kstrtoint, "2147483647", 10);
	KSTRTO(int, "%d", kstrtoint, "2147483648", 10);
	KSTRTO(int, "%d", kstrtoint, "-2147483648", 10);
	KSTRTO(int, "%d", kstrtoint, "-2147483649", 10);
	KSTRTO(unsigned int, "%u", kstrtouint, "4294967295", 10);
	KSTRTO(unsigned int, "%u", kstrtouint, "4294967296", 10);
	KSTRTO(unsigned int, "%u", kstrtouint, "-1", 10);
	KSTRTO(long long, "%lld", kstrtoll, "9223372036854775807", 10);
	KSTRTO(long long, "%lld", kstrtoll, "9223372036854775808", 10);
	KSTRTO(long long, "%lld", kstrtoll, "-9223372036854775808", 10);
	KSTRTO(long long, "%lld", kstrtoll, "-9223372036854775809", 10);
	KSTRTO(long long, "%lld", kstrtoll, "-0", 10);
	KSTRTO(unsigned long long, "%llu", kstrtoull, "18446744073709551615", 10);
	KSTRTO(unsigned long long, "%llu", kstrtoull, "18446744073709551616", 10);
	KSTRTO(unsigned long long, "%llu", kstrtoull, "0xffffffffffffffffz", 0);
	KSTRTO(unsigned long long, "%llu", kstrtoull, "99999999999999999999999z", 0);
	KSTRTO(u16, "%u", kstrtou16, "65535", 10);
	KSTRTO(u16, "%u", kstrtou16, "65536", 10);
	KSTRTO(s16, "%d", kstrtos16, "-32768", 10);
	KSTRTO(s16, "%d", kstrtos16, "32768", 10);
	KSTRTO(u8, "%u", kstrtou8, "255", 10);
	KSTRTO(u8, "%u", kstrtou8, "256", 10);
	KSTRTO(s8, "%d", kstrtos8, "-128", 10);
	KSTRTO(s8, "%d", kstrtos8, "128", 10);
	for (i = 0; i < 20; i++) {
		static const char *const answers[] = {"y", "Yes", "1", "on", "oN!", "n", "NO", "0", "off",
						      "of", "o", "t", "true", "F", "x", "", "2", "10",
						      "y\n", "O"};
		bool value = false;
		int error = kstrtobool(S(answers[i]), &value);

		SHOW("kstrtobool %s = %d %d", answers[i], error, value);
	}
	/* numbers of text, lenient */
	SIMPLE("%lu", simple_strtoul, "42abc", 0);
	SIMPLE("%lu", simple_strtoul, "0x1fg", 0);
	SIMPLE("%lu", simple_strtoul, "0xg", 0);
	SIMPLE("%lu", simple_strtoul, "0xg", 16);
	SIMPLE("%lu", simple_strtoul, "089", 0);
	SIMPLE("%lu", simple_strtoul, "-5", 0);
	SIMPLE("%lu", simple_strtoul, "+5", 0);
	SIMPLE("%lu", simple_strtoul, " 5", 0);
	SIMPLE("%lu", simple_strtoul, "", 0);
	SIMPLE("%lu", simple_strtoul, "18446744073709551617x", 10);
	SIMPLE("%ld", simple_strtol, "-5x", 0);
	SIMPLE("%ld", simple_strtol, "--5", 0);
	SIMPLE("%lld", simple_strtoll, "-0x10", 0);
	SIMPLE("%llu", simple_strtoull, "zz", 36);
	SIMPLE("%llu", memparse2, "64k,", 0);
	SIMPLE("%llu", memparse2, "0x10M", 0);
	SIMPLE("%llu", memparse2, "1g", 0);
	SIMPLE("%llu", memparse2, "2T", 0);
	SIMPLE("%llu", memparse2, "3P", 0);
	SIMPLE("%llu", memparse2, "4e", 0);
	SIMPLE("%llu", memparse2, "5x", 0);
	SIMPLE("%llu", memparse2, "k", 0);
	/* options */
	OPTION("5,6");
	OPTION("5");
	OPTION("5-7");
	OPTION("-5");
	OPTION("-x");
	OPTION("x");
	OPTION("");
	OPTIONS("1,2,3", 5);
	OPTIONS("1,2,3", 3);
	OPTIONS("1-3,9x", 8);
	OPTIONS("1-30", 4);
	OPTIONS("3-1", 4);
	OPTIONS("1-3,5", 0);
	OPTIONS("x", 4);
	NEXTARG("a=b c=d");
	NEXTARG("flag   next");
	NEXTARG("a=\"b c\" d");
	NEXTARG("\"a=b c\" d");
	NEXTARG("a=b\"c d\"e f");
	NEXTARG("=b");
	NEXTARG("\"open");
	NEXTARG("");
	/* scanning */
	SCAN("42 17", "%d %d");
	SCAN("42,17", "%d,%d");
	SCAN("42x17", "%d,%d");
	SCAN("  42", "%d");
	SCAN("-42", "%u");
	SCAN("-42", "%d");
	SCAN("0x1f 0x1f", "%x %i");
	SCAN("017 017", "%i %o");
	SCAN("12345", "%2d%3d");
	SCAN("-12345", "%3d%d");
	SCAN("300 70000", "%hhu %hu");
	SCAN("-1 -1", "%hhd %lld");
	SCAN("0x1f", "%3x%x");
	SCAN("0x1f", "%1x%s");
	SCAN("word next", "%s %s");
	SCAN("word", "%2s%s");
	SCAN("abc", "%c%2c");
	SCAN(" bc", "%c%c");
	SCAN("12 abc", "%d%n");
	SCAN("5%6", "%d%%%d");
	SCAN("skip 7", "%*s %d");
	SCAN("abc123", "%5[a-c]%d");
	SCAN("abc123", "%5[abc]%d");
	SCAN("abc123", "%9[^1]%d");
	SCAN("abc123", "%[abc]%d");
	SCAN("", "%d");
	SCAN("5", "%d%d");
	SCAN("99999999999999999999 1", "%llu %d");
	SCAN("a b", "a  b%n");
	SCAN("7", "%zu");
	SCAN("ff", "%hx");
	SCAN("5", "%f");
	/* hex */
	SHOW("%d %d %d %d %d %d", hex_to_bin('0'), hex_to_bin('a'), hex_to_bin('F'), hex_to_bin('g'),
	     hex_to_bin('/'), hex_to_bin(0xff));
	buffer = B();
	SHOW("%d", hex2bin((void *)buffer, S("00ffAb"), 3));
	SHOW("%s", MEM(buffer, 4));
	SHOW("%d", hex2bin((void *)buffer, S("0g"), 1));
	buffer = B();
	SHOW("%d", (int)((char *)bin2hex(buffer, S("\1\xab"), 2) - buffer));
	SHOW("%s", MEM(buffer, 5));
	HEXLINE(16, 16, 1, 128, true);
	HEXLINE(16, 16, 2, 128, true);
	HEXLINE(16, 16, 4, 128, true);
	HEXLINE(16, 16, 8, 128, true);
	HEXLINE(5, 16, 1, 128, true);
	HEXLINE(5, 16, 4, 128, false);
	HEXLINE(32, 32, 4, 128, true);
	HEXLINE(32, 16, 1, 128, false);
	HEXLINE(16, 7, 3, 128, false);
	HEXLINE(18, 32, 2, 128, true);
	HEXLINE(0, 16, 1, 128, true);
	HEXLINE(16, 16, 1, 0, true);
	HEXLINE(16, 16, 4, 0, false);
	HEXLINE(16, 16, 1, 10, true);
	HEXLINE(16, 16, 4, 30, false);
	HEXLINE(8, 16, 1, 55, true);
	/* sizes */
	SIZE_TEXT(0, 512, STRING_UNITS_10);
	SIZE_TEXT(1, 1, STRING_UNITS_10);
	SIZE_TEXT(999, 1, STRING_UNITS_10);
	SIZE_TEXT(1000, 1, STRING_UNITS_10);
	SIZE_TEXT(1999, 1, STRING_UNITS_10);
	SIZE_TEXT(12345, 1, STRING_UNITS_10);
	SIZE_TEXT(123456, 1, STRING_UNITS_10);
	SIZE_TEXT(999999, 1, STRING_UNITS_10);
	SIZE_TEXT(1023, 1, STRING_UNITS_2);
	SIZE_TEXT(1024, 1, STRING_UNITS_2);
	SIZE_TEXT(1536, 1, STRING_UNITS_2);
	SIZE_TEXT(1047552, 1, STRING_UNITS_2);
	SIZE_TEXT(16384, 512, STRING_UNITS_2);
	SIZE_TEXT(8192, 4096, STRING_UNITS_10);
	SIZE_TEXT(1953525168, 512, STRING_UNITS_10);
	SIZE_TEXT(1953525168, 512, STRING_UNITS_2);
	SIZE_TEXT(U64_MAX, 4096, STRING_UNITS_10);
	SIZE_TEXT(U64_MAX, 4096, STRING_UNITS_2);
	SIZE_TEXT(U64_MAX, U64_MAX, STRING_UNITS_2);
	SIZE_TEXT(5, 0, STRING_UNITS_2);
	/* escapes */
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_ANY, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_ANY_NP, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_HEX, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_SPACE | ESCAPE_HEX | ESCAPE_NP, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_OCTAL | ESCAPE_NA, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_OCTAL | ESCAPE_NAP, NULL);
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_OCTAL, "\t\"");
	ESCAPE("a\tb\"\\\n\1\377", 8, 100, ESCAPE_HEX | ESCAPE_NP | ESCAPE_APPEND, "ab");
	ESCAPE("a\tb\"\\\n\1\377", 8, 6, ESCAPE_ANY, NULL);
	ESCAPE("a\0b", 3, 100, ESCAPE_NULL, NULL);
	UNESCAPE("a\\tb\\\"c\\\\d", 50, UNESCAPE_ANY);
	UNESCAPE("\\101\\1012\\7\\8", 50, UNESCAPE_ANY);
	UNESCAPE("\\777\\x41\\x4\\xg", 50, UNESCAPE_ANY);
	UNESCAPE("\\n\\r\\v\\f\\a\\e\\z", 50, UNESCAPE_SPACE);
	UNESCAPE("\\n\\r\\v\\f\\a\\e\\z", 50, UNESCAPE_SPECIAL);
	UNESCAPE("abc\\tdef", 5, UNESCAPE_ANY);
	UNESCAPE("abc\\tdef", 0, UNESCAPE_ANY);
	UNESCAPE("abc\\", 50, UNESCAPE_ANY);
	UNESCAPE("abc\\qdef", 5, UNESCAPE_ANY);
	/* patterns */
	GLOB("a*c", "abc");
	GLOB("a*c", "abcd");
	GLOB("*", "");
	GLOB("", "");
	GLOB("", "a");
	GLOB("a?c", "abc");
	GLOB("a?c", "ac");
	GLOB("*a*b*", "xxaxxbxx");
	GLOB("*ab", "aaab");
	GLOB("a[b-d]e", "ace");
	GLOB("a[!b-d]e", "ace");
	GLOB("a[!b-d]e", "axe");
	GLOB("[a-]", "-");
	GLOB("[]]", "]");
	GLOB("[ab", "[ab");
	GLOB("a\\*c", "a*c");
	GLOB("a\\*c", "abc");
	GLOB("a**c", "abbc");
	GLOB("a*?c", "ac");
	UUID("a1b2c3d4-0102-0304-0506-0708090a0b0c");
	UUID("A1B2C3D4-0102-0304-0506-0708090A0B0Cxx");
	UUID("a1b2c3d4-0102-0304-0506-0708090a0b0");
	UUID("a1b2c3d40102-0304-0506-0708090a0b0c-");
	UUID("g1b2c3d4-0102-0304-0506-0708090a0b0c");
	{
		u8 address[6] = {0};
		int good = mac_pton(S("00:1b:21:AB:cd:ef"), address);

		SHOW("mac_pton %d %pM %d %d", good, address, mac_pton(S("00:1b:21:AB:cd"), address),
		     mac_pton(S("00-1b-21-AB-cd-ef"), address));
	}
	/* bitmaps */
	PARSELIST("0,3-5", 64);
	PARSELIST("0-63", 64);
	PARSELIST("64", 64);
	PARSELIST("99", 100);
	PARSELIST("5-3", 64);
	PARSELIST("0-20:2/5", 64);
	PARSELIST("0-20:5/2", 64);
	PARSELIST("0-20:0/2", 64);
	PARSELIST("0-20:2/0", 64);
	PARSELIST(" 1 , 2 ", 64);
	PARSELIST("1,,2", 64);
	PARSELIST("", 64);
	PARSELIST("\n", 64);
	PARSELIST("1\n2", 64);
	PARSELIST("x", 64);
	PARSELIST("1-", 64);
	PARSELIST("-1", 64);
	PARSELIST("1:2/3", 64);
	PARSELIST("N", 10);
	PARSELIST("5-N", 10);
	PARSELIST("all", 10);
	PARSELIST("all:1/2", 10);
	PARSELIST("ALL", 10);
	PARSELIST("4294967296", 64);
	PARSELIST("1-2-3", 64);
	PARSELIST("3-3", 64);
	PARSEMAP("ff", 64);
	PARSEMAP("1,00000000", 64);
	PARSEMAP("1,0", 64);
	PARSEMAP("123456789", 64);
	PARSEMAP("1,2,3", 64);
	PARSEMAP("1,2,3", 100);
	PARSEMAP("10,0,0,0", 100);
	PARSEMAP("8,0,0,0", 100);
	PARSEMAP("1f", 4);
	PARSEMAP("f", 4);
	PARSEMAP("", 64);
	PARSEMAP("\n", 64);
	PARSEMAP("g", 64);
	PARSEMAP(" 1 ", 64);
	PARSEMAP("1 2", 64);
	PARSEMAP("1,", 64);
	PARSEMAP(",1", 64);
	PARSEMAP("1,,2", 100);
	PARSEMAP("ff\nff", 64);
	/* order */
	{
		int numbers[] = {31, 12, 35, 11, 22, 14, 39, 10, 21, 38, 13};
		int sorted[] = {1, 3, 5, 7, 9};
		int key = 7, missing = 4, *found;

		sort(numbers, 11, sizeof(int), compare_ints, NULL);
		SHOW("%d %d %d %d %d %d", numbers[0], numbers[1], numbers[2], numbers[3], numbers[4],
		     numbers[10]);
		found = bsearch(&key, sorted, 5, sizeof(int), compare_ints);
		SHOW("%d %d", (int)(found - sorted),
		     bsearch(&missing, sorted, 5, sizeof(int), compare_ints) == NULL);
	}
	{
		int numbers[] = {31, 12, 35, 11, 22, 14, 39, 10, 21, 38, 13};

		sort(numbers, 11, sizeof(int), compare_tens, NULL);
		SORT_TIES("%d %d %d %d %d %d %d %d %d %d %d", numbers[0], numbers[1], numbers[2],
			  numbers[3], numbers[4], numbers[5], numbers[6], numbers[7], numbers[8],
			  numbers[9], numbers[10]);
	}
}

static void run_number_cases(void)
{
	static const char text[] = "The quick brown fox jumps over the lazy dog";
	unsigned long n, d;
	int i;
	u64 key[2] = {0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL};

	SHOW("%lu %lu %lu %lu", gcd(12, 18), gcd(0, 5), gcd(7, 0), gcd(1ul << 40, 1ul << 35));
	SHOW("%lu %lu %lu %lu", lcm(4, 6), lcm(0, 5), lcm_not_zero(0, 5), lcm_not_zero(5, 0));
	SHOW("%lu %lu %lu %lu", int_sqrt(0), int_sqrt(15), int_sqrt(16), int_sqrt(~0ul));
	SHOW("%llu %llu %llu", int_pow(2, 10), int_pow(3, 0), int_pow(10, 19));
	rational_best_approximation(31415926, 10000000, 255, 255, &n, &d);
	SHOW("%lu/%lu", n, d);
	rational_best_approximation(1155, 7735, 255, 255, &n, &d);
	SHOW("%lu/%lu", n, d);
	rational_best_approximation(255000, 1, 255, 255, &n, &d);
	SHOW("%lu/%lu", n, d);
	rational_best_approximation(1, 255000, 255, 255, &n, &d);
	SHOW("%lu/%lu", n, d);
	for (i = 0; i <= 43; i += i < 5 ? 1 : 19) {
		SHOW("%d: crc32 %08x %08x", i, crc32_le(~0, (u8 *)text, i), crc32_be(~0, (u8 *)text, i));
		SHOW("%d: crc32c %08x ccitt %04x", i, __crc32c_le(~0, (u8 *)text, i),
		     crc_ccitt(0xffff, (u8 *)text, i));
		SHOW("%d: shift %08x %08x", i, crc32_le_shift(0x12345678, i),
		     __crc32c_le_shift(0x12345678, i));
		SHOW("%d: xxh %08x %016llx", i, xxh32(text, i, 5), xxh64(text, i, 5));
		SHOW("%d: siphash %016llx %08x", i, siphash_bytes(text, i, key),
		     hsiphash_bytes(text, i, key));
	}
	SHOW("%016llx %016llx", siphash_1u64(1, (void *)key), siphash_2u64(1, 2, (void *)key));
	SHOW("%016llx %016llx", siphash_3u64(1, 2, 3, (void *)key),
	     siphash_4u64(1, 2, 3, 4, (void *)key));
	SHOW("%016llx %016llx", siphash_1u32(1, (void *)key), siphash_3u32(1, 2, 3, (void *)key));
	SHOW("%08x %08x", hsiphash_1u32(1, (void *)key), hsiphash_2u32(1, 2, (void *)key));
	SHOW("%08x %08x", hsiphash_3u32(1, 2, 3, (void *)key),
	     hsiphash_4u32(1, 2, 3, 4, (void *)key));
	SHOW("%d %d %d", (int)memweight(text, 43), (int)memweight(text, 0), (int)memweight(text, 9));
	{
		char *buffer = B();
		int length = base64_encode((u8 *)text, 10, buffer);

		SHOW("%.*s", length, buffer);
		length = base64_decode(S("VGhlIHF1aWNr"), 12, (u8 *)buffer);
		SHOW("%d %.*s %d %d", length, length, buffer, base64_decode(S("VG=="), 4, (u8 *)buffer),
		     base64_decode(S("V!"), 2, (u8 *)buffer));
		SHOW("%d %d", base64_decode(S("VGg"), 3, (u8 *)buffer),
		     base64_decode(S("VGh"), 3, (u8 *)buffer));
	}
	{
		unsigned long a[2] = {0x8000000000000010UL, 0x5UL}, b[2] = {0x10UL, 0x4UL}, c[2];

		SHOW("%lu %lu", _find_first_bit(a, 128), _find_first_zero_bit(a, 128));
		SHOW("%lu %lu", _find_next_bit(a, 128, 5), _find_next_bit(a, 66, 65));
		SHOW("%lu %lu", _find_next_zero_bit(a, 128, 63), _find_last_bit(a, 128));
		SHOW("%lu %lu", _find_next_and_bit(a, b, 128, 5), _find_last_bit(a, 60));
		SHOW("%lu %d", __find_nth_bit(a, 128, 2),
		     __find_nth_bit(a, 128, 9) >= 128);
		SHOW("%d %d %d", __bitmap_equal(a, b, 5), __bitmap_intersects(a, b, 128),
		     __bitmap_subset(b, a, 128));
		SHOW("%d %d", __bitmap_weight(a, 128), __bitmap_weight(a, 65));
		__bitmap_shift_right(c, a, 3, 128);
		SHOW("%lx %lx", c[0], c[1]);
		__bitmap_shift_left(c, a, 67, 128);
		SHOW("%lx %lx", c[0], c[1]);
		__bitmap_shift_right(c, a, 4, 66);
		SHOW("%lx %lx", c[0], c[1]);
		bitmap_cut(c, a, 2, 3, 128);
		SHOW("%lx %lx", c[0], c[1]);
		SHOW("%d %lx %lx", __bitmap_and(c, a, b, 66), c[0], c[1]);
		SHOW("%d %lx %lx", __bitmap_andnot(c, a, b, 66), c[0], c[1]);
		SHOW("%lu %lu", bitmap_find_next_zero_area_off(a, 128, 0, 10, 0, 0),
		     bitmap_find_next_zero_area_off(a, 128, 0, 8, 7, 1));
		bitmap_remap(c, a, a, b, 128);
		SHOW("%lx %lx %d", c[0], c[1], bitmap_bitremap(63, a, b, 128));
		SHOW("%*pbl", 128, a);
	}
	SHOW("%u %u %u", _bcd2bin(0x42), _bin2bcd(42), _bin2bcd(99));
	for (i = 0; i < 540; i += 4)
		SHOW("%d %pe %pe %pe %pe", i, (void *)(long)-i, (void *)(long)-(i + 1),
		     (void *)(long)-(i + 2), (void *)(long)-(i + 3));
}
// NOLINTEND(modernize-use-nullptr)
