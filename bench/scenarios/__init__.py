"""What is measured of each resource; a new one joins by its file and a line here (docs/benchmarks.md)."""

from bench.scenario import OfMerchant, OfOne
from bench.scenarios.addresses import AddressBook, Addresses
from bench.scenarios.businesses import Businesses, BusinessesOfOneCustomer
from bench.scenarios.charges import Charges, PaymentIntents, Payments
from bench.scenarios.custom_fields import CustomFields
from bench.scenarios.customers import Customers
from bench.scenarios.events import Events
from bench.scenarios.invoices import Invoices, InvoicesOfOneCustomer
from bench.scenarios.orders import Orders
from bench.scenarios.payment_methods import PaymentMethods, Wallet
from bench.scenarios.preferences import Preferences
from bench.scenarios.setup_intents import SetupIntents, SetupIntentsOfOneCustomer
from bench.scenarios.subscriptions import Subscriptions

OF_A_MERCHANT: tuple[OfMerchant, ...] = (
    Customers(),
    Events(),
    PaymentMethods(),
    SetupIntents(),
    Businesses(),
    Addresses(),
    Preferences(),
    Invoices(),
    Orders(),
    Subscriptions(),
    Charges(),
    Payments(),
    PaymentIntents(),
)

OF_ONE: tuple[OfOne, ...] = (
    Wallet(),
    SetupIntentsOfOneCustomer(),
    BusinessesOfOneCustomer(),
    InvoicesOfOneCustomer(),
    AddressBook(),
    CustomFields(),
)
"""The custom fields are last: while there are any, a customer's creation reads them too."""
