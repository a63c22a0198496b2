# SPDX-License-Identifier: GPL-2.0-only
"""Module files changed on purpose. A scenario's `#file NEW = BASE: EDIT; EDIT` lists the edits, so
that a reader sees what is wrong with the file; both worlds then load the same bytes.

Numbers are decimal or 0x...; SECTION is a name or #INDEX; FIELD is a field's name in elf.h.

    truncate N               the first N bytes; negative: all but the last -N
    append TEXT              at the end, with \\n and \\xNN
    bytes OFFSET HEX         at this offset of the file
    poke SECTION OFFSET HEX  at this offset of a section's bytes
    flip OFFSET              all bits of the byte at this offset of the file; negative: from its end
    flip pkcs7 OFFSET        the same in the signature's PKCS#7 message
    find OLD NEW             the one place of this text; both of the same length
    ehdr FIELD VALUE         e_type, e_shoff, ...
    shdr SECTION FIELD VALUE sh_type, sh_flags, ...
    sym NAME FIELD VALUE     st_name, st_shndx, st_value, st_info
    rela SECTION N FIELD VALUE   r_offset, r_addend, r_type, r_sym of entry N of a .rela section
    hide SECTION             the section loses the first letter of its name, so nobody finds it
    call SECTION NAME        the section gets this name
    name NAME                the module gets this name, in .modinfo and in its struct module
    alias SYMBOL NAME        the symbol gets this name
    order A B                symbol A comes before symbol B; relocations follow
    modinfo KEY=VALUE        KEY's first entry becomes this, or is added, with \\xNN; `modinfo -KEY` takes all out
    crc SYMBOL VALUE         the version that the module says it was built with
    unversion SYMBOL         the module says nothing of this symbol's version
    sign KEY [HASH]          scripts/sign-file with build/conformance/keys' KEY (sha256), made when it is not there
    cms KEY OPTION...        signed by `openssl cms -sign OPTION...`, which can do what sign-file cannot
    pkcs7 HEX                signed with these bytes in place of a PKCS#7 message
    unsign                   without its signature
"""
import re
import struct
from collections.abc import Callable
from pathlib import Path

EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
EHDR_FIELDS = """e_ident e_type e_machine e_version e_entry e_phoff e_shoff e_flags e_ehsize e_phentsize
e_phnum e_shentsize e_shnum e_shstrndx""".split()
SHDR = struct.Struct("<IIQQQQIIQQ")
SHDR_FIELDS = "sh_name sh_type sh_flags sh_addr sh_offset sh_size sh_link sh_info sh_addralign sh_entsize".split()
SYM = struct.Struct("<IBBHQQ")
SYM_FIELDS = "st_name st_info st_other st_shndx st_value st_size".split()
RELA = struct.Struct("<QIIq")
RELA_FIELDS = "r_offset r_type r_sym r_addend".split()
SHT_RELA = 4
MODULE_NAME, NAME_SIZE = 24, 56  # struct module's name
VERSION = 64  # struct modversion_info: an unsigned long and the name
MARKER = b"~Module signature appended~\n"
Signer = Callable[[bytes, str, list[str]], bytes]  # data, key, [digest] or openssl's options


class BadEdit(Exception):
    """Text names the edit."""


def number(text: str) -> int:
    return int(text, 0)


def signed(data: bytes, pkcs7: bytes) -> bytes:
    """As sign-file appends it: struct module_signature says PKEY_ID_PKCS7 and the length."""
    return data + pkcs7 + struct.pack(">2xB5xI", 2, len(pkcs7)) + MARKER


def unescape(text: str) -> bytes:
    return text.encode().decode("unicode_escape").encode("latin1")


class Record:
    """A C struct at an offset of the file, its fields by name."""

    def __init__(self, data: bytearray, at: int, layout: struct.Struct, fields: list[str]):
        self._data, self.at, self._layout, self._fields = data, at, layout, fields

    def __getitem__(self, field: str) -> int:
        return self._layout.unpack_from(self._data, self.at)[self._fields.index(field)]

    def __setitem__(self, field: str, value: int) -> None:
        values = list(self._layout.unpack_from(self._data, self.at))
        values[self._fields.index(field)] = value
        self._layout.pack_into(self._data, self.at, *values)


