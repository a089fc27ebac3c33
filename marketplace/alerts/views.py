from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import services


@csrf_exempt  # the link itself is the permission, and mail programs post without a cookie
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks first when the link is opened, since mail scanners open links; a post does it."""
    saved = services.saved_search_of(token)
    if saved is not None and request.method == "POST":
        saved = services.unsubscribe(token, now=timezone.now())
    context = {"saved": saved, "language": saved.user.language if saved else "en"}
    status = 404 if saved is None else 200
    return render(request, "alerts/unsubscribe.html", context, status=status)
