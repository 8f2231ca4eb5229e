import os

TOM_NAME = 'observatory'
USER = os.environ['SCIMMA_AUTH_USERNAME']
PASSWORD = 'correct-horse-battery-staple'

ALERT_STREAMS = [
    {
        'ACTIVE': True,
        'NAME': f'tom_alertstreams.alertstreams.{"hopskotch"}.HopskotchAlertStream',
        'OPTIONS': {
            'URL': f'kafka://{os.getenv("HOPSKOTCH_HOST", "kafka.scimma.org")}/',
            'GROUP_ID': f'{USER}-{TOM_NAME}',
            'USERNAME': USER,
            'PASSWORD': PASSWORD,
            'START_POSITION': 'EARLIEST',
            'TOPIC_HANDLERS': {f'{TOM_NAME}.alerts': 'observatory.handlers.pass_on'},
        },
    },
]
