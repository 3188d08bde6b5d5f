"""The sign-in ceremony: django-allauth's headless flow, which ends in a device session of ours.

allauth checks e-mailed codes, passkeys, TOTP and recovery codes. Its state is encrypted, lives for
fifteen minutes and ends at sign-in. After that only the device session counts.
"""
