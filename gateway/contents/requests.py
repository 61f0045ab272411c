"""What every synchronous request must be, before its contents are read."""

from lxml import etree

from gateway.errors import GatewayError
from registry.problems import Problem
from smev.envelope import Operation
from smev.message import Status


def only_content(operation: Operation, name: str) -> etree._Element:
    """Return the one element of AppData, which must be `{namespace}name`.

    The envelope's schema lets anything into AppData, so that this is a rule of the contract that
    no validator checks. Raises GatewayError `schema.invalid`.
    """
    children = [] if operation.app_data is None else list(operation.app_data)
    if len(children) != 1 or children[0].tag != name:
        wanted = name.rpartition("}")[2]
        raise GatewayError("schema.invalid", hints=(f"AppData: ожидается один {wanted}",))
    return children[0]


def has_content(operation: Operation) -> bool:
    """Tell whether there is anything in AppData."""
    return operation.app_data is not None and len(operation.app_data) > 0


def check_synchronous(operation: Operation) -> list[Problem]:
    """Return what keeps a message from being answered at once."""
    problems = []
    if operation.message.status is not Status.REQUEST:
        problems.append(
            Problem("message.status", "Message/Status", "Операция принимает только Status REQUEST")
        )
    if operation.app_document is not None:
        problems.append(
            Problem(
                "message.attachment", "MessageData/AppDocument", "Операция не принимает вложений"
            )
        )
    return problems
