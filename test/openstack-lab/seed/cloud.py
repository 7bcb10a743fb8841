"""The lab as its administrator sees it, and what all seeding shares."""
import os

import openstack

DIR = os.environ['LAB_DIR']
PASSWORD = os.environ['LAB_PASSWORD']
AUTH = os.environ['AUTH']

connection = openstack.connect(
    auth_url=AUTH, username='admin', password=PASSWORD,
    project_name='admin', user_domain_name='Default',
    project_domain_name='Default', region_name='RegionOne')


def ensure(proxy, kind, name, **attributes):
    """The resource of that name, created if it is missing."""
    query = {key: attributes[key] for key in ('domain_id', 'project_id')
             if key in attributes}
    return (getattr(proxy, f'find_{kind}')(name, **query)
            or getattr(proxy, f'create_{kind}')(name=name, **attributes))
