"""Services that hold a counter, a cache or a queue."""

from __future__ import annotations

import json

from practicum.plugins.specification import ServiceSpec
from practicum.plugins.templates.imports import Imports
from practicum.plugins.templates.marker import UNIMPLEMENTED
from practicum.plugins.templates.text import class_name, docstring

_KEEPS: dict[str, tuple[str, str]] = {
    "counter": (
        "self.counts: dict[str, int] = {}",
        '''
    def add(self, name: str, by: int = 1) -> int:
        """Count; gives the new number."""
        self.counts[name] = self.counts.get(name, 0) + by
        return self.counts[name]

    def value(self, name: str) -> int:
        """How often it was counted; 0 when never."""
        return self.counts.get(name, 0)
''',
    ),
    "cache": (
        "self.entries: OrderedDict[str, Any] = OrderedDict()",
        '''
    def put(self, key: str, value: Any) -> None:
        """Keep a value; the one that was not used for longest goes when there are too many."""
        self.entries[key] = value
        self.entries.move_to_end(key)
        while len(self.entries) > self.most:
            self.entries.popitem(last=False)

    def get(self, key: str, default: Any = None) -> Any:
        """The value that was kept, else `default`."""
        if key in self.entries:
            self.entries.move_to_end(key)
        return self.entries.get(key, default)
''',
    ),
    "queue": (
        "self.items: deque[Any] = deque()",
        '''
    def put(self, item: Any) -> int:
        """Add at the end; gives how many there are. Raises `PluginError` when it is full."""
        if len(self.items) >= self.most:
            raise PluginError(f"the queue is full: {self.most} items")
        self.items.append(item)
        return len(self.items)

    def take(self) -> Any:
        """The first item, or None when there is none."""
        return self.items.popleft() if self.items else None
''',
    ),
}

_HOLDS = {"counter": "counts", "cache": "entries", "queue": "items"}


def service(spec: ServiceSpec, imports: Imports) -> str:
    """The class."""
    head = [f"class {service_class(spec)}:", docstring(spec.description), "", f"    name = {json.dumps(spec.name)}"]
    if spec.keeps not in _KEEPS:
        imports.use("practicum.api.plugin", "PluginError")
        return "\n".join(
            [
                *head,
                "",
                "    async def start(self, context: PluginContext) -> None:",
                f'        raise PluginError("{UNIMPLEMENTED} {spec.name} works")',
                "",
                "    async def stop(self) -> None:",
                '        """Nothing was started."""',
                "",
                "    async def health(self) -> str:",
                f'        return "{UNIMPLEMENTED}"',
            ]
        )
    made, methods = _KEEPS[spec.keeps]
    if spec.keeps != "counter":
        imports.use("collections", "OrderedDict" if spec.keeps == "cache" else "deque")
        imports.use("typing", "Any")
        head += ["    most = 10_000"]
    if spec.keeps == "queue":
        imports.use("practicum.api.plugin", "PluginError")
    held = _HOLDS[spec.keeps]
    life = f'''
    def __init__(self) -> None:
        self.running = False
        {made}

    async def start(self, context: PluginContext) -> None:
        """Begin empty."""
        self.{held}.clear()
        self.running = True

    async def stop(self) -> None:
        """Forget everything."""
        self.running = False
        self.{held}.clear()

    async def health(self) -> str:
        """Empty while it runs."""
        return "" if self.running else "not started"
'''
    return "\n".join(head) + "\n" + life + methods.rstrip()


def service_class(spec: ServiceSpec) -> str:
    """`call_counter` is the class `CallCounterService`."""
    return f"{class_name(spec.name)}Service"
