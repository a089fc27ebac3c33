from django.contrib import admin
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from api.view import ApiView
from marketplace.payments.views import stripe_webhook

urlpatterns = [
    path("admin/", admin.site.urls),
    path("graphql/", csrf_exempt(ApiView.as_view())),
    path("webhooks/stripe/<str:door>/", stripe_webhook),
]
