"""`world.*`: something changed in a service."""

from __future__ import annotations

from practicum.bus.events.base import Data, Json


class WorldChanged(Data, type="world.changed"):
    """A change of a service's state, told in the service's own terms.

    `change` is `service.noun.past_participle`: `github.issue.assigned`, `slack.message.posted`,
    `deploy.deployment.succeeded`. `facts` are the few fields an agent or evaluator needs.
    """

    service: str
    change: str
    actor: str
    """Who did it: the account's login."""
    resource: str = ""
    """`acme/shortlink#12`, `#dev`, `deployment/3`."""
    facts: dict[str, Json] = {}
    pack: str = ""
    """For a push: the git pack, base64, from which the repository can be rebuilt."""
