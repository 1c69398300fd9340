"""What a model is asked: to write a plugin, and to mend it."""

from practicum.plugins.prompts.first import first_prompt
from practicum.plugins.prompts.iteration import iteration_prompt
from practicum.plugins.prompts.system import system_prompt

__all__ = ["first_prompt", "iteration_prompt", "system_prompt"]
