"""Pickles that would run code, written opcode by opcode and never loaded: each must be called dangerous."""

import gzip
import io
import pickle
import pickletools
import struct
import tarfile
import zipfile

import pytest

from secmlops.release.scan import Verdict, scan_bytes

_GADGET_NAMES = [
    "os:system", "posix:system", "nt:system", "subprocess:Popen", "subprocess:check_output", "builtins:eval",
    "builtins:exec", "builtins:getattr", "builtins:__import__", "builtins:compile", "builtins:open", "builtins:type",
    "builtins:map", "builtins:apply", "__builtin__:eval", "runpy:run_path", "runpy:_run_code", "pty:spawn",
    "timeit:timeit", "webbrowser:open", "pip:main", "pip._internal.cli.main:main", "cProfile:run", "cProfile:runctx",
    "profile:run", "bdb:Bdb.run", "pdb:run", "code:InteractiveInterpreter",
    "asyncio.unix_events:_UnixSubprocessTransport._start", "asyncio:create_subprocess_shell", "ctypes:CDLL",
    "shutil:rmtree", "importlib:import_module", "importlib.util:spec_from_file_location", "functools:partial",
    "functools:reduce", "operator:methodcaller", "operator:attrgetter", "types:CodeType", "types:FunctionType",
    "marshal:loads", "pickle:loads", "_pickle:loads", "joblib:load", "joblib.numpy_pickle:load", "numpy:load",
    "numpy:fromfile", "numpy:save", "numpy.testing._private.utils:runstring", "numpy.f2py.crackfortran:getlincoef",
    "numpy._core._internal:_ufunc_reconstruct", "numpy.core:_ufunc_reconstruct", "numpy._core:_ufunc_reconstruct",
    "torch:load", "torch.storage:_load_from_bytes", "torch.hub:load", "torch.jit.unsupported_tensor_ops:execWrapper",
    "torch._dynamo.guards:GuardBuilder.get", "torch.utils._config_module:load_config", "torch.utils.collect_env:run",
    "torch.utils.data.datapipes.utils.decoder:basichandlers", "logging.config:listen", "logging:FileHandler",
    "multiprocessing.util:spawnv_passfds", "_io:open", "io:FileIO", "pathlib:Path.write_text", "pathlib:PosixPath",
    "sys:settrace", "sys:setprofile", "urllib.request:urlopen", "socket:create_connection",
    "ssl:get_server_certificate", "smtplib:SMTP", "imaplib:IMAP4_stream", "http.client:HTTPSConnection",
    "requests:get", "aiohttp.client:ClientSession", "pydoc:pipepager", "doctest:debug_script", "trace:Trace",
    "test.support.script_helper:assert_python_ok", "lib2to3.pgen2.grammar:Grammar.loads", "idlelib.run:Executive",
    "ensurepip:_run_pip", "venv:create", "uuid:_get_command_stdout", "zipimport:zipimporter",
    "_posixsubprocess:fork_exec", "_thread:start_new_thread", "threading:Thread", "signal:signal", "atexit:register",
    "weakref:finalize", "copyreg:add_extension", "codecs:open", "tempfile:mkstemp", "sqlite3:connect", "dill:loads",
    "cloudpickle.cloudpickle:_builtin_type", "keras.models:load_model", "pandas.io.pickle:read_pickle",
    "pandas.core.computation.eval:eval", "distutils.file_util:write_file", "sklearn.base:os.system",
    "sklearn.ensemble._forest:Parallel", "sklearn.utils._testing:os", "sklearn.datasets:fetch_openml",
    "sklearn.externals._arff:load", "sklearn.tree._tree:__loader__", "collections:_sys.modules",
    "collections.abc:sys", "builtins:dict.fromkeys", "numpy:ndarray.tofile", "torch._utils:_import_dotted_name",
    "scipy._lib._util:getattr", "decimal:_sys",
]  # fmt: skip
GADGETS = [(pair.split(":")[0], pair.split(":")[1]) for pair in _GADGET_NAMES]
"""Names through which one call runs code, reads or writes files, loads more code, or reaches something that does."""


