#!/usr/bin/env python3
"""Compares the sources' include graph with scripts/allowed_includes.txt.

scripts/check_includes.py [ROOT]: prints every include that is not allowed and every cycle between modules, one
line each, and exits 1 when there is one.
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_allowed(path):
    allowed = {}
    for line in path.read_text().splitlines():
        line = line.split("#")[0].strip()
        if line:
            module, _, targets = line.partition(":")
            allowed[module.strip()] = set(targets.split())
    return allowed


class Tree:
    """The modules of a checkout and which module a file or an include belongs to."""

    def __init__(self, root, listed):
        self.source = root / "src"
        self.public = root / "include" / "stoa"
        self.by_public_name = {module.split("/")[-1]: module for module in listed}

    @staticmethod
    def _outermost(folder):
        # infra/postgres and features/rooms are modules; realtime/wire is a part of realtime.
        parts = folder.parts
        return "/".join(parts[:2] if parts[0] in ("infra", "features") else parts[:1])

    def module_of_public(self, name):
        return self.by_public_name.get(name, f"features/{name}")

    def files(self):
        for base in (self.source, self.public):
            for path in sorted(base.rglob("*")):
                if path.suffix in (".hpp", ".cpp", ".ipp"):
                    yield path

    def module_of_file(self, path):
        if path.is_relative_to(self.public):
            return self.module_of_public(path.relative_to(self.public).parts[0])
        return self._outermost(path.parent.relative_to(self.source))

    def target(self, path, quoted, name):
        """(module, public) of an include of our own, or None for somebody else's header."""
        if name.startswith("stoa/"):
            return self.module_of_public(name.split("/")[1]), True
        for base in ([path.parent] if quoted else []) + [self.source]:
            found = (base / name).resolve()
            if found.is_file() and found.is_relative_to(self.source):
                return self._outermost(found.parent.relative_to(self.source)), False
        return None


def permitted(allowed, origin, target):
    rules = allowed.get(origin)
    if rules is None and origin.startswith("features/"):
        rules = allowed.get("features/*")
    if rules is None:
        return False
    if "*" in rules:
        return True
    if target.startswith("features/"):
        return "features" in rules
    return target in rules


def find_cycle(edges):
    """A list of modules that include each other in a circle, or None."""
    done, path = set(), []

    def visit(module):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        path.append(module)
        for target in sorted(edges.get(module, ())):
            cycle = visit(target)
            if cycle:
                return cycle
        path.pop()
        done.add(module)
        return None

    for module in sorted(edges):
        cycle = visit(module)
        if cycle:
            return cycle
    return None


def check(root):
    allowed = read_allowed(root / "scripts" / "allowed_includes.txt")
    tree = Tree(root, [module for module in allowed if not module.endswith('*')])
    problems, edges, count = [], {}, 0
    for path in tree.files():
        origin = tree.module_of_file(path)
        text = path.read_text()
        for match in INCLUDE.finditer(text):
            target = tree.target(path, match[1] == '"', match[2])
            if target is None:
                continue
            count += 1
            module, public = target
            if module == origin:
                continue
            edges.setdefault(origin, set()).add(module)
            where = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start(2)) + 1}"
            if not public:
                problems.append(f"{where}: {match[2]} is private to {module}")
            elif not permitted(allowed, origin, module):
                problems.append(f"{where}: {origin} may not include {module} ({match[2]})")
    cycle = find_cycle(edges)
    if cycle:
        problems.append("modules include each other: " + " -> ".join(cycle))
    if count == 0:
        problems.append(f"no include of the project's own found under {root}")
    return problems, count


def main():
    default = pathlib.Path(__file__).parent.parent
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else default).resolve()
    problems, count = check(root)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"{count} includes, all of them allowed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
