# SPDX-License-Identifier: GPL-2.0-only
"""The command lines that compare.py runs, and the root that they run in."""
import checks

MODULES = ("ext4 jbd2 mbcache crc16 crc32c_generic libcrc32c crc32c-intel crc7 crc8 dummy bonding tls "
           "snd-hda-intel snd-hda-codec snd-hda-core snd-pcm snd snd-timer snd-hwdep snd-intel-dspcfg "
           "snd-intel-sdw-acpi soundcore nls_utf8 e1000 parport_pc parport btrfs xor raid6_pq zstd_compress").split()  # fmt: skip

CONFIG = {
    "etc/modprobe.d/a.conf": """# comment
alias my-name dummy
alias two-* crc7
alias two-* crc16
alias gone off
alias listed crc8
options dummy numdummies=2	x=1
options my_name y=2
options \\
  crc16 a=1 \\
  b=2
blacklist parport-pc
install snd-timer /bin/echo install $CMDLINE_OPTS
install command-only /bin/echo alone
install failing /bin/false
remove snd-timer /bin/echo remove it
softdep e1000 pre: crc7 crc8 post: nls_utf8
softdep tls pre: nothing-like-it
""",
    "etc/modprobe.d/same.conf": "options tls from=etc\n",
    "lib/modprobe.d/same.conf": "options tls from=lib\n",
    "run/modprobe.d/z.conf": "options tls from=run\nblacklist tls\n",
    "etc/modprobe.d/.hidden.conf": "options tls from=hidden\n",
    "etc/modprobe.d/readme": "options tls from=readme\n",
    "other.conf": "alias other-name crc16\n",
}

BAD = """# comment
include /etc/other
bogus line
 # not a comment
alias broken[ x
alias one-word
blacklist
options tls
options tls a\\b\\
c
install tls
softdep tls
config
    	
alias last line"""

# kmod forgets the blank.
SOFTDEP = [("stdout", "crc8post:", "crc8 post:")]


# `ROOT/calls` as the output: compare.py shows that file, and kmod's own way to stdout, by opening
# /dev/stdout, does not work everywhere.
def case(command: str, **more) -> dict:
    words = [w.replace("~", " ") for w in command.split(" ")]
    return {"command": words, **more}


