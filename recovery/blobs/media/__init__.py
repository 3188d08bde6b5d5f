"""Clean pictures and recordings. Runs in a separate process, without the server's secrets and
connections, because the files come from untrusted senders."""
