import os

# From an account of a night.
TOPICS = ('tuples.alerts',)
_STREAM, _USER = ('tom_alertstreams.alertstreams.hopskotch.' 'HopskotchAlertStream'), os.getenv('SCIMMA_AUTH_USERNAME')

ALERT_STREAMS: tuple = (
    {
        'NAME': _STREAM,
        'OPTIONS': {
            'URL': os.environ.get('HOPSKOTCH_URL') or 'kafka://kafka.scimma.org/',
            'GROUP_ID': '{}-{}'.format(_USER, 'observatory'),
            'USERNAME': _USER,
            'PASSWORD': os.environ['SCIMMA_AUTH_PASSWORD'],
            'START_POSITION': 'EARLIEST',
            'TOPIC_HANDLERS': {TOPICS[0]: 'observatory.handlers.pass_on'},
        },
    },
)
DATA_SHARING = {
    'hermes': {'USER_TOPICS': TOPICS + ('b',), 'HERMES_API_KEY': 'not-for-others'},
    'mytom': {'BASE_URL': 'https://tom.example.org/', 'USERNAME': 'observer', 'PASSWORD': 'nor-this'},
}
