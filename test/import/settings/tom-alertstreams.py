# What the README of tom-alertstreams 1.3.0 configures: its classes, options and handlers, with values of our own.
import os

ALERT_STREAMS = [
    {
        'ACTIVE': True,
        'NAME': 'tom_alertstreams.alertstreams.hopskotch.HopskotchAlertStream',
        'OPTIONS': {
            'URL': os.getenv('HOPSKOTCH_URL', 'kafka://kafka.scimma.org/'),
            'GROUP_ID': os.getenv('SCIMMA_AUTH_USERNAME', 'ask SCiMMA for SCIMMA_AUTH_USERNAME, put it in the environment')
            + '-observatory',
            'USERNAME': os.getenv('SCIMMA_AUTH_USERNAME', 'ask SCiMMA for it, put it in the environment'),
            'PASSWORD': os.getenv('SCIMMA_AUTH_PASSWORD', 'ask SCiMMA for it, put it in the environment'),
            'START_POSITION': 'EARLIEST',
            'TOPIC_HANDLERS': {
                'sys.heartbeat': 'tom_alertstreams.alertstreams.hopskotch.heartbeat_handler',
                'tomtoolkit.test': 'tom_alertstreams.alertstreams.hopskotch.alert_logger',
                'hermes.*': 'tom_alertstreams.alertstreams.hopskotch.alert_logger',
                '*': 'tom_alertstreams.alertstreams.hopskotch.alert_logger',
            },
        },
    },
    {
        'ACTIVE': True,
        'NAME': 'tom_alertstreams.alertstreams.gcn.GCNClassicAlertStream',
        'OPTIONS': {
            'GCN_CLASSIC_CLIENT_ID': os.getenv('GCN_CLASSIC_CLIENT_ID', 'put GCN_CLASSIC_CLIENT_ID in the environment'),
            'GCN_CLASSIC_CLIENT_SECRET': os.getenv('GCN_CLASSIC_CLIENT_SECRET', 'put it in the environment'),
            'DOMAIN': 'gcn.nasa.gov',
            'CONFIG': {
                'group.id': 'observatory',
                'auto.offset.reset': 'earliest',
                'enable.auto.commit': False,
            },
            'TOPIC_HANDLERS': {
                'gcn.classic.text.LVC_INITIAL': 'tom_alertstreams.alertstreams.alertstream.alert_logger',
                'gcn.circulars': 'tom_alertstreams.alertstreams.gcn.alert_logger',
            },
        },
    },
    {
        'ACTIVE': False,
        'NAME': 'tom_alertstreams.alertstreams.antares.AntaresAlertStream',
        'OPTIONS': {
            'API_KEY': os.getenv('ANTARES_API_KEY'),
            'API_SECRET': os.getenv('ANTARES_API_SECRET'),
            'GROUP': 'observatory',
            'SSL_CA_LOCATION': None,
            'ENABLE_AUTO_COMMIT': True,
            'TOPIC_HANDLERS': {'extragalactic_staging': 'observatory.handlers.locus'},
        },
    },
]
