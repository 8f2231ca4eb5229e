import os

HOPSKOTCH = dict(
    URL=os.getenv('HOPSKOTCH_URL', 'kafka://kafka.scimma.org/'),
    USERNAME=os.getenv('SCIMMA_AUTH_USERNAME'),
    PASSWORD=os.getenv('SCIMMA_AUTH_PASSWORD'),
    START_POSITION='LATEST',
)
HANDLERS = {'sys.heartbeat': 'tom_alertstreams.alertstreams.hopskotch.heartbeat_handler'}
GROUP = {'GROUP_ID': '%s-observatory' % os.getenv('SCIMMA_AUTH_USERNAME')}

ALERT_STREAMS = [
    {
        'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
        'OPTIONS': {
            **HOPSKOTCH,
            **GROUP,
            'START_POSITION': 'EARLIEST',
            'TOPIC_HANDLERS': HANDLERS | {'merged.alerts': 'observatory.handlers.pass_on'},
        },
    },
]
ALERT_STREAMS += [
    {
        'ACTIVE': False,
        'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
        'OPTIONS': HOPSKOTCH | {'TOPIC_HANDLERS': HANDLERS},
    }
]
