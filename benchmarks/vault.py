"""Encryption of large objects: ours against bare AES-256-GCM on the same chunks, and against Fernet.

Prints a table: CPU seconds (user and system), MB/s, time against ours, peak memory. Every case goes from file to file
in a process of its own, and the best of ``--repeat`` runs counts. Each decrypted file is compared with the source. The
cipher alone is the same AES-256-GCM calls without the reading and writing: the floor that nobody can go below.

    python benchmarks/vault.py --mib 1024
"""

import argparse
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from rich.console import Console
from rich.table import Table

from secmlops.vault.block import BLOCK_CHUNKS
from secmlops.vault.chunked import decrypt_stream, encrypt_stream
from secmlops.vault.message_key import CHUNK_SIZE, SEALED_CHUNK_SIZE

KEY = bytes(range(32))
FERNET_KEY = b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
MIB = 2**20
Seconds = float
Work = Callable[[Path, Path], Seconds]


def _cpu() -> Seconds:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours_encrypt(source: Path, sink: Path) -> Seconds:
    start = _cpu()
    with source.open("rb") as plain, sink.open("wb") as sealed:
        encrypt_stream(plain, sealed, KEY, b"benchmark")
    return _cpu() - start


def ours_decrypt(source: Path, sink: Path) -> Seconds:
    start = _cpu()
    with source.open("rb") as sealed, sink.open("wb") as plain:
        decrypt_stream(sealed, plain, KEY, b"benchmark")
    return _cpu() - start


def _bare(source: Path, sink: Path, read_size: int, call: Callable[[bytes, bytes, None], bytes]) -> Seconds:
    """Chunk by chunk from file to file, the number as the nonce: no header, no commitment, no rule for the end."""
    start, number = _cpu(), 0
    with source.open("rb") as read, sink.open("wb") as written:
        while chunk := read.read(read_size):
            written.write(call(number.to_bytes(12, "big"), chunk, None))
            number += 1
    return _cpu() - start


def bare_encrypt(source: Path, sink: Path) -> Seconds:
    return _bare(source, sink, CHUNK_SIZE, AESGCM(KEY).encrypt)


def bare_decrypt(source: Path, sink: Path) -> Seconds:
    return _bare(source, sink, SEALED_CHUNK_SIZE, AESGCM(KEY).decrypt)


def _cipher(source: Path, sink: Path, sizes: tuple[int, int], call: Callable[..., object]) -> Seconds:
    given, taken = (memoryview(bytearray(BLOCK_CHUNKS * size)) for size in sizes)
    pairs = [
        (given[i * sizes[0] : (i + 1) * sizes[0]], taken[i * sizes[1] : (i + 1) * sizes[1]])
        for i in range(BLOCK_CHUNKS)
    ]
    spent, number = 0.0, 0
    with source.open("rb") as read, sink.open("wb") as written:
        while read.readinto(given) == len(given):
            start = time.process_time()
            for chunk, room in pairs:
                call(number.to_bytes(12, "big"), chunk, None, room)
                number += 1
            spent += time.process_time() - start
            written.write(taken)
    return spent


def cipher_encrypt(source: Path, sink: Path) -> Seconds:
    return _cipher(source, sink, (CHUNK_SIZE, SEALED_CHUNK_SIZE), AESGCM(KEY).encrypt_into)


def cipher_decrypt(source: Path, sink: Path) -> Seconds:
    return _cipher(source, sink, (SEALED_CHUNK_SIZE, CHUNK_SIZE), AESGCM(KEY).decrypt_into)


def fernet_encrypt(source: Path, sink: Path) -> Seconds:
    start = _cpu()
    sink.write_bytes(Fernet(FERNET_KEY).encrypt(source.read_bytes()))
    return _cpu() - start


def fernet_decrypt(source: Path, sink: Path) -> Seconds:
    start = _cpu()
    sink.write_bytes(Fernet(FERNET_KEY).decrypt(source.read_bytes()))
    return _cpu() - start


CASES: dict[str, tuple[Work, Work]] = {
    "secmlops": (ours_encrypt, ours_decrypt),
    "bare AES-256-GCM": (bare_encrypt, bare_decrypt),
    "the cipher alone": (cipher_encrypt, cipher_decrypt),
    "Fernet": (fernet_encrypt, fernet_decrypt),
}


def measure(case: str, step: int, source: Path, sink: Path) -> tuple[Seconds, float]:
    """CPU seconds and peak memory (MB) of one step of a case, in a process of its own."""
    command = [sys.executable, __file__, "--case", case, "--step", str(step), str(source), str(sink)]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return answer["cpu"], answer["peak"]


def best(case: str, folder: Path, repeat: int) -> tuple[tuple[Seconds, float], tuple[Seconds, float]]:
    plain, sealed, again = folder / "plain", folder / "sealed", folder / "again"
    encrypted = [measure(case, 0, plain, sealed) for _ in range(repeat)]
    decrypted = [measure(case, 1, sealed, again) for _ in range(repeat)]
    if _digest(plain) != _digest(again):
        sys.exit(f"{case}: what was decrypted is not what was encrypted")
    sealed.unlink()
    again.unlink()
    return min(encrypted), min(decrypted)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def table(mib: int, measured: dict[str, tuple[tuple[Seconds, float], ...]]) -> Table:
    shown = Table(title=f"{mib} MiB in chunks of 16 KiB (Fernet: whole in memory, as its documentation shows)")
    shown.add_column("", no_wrap=True)
    for name in ("encrypt CPU s", "MB/s", "x ours", "decrypt CPU s", "MB/s", "x ours", "peak MB"):
        shown.add_column(name, justify="right")
    ours = next(iter(measured.values()))
    for case, steps in measured.items():
        cells = []
        for (cpu, _), (our_cpu, _) in zip(steps, ours, strict=True):
            cells += [f"{cpu:.2f}", f"{mib * MIB / 1e6 / cpu:,.0f}", f"{cpu / our_cpu:.2f}"]
        shown.add_row(case, *cells, f"{max(peak for _, peak in steps):,.0f}")
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--mib", type=int, default=1024, help="size of the object in MiB (Fernet needs 8 times as much)"
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of each step, of which the best counts")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        cpu = CASES[chosen.case][chosen.step](*chosen.files)
        print(json.dumps({"cpu": cpu, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6}))
        return
    with tempfile.TemporaryDirectory() as name:
        with (Path(name) / "plain").open("wb") as source:
            for _ in range(chosen.mib):
                source.write(os.urandom(MIB))
        measured = {case: best(case, Path(name), chosen.repeat) for case in CASES}
    Console(width=100).print(table(chosen.mib, measured))


if __name__ == "__main__":
    main()