def short(text: str) -> bytes:
    raw = text.encode()
    return b"\x8c" + bytes([len(raw)]) + raw


def stack_global(module: str, name: str) -> bytes:
    return short(module) + short(name) + b"\x93"


def call(module: str, name: str, argument: str = "id") -> bytes:
    return b"\x80\x04" + stack_global(module, name) + short(argument) + b"\x85R."


def verdict(data: bytes, name: str = "model.pkl") -> Verdict:
    return scan_bytes(name, data).verdict


@pytest.mark.parametrize(("module", "name"), GADGETS)
def test_single_call(module: str, name: str) -> None:
    assert verdict(call(module, name)) is Verdict.DANGEROUS


@pytest.mark.parametrize(("module", "name"), GADGETS)
def test_single_call_in_protocol_0(module: str, name: str) -> None:
    assert verdict(f"c{module}\n{name}\n(S'id'\ntR.".encode()) is Verdict.DANGEROUS


@pytest.mark.parametrize(("module", "name"), [("collections", "OrderedDict"), ("numpy", "dtype")])
def test_the_same_opcodes_around_a_harmless_name_are_safe(module: str, name: str) -> None:
    assert verdict(call(module, name)) is Verdict.SAFE


OBFUSCATED = {
    "memo": b"\x80\x04" + short("os") + b"\x940" + short("system") + b"\x940h\x00h\x01\x93" + short("id") + b"\x85R.",
    "memo out of order": b"\x80\x04"
    + short("system")
    + b"r\xe8\x03\x00\x000"
    + short("os")
    + b"j\xe8\x03\x00\x00\x93"
    + short("id")
    + b"\x85R.",
    "memoize after a hole": b"\x80\x04"
    + short("os")
    + b"q\x050"
    + short("x")
    + b"\x940h\x05"
    + short("system")
    + b"\x93)R.",
    "dup": b"\x80\x04" + short("code") + b"2\x93)R.",
    "names popped and pushed": b"\x80\x04" + short("os") + b"(" + short("junk") + b"1" + short("system") + b"\x93)R.",
    "long text opcodes": b"\x80\x04X\x02\x00\x00\x00os\x8d\x06\x00\x00\x00\x00\x00\x00\x00system\x93)R.",
    "python 2 strings": b"\x80\x04U\x02osT\x06\x00\x00\x00system\x93)R.",
    "quoted strings": b"\x80\x04S'os'\nS\"system\"\n\x93)R.",
    "escaped string": b"\x80\x04S'\\x6fs'\nS'system'\n\x93)R.",
    "escaped unicode": b"\x80\x04V\\u006fs\nVsyste\\u006d\n\x93)R.",
    "text computed by a call": b"\x80\x04c_codecs\nencode\n"
    + short("os")
    + short("latin1")
    + b"\x86R"
    + short("system")
    + b"\x93)R.",
    "name from a number": b"\x80\x04K\x01" + short("system") + b"\x93)R.",
    "inst": b"(S'id'\nios\nsystem\n.",
    "obj": b"(cos\nsystem\nS'id'\no.",
    "newobj": b"\x80\x04" + stack_global("os", "system") + short("id") + b"\x85\x81.",
    "newobj with keywords": b"\x80\x04" + stack_global("subprocess", "Popen") + b")}\x92.",
    "extension registry 1": b"\x80\x02\x82\x01)R.",
    "extension registry 2": b"\x80\x02\x83\x01\x00)R.",
    "extension registry 4": b"\x80\x02\x84\x01\x00\x00\x00)R.",
    "named but not called": b"\x80\x04" + stack_global("os", "system") + b".",
    "result of a call called": b"\x80\x04" + stack_global("collections", "OrderedDict") + b")R)R.",
    "a value called": b"\x80\x04" + stack_global("numpy", "float64") + b")R.",
    "a storage class instantiated": b"\x80\x04" + stack_global("torch", "FloatStorage") + b")\x81.",
    "another codec": b"\x80\x02c_codecs\nencode\n" + short("x") + short("bz2") + b"\x86R.",
    "class changed": b"\x80\x04" + stack_global("collections", "Counter") + b"}" + short("a") + b"K\x01sb.",
    "slots set": b"\x80\x04" + stack_global("sklearn.pipeline", "Pipeline") + b")\x81N}" + short("a") + b"K\x01s\x86b.",
    "setstate planted": (
        b"\x80\x04"
        + stack_global("sklearn.pipeline", "Pipeline")
        + b")\x81}"
        + short("__setstate__")
        + stack_global("os", "system")
        + b"sb"
        + short("id")
        + b"b."
    ),
    "appended after stop": b"\x80\x04N." + call("os", "system"),
    "third pickle": b"N.N." + call("os", "system"),
    "broken after the call": b"\x80\x04" + stack_global("os", "system") + b")R\xff\xff",
    "cut after the call": b"\x80\x04" + stack_global("os", "system") + short("id") + b"\x85R",
    "no protocol": stack_global("os", "system") + b")R.",
    "frame that lies": b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f" + stack_global("os", "system") + b")R.",
    "nested in bytes": b"\x80\x04C" + bytes([len(call("os", "system"))]) + call("os", "system") + b".",
    "hidden behind a long integer": b"\x80\x04\x8a\x09" + b"." * 9 + b"0" + stack_global("os", "system") + b")R.",
    "hidden behind a comment line": b"I1\n0F1.5\n0V" + b"." * 20 + b"\n0cos\nsystem\n)R.",
    "windows line end in a name": b"cos\r\nsystem\n)R.",
    "trailing blank in a name": b"cos\nsystem \n)R.",
    "homoglyph": "c\u043es\nsystem\n)R.".encode(),
    "joblib wrapper class called": b"\x80\x04" + stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")R.",
    "joblib pickle in a separate file": b"\x80\x04"
    + stack_global("joblib.numpy_pickle_compat", "NDArrayWrapper")
    + b")\x81.",
}


