"""Languages that plugins are made in. `practicum.plugins.pipeline.result.Toolchain` is the contract."""
