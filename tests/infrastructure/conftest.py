"""What several tests of the built artifacts look at."""

from pathlib import Path

import pytest

from layers import build


@pytest.fixture(scope="session")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layers, built for this machine."""
    directory = tmp_path_factory.mktemp("layers")
    build.build_dependencies(directory / "dependencies", "host")
    build.build_documents(directory / "documents", "host")
    build.build_billing(directory / "billing")
    return directory
