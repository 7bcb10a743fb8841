"""Fills Keystone: the catalogue, roles, and the accounts of the services, of Moorage and of ordinary people."""
import os

from cloud import PASSWORD, connection, ensure

URL = f"http://{os.environ['LAB_ADDRESS']}"
ENDPOINTS = {  # type: (name, url); Keystone's own comes from its bootstrap
    'image': ('glance', f'{URL}:9292'),
    'placement': ('placement', f'{URL}:8778'),
    'compute': ('nova', f'{URL}:8774/v2.1'),
    'network': ('neutron', f'{URL}:9696'),
    'volumev3': ('cinder', f'{URL}:8776/v3/%(project_id)s'),
    'load-balancer': ('octavia', f'{URL}:9876'),
    'orchestration': ('heat', f'{URL}:8004/v1/%(project_id)s'),
    'container-infra': ('magnum', f'{URL}:9511/v1'),
}
# reader, member and admin come from Keystone's bootstrap, each with the ones before it.
ROLES = ['moorage', 'service', 'load-balancer_member', 'load-balancer_admin',
         'load-balancer_observer', 'load-balancer_global_observer',
         'load-balancer_quota_admin', 'heat_stack_owner', 'heat_stack_user']
PEOPLE = {  # name: (project, roles in it)
    'demo': ('demo', ['member', 'load-balancer_member', 'heat_stack_owner']),
    'viewer': ('demo', ['reader']),
    'other': ('other', ['member', 'load-balancer_member']),
}
# With the policies in policy/, or with none: see README.md.
PLATFORM = {
    'moorage': ['moorage', 'member', 'load-balancer_admin'],
    'admin': ['admin'],
}[os.environ['LAB_PLATFORM_ROLE']]

iam = connection.identity
roles = {name: ensure(iam, 'role', name) for name in ROLES}
roles |= {name: iam.find_role(name) for name in ('admin', 'member', 'reader')}


def user(name, domain_id='default'):
    return ensure(iam, 'user', name, password=PASSWORD, domain_id=domain_id)


def grant(account, role, project):
    iam.assign_project_role_to_user(project, account, roles[role])


known = {(e.service_id, e.interface) for e in iam.endpoints()}
for kind, (name, url) in ENDPOINTS.items():
    service = ensure(iam, 'service', name, type=kind)
    for interface in ('public', 'internal', 'admin'):
        if (service.id, interface) not in known:
            iam.create_endpoint(service_id=service.id, interface=interface,
                                url=url, region_id='RegionOne')

services = ensure(iam, 'project', 'service', domain_id='default')
for name, _ in ENDPOINTS.values():
    grant(user(name), 'admin', services)
    grant(user(name), 'service', services)
grant(iam.find_user('admin'), 'load-balancer_admin',
      iam.find_project('admin'))

# Heat and Magnum keep the users of their clusters in domains of their own.
for name in ('heat', 'magnum'):
    domain = ensure(iam, 'domain', name)
    iam.assign_domain_role_to_user(
        domain, user(f'{name}_domain_admin', domain.id), roles['admin'])

for name, (project, wanted) in PEOPLE.items():
    project = ensure(iam, 'project', project, domain_id='default')
    for role in wanted:
        grant(user(name), role, project)

# Moorage: a domain, and a user whose roles hold in the domain and in every
# project of it, those to come included.
domain = ensure(iam, 'domain', 'moorage',
                description='Service projects of Moorage')
platform = user('moorage', domain.id)
for role in PLATFORM:
    iam.assign_domain_role_to_user(domain, platform, roles[role])
    iam.put(f'/OS-INHERIT/domains/{domain.id}/users/{platform.id}'
            f'/roles/{roles[role].id}/inherited_to_projects')