@pytest.mark.parametrize("case", OBFUSCATED)
def test_obfuscated(case: str) -> None:
    assert verdict(OBFUSCATED[case]) is Verdict.DANGEROUS


PAYLOAD = call("os", "system")


def zipped(name: str, data: bytes, method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr(name, data)
    return buffer.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


WRAPPED = {
    "in a zip": zipped("a/data.bin", PAYLOAD),
    "in a deflated zip": zipped("weights.pkl", PAYLOAD, zipfile.ZIP_DEFLATED),
    "in a torch zip": zipped("archive/data.pkl", PAYLOAD),
    "in a tar": tarred("model.pkl", PAYLOAD),
    "in a gzipped tar": gzip.compress(tarred("model.pkl", PAYLOAD)),
    "twice gzipped": gzip.compress(gzip.compress(PAYLOAD)),
    "second gzip member": gzip.compress(b"\x80\x04N.") + gzip.compress(PAYLOAD),
    "pickle first, zip at the end": PAYLOAD + zipped("a.txt", b"hello"),
    "harmless pickle first, zip at the end": b"\x80\x04N." + zipped("data.pkl", PAYLOAD),
    "tar whose first member's name is a pickle": tarred("cos\nsystem\n(S'id'\ntR.", b"x"),
    "numpy objects": b"\x93NUMPY\x01\x00\x46\x00"
    + b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(70)
    + PAYLOAD,
}


@pytest.mark.parametrize("case", WRAPPED)
@pytest.mark.parametrize("name", ["model.pkl", "model.bin", "model.zip", "model.onnx", "README.md", "model"])
def test_wrapped(case: str, name: str) -> None:
    assert verdict(WRAPPED[case], name) is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.txt", "model.json", "model.onnx", "model.safetensors", "model.h5", "model"])
def test_pickle_in_the_clothes_of_another_format(name: str) -> None:
    assert verdict(PAYLOAD, name) is Verdict.DANGEROUS
    assert verdict(b"cos\nsystem\n(S'id'\ntR.", name) is Verdict.DANGEROUS


def test_zip_flags_that_make_readers_refuse_do_not_hide_the_bytes() -> None:
    data = bytearray(zipped("archive/data.pkl", PAYLOAD))
    central = data.index(b"PK\x01\x02")
    data[central + 16 : central + 20] = bytes(4)  # a wrong checksum in the directory
    assert verdict(bytes(data), "model.pt") is Verdict.DANGEROUS


@pytest.mark.parametrize("offset", [6, 8])
def test_encrypted_or_odd_members_are_never_safe(offset: int) -> None:
    data = bytearray(zipped("archive/data.pkl", PAYLOAD))
    central = data.index(b"PK\x01\x02")
    for at in (offset, central + offset + 2):
        data[at] |= 1
    assert verdict(bytes(data), "model.pt") is not Verdict.SAFE


def test_local_header_that_disagrees_is_never_safe() -> None:
    data = bytearray(zipped("archive/data.txt", b"\x80\x04N."))
    data[30:33] = b"ARC"
    assert verdict(bytes(data), "model.zip") is not Verdict.SAFE


def test_polyglot_of_joblib_and_pickle() -> None:
    """Array bytes of an old joblib file, which has no padding, are opcodes for ``pickle.load``."""
    attack = b"0" + stack_global("os", "system") + b")R."
    data = (
        b"\x80\x04" + stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
        + short("shape") + b"K" + bytes([len(attack)]) + b"\x85"
        + short("dtype") + stack_global("numpy", "dtype") + short("u1") + b"\x85R"
        + b"ub" + attack + b"."
    )  # fmt: skip
    assert verdict(data, "model.joblib") is Verdict.DANGEROUS


def test_array_length_is_taken_from_the_state_that_numpy_uses() -> None:
    """A text type whose state makes its items longer than its name says must not shift the opcodes that follow."""
    state = b"(K\x03" + short("<") + b"NNNK\x40K\x04K\x08t"
    data = (
        b"\x80\x04" + stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
        + short("shape") + b"K\x01\x85" + short("numpy_array_alignment_bytes") + b"K\x10"
        + short("dtype") + stack_global("numpy", "dtype") + short("U1") + b"\x85R" + state + b"b"
        + b"ub" + b"\x01\xff" + b"0" * 64 + stack_global("os", "system") + b")R."
    )  # fmt: skip
    assert verdict(data, "model.joblib") is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.txt", "README.md", "model", "model.bin", "model.pkl"])
def test_payload_behind_a_long_run_of_nothing(name: str) -> None:
    assert verdict(b"N0" * 50_000 + b"cos\nsystem\n)R.", name) is Verdict.DANGEROUS


def test_payload_behind_a_long_run_in_array_bytes() -> None:
    attack = b"N0" * 50_000 + stack_global("os", "system") + b")R."
    data = (
        b"\x80\x04" + stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81}("
        + short("shape") + b"J" + len(attack).to_bytes(4, "little") + b"\x85"
        + short("dtype") + stack_global("numpy", "dtype") + short("u1") + b"\x85R"
        + b"ub" + attack + b"."
    )  # fmt: skip
    assert verdict(data, "model.joblib") is Verdict.DANGEROUS


def test_every_gadget_file_is_a_real_pickle() -> None:
    for module, name in GADGETS:
        assert [opcode.name for opcode, _, _ in pickletools.genops(call(module, name))][-1] == "STOP"


def test_an_object_whose_reduce_returns_a_call_is_caught_as_pickled() -> None:
    class Payload:
        def __reduce__(self) -> tuple[object, ...]:
            return print, ("not run by the scan",)

    for protocol in range(6):
        assert verdict(pickle.dumps(Payload(), protocol)) is Verdict.DANGEROUS


def test_legacy_torch_payload_in_any_of_its_pickles() -> None:
    magic = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."
    parts = [magic, b"\x80\x02M\xe9\x03.", b"\x80\x02}.", b"\x80\x02}.", b"\x80\x02]."]
    assert verdict(b"".join(parts), "model.pt") is Verdict.SAFE
    for index in range(1, 5):
        poisoned = [*parts[:index], PAYLOAD, *parts[index + 1 :]]
        assert verdict(b"".join(poisoned), "model.pt") is Verdict.DANGEROUS
    assert verdict(b"".join(parts) + struct.pack("<Q", 1), "model.pt") is Verdict.CANNOT_TELL


def escaped_then(put: bytes) -> bytes:
    """A text with an escape written to memo entry 0, then overwritten: the memo holds one entry, not two."""
    entries = [b"N", short("numpy"), short("posix"), short("dtype"), short("system")]
    memoized = b"".join(entry + b"\x940" for entry in entries)
    return b"\x80\x04" + b"S'a\\x41'\n" + put + b"0N" + put + b"0N\x940" + memoized + b"h\x04h\x06\x93" + short("id")


@pytest.mark.parametrize("put", [b"q\x00", b"p0\n", b"p+0_0\n", b"r\x00\x00\x00\x00"])
def test_unknown_text_in_the_memo_does_not_shift_the_memo(put: bytes) -> None:
    report = scan_bytes("model.pkl", escaped_then(put) + b"\x85R.")
    assert report.verdict is Verdict.DANGEROUS
    assert any("posix.system" in finding.message for finding in report.findings)


def test_reading_an_unwritten_memo_entry_ends_the_reading() -> None:
    data = b"\x80\x04" + short("a") + b"r\x09\x00\x00\x000h\x02" + short("system") + b"\x93)R."
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data)
    assert verdict(data) is Verdict.CANNOT_TELL


