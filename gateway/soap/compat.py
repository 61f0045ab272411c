"""spyne on every Python that we support; import spyne through here and nowhere else.

spyne 2.14 carries a copy of six whose importer of `six.moves` speaks the protocol of Python 2,
which Python 3.12 no longer understands. There the copy is replaced by six from PyPI before spyne
is imported, together with the one function that only the copy has. Python 3.13 has no `cgi`
either: the distribution's metadata ask for `legacy-cgi` there.
"""

import sys
import warnings
from types import FunctionType

if sys.version_info >= (3, 12):
    import six

    def _get_function_name(function: FunctionType) -> str:
        return function.__name__

    six.get_function_name = _get_function_name
    sys.modules.setdefault("spyne.util.six", six)
    for _name in ("", ".collections_abc", ".urllib", ".urllib.parse", ".http_cookies"):
        __import__(f"six.moves{_name}")
        sys.modules.setdefault(f"spyne.util.six.moves{_name}", sys.modules[f"six.moves{_name}"])

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from spyne import MethodContext
    from spyne.application import Application
    from spyne.decorator import rpc
    from spyne.model.complex import Array, ComplexModel
    from spyne.model.primitive import AnyXml, DateTime, Unicode
    from spyne.protocol import ProtocolBase
    from spyne.server import ServerBase
    from spyne.service import ServiceBase

__all__ = [
    "AnyXml",
    "Application",
    "Array",
    "ComplexModel",
    "DateTime",
    "MethodContext",
    "ProtocolBase",
    "ServerBase",
    "ServiceBase",
    "Unicode",
    "rpc",
]
