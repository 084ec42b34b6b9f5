"""Phones of IREL's people over the ground of the registry, and the key that opens what they seal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.samples.custody import conftest as custody
from tests.samples.registry import conftest as registry

ground, register = registry.ground, registry.register
sealed, packing, ready, on_road = custody.sealed, custody.packing, custody.ready, custody.on_road
receptionist, custodian = custody.receptionist, custody.custodian


@pytest.fixture(autouse=True)
def _store(settings: Any, tmp_path: Path) -> None:
    """Keep files and the opening key of each test apart."""
    key = tmp_path / "field_p256"
    private = generate_private_key(SECP256R1())
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings.FIELD_KEY_FILE, settings.FILES_ROOT = key, tmp_path / "files"


@pytest.fixture
def phone(ground: Any) -> Any:
    """Return the coordinator's phone, enrolled."""
    from tests.samples.field.phones import Phone  # noqa: PLC0415  # models exist only once Django is set up

    return Phone(ground.coordinator)


@pytest.fixture
def phone_of() -> Callable[..., Any]:
    """Return a function that gives a person a phone."""
    from tests.samples.field.phones import Phone  # noqa: PLC0415

    return Phone
