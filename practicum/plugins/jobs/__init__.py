"""Jobs of the plugin factory: their states, their store, what runs them."""
