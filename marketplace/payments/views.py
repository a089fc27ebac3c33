"""The door for Stripe's webhooks: verify, keep, answer. The work is the worker's."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.core.errors import Invalid

from .inbox import receive
from .stripe_gateway import verified_event


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest, door: str) -> HttpResponse:
    """200 once the event is kept; 400 for what is not a signed event of ours; 404 elsewhere."""
    expected = settings.STRIPE_WEBHOOK_PATH
    if not expected or not constant_time_compare(door, expected):
        raise Http404
    try:
        receive(verified_event(request.body, request.headers.get("Stripe-Signature", "")))
    except Invalid as error:
        return HttpResponse(error.message, status=400, content_type="text/plain")
    return HttpResponse(status=200)
