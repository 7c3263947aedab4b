"""The declarations of the package, held against include/contactverify.h."""

from __future__ import annotations

import ctypes
import re
import sys
import unittest
from typing import Any

from contactverify import (
    ContactWay,
    CredentialSource,
    LogLevel,
    Sent,
    Status,
    __version__,
    _library,
)
from service import HEADER

try:
    import pycparser
    from pycparser import c_ast
except ImportError:
    pycparser = None
    print("test_declarations: skipped: pycparser is not installed", file=sys.stderr)

PLAIN_TYPES: dict[str, Any] = {
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "size_t": ctypes.c_size_t,
    "void": None,
}


def header() -> str:
    """The header without comments, with one line per preprocessor directive."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", HEADER.read_text(), flags=re.DOTALL)
    return text.replace("\\\n", " ")


def defines() -> dict[str, str]:
    found = re.findall(r"^#define[ \t]+(\w+)[ \t]+(\S.*?)[ \t]*$", header(), flags=re.MULTILINE)
    return dict(found)


def declarations() -> Any:
    """The syntax tree of what the header declares to C."""
    text = re.sub(r"#ifdef __cplusplus.*?#endif", "", header(), flags=re.DOTALL)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    plain = "".join(f"typedef int {name};\n" for name in PLAIN_TYPES if name not in ("void", "int"))
    return pycparser.CParser().parse(plain + text).ext


class Numbers(unittest.TestCase):
    def test_every_number_is_the_same(self) -> None:
        ours = {f"CONTACTVERIFY_{each.name}": each.value for each in (*Status, *ContactWay)}
        ours.update({f"CONTACTVERIFY_SENT_{each.name}": each.value for each in Sent})
        ours.update({f"CONTACTVERIFY_LOG_{each.name}": each.value for each in LogLevel})
        ours.update({f"CONTACTVERIFY_SOURCE_{each.name}": each.value for each in CredentialSource})
        ours["CONTACTVERIFY_CONTACT_WAY_UNSET"] = _library.NOT_GIVEN
        major, minor, patch = __version__.split(".")
        for name, value in (("MAJOR", major), ("MINOR", minor), ("PATCH", patch)):
            ours[f"CONTACTVERIFY_VERSION_{name}"] = int(value)
        theirs = {
            name: int(value)
            for name, value in defines().items()
            if re.fullmatch(r"\(?-?\d+\)?", value)
        }
        self.assertEqual(ours, theirs)
        self.assertEqual(defines()["CONTACTVERIFY_VERSION"], f'"{__version__}"')

    def test_what_is_not_given_is_as_the_header_sets_it(self) -> None:
        """In the header each ``_INIT`` gives the numbers of its struct behind its texts."""
        found = 0
        for name, value in defines().items():
            if name.endswith("_INIT"):
                struct = getattr(_library, name[: -len("_INIT")].lower())
                values = [each.strip() for each in value.strip("{ }").split(",")]
                members = [member for member, kind in struct._fields_]
                self.assertEqual(len(values), len(members), name)
                given = dict(zip(members, values))
                self.assertEqual(given["contact_way"], "CONTACTVERIFY_CONTACT_WAY_UNSET")
                self.assertEqual(given["timeout_ms"], "0")
                for member in {"offset", "limit"} & set(members):
                    self.assertEqual(given[member], str(_library.NOT_GIVEN))
                found += 1
        self.assertEqual(found, 4)

    def test_deadlines_are_as_the_header_tells(self) -> None:
        said = re.search(
            r"total deadline of a call in milliseconds.*?1 to (\d+)\W+Default: (\d+)\.",
            HEADER.read_text(),
            flags=re.DOTALL,
        )
        assert said is not None
        longest, default = map(int, said.groups())
        self.assertEqual(_library.LONGEST_TIMEOUT_MS, longest)
        self.assertEqual(_library.DEFAULT_TIMEOUT_MS, default)

    def test_names_are_the_librarys(self) -> None:
        name_of = _library.load().contactverify_status_name
        for number in range(-1, 200):
            known = {status.value: status.name for status in Status}
            self.assertEqual(name_of(number).decode(), known.get(number, "UNKNOWN"))
        self.assertEqual(_library.load().contactverify_version().decode(), __version__)


@unittest.skipIf(pycparser is None, "skipped: pycparser is not installed")
class Declarations(unittest.TestCase):
    def setUp(self) -> None:
        self.tree = declarations()
        self.typedefs = {
            node.name: node.type for node in self.tree if isinstance(node, c_ast.Typedef)
        }

    def as_ctypes(self, node: Any) -> Any:
        """What ctypes has for a type of C."""
        if isinstance(node, c_ast.PtrDecl):
            return self.pointer_to(node.type)
        if isinstance(node, c_ast.FuncDecl):
            return self.as_ctypes(node.type), self.arguments(node)
        assert isinstance(node, c_ast.TypeDecl), node
        if isinstance(node.type, c_ast.Struct):
            return getattr(_library, node.type.name)
        (name,) = node.type.names
        return PLAIN_TYPES[name] if name in PLAIN_TYPES else self.as_ctypes(self.typedefs[name])

    def pointer_to(self, target: Any) -> Any:
        if isinstance(target, c_ast.FuncDecl):
            result, arguments = self.as_ctypes(target)
            return ctypes.CFUNCTYPE(result, *arguments)
        names = getattr(getattr(target, "type", None), "names", [])
        if names == ["char"]:
            # ctypes could not free a text that is not borrowed.
            self.assertIn("const", target.quals)
            return ctypes.c_char_p
        return ctypes.c_void_p if names == ["void"] else ctypes.POINTER(self.as_ctypes(target))

    def arguments(self, function: Any) -> tuple[Any, ...]:
        given = [] if function.args is None else function.args.params
        types = [self.as_ctypes(argument.type) for argument in given]
        return () if types == [None] else tuple(types)

    def test_every_function_is_the_same(self) -> None:
        theirs = {
            node.name: self.as_ctypes(node.type)
            for node in self.tree
            if isinstance(node, c_ast.Decl) and isinstance(node.type, c_ast.FuncDecl)
        }
        self.assertGreater(len(theirs), 30)
        self.assertEqual(set(_library.FUNCTIONS), set(theirs))
        for name, declared in theirs.items():
            self.assertEqual(_library.FUNCTIONS[name], declared, name)

    def test_every_struct_is_the_same(self) -> None:
        structs = {
            name: node.type.decls or []
            for name, node in self.typedefs.items()
            if isinstance(getattr(node, "type", None), c_ast.Struct)
        }
        ours = {
            name: kind
            for name, kind in vars(_library).items()
            if isinstance(kind, type) and issubclass(kind, ctypes.Structure)
        }
        self.assertEqual(set(structs), set(ours))
        for name, members in structs.items():
            expected = [(member.name, self.as_ctypes(member.type)) for member in members]
            self.assertEqual(list(getattr(ours[name], "_fields_", [])), expected, name)

    def test_the_log_callback_is_the_same(self) -> None:
        self.assertIs(
            self.as_ctypes(self.typedefs["contactverify_log_callback"]),
            _library.contactverify_log_callback,
        )


if __name__ == "__main__":
    unittest.main()
