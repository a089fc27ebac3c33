import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.config.settings")
application = get_wsgi_application()
# A page of explained results makes tens of thousands of objects and next to no cycles: to look for
# these as often as Python does by itself took a tenth of its time, and 100 ms of every hundredth.
gc.set_threshold(20_000, 50, 100)
