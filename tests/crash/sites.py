# SPDX-License-Identifier: MIT
"""Places in the C sources that carry the comment `mutation: NAME`, and what is done to them.

The comment stands at the end of the line in which the marked statement begins, or in a line of its own above it.
A name occurs once in all sources, so that a mark travels with its statement from file to file."""

import os
import re

DIRECTORIES = ('generator', 'helper', 'ctl', 'lib')
MARK = re.compile(r'/\* mutation: ([a-z-]+) \*/')
HIDDEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)
OPENING = re.compile(r'(if|for|while|switch|[A-Z]+_FOREACH)\s*(?=\()')


class SiteError(ValueError):
    """A mark is missing, double or misplaced, or what is done to its statement changes nothing."""


def find_sites(tree):
    """{name: [(file, where the mark begins)…]} of all sources below a directory."""
    sites = {}
    for directory in DIRECTORIES:
        for top, _, names in sorted(os.walk(f'{tree}/{directory}')):
            for name in sorted(names):
                if name.endswith('.c'):
                    path = f'{top}/{name}'
                    for mark in MARK.finditer(read(path)):
                        sites.setdefault(mark[1], []).append((path, mark.start()))
    return sites


class Edit:
    """What replaces the statement at a site, its condition, or a call in it. In the text, `@` is what it replaces."""

    def __init__(self, site, part, text, function=None):
        self.site, self.part, self.text, self.function = site, part, text, function

    def locate(self, sites):
        """Returns (file, start, end)."""
        found = sites.get(self.site, [])
        if len(found) != 1:
            raise SiteError(f'{len(found)} places in the sources are marked "mutation: {self.site}"')
        path, mark = found[0]
        code = HIDDEN.sub(lambda hidden: re.sub(r'[^\n]', ' ', hidden[0]), read(path))
        start, end = find_part(code, mark, self.part, self.function)
        if start is None:
            raise SiteError(f'the statement at "mutation: {self.site}" has not exactly one '
                            f'{self.function + "()" if self.function else self.part}')
        return path, start, end

    def replacement(self, old, sites):
        return self.text.replace('@', old)


class Exchange(Edit):
    """The statement at a site is replaced by the one at another site."""

    def __init__(self, site, other):
        super().__init__(site, 'statement', None)
        self.other = Edit(other, 'statement', '@')

    def replacement(self, old, sites):
        path, start, end = self.other.locate(sites)
        return read(path)[start:end]


def replace(site, text):
    return [Edit(site, 'statement', text)]


def delete(site):
    return replace(site, ';')


def condition(site, text):
    """Of an if, a while or a for."""
    return [Edit(site, 'condition', text)]


def call(site, function, text):
    """A call of this function in the statement, with its arguments."""
    return [Edit(site, 'call', text, function)]


def exchange(one, other):
    return [Exchange(one, other), Exchange(other, one)]


def mutate(tree, edits):
    """{file: its new text}. Raises SiteError."""
    sites = find_sites(tree)
    places = []
    for edit in edits:
        path, start, end = edit.locate(sites)
        old = read(path)[start:end]
        new = edit.replacement(old, sites)
        if new.split() == old.split():
            raise SiteError(f'nothing is changed at "mutation: {edit.site}"')
        places.append((path, start, end, new))
    places.sort()
    for before, after in zip(places, places[1:]):
        if before[0] == after[0] and before[2] > after[1]:
            raise SiteError(f'two edits of {before[0]} overlap')
    texts = {}
    for path, start, end, new in reversed(places):
        text = texts.get(path) or read(path)
        texts[path] = text[:start] + new + text[end:]
    return texts


def find_part(code, mark, part, function):
    line = code.rfind('\n', 0, mark) + 1
    start = re.compile(r'\s*(?:\}\s*)?(?:else\b\s*)?').match(code, line).end()
    before = code[code.rfind('\n}', 0, line) + 1:start]
    if before.count('(') != before.count(')'):
        raise SiteError('a mark is not in the first line of its statement')
    end = statement_end(code, start)
    if part == 'condition':
        opening = OPENING.match(code, start)
        if not opening:
            return None, None
        return opening.end() + 1, closing(code, opening.end()) - 1
    if part == 'call':
        calls = list(re.finditer(rf'\b{function}\s*(?=\()', code[start:end]))
        if len(calls) != 1:
            return None, None
        return start + calls[0].start(), closing(code, start + calls[0].end())
    return start, end


def closing(code, at):
    """After the bracket that closes the one here."""
    depth = 0
    for i in range(at, len(code)):
        depth += (code[i] in '([{') - (code[i] in ')]}')
        if depth == 0:
            return i + 1
    raise SiteError('a bracket is not closed')


def statement_end(code, at):
    at = re.compile(r'\s*').match(code, at).end()
    if code[at] == '{':
        return closing(code, at)
    opening = OPENING.match(code, at)
    if not opening:
        depth = 0
        while depth > 0 or code[at] != ';':
            depth += (code[at] in '([{') - (code[at] in ')]}')
            at += 1
        return at + 1
    end = statement_end(code, closing(code, opening.end()))
    other = re.compile(r'\s*else\b').match(code, end)
    return statement_end(code, other.end()) if other and opening[1] == 'if' else end


def read(path):
    with open(path) as file:
        return file.read()
