"""How each service wants its credential."""

from __future__ import annotations

import base64

from practicum.proctor.gateway.call import Family
from practicum.proctor.secret import Secret


def authorization(family: Family, secret: Secret) -> dict[str, str]:
    """The headers that carry `secret` to a service. They go to the resolved destination and nowhere else."""
    value = secret.reveal()
    match family:
        case "git":
            basic = base64.b64encode(f"x-access-token:{value}".encode()).decode()
            return {"Authorization": f"Basic {basic}"}
        case "discord":
            return {"Authorization": f"Bot {value}"}
        case "anthropic":
            return {"x-api-key": value}
        case _:
            return {"Authorization": f"Bearer {value}"}
