"""Credentials from the environment, with defaults that ask for them; and the destinations of data that is shared."""
from os import environ, getenv

DATA_SHARING = {
    'hermes': {
        'DISPLAY_NAME': getenv('HERMES_DISPLAY_NAME', 'Hermes'),
        'BASE_URL': getenv('HERMES_BASE_URL', 'https://hermes.lco.global/'),
        'CREDENTIAL_USERNAME': getenv('SCIMMA_CREDENTIAL_USERNAME', 'set SCIMMA_CREDENTIAL_USERNAME value in environment'),
        'CREDENTIAL_PASSWORD': getenv('SCIMMA_CREDENTIAL_PASSWORD', 'set SCIMMA_CREDENTIAL_PASSWORD value in environment'),
        'USER_TOPICS': ['hermes.test', 'tomtoolkit.test'],
    },
}

ALERT_STREAMS = [
    {
        # No GROUP_ID, as in the documentation of the TOM Toolkit.
        'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
        'OPTIONS': {
            'URL': environ.get('HOPSKOTCH_URL', 'kafka://kafka.scimma.org/'),
            'USERNAME': getenv('SCIMMA_CREDENTIAL_USERNAME', '<user name>'),
            'PASSWORD': environ.get('SCIMMA_CREDENTIAL_PASSWORD', ''),
            'START_POSITION': 'EARLIEST',
            'TOPIC_HANDLERS': {'tomtoolkit.test': 'observatory.handlers.pass_on'},
        },
    },
]
