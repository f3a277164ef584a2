"""Columns that may tell who a respondent is."""

# What every platform calls so, and what it records there.
CONTACT = {"ipaddress": "ip", **dict.fromkeys(("email", "emailaddress"), "email")}
CONTACT |= dict.fromkeys(("firstname", "lastname"), "name")
PERSONAL = {*CONTACT.values(), "phone", "location", "token", "reference"}
