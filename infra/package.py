#!/usr/bin/env python3
"""Puts what somebody without Rust deploys into dist/: the zipped binary, the workflow, and a template that names both.

    infra/package.py BINARY ARCHITECTURE [DIST]        `make package` calls it
"""

import re
import shutil
import struct
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# glibc of Amazon Linux 2023, on which provided.al2023 is built.
NEWEST_GLIBC = (2, 34)

# e_machine of an ELF file.
MACHINES = {"x86_64": 62, "arm64": 183}

# A build that unwinds has 300 KB of landing pads, one that aborts the 4 KB of the standard library, which comes built.
LEAST_LANDING_PADS = 64 * 1024

# The oldest date that a zip can carry: the same binary gives the same zip, and a deployment without news changes nothing.
EPOCH = (1980, 1, 1, 0, 0, 0)


def faults(binary, architecture):
    """Why Lambda couldn't start a binary, or run it as it's meant to; empty if it can."""
    if binary[:4] != b"\x7fELF":
        return ["it is no ELF file"]
    found = []
    (machine,) = struct.unpack_from("<H", binary, 18)
    if machine != MACHINES[architecture]:
        found.append(f"it was built for another processor than {architecture}")
    # The names of the versions that the dynamic linker asks glibc for.
    versions = {tuple(map(int, text.split(b"."))) for text in re.findall(rb"\0GLIBC_(\d+(?:\.\d+)+)(?=\0)", binary)}
    newest = max(versions, default=(0,))
    if newest > NEWEST_GLIBC:
        found.append(f"it needs glibc {dotted(newest)}, and provided.al2023 has {dotted(NEWEST_GLIBC)}")
    # One that aborts takes the whole process, and its error, with it.
    if landing_pads(binary) < LEAST_LANDING_PADS:
        found.append('it was built with panic="abort": a panic would be no named error')
    return found


def landing_pads(binary):
    """The bytes of an ELF file's table of what is cleaned up when a panic unwinds; a stripped one has it, too."""
    (first,) = struct.unpack_from("<Q", binary, 0x28)
    size, count, names = struct.unpack_from("<HHH", binary, 0x3A)
    sections = [struct.unpack_from("<II4Q", binary, first + size * number) for number in range(count)]
    texts = sections[names][4]
    named = [section for section in sections if binary[texts + section[0] :].startswith(b".gcc_except_table\0")]
    return sum(section[5] for section in named)


def dotted(version):
    return ".".join(map(str, version))


def replaced(text, old, new):
    if text.count(old) != 1:
        sys.exit(f"template.yaml has {old!r} {text.count(old)} times, not once")
    return text.replace(old, new)


def package(binary, architecture, dist):
    """Fills a folder."""
    dist.mkdir(parents=True, exist_ok=True)
    archive = f"cutover-{architecture}.zip"
    entry = zipfile.ZipInfo("bootstrap", EPOCH)
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(dist / archive, "w") as zipped:
        zipped.writestr(entry, binary)
    shutil.copyfile(ROOT / "infra/release.asl.json", dist / "release.asl.json")
    text = (ROOT / "template.yaml").read_text()
    text = replaced(text, "CodeUri: .\n", f"CodeUri: {archive}\n")
    text = replaced(text, "DefinitionUri: infra/release.asl.json\n", "DefinitionUri: release.asl.json\n")
    text = replaced(text, "Default: arm64\n", f"Default: {architecture}\n")
    text = replaced(text, "AllowedValues: [arm64, x86_64]\n", f"AllowedValues: [{architecture}]\n")
    # There is nothing left to build.
    text = re.sub(r"    Metadata:\n      BuildMethod: makefile[^\n]*\n", "", text)
    (dist / "template.yaml").write_text(text)


def main(path, architecture, dist="dist"):
    binary = Path(path).read_bytes()
    for fault in (found := faults(binary, architecture)):
        print(f"{path} can't be packaged: {fault}", file=sys.stderr)
    if found:
        sys.exit(1)
    package(binary, architecture, Path(dist))
    print(f"{dist}/ is ready: sam deploy --guided --template-file {dist}/template.yaml")


if __name__ == "__main__":
    main(*sys.argv[1:])
