"""Values as JSON with tags for what JSON cannot say; src/value/tagged.rs is the other side."""
import base64
import datetime
import types
from collections.abc import Mapping, Sequence, Set

OMIT = None


def encode(value, trust=False):
    """The value as it crosses; with `trust`, texts keep that they may be rendered."""
    if value is None or isinstance(value, (bool, int, float)):
        # A subclass says by its own type what it is to Python only.
        return value if value is None or isinstance(value, bool) else (
            int(value) if isinstance(value, int) else float(value))
    if isinstance(value, str):
        text = str.__str__(value).encode('utf-8', 'surrogateescape').decode('utf-8', 'replace')
        return {'!': 'T', 'v': text} if trust and is_trusted(value) else text
    if isinstance(value, (bytes, bytearray)):
        return {'!': 'b', 'v': base64.b64encode(bytes(value)).decode('ascii')}
    if is_undefined(value):
        return {'!': 'u', 'v': undefined_text(value)}
    if isinstance(value, datetime.datetime):
        return {'!': 'dt', 'v': value.isoformat()}
    if isinstance(value, datetime.date):
        return {'!': 'd', 'v': value.isoformat()}
    if isinstance(value, datetime.timedelta):
        return {'!': 'td', 'v': value // datetime.timedelta(microseconds=1)}
    if isinstance(value, Mapping):
        return encode_mapping(value, trust)
    if isinstance(value, tuple):
        return {'!': 't', 'v': [encode(item, trust) for item in value]}
    if isinstance(value, Set):
        return {'!': 's', 'v': [encode(item, trust) for item in value]}
    if isinstance(value, (Sequence, types.GeneratorType, range)) or hasattr(value, '__next__'):
        return [encode(item, trust) for item in value]
    if hasattr(value, '__iter__') and not hasattr(value, '__html__'):
        return [encode(item, trust) for item in value]
    return str(value)


def encode_mapping(value, trust=False):
    items = [(key, encode(item, trust)) for key, item in value.items()]
    if all(isinstance(key, str) for key, _item in items) and '!' not in value:
        return {str.__str__(key): item for key, item in items}
    return {'!': 'm', 'v': [[encode(key), item] for key, item in items]}


def is_trusted(text):
    """Whether a text may be rendered: before ansible-core 2.19 each that is not marked as unsafe."""
    try:
        from ansible.template import is_trusted_as_template
    except ImportError:
        return not hasattr(text, '__UNSAFE__')
    return is_trusted_as_template(text)


def is_undefined(value):
    try:
        from jinja2 import Undefined
    except ImportError:
        return False
    return isinstance(value, Undefined)


def undefined_text(value):
    try:
        return str(getattr(value, '_undefined_message', None) or 'it is undefined')
    except Exception:
        return 'it is undefined'


def decode(value):
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    tag = value.get('!')
    if tag is None:
        return {key: decode(item) for key, item in value.items()}
    data = value['v']
    if tag == 'b':
        return base64.b64decode(data)
    if tag == 't':
        return tuple(decode(item) for item in data)
    if tag == 's':
        return set(decode(item) for item in data)
    if tag == 'd':
        return datetime.date.fromisoformat(data)
    if tag == 'dt':
        return datetime.datetime.fromisoformat(data)
    if tag == 'td':
        return datetime.timedelta(microseconds=data)
    if tag == 'T':
        return trusted(data)
    if tag == 'o':
        return OMIT
    if tag == 'u':
        return undefined(data)
    if tag == 'm':
        return {decode(key): decode(item) for key, item in data}
    return None


def trusted(text):
    """A text of the user's own files, which may be rendered."""
    try:
        from ansible.template import trust_as_template
    except ImportError:
        return text
    return trust_as_template(text)


def undefined(text):
    """A value that is undefined, as the version of ansible-core has it."""
    try:
        from ansible._internal._templating._jinja_common import UndefinedMarker
        return UndefinedMarker(hint=text, _no_template_source=True)
    except ImportError:
        from ansible.template import AnsibleUndefined
        return AnsibleUndefined(hint=text)