def dtype(text: str, state: bytes = b"") -> bytes:
    return stack_global("numpy", "dtype") + short(text) + b"\x89\x88\x87R" + state


def numbers(first: bytes, size: int, alignment: int, flags: int) -> bytes:
    return b"(K\x03" + short("|") + first + struct.pack("<cicicB", b"J", size, b"J", alignment, b"K", flags) + b"tb"


def wrapper(element: bytes, length: int, extra: bytes = b"", make: bytes = b")\x81") -> bytes:
    return (
        stack_global("joblib.numpy_pickle", "NumpyArrayWrapper") + make + b"}("
        + short("subclass") + stack_global("numpy", "ndarray") + short("shape") + b"K" + bytes([length]) + b"\x85"
        + short("order") + short("C") + short("dtype") + element + short("allow_mmap") + b"\x89" + extra + b"ub"
    )  # fmt: skip


ALIGNED = short("numpy_array_alignment_bytes") + b"K\x10"
OBJECTS_IN_NUMBERS = dtype("f8", numbers(b"NNN", -1, -1, 63))
INNER = call("numpy.testing._private.utils", "runstring").ljust(96, b"\x00")


@pytest.mark.parametrize("extra", [b"", ALIGNED])
@pytest.mark.parametrize("name", ["model.pkl", "model.joblib"])
def test_numbers_flagged_as_objects_make_joblib_load_a_pickle(name: str, extra: bytes) -> None:
    data = b"\x80\x04" + wrapper(OBJECTS_IN_NUMBERS, len(INNER) // 8, extra) + INNER + b"."
    assert verdict(data, name) is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib"])
def test_pickle_in_array_bytes_without_padding_is_never_safe(name: str) -> None:
    data = b"\x80\x04" + wrapper(dtype("f8"), len(INNER) // 8) + INNER + b"."
    assert verdict(data, name) is Verdict.CANNOT_TELL


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib"])
def test_memo_of_the_outer_pickle_hides_the_names_of_an_inner_one(name: str) -> None:
    outer = short("numpy") + b"\x940" + short("dtype") + b"\x940"
    texts = short("dill") + b"\x940" + short("loads") + b"\x940h\x00h\x01\x93" + short("x") + b"\x85R."
    inner = b"\x80\x04" + texts + bytes(-(len(texts) + 2) % 8)
    data = b"\x80\x04" + outer + wrapper(dtype("f8"), len(inner) // 8) + inner + b"."
    assert verdict(data, name) is Verdict.CANNOT_TELL


@pytest.mark.parametrize(("module", "expected"), [("os", Verdict.DANGEROUS), ("pandas", Verdict.CANNOT_TELL)])
def test_memo_of_the_outer_pickle_gives_an_inner_one_other_names(module: str, expected: Verdict) -> None:
    outer = short(module) + b"\x940" + short("system") + b"\x940"
    inner = b"\x80\x04" + short("numpy") + b"\x940" + short("dtype") + b"\x940h\x00h\x01\x93" + short("f8") + b"\x85R."
    element = dtype("O8", numbers(b"NNN", -1, -1, 63))
    assert verdict(b"\x80\x04" + wrapper(element, 1) + inner + b".", "model.joblib") is Verdict.SAFE
    assert verdict(b"\x80\x04" + outer + wrapper(element, 1) + inner + b".", "model.joblib") is expected


def test_array_bytes_do_not_change_what_is_known_of_the_pickle_around_them() -> None:
    """``pickle.load`` would change the item size of the next array here; joblib, which skips these bytes, does not."""
    element = dtype("f8", b"\x94" + numbers(b"NNN", -1, -1, 0))
    inner = (b"h\x00" + numbers(b"NNN", -1, -1, 63) + b".").ljust(64, b"\x00")
    data = b"\x80\x04" + wrapper(element, len(inner) // 8) + inner + b"."
    assert verdict(data, "model.joblib") is Verdict.CANNOT_TELL


NINE = wrapper(dtype("u1"), 9, ALIGNED)
WRAPPERS = {
    "made without a known class": b"\x80\x04" + stack_global("copyreg", "__newobj__") + b"]R}b",
    "in the middle of a frame": b"\x80\x04\x95" + struct.pack("<Q", 400) + NINE + b"\x01\xff",
    "key with an escape": b"\x80\x04"
    + wrapper(dtype("u1"), 9, ALIGNED + b"S'd\\x74ype'\n" + dtype("u2")) + b"\x01\xff",
    "method planted": b"\x80\x04"
    + wrapper(dtype("u1"), 9, ALIGNED + short("read") + stack_global("builtins", "dict")) + b"\x01\xff",
    "padding that is no number": b"\x80\x04"
    + wrapper(dtype("u1"), 9, short("numpy_array_alignment_bytes") + b"N") + b"\x01\xff",
}  # fmt: skip


@pytest.mark.parametrize("case", WRAPPERS)
def test_array_wrappers_that_shift_the_opcodes_after_them(case: str) -> None:
    data = WRAPPERS[case] + b"C\x07" + b"x" * 7 + b"."
    assert verdict(data, "model.joblib") is not Verdict.SAFE


def fields(element: bytes, offset: int = 0) -> bytes:
    return b"N" + short("f") + b"\x85}" + short("f") + element + b"K" + bytes([offset]) + b"\x86s"


OBJECTS = dtype("O8", numbers(b"NNN", -1, -1, 63))
ODD_TYPES = {
    "objects not flagged": dtype("V8", numbers(fields(OBJECTS), 8, 1, 0)),
    "objects half flagged": dtype("V8", numbers(fields(OBJECTS), 8, 1, 1)),
    "objects in a subarray not flagged": dtype("V8", numbers(OBJECTS + b"K\x01\x85\x86NN", 8, 8, 0)),
    "field beyond the end": dtype("V8", numbers(fields(dtype("f8"), 1), 8, 1, 16)),
    "size other than the name's": dtype("U1", numbers(b"NNN", 64, 4, 8)),
    "flags of numbers": dtype("f8", numbers(b"NNN", -1, -1, 1)),
    "flags of objects taken away": dtype("O8", numbers(b"NNN", -1, -1, 0)),
    "size of numbers": dtype("f8", numbers(b"NNN", 800, -1, 0)),
    "negative size": dtype("V8", numbers(b"NNN", -8, 1, 0)),
    "wild alignment": dtype("V8", numbers(b"NNN", 8, 1 << 20, 0)),
    "state of a computed type": stack_global("numpy", "dtype") + OBJECTS + b"\x85R" + numbers(b"NNN", -1, -1, 0),
    "state that is not written out": dtype("f8", stack_global("builtins", "tuple") + b")Rb"),
    "state set twice": dtype("V8", numbers(b"NNN", 8, 1, 0) + numbers(fields(OBJECTS), 8, 1, 27)),
    "state set after use": dtype("V8", b"\x94]h\x00a0h\x00" + numbers(fields(OBJECTS), 8, 1, 27)),
    "state set after doubling": dtype("V8", b"2\x85" + b"0" + b"2" + numbers(fields(OBJECTS), 8, 1, 27)),
    "fields changed afterwards": dtype(
        "V8", numbers(fields(dtype("f8")).replace(b"}", b"}\x94"), 8, 1, 16)
    ) + b"h\x00" + short("f") + OBJECTS + b"K\x00\x86s",
}  # fmt: skip


@pytest.mark.parametrize("case", ODD_TYPES)
def test_array_types_that_numpy_never_writes(case: str) -> None:
    assert verdict(b"\x80\x04" + ODD_TYPES[case] + b".") is Verdict.DANGEROUS


@pytest.mark.parametrize("element", [OBJECTS, dtype("V8", numbers(fields(OBJECTS), 8, 1, 27)), dtype("U1")])
def test_array_types_that_numpy_writes(element: bytes) -> None:
    assert verdict(b"\x80\x04" + element + b".") is Verdict.SAFE


def test_array_wrapper_made_by_copyreg_takes_its_array_bytes_like_any_other() -> None:
    """Read as opcodes, the array bytes would hide in a bytes object what joblib runs after them."""
    payload = stack_global("os", "system") + short("id") + b"\x85R0"
    made = stack_global("copyreg", "__newobj__") + wrapper(dtype("u1"), 5, make=b"\x85R")
    data = b"\x80\x04" + made + b"B" + struct.pack("<I", len(payload)) + payload + b"."
    assert verdict(data, "model.joblib") is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.py", "data.csv", "model", "notes.txt"])
@pytest.mark.parametrize(
    "text",
    [
        b"cos\nsystem\n(S'id'\ntR.class Vault:\n    pass\n",
        b"cos\nsystem\n(S'id'\ntRclass Vault:\n    pass\n",
        b"(S'id'\nios\nsystem\n.import os\n",
        b"I1\n0cos\nsystem\n(S'id'\ntRcname;city;amount\nM\xfcller;K\xf6ln;3\n",
        b"c__main__\nx\n0cos\nsystem\n(S'id'\ntR.",
        b"cpip.__pip-runner__\nx\n0cos\nsystem\n(S'id'\ntR.",
    ],
)
def test_what_ran_before_the_text_goes_on_counts(text: bytes, name: str) -> None:
    assert verdict(text, name) is Verdict.DANGEROUS


@pytest.mark.parametrize("name", ["model.pkl", "model.bin", "model.pt"])
def test_a_file_that_is_called_a_pickle_is_read_as_one_whatever_names_it_takes(name: str) -> None:
    assert verdict(b"cos\r\nsystem\n)R.", name) is Verdict.DANGEROUS