class Module:
    def __init__(self, data: bytes, sign: dict[str, Signer]):
        self.data = bytearray(data)
        self.sign = sign

    def pkcs7_at(self) -> int:
        """Where the signature begins."""
        if not self.data.endswith(MARKER):
            raise BadEdit("it is not signed")
        end = len(self.data) - len(MARKER)
        return end - 12 - struct.unpack(">I", self.data[end - 4 : end])[0]

    def ehdr(self) -> Record:
        return Record(self.data, 0, EHDR, EHDR_FIELDS)

    def shdr(self, name: str) -> Record:
        header = self.ehdr()

        def at(index: int) -> Record:
            return Record(self.data, header["e_shoff"] + index * SHDR.size, SHDR, SHDR_FIELDS)

        if name.startswith("#"):
            return at(number(name[1:]))
        names = at(header["e_shstrndx"])
        for index in range(header["e_shnum"]):
            begin = names["sh_offset"] + at(index)["sh_name"]
            if self.data[begin : self.data.index(0, begin)] == name.encode():
                return at(index)
        raise BadEdit(f"there is no section {name}")

    def symbol(self, name: str) -> Record:
        table, names = self.shdr(".symtab"), self.shdr(".strtab")
        for at in range(table["sh_offset"], table["sh_offset"] + table["sh_size"], SYM.size):
            symbol = Record(self.data, at, SYM, SYM_FIELDS)
            begin = names["sh_offset"] + symbol["st_name"]
            if self.data[begin : self.data.index(0, begin)] == name.encode():
                return symbol
        raise BadEdit(f"there is no symbol {name}")

    def version_at(self, symbol: str) -> int:
        table = self.shdr("__versions")
        for at in range(table["sh_offset"], table["sh_offset"] + table["sh_size"], VERSION):
            if self.data[at + 8 : at + VERSION].rstrip(b"\0") == symbol.encode():
                return at
        raise BadEdit(f"__versions does not name {symbol}")

    def move(self, section: Record, content: bytes) -> None:
        """New content for a section, at the end of the file."""
        self.data += b"\0" * (-len(self.data) % 16)
        section["sh_offset"], section["sh_size"] = len(self.data), len(content)
        self.data += content


def _modinfo(module: Module, entry: str) -> None:
    section = module.shdr(".modinfo")
    old = bytes(module.data[section["sh_offset"] : section["sh_offset"] + section["sh_size"]])
    entries = [e for e in old.split(b"\0") if e]
    if entry.startswith("-"):
        kept = [e for e in entries if not e.startswith(entry[1:].encode() + b"=")]
        if len(kept) == len(entries):
            raise BadEdit(f"there is no {entry[1:]} in .modinfo")
        entries = kept
    else:
        key = entry.encode().split(b"=")[0] + b"="
        places = [i for i, e in enumerate(entries) if e.startswith(key)]
        if places:
            entries[places[0]] = unescape(entry)
        else:
            entries.append(unescape(entry))
    module.move(section, b"".join(e + b"\0" for e in entries))


def _find(module: Module, old: str, new: str) -> None:
    before, after = unescape(old), unescape(new)
    if len(before) != len(after) or module.data.count(before) != 1:
        raise BadEdit(f"'{old}' must be there once and be as long as '{new}'")
    module.data[:] = module.data.replace(before, after)


def _write(module: Module, at: int, content: str) -> None:
    new = bytes.fromhex(content)
    module.data[at : at + len(new)] = new


def _rela(module: Module, section: str, index: str, field: str, value: str) -> None:
    at = module.shdr(section)["sh_offset"] + number(index) * RELA.size
    Record(module.data, at, RELA, RELA_FIELDS)[field] = number(value)


def _set(record: Record, field: str, value: str) -> None:
    record[field] = number(value)


def _truncate(module: Module, length: str) -> None:
    del module.data[number(length) :]


def _hide(module: Module, section: str) -> None:
    module.shdr(section)["sh_name"] += 1


def _append_name(module: Module, table: Record, name: str) -> int:
    """Where the string table has the name, at its end."""
    old = bytes(module.data[table["sh_offset"] : table["sh_offset"] + table["sh_size"]])
    module.move(table, old + name.encode() + b"\0")
    return len(old)


