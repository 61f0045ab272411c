"""A spyne application over bodies that are already verified and validated.

spyne holds the interface (operations, messages) and finds the operation; it parses nothing and
writes nothing. Its own serialisers follow `href` and swallow comments, its validator is
super-linear in the number of errors: neither is on the way of a message here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway.outcomes import Answer
from gateway.soap.compat import (
    AnyXml,
    Application,
    ComplexModel,
    MethodContext,
    ProtocolBase,
    ServerBase,
    ServiceBase,
    rpc,
)
from gateway.stages import Validated
from smev.message import Revision

Handler = Callable[[Validated], Answer]


@dataclass(frozen=True, slots=True)
class PublishedOperation:
    """An operation as spyne sees it: element names are `{namespace}name`."""

    name: str
    soap_action: str
    request: str
    reply: str


class SoapService:
    """One published service; made once, called from any thread.

    `handlers` are its operations by name. Satisfies `gateway.pipeline.Dispatcher`.
    """

    def __init__(self, name: str, namespace: str, handlers: dict[str, Handler]) -> None:
        self.name, self.namespace = name, namespace
        service = _service_class(name, namespace, handlers)
        self._application = _Application(
            [service],
            tns=namespace,
            name=name,
            in_protocol=ProtocolBase(),
            out_protocol=ProtocolBase(),
        )
        self._server = ServerBase(self._application)

    def has_operation(self, name: str) -> bool:
        """Tell whether the service publishes the operation with this `{namespace}name`."""
        return name in self._application.interface.service_method_map

    def operations(self) -> tuple[PublishedOperation, ...]:
        """Return spyne's own picture of the service."""
        methods = self._application.interface.method_id_map.values()
        return tuple(
            PublishedOperation(
                name=method.operation_name,
                soap_action=f"{self.namespace}/{method.operation_name}",
                request=_element_name(method.in_message),
                reply=_element_name(method.out_message),
            )
            for method in methods
        )

    def dispatch(self, validated: Validated) -> Answer:
        """Find the operation's handler through spyne and return its answer.

        Raises what the handler raises.
        """
        operation = validated.authorised.operation
        (descriptor,) = self._application.interface.service_method_map[operation]
        context = MethodContext(self._server, MethodContext.SERVER)
        context.descriptor = descriptor
        context.in_object = validated
        self._server.get_out_object(context)
        if context.out_error is not None:
            raise context.out_error
        (returned,) = context.out_object
        if isinstance(returned, _Raised):
            raise returned.error
        answer: Answer = returned
        return answer


@dataclass(frozen=True, slots=True)
class _Raised:
    error: Exception


class _Application(Application):  # type: ignore[misc]
    """Keeps a handler's exception whole: spyne would log its text and make a Fault of its own."""

    def call_wrapper(self, ctx: Any) -> Any:
        try:
            return super().call_wrapper(ctx)
        except Exception as error:
            return _Raised(error)


def _service_class(name: str, namespace: str, handlers: dict[str, Handler]) -> Any:
    methods = {
        operation: _method(namespace, operation, handler) for operation, handler in handlers.items()
    }
    return type(ServiceBase)(name, (ServiceBase,), {"__module__": __name__, **methods})


def _method(namespace: str, operation: str, handler: Handler) -> Any:
    def method(_ctx: Any, validated: Any) -> Any:
        return handler(validated)

    method.__name__ = operation
    return rpc(
        _message_type(namespace, operation),
        _returns=_message_type(namespace, f"{operation}Response"),
        _body_style="bare",
        _in_message_name=f"{{{namespace}}}{operation}",
        _out_message_name=f"{{{namespace}}}{operation}Response",
    )(method)


def _message_type(namespace: str, name: str) -> Any:
    """An operation's element: `smev:Message`, then `smev:MessageData` (source: smev2.md §1)."""
    part = AnyXml.customize(sub_ns=Revision.REV120315.value, min_occurs=1)
    return type(ComplexModel)(
        f"{name}Type",
        (ComplexModel,),
        {
            "__namespace__": namespace,
            "__module__": __name__,
            "_type_info": [("Message", part), ("MessageData", part)],
        },
    )


def _element_name(message: Any) -> str:
    attributes = message.Attributes
    namespace = attributes.sub_ns or message.get_namespace()
    return f"{{{namespace}}}{attributes.sub_name or message.get_type_name()}"
