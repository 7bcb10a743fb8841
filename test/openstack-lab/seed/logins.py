"""How to log in: a file to source for each account, and clouds.yaml with all of them (JSON, which is YAML)."""
import json
from pathlib import Path

from cloud import AUTH, DIR, PASSWORD

DEFAULT = {'user_domain_name': 'Default', 'project_domain_name': 'Default'}
PEOPLE = {
    name: {'username': name, 'project_name': project, **DEFAULT}
    for name, project in {'admin': 'admin', 'demo': 'demo', 'viewer': 'demo',
                          'other': 'other'}.items()}
PEOPLE['moorage'] = {'username': 'moorage', 'user_domain_name': 'moorage',
                     'domain_name': 'moorage'}

clouds = {}
for name, person in PEOPLE.items():
    login = {'auth_url': AUTH, 'password': PASSWORD, **person}
    clouds[name] = {'auth': login, 'region_name': 'RegionOne'}
    lines = ['unset OS_CLOUD OS_PROJECT_NAME OS_PROJECT_DOMAIN_NAME'
             ' OS_PROJECT_ID OS_DOMAIN_NAME OS_TOKEN OS_AUTH_TYPE']
    lines += [f'export OS_{key.upper()}={value}'
              for key, value in login.items()]
    lines += ['export OS_REGION_NAME=RegionOne OS_IDENTITY_API_VERSION=3', '']
    Path(DIR, f'{name}-openrc').write_text('\n'.join(lines))
Path(DIR, 'clouds.yaml').write_text(
    json.dumps({'clouds': clouds}, indent=2) + '\n')
