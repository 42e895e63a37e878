"""Which calls of libraries reach beyond the machine."""

from collections.abc import Iterable

_CLIENTS = frozenset(
    {
        "requests", "urllib", "urllib3", "httpx", "aiohttp", "wget", "gdown", "boto3", "socket",
        "huggingface_hub", "datasets", "transformers", "modelscope", "kagglehub", "ftplib",
    }
)  # fmt: skip
_FETCHES = frozenset(
    {
        "get", "post", "urlopen", "urlretrieve", "request", "download", "hf_hub_download",
        "snapshot_download", "load_dataset", "from_pretrained", "create_connection", "HfApi",
        "HfFileSystem", "Session", "client", "connect", "dataset_download", "download_file",
    }
)  # fmt: skip
_SHELLS = frozenset({"run", "call", "check_call", "check_output", "Popen", "system", "getoutput"})
_COMMANDS = (  # packages that anybody can install may be installed
    "wget ", "curl ", "git clone", "aws s3", "gsutil", "huggingface-cli", "hf download", "rsync ",
    "scp ",
)  # fmt: skip


def reaches_out(dotted: str, words: Iterable[str]) -> str:
    """What a call fetches from elsewhere, or nothing; `words` are its literal arguments."""
    root, _, rest = dotted.partition(".")
    last = rest.rpartition(".")[2]
    if root in _CLIENTS and last in _FETCHES:
        return f"{dotted}()"
    if root in ("subprocess", "os") and last in _SHELLS:
        command = " ".join(words) + " "
        return next((f"`{known.strip()}`" for known in _COMMANDS if known in command), "")
    return ""
