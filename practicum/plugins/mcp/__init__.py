"""MCP at the edge: any plugin served as an MCP server, any MCP server mounted as a plugin.

The SDK (extra `mcp`) takes half a second to import: nothing here imports it before it is used.
"""
