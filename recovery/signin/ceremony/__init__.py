"""Proving who one is: django-allauth's headless ceremony, ending in a device session of ours.

allauth knows e-mailed codes, passkeys, TOTP and recovery codes. What it keeps in between lives
for fifteen minutes, sealed, and ends at sign-in; from then on only recovery.signin.sessions counts.
"""
