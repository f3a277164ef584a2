"""Contacts with customers: what a plan costs, the best plan under a budget, the cost by source."""

from custlib.loyalty.contact.allocation import ContactAllocation, allocate_contacts
from custlib.loyalty.contact.budget import contact_budget
from custlib.loyalty.contact.options import ContactOptions, contact_options
from custlib.loyalty.contact.sensitivity import allocation_sensitivity
from custlib.loyalty.contact.sources import source_costs

__all__ = [
    "ContactAllocation",
    "ContactOptions",
    "allocate_contacts",
    "allocation_sensitivity",
    "contact_budget",
    "contact_options",
    "source_costs",
]
