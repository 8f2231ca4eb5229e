"""A TOM on SQLite, of whichever tomtoolkit this Python has.

make DATABASE           an empty database with its users
serve DATABASE PORT     on the loopback, until it is ended
ingest DATABASE FILE    messages of Hermes, a line of JSON each, through the TOM's own handler; prints what it threw
"""

import json
import os
import sys
from types import SimpleNamespace

import django
from django.conf import settings
from django.urls import include, path
from tom_common import default_settings

command, database = sys.argv[1:3]
defaults = {name: value for name, value in vars(default_settings).items() if name.isupper()}
backends = ["django.contrib.auth.backends.ModelBackend", "guardian.backends.ObjectPermissionBackend"]
processors = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
chosen = {
    "SECRET_KEY": "of a TOM that lives for one test",
    "DEBUG": False,
    "ALLOWED_HOSTS": ["127.0.0.1"],
    "SITE_ID": 1,
    "INSTALLED_APPS": default_settings.TOMTOOKIT_INSTALLED_APPS,
    "MIDDLEWARE": default_settings.TOMTOOKIT_MIDDLEWARE,
    "ROOT_URLCONF": __name__,
    "TEMPLATES": [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": processors},
        }
    ],
    "DATABASES": {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": database,
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
        }
    },
    "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
    # Basic authentication hashes the password at each request: slow ones would be measured, and nothing else.
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    "AUTHENTICATION_BACKENDS": defaults.get("AUTHENTICATION_BACKENDS", backends),
    "USE_TZ": True,
    "TIME_ZONE": "UTC",
    "STATIC_URL": "/static/",
    "MEDIA_URL": "/data/",
    "TOM_NAME": "tom",
    "TARGET_TYPE": "SIDEREAL",
    "TARGET_PERMISSIONS_ONLY": True,
    "MATCH_MANAGERS": {},
    "EXTRA_FIELDS": [],
    "HOOKS": {},
    "AUTH_STRATEGY": os.environ.get("TOM_AUTH_STRATEGY", "READ_ONLY"),
    "DATA_SHARING": {},
    "DATA_PRODUCT_TYPES": {name: (name, name) for name in ("photometry", "spectroscopy")},
    "DATA_PROCESSORS": {},
    "TOM_FACILITY_CLASSES": [],
    "TOM_ALERT_CLASSES": [],
    "REST_FRAMEWORK": {
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "PAGE_SIZE": 100,
        **json.loads(os.environ.get("TOM_REST_FRAMEWORK", "{}")),
    },
    "LOGGING": {
        "version": 1,
        "handlers": {"stderr": {"class": "logging.StreamHandler"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    },
}
settings.configure(**{**defaults, **chosen})
django.setup()

urlpatterns = [path("", include("tom_common.urls"))]


def make():
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from rest_framework.authtoken.models import Token

    call_command("migrate", verbosity=0, interactive=False)
    observer = User.objects.create_superuser("observer", password=os.environ["TOM_PASSWORD"])
    User.objects.create_user("guest", password=os.environ["TOM_PASSWORD"])
    # A user has one from the beginning.
    Token.objects.filter(user=observer).update(key=os.environ["TOM_TOKEN"])


def serve(port):
    from django.core.servers.basehttp import get_internal_wsgi_application, run

    run("127.0.0.1", int(port), get_internal_wsgi_application(), threading=True)


def ingest(file):
    from tom_dataproducts.alertstreams.hermes import hermes_alert_handler

    for number, line in enumerate(open(file, encoding="utf-8")):
        try:
            hermes_alert_handler(SimpleNamespace(content=json.loads(line)), None)
        except Exception as error:
            print(json.dumps({"message": number, "threw": type(error).__name__}))


{"make": make, "serve": serve, "ingest": ingest}[command](*sys.argv[3:])
