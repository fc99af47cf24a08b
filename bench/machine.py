"""The machine that the numbers were measured on."""

import os
import platform
from pathlib import Path


def shape() -> str:
    """Return system, processor, cores, memory and Python in one line."""
    cores = os.process_cpu_count() or 0
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    system = f"{platform.system()} {platform.machine()}"
    python = f"Python {platform.python_version()}"
    return f"{system}, {_processor()}, {cores} cores, {memory_bytes / 2**30:.0f} GB, {python}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Model")))
    return next(names, platform.processor() or "unknown processor")
