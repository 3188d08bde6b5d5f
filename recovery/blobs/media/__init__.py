"""Pictures and recordings, cleaned. Knows nothing of the server: it runs in a process apart, which
has neither its secrets nor its connections, because what it reads comes from anybody."""
