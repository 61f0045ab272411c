"""The only map from error codes to what the wire shows of them.

Every stage refuses with a stable code; what an agency sees of it is decided here and nowhere else.
A code that isn't in the catalogue is shown as `internal.error`, so that nothing leaks by accident.
The SMEV-NNNNNN numbers are those in use on the exchange (source: smev2.md §5).
"""

from dataclasses import dataclass
from uuid import UUID

from lxml import etree

SOAP_NS = "http://schemas.xmlsoap.org/soap/envelope/"
FAULTS_NS = "urn://x-artefacts-kontingent/faults/1.0"
RETRY_AFTER_S = 30


@dataclass(frozen=True, slots=True)
class FaultSpec:
    """How one refusal looks on the wire."""

    key: str
    client: bool
    text: str
    retryable: bool = False
    smev_code: str | None = None

    @property
    def code(self) -> str:
        """What stands in `Error/Code`: the number that SMEV uses where it has one, else the key."""
        return self.smev_code or self.key

    @property
    def http_status(self) -> int:
        """500 for a refusal, 503 for one worth trying again."""
        return 503 if self.retryable else 500


def _client(key: str, text: str, smev_code: str | None = None) -> FaultSpec:
    return FaultSpec(key=key, client=True, text=text, smev_code=smev_code)


def _server(key: str, text: str, *, retryable: bool = False) -> FaultSpec:
    return FaultSpec(key=key, client=False, text=text, retryable=retryable)


_SPECS = (
    _client("http.content_type", "Ожидается SOAP 1.1: Content-Type text/xml в кодировке UTF-8"),
    _client("http.content_encoding", "Сжатое содержимое (Content-Encoding) не принимается"),
    _client("http.incomplete", "Тело запроса пришло не полностью"),
    _client("xml.empty", "Тело запроса пусто"),
    _client("xml.too_large", "Сообщение больше допустимого размера"),
    _client("xml.encoding", "Сообщение должно быть в кодировке UTF-8"),
    _client("xml.doctype", "Определения DOCTYPE и сущностей не допускаются"),
    _client("xml.processing_instruction", "Инструкции обработки XML не допускаются"),
    _client("xml.too_complex", "Структура XML превышает допустимую сложность"),
    _client("xml.malformed", "Сообщение не является правильным XML"),
    _client("soap.version", "Ожидается конверт SOAP 1.1"),
    _client("soap.structure", "Конверт должен содержать один Header и один Body с одним элементом"),
    _client("soap.header_not_allowed", "В заголовке SOAP есть недопустимый блок"),
    _client("soap.multiref", "Ссылки SOAP-кодирования (href, encodingStyle) не допускаются"),
    _client("soap.action_mismatch", "Заголовок SOAPAction не соответствует операции в теле"),
    _client("id.duplicate", "Идентификаторы элементов в сообщении повторяются"),
    _client("signature.missing", "Сообщение не подписано отправителем", "SMEV-100008"),
    _client("signature.seal_missing", "Сообщение не подписано узлом СМЭВ", "SMEV-100008"),
    _client("signature.invalid", "Электронная подпись неверна", "SMEV-100003"),
    _client("signature.malformed", "Электронная подпись построена неправильно"),
    _client("signature.duplicate", "В сообщении больше одной подписи одного участника"),
    _client("signature.misplaced", "Элементы подписи стоят не на своём месте"),
    _client("signature.reference", "Подпись должна ссылаться на тело сообщения и только на него"),
    _client("signature.not_canonical", "Подписанный элемент не приводится к каноническому виду"),
    _client("signature.too_large", "Подписанный элемент больше допустимого размера"),
    _client("signature.key_mismatch", "Ключ сертификата не соответствует алгоритму подписи"),
    _client("signature.key_unusable", "Ключ сертификата непригоден для проверки подписи"),
    _client("signature.algorithm_not_allowed", "Алгоритм подписи не допускается"),
    _client("signature.algorithm_unsupported", "Алгоритм подписи не поддерживается"),
    _client("certificate.missing", "Сертификат подписи не найден", "SMEV-100004"),
    _client("certificate.malformed", "Сертификат подписи не читается"),
    _client("certificate.untrusted", "Сертификат выдан не доверенным удостоверяющим центром"),
    _client("certificate.expired", "Срок действия сертификата истёк", "SMEV-100005"),
    _client("certificate.not_yet_valid", "Срок действия сертификата ещё не наступил"),
    _client("certificate.revoked", "Сертификат отозван"),
    _client("certificate.usage", "Сертификат не предназначен для подписи сообщений"),
    _client("certificate.not_smev", "Вторая подпись сделана не узлом СМЭВ"),
    _client("sender.unknown", "Сертификат не принадлежит зарегистрированной системе"),
    _client("sender.code_mismatch", "Код отправителя не соответствует сертификату подписи"),
    _client("recipient.unknown", "Сообщение адресовано другой системе"),
    _client("operation.unknown", "Сервис не имеет такой операции"),
    _client("access.denied", "Системе не разрешена эта операция"),
    _client("schema.invalid", "Сообщение не соответствует схеме сервиса"),
    _client("message.out_of_window", "Дата сообщения вне допустимого окна времени"),
    _client("replay.message_id_reused", "MessageId уже использован для другого сообщения"),
    _server("certificate.revocation_unknown", "Нет действующего списка отозванных сертификатов"),
    _server("signing.failed", "Ответ не может быть подписан"),
    _server("journal.unavailable", "Журнал недоступен, повторите запрос позже", retryable=True),
    _server("audit.unavailable", "Учёт доступа недоступен, повторите позже", retryable=True),
    _server("store.unavailable", "База данных недоступна, повторите запрос позже", retryable=True),
    _server("internal.error", "Внутренняя ошибка шлюза"),
)
CATALOGUE = {spec.key: spec for spec in _SPECS}
INTERNAL = CATALOGUE["internal.error"]


def fault_for(code: str) -> FaultSpec:
    """Return how a code looks on the wire; an unknown one looks like an internal error."""
    return CATALOGUE.get(code, INTERNAL)


def build_fault(
    spec: FaultSpec, *, message_id: UUID | None, hints: tuple[str, ...] = ()
) -> etree._Element:
    """Return the soap:Fault element of a refusal.

    `message_id` is the id in our journal; None for a Fault that leaves unsigned, which carries
    key and text only. `hints` are element paths that the description goes on with.
    """
    fault = etree.Element(f"{{{SOAP_NS}}}Fault", nsmap={"soapenv": SOAP_NS})
    etree.SubElement(fault, "faultcode").text = f"soapenv:{'Client' if spec.client else 'Server'}"
    etree.SubElement(fault, "faultstring").text = spec.text
    detail = etree.SubElement(fault, "detail")
    error = etree.SubElement(detail, f"{{{FAULTS_NS}}}Error", nsmap={"f": FAULTS_NS})
    error.set("key", spec.key)
    etree.SubElement(error, f"{{{FAULTS_NS}}}Code").text = spec.code
    # Of an internal error nothing is told but that it is one.
    description = spec.text if spec is INTERNAL else "; ".join((spec.text, *hints))
    etree.SubElement(error, f"{{{FAULTS_NS}}}Description").text = description
    if message_id is not None:
        etree.SubElement(error, f"{{{FAULTS_NS}}}MessageId").text = str(message_id)
    return fault
