"""What one client's requests say about its intent: state of constant size per identity, alarms with bounded error."""