def modprobe() -> list[dict]:
    lines = """-D ext4|-D snd-hda-intel|-D snd_hda_intel|-D dummy|-D my-name|-D e1000|-D tls|-D nosuch|-D two-x
-D crc16|-D parport_pc|-D command-only|-D failing|-D snd-timer|-D -i snd-timer|-D -i e1000|-D gone|-D listed
-D pci:v00008086d00000F0Cbc|-D pci:v00008086d00001000sv00000000sd00000000bc02sc00i00|-D fs-ext4|-D net-pf-x
-D symbol:jbd2_journal_load|-D dummy x=1 "b=c~d" e=f~g|-D crc16 c=3|-D unix|-D loop|-D fs-proc|-D btrfs
-a -D ext4 nosuch dummy|-D ext4 dummy|-R ext4|-R my-name|-R two-x|-R nosuch|-R pci:v00008086d00001000sv00000000sd00000000bc02sc00i00
-R symbol:crc16|-R fs-ext4|-R unix|-R [|-R a]b|-R command-only|-c|-c -C other.conf|-C other.conf -R other-name
-C nosuch.conf -c|-C . -c|-C other.conf -D dummy|-n ext4|-n -v ext4|-n -v e1000|-v dummy x=1|-v ext4|-v snd-hda-intel|-v e1000|-v failing
-v tls|-v command-only a=1|dummy|nosuch|-q nosuch|-a dummy nosuch crc16|-b tls|tls|parport_pc|-b parport_pc|listed
-b -v ext4|gone|-f dummy|--force-modversion dummy|--force-vermagic dummy|-r nosuch|-r dummy|-r --first-time dummy
-r unix|-r ext4|-S 9.9 -D dummy|-S 9.9 dummy|-d nosuch -S 1 -D x|-d ROOT -D ext4|-d . -D ext4|
-w 5x -r dummy|-w|--wait=5 dummy|-r command-only|-C|--set-version|--first-time dummy|-D --first-time dummy
--show-modversions nosuch|--show-exports nosuch|-r snd-timer|-n -r snd-timer|-v -r snd-timer|-r failing|-D unix fat
-v -n -r my-name|-r -a dummy tls|-ar dummy nosuch|-c extra words|-D -v ext4|-q -D ext4|-s -n dummy|-ib tls""".replace("\n", "|")
    cases = [case(f"modprobe {line}".rstrip()) for line in lines.split("|")]
    for one in cases:
        line = " ".join(one["command"][1:])
        if line in ("-c", "-c extra words"):
            one["replace"] = SOFTDEP
        elif line == "-D btrfs":  # it has four lines softdep, of which kmod reads the first
            one["replace"] = [("stdout", "kernel/lib/libcrc32c.ko \n", "kernel/lib/libcrc32c.ko \nbuiltin sha256_generic\n")]
    cases += [case(f"modprobe {line}", check=check, why=why) for line, check, why in (
        ("-V", checks.version, "our version"), ("-h", checks.help_of("modprobe"), "ours fits a screen"),
        ("--json -D ext4", checks.depends("ext4"), "new"), ("--json -c", checks.configuration, "new"),
        ("--json -D snd-hda-intel a=b", checks.depends("snd-hda-intel", "a=b"), "new"),
        ("--json -D unix", checks.depends("unix"), "new"))]
    cases += [case(f"modprobe {line}", files={"etc/modprobe.d/bad.conf": BAD, "etc/modprobe.d/folder.conf/x": ""})
              for line in ("dummy", "-D tls", "-n -v last")]  # fmt: skip
    module = "ROOT/lib/modules/1.2.3-test/kernel/fs/jbd2/jbd2.ko"
    cases += [case(f"modprobe {option} {module}") for option in ("--show-modversions", "--show-exports")]
    # What is in the kernel.
    loaded = "ext4 jbd2(ext4) mbcache(ext4) crc16(ext4) crc32c_generic=1 dummy tls=3 snd_timer"
    for line in """ext4|dummy|--first-time dummy|--first-time my-name|-r ext4|-v -r ext4|-n -v -r ext4|-r jbd2|-r crc16|-r tls|-a -r tls dummy
-q -r tls|-r --first-time crc7|-f -r dummy|-r crc32c_generic|-D ext4|-v e1000|-v -i ext4|-r snd-timer|-i -r snd-timer|-R ext4""".replace("\n", "|").split("|"):  # fmt: skip
        held = line in ("-r jbd2", "-r crc16", "-r tls", "-a -r tls dummy", "-r crc32c_generic") or "-r ext4" in line
        cases.append(case(f"modprobe {line}", loaded=loaded, causes=held))
    # What the kernel answers.
    for error in (1, 2, 3, 8, 16, 17, 19, 22, 34, 74, 95, 128, 129, 512):
        cases.append(case("modprobe dummy", errors=f"dummy {error}\n"))
        cases.append(case("modprobe ext4", errors=f"jbd2 {error}\n", causes=error != 17))
        cases.append(case("modprobe -a dummy crc16", errors=f"dummy {error}\n"))
    cases += [
        case("modprobe --first-time dummy", errors="dummy 17\n"),
        case("modprobe -v e1000", errors="crc7 22\n"),
        case("modprobe -v e1000", errors="e1000 22\n"),
        case("modprobe -r dummy", loaded="dummy", errors="dummy 16\n"),
        case("modprobe -r dummy", loaded="dummy", errors="dummy 1\n"),
        case("modprobe -q dummy", errors="dummy 22\n"),
    ]
    options = {"MODPROBE_OPTIONS": "-v -n"}
    cases += [
        case("modprobe ext4", env=options),
        case("modprobe crc16", env={"MODPROBE_OPTIONS": "-v -n -C 'other.conf'"}),
        case("modprobe other-name", env={"MODPROBE_OPTIONS": '-v -n -C "other.conf"'}),
        case("modprobe -V", env={"MODPROBE_OPTIONS": "--nonsense"}),
    ]
    install = {"etc/modprobe.d/i.conf": "install crc7 /bin/echo $MODPROBE_MODULE : $CMDLINE_OPTS : $MODPROBE_OPTIONS\n"
               "options crc7 p=1\n"}  # fmt: skip
    cases += [
        case("modprobe -v crc7 q=2", files=install),
        case("modprobe -v -C etc/modprobe.d/i.conf crc7 q=2", files=install),
        case("modprobe ext4", files={"etc/modprobe.d/i.conf": "install jbd2 /bin/false\n"}, ours=(
            [], ["TOOL: ERROR: Error running install command '/bin/false' for module jbd2: retcode 1",
                 "TOOL: ERROR: could not insert 'ext4': Invalid argument",
                 "modprobe: 'ext4' needs 'jbd2' (/lib/modules/1.2.3-test/kernel/fs/jbd2/jbd2.ko), which failed"],
            ["finit_module crc32c_intel '' 0", "finit_module crc32c_generic '' 0"], 1),
            why="jbd2 has a soft dependency, and kmod forgets the install command then"),
        case("modprobe -v dummy", files={"etc/modprobe.d/i.conf": "softdep dummy pre: crc16 post: crc8\nsoftdep dummy pre: crc7\n"}, ours=(
            ["insmod /lib/modules/1.2.3-test/kernel/lib/crc16.ko a=1   b=2 ", "insmod /lib/modules/1.2.3-test/kernel/lib/crc7.ko ",
             'insmod /lib/modules/1.2.3-test/kernel/drivers/net/dummy.ko numdummies=2 x=1 b="x y" ',
             "insmod /lib/modules/1.2.3-test/kernel/lib/crc8.ko "], [],
            ["finit_module crc16 'a=1   b=2 ' 0", "finit_module crc7 '' 0",
             "finit_module dummy 'numdummies=2 x=1 b=\"x y\" ' 0", "finit_module crc8 '' 0"], 0),
            why="kmod reads the first of several lines softdep"),
        case("modprobe -v dummy", files={"etc/modprobe.d/i.conf": "softdep dummy pre: crc7\ninstall dummy /bin/echo instead\n"}, ours=(
            ["insmod /lib/modules/1.2.3-test/kernel/lib/crc7.ko ", 'install /bin/echo instead numdummies=2 x=1 b="x y" ', "instead"],
            [], ["finit_module crc7 '' 0"], 0), why="kmod forgets the install command beside a soft dependency"),
        case("modprobe -r -v --remove-holders jbd2", loaded="ext4 jbd2(ext4)", ours=(
            ["rmmod ext4", "rmmod jbd2"], [], ["delete_module ext4 '' 800", "delete_module jbd2 '' 800"], 0),
            why="kmod removes jbd2 a second time and complains"),
        case("modprobe -r -w 20 tls", loaded="tls=3", errors="tls 11\n", check=checks.in_use, why="kmod says nothing and succeeds"),
        case("modprobe -r -w 20 tls", loaded="tls"),
        case("modprobe -v ext4", files={"etc/modprobe.d/i.conf": "install mbc* /bin/echo pattern\n"}),
        case("modprobe -D dummy", files={"etc/modprobe.d/i.conf": "softdep dummy pre: crc16\nsoftdep crc16 pre: dummy\n"}),
        case("modprobe -c", files={"proc/cmdline": 'a.b=c d.e=f.g h.i.j=k "l.m=n o" p.q r.s="t u" v"w.x=1 modprobe.blacklist=x,y,,z -a-.b-c=1 x=y.z .=1 q.r="s'}, replace=SOFTDEP),
        case("modprobe -R dummy", files={"lib/modules/1.2.3-test/modules.dep.bin": "rubbish", "lib/modules/1.2.3-test/modules.dep": ""}, ours=(
            [], ["TOOL: ERROR: '/lib/modules/1.2.3-test/modules.dep.bin': damaged near byte 0: shorter than its header; run depmod to write it again",
                 "modprobe: FATAL: Module dummy not found in directory /lib/modules/1.2.3-test"], [], 1),
            why="names the damaged file"),
        case("modprobe -R dummy", files={"lib/modules/1.2.3-test/modules.dep.bin": None}, ours=(["dummy"], [], [], 0),
             why="the text is read where the binary form is missing"),
    ]
    return cases


