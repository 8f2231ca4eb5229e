import socket

from .secrets import GROUP_ID, HOPSKOTCH_PASSWORD as PASSWORD
from .topics import TOPICS
from .base import *

ALERT_STREAMS = [
    {
        'ACTIVE': True,
        'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
        'OPTIONS': {
            'URL': HOPSKOTCH_URL,
            'GROUP_ID': GROUP_ID,
            'USERNAME': 'alice',
            'PASSWORD': PASSWORD,
            'START_POSITION': 'EARLIEST',
            'CLIENT_HOST': socket.gethostname(),
            'TOPIC_HANDLERS': {
                'imported.alerts': 'observatory.handlers.pass_on',
                **TOPICS,
            },
        },
    },
    {
        'ACTIVE': True,
        'NAME': 'observatory.streams.FileStream',
        'OPTIONS': {'FOLDER': '/data', 'TOPIC_HANDLERS': {'*': 'observatory.handlers.pass_on'}},
    },
]