def _call(module: Module, section: str, name: str) -> None:
    header = module.shdr(section)
    header["sh_name"] = _append_name(module, module.shdr(f"#{module.ehdr()['e_shstrndx']}"), name)


def _name(module: Module, name: str) -> None:
    _modinfo(module, f"name={name}")
    at = module.shdr(".gnu.linkonce.this_module")["sh_offset"] + MODULE_NAME
    module.data[at : at + NAME_SIZE] = name.encode().ljust(NAME_SIZE, b"\0")


def _alias(module: Module, symbol: str, name: str) -> None:
    module.symbol(symbol)["st_name"] = _append_name(module, module.shdr(".strtab"), name)


def _order(module: Module, first: str, second: str) -> None:
    at = [module.symbol(name).at for name in (first, second)]
    if at[0] < at[1]:
        return
    a, b = (slice(place, place + SYM.size) for place in at)
    module.data[a], module.data[b] = module.data[b], module.data[a]
    begin = module.shdr(".symtab")["sh_offset"]
    swapped = {(at[i] - begin) // SYM.size: (at[1 - i] - begin) // SYM.size for i in (0, 1)}
    for index in range(module.ehdr()["e_shnum"]):
        section = module.shdr(f"#{index}")
        if section["sh_type"] != SHT_RELA:
            continue
        for place in range(section["sh_offset"], section["sh_offset"] + section["sh_size"], RELA.size):
            entry = Record(module.data, place, RELA, RELA_FIELDS)
            entry["r_sym"] = swapped.get(entry["r_sym"], entry["r_sym"])


def _crc(module: Module, symbol: str, value: str) -> None:
    struct.pack_into("<Q", module.data, module.version_at(symbol), number(value))


def _unversion(module: Module, symbol: str) -> None:
    at = module.version_at(symbol) + 8
    module.data[at : at + 1] = b"?"


def _flip(module: Module, *where: str) -> None:
    at = number(where[-1]) + (module.pkcs7_at() if where[0] == "pkcs7" else 0)
    module.data[at] ^= 0xFF


def _sign_with(how: str) -> Callable:
    def edit(module: Module, key: str, *options: str) -> None:
        module.data[:] = module.sign[how](bytes(module.data), key, list(options))

    return edit


def _pkcs7(module: Module, content: str) -> None:
    module.data[:] = signed(bytes(module.data), bytes.fromhex(content))


def _unsign(module: Module) -> None:
    del module.data[module.pkcs7_at() :]


EDITS: dict[str, Callable] = {
    "truncate": _truncate,
    "append": lambda module, text: module.data.extend(unescape(text)),
    "bytes": lambda module, at, content: _write(module, number(at), content),
    "poke": lambda module, section, at, content: _write(
        module, module.shdr(section)["sh_offset"] + number(at), content
    ),
    "flip": _flip,
    "find": _find,
    "ehdr": lambda module, field, value: _set(module.ehdr(), field, value),
    "shdr": lambda module, section, field, value: _set(module.shdr(section), field, value),
    "sym": lambda module, name, field, value: _set(module.symbol(name), field, value),
    "rela": _rela,
    "hide": _hide,
    "call": _call,
    "name": _name,
    "alias": _alias,
    "order": _order,
    "modinfo": _modinfo,
    "crc": _crc,
    "unversion": _unversion,
    "sign": _sign_with("sign"),
    "cms": _sign_with("cms"),
    "pkcs7": _pkcs7,
    "unsign": _unsign,
}


def apply(data: bytes, edits: list[str], sign: dict[str, Signer]) -> bytes:
    module = Module(data, sign)
    for edit in edits:
        # modinfo's and append's text may hold blanks
        word, _, rest = edit.partition(" ")
        words = [rest] if word in ("modinfo", "append") else re.split(r"\s+", rest) if rest else []
        if word not in EDITS:
            raise BadEdit(f"unknown edit '{edit}' (there are: {', '.join(EDITS)})")
        try:
            EDITS[word](module, *words)
        except (BadEdit, ValueError, TypeError, KeyError, IndexError, struct.error) as error:
            raise BadEdit(f"'{edit}': {error}") from None
    return bytes(module.data)