def others() -> list[dict]:
    folder = "ROOT/lib/modules/1.2.3-test/kernel"
    cases = [case(line) for line in f"""insmod|insmod -|insmod nosuch.ko|insmod {folder}/lib/crc7.ko|insmod {folder}/lib/crc7.ko a=1 b=2
insmod -f {folder}/lib/crc7.ko|insmod --bogus|insmod {folder}|insmod release|insmod -p -s {folder}/lib/crc7.ko
rmmod|rmmod nosuch|rmmod -x|rmmod release|rmmod unix|rmmod -f nosuch|rmmod nosuch other
modinfo|modinfo nosuch|modinfo -m nosuch|modinfo ext4 tls|modinfo -F parm ext4 bonding|modinfo -p snd-hda-intel|modinfo -n ext4
modinfo -a ext4|modinfo -d ext4|modinfo -l ext4|modinfo -F vermagic e1000|modinfo -F nothing ext4|modinfo unix|modinfo -m unix
modinfo -F name unix|modinfo -F filename unix|modinfo -n unix|modinfo -F license unix|modinfo fs-ext4|modinfo -m fs-ext4
modinfo {folder}/fs/ext4/ext4.ko|modinfo lib/modules/1.2.3-test/kernel/lib/crc16.ko|modinfo release|modinfo -k 9.9 ext4
modinfo -b . -k 1.2.3-test ext4|modinfo -b . ext4|modinfo -b ROOT -n ext4|modinfo my-name|modinfo snd_hda-intel|modinfo -m snd-timer
modinfo -0 -F alias e1000|modinfo -0 -n ext4|modinfo -0 -p ext4|modinfo --bogus|modinfo -F|modinfo pci:v00008086d00001000sv00000000sd00000000bc02sc00i00
modinfo symbol:crc16|modinfo -F sig_key ext4|modinfo -F signature ext4|modinfo -F signer ext4|modinfo ext4 nosuch tls
lsmod|kmod list|kmod static-nodes -o ROOT/calls|kmod static-nodes -f tmpfiles -o ROOT/calls
kmod static-nodes --format=devname --output=ROOT/calls""".replace("\n", "|").split("|")]  # fmt: skip
    module = f"{folder}/lib/crc7.ko"
    for error in (1, 2, 3, 8, 16, 17, 19, 21, 22, 28, 34, 74, 126, 129, 512):
        cases.append(case(f"insmod {module}", errors=f"crc7 {error}\n"))
        cases.append(case("rmmod crc7", loaded="crc7", errors=f"crc7 {error}\n"))
    loaded = "ext4 jbd2(ext4) crc16(ext4,jbd2)=2 dummy tls=3 crc7"
    for line in f"rmmod crc16|rmmod jbd2|rmmod tls|rmmod dummy|rmmod crc7 dummy|rmmod -f tls|rmmod {module}|rmmod crc7.ko|rmmod tls dummy|lsmod|kmod list".split("|"):  # fmt: skip
        cases.append(case(line, loaded=loaded))
    nodes = {"lib/modules/1.2.3-test/modules.devname": "# comment\nfuse fuse c10:229\nloop loop-control c10:237\nsnd_timer snd/timer c116:33\nx snd/b b7:1\n"}
    for form in ("human", "tmpfiles", "devname"):
        cases.append(case(f"kmod static-nodes -f {form} -o ROOT/calls", files=nodes))
    cases += [
        case("kmod static-nodes", files={"lib/modules/1.2.3-test/modules.devname": None}),
        case("modinfo x.ko", files={"x.ko": ""}, causes=True),
        case("modinfo x.ko", files={"x.ko": "no ELF file at all\n" * 10}, causes=True),
        case("insmod x.ko", files={"x.ko": ""}, causes=True),
        case("lsmod", loaded="a b(c,d,e,f) c=1 dd_with_a_name_that_is_very_long_indeed"),
        case("lsmod", files={"proc/modules": None}, ours=(
            [], ["TOOL: ERROR: could not open /proc/modules: No such file or directory",
                 "TOOL: ERROR: could not get list of modules: No such file or directory"], [], 1),
            why="named lsmod, not Error:"),
        case("lsmod --json", loaded=loaded, check=checks.listed, why="new"),
        case("modinfo --json ext4 bonding unix", check=checks.information("ext4", "bonding", "unix"), why="new"),
        case("modinfo --json snd-hda-intel", check=checks.information("snd-hda-intel"), why="new"),
        case("lsmod extra", ours=([], ["TOOL: ERROR: too many arguments provided."], [], 1), why="as kmod 34"),
        case("rmmod -w nosuch", ours=([], ["TOOL: ERROR: Module nosuch is not currently loaded"], [], 1), why="-w is ignored"),
        case(f"insmod {module} a=b~c", ours=([], [], ["finit_module crc7 'a=\"b c\"' 0"], 0), why="as kmod 34"),
        case("modinfo -0 crc7", check=checks.with_nul("crc7"), why="each is KEY=VALUE"),
        case("modinfo -0 bonding", check=checks.with_nul("bonding"), why="each is KEY=VALUE"),
        case("modinfo -F build-id crc7", check=checks.build_id("crc7"), why="new; not in the list"),
        case("kmod static-nodes -f x", check=checks.unknown_format, why="our help"),
    ]
    return cases


CASES = modprobe() + others()
