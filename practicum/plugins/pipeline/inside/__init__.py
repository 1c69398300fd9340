"""Programs that run inside the sandbox, beside the plugin's code. They import nothing of Practicum but the API."""
