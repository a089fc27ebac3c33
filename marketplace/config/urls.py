from django.contrib import admin
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from api.view import ApiView
from marketplace.alerts.views import unsubscribe
from marketplace.compliance.links import open_paper
from marketplace.deals.bundle import open_bundle
from marketplace.documents.links import open_document
from marketplace.invoices.commissions import open_commissions
from marketplace.invoices.papers import open_paper as open_invoice_paper
from marketplace.invoices.pdf import open_invoice
from marketplace.ledger.links import open_statement
from marketplace.payments.views import stripe_webhook
from marketplace.rooms.links import open_file

urlpatterns = [
    path("admin/", admin.site.urls),
    path("graphql/", csrf_exempt(ApiView.as_view())),
    path("evidence/<str:signed>", open_bundle, name="bundle"),
    path("documents/<str:signed>.pdf", open_document, name="document"),
    path("papers/<str:signed>", open_paper, name="paper"),
    path("invoices/pdf/<str:signed>", open_invoice, name="invoice-pdf"),
    path("statements/<str:signed>", open_statement, name="statement"),
    path("invoices/commissions/<str:signed>", open_commissions, name="commissions"),
    path("invoices/papers/<str:signed>", open_invoice_paper, name="invoice-paper"),
    path("alerts/unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("rooms/<str:signed>", open_file, name="room-file"),
    path("webhooks/stripe/<str:door>/", stripe_webhook),
]
