"""The proctor: the only one that holds keys. It grants leases, stands at the gateway, and keeps the audit."""
