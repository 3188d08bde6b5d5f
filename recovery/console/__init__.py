"""The staff console: pages of Django templates on a host of their own.

Every page reads as the person who is signed in, and leaves a trace of what it showed of others
(`desk.py`). Everything that a page does is an action. Its script and style are in clients/console.
"""
