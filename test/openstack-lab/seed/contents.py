"""What the cloud has to offer: zones, flavors, images, volume types, networks, quotas."""
import ipaddress
import os

from cloud import connection, ensure

ZONES = 3
FLAVORS = [  # name, vcpus, MiB of memory, GiB of disk
    ('lab.tiny', 1, 512, 5), ('lab.small', 1, 2048, 20),
    ('lab.medium', 2, 4096, 40), ('lab.large', 4, 8192, 80),
    ('m1.tiny', 1, 512, 1), ('m1.small', 1, 2048, 20),
    ('m1.medium', 2, 4096, 40), ('m1.large', 4, 8192, 80),
    ('m1.xlarge', 8, 16384, 160),
    ('lab.master', 2, 3072, 20),   # of a virtual machine that is a master
]
IMAGES = {  # those for Kubernetes are named as the image-builder names them
    'ubuntu-2404-kube-v1.33.5': {
        'os_distro': 'ubuntu', 'os_version': '24.04',
        'kube_version': 'v1.33.5'},
    'ubuntu-2404-kube-v1.34.2': {
        'os_distro': 'ubuntu', 'os_version': '24.04',
        'kube_version': 'v1.34.2'},
    'debian-13': {'os_distro': 'debian', 'os_version': '13'},
    'fedora-coreos-38': {'os_distro': 'fedora-coreos'},   # Magnum's
}
# Room for more than twenty clusters in each of the two ordinary projects.
COMPUTE = {'instances': 200, 'cores': 800, 'ram': 2 ** 21,
           'server_groups': 100, 'key_pairs': 100}
STORAGE = {'volumes': 500, 'gigabytes': 50000, 'snapshots': 100}
NETWORK = {'networks': 100, 'subnets': 100, 'routers': 20, 'ports': 2000,
           'floating_ips': 200, 'security_groups': 500,
           'security_group_rules': 5000}


def zones():
    aggregates = {a.name: a for a in connection.compute.aggregates()}
    for n in range(1, int(os.environ['LAB_COMPUTES']) + 1):
        zone, host = f'zone-{(n - 1) % ZONES + 1}', f'lab-compute-{n}'
        aggregate = (aggregates.get(zone)
                     or connection.compute.create_aggregate(
                         name=zone, availability_zone=zone))
        aggregates[zone] = aggregate
        if host not in (aggregate.hosts or []):
            aggregates[zone] = connection.compute.add_host_to_aggregate(
                aggregate, host)


def wares():
    for name, vcpus, ram, disk in FLAVORS:
        ensure(connection.compute, 'flavor', name,
               vcpus=vcpus, ram=ram, disk=disk)
    for name, properties in IMAGES.items():
        if not connection.image.find_image(name):
            connection.image.create_image(
                name=name, data=b'\0' * 1024, disk_format='raw',
                container_format='bare', visibility='public', min_disk=5,
                allow_duplicates=True, validate_checksum=False, **properties)
    for name in ('standard', 'fast'):
        ensure(connection.block_storage, 'type', name, is_public=True)


def networks():
    net, iam = connection.network, connection.identity
    external = ipaddress.ip_network(os.environ['LAB_EXTERNAL'])
    public = ensure(net, 'network', 'public', is_router_external=True,
                    provider_network_type='flat',
                    provider_physical_network='public')
    ensure(net, 'subnet', 'public-subnet', network_id=public.id, ip_version=4,
           cidr=str(external), gateway_ip=str(external[1]),
           is_dhcp_enabled=False, allocation_pools=[
               {'start': str(external[10]), 'end': str(external[-2])}])
    for name, cidrs in {'demo': ['10.10.0.0/24', '10.20.0.0/24'],
                        'other': ['10.11.0.0/24']}.items():
        project = iam.find_project(name).id
        for n, cidr in enumerate(cidrs, 1):
            number = '' if n == 1 else f'-{n}'
            network = ensure(net, 'network', f'{name}-net{number}',
                             project_id=project)
            subnet = ensure(net, 'subnet', f'{name}-subnet{number}',
                            project_id=project, network_id=network.id,
                            ip_version=4, cidr=cidr)
            if n == 1 and not net.find_router(f'{name}-router'):
                router = net.create_router(
                    name=f'{name}-router', project_id=project,
                    external_gateway_info={'network_id': public.id})
                net.add_interface_to_router(router, subnet_id=subnet.id)


def quotas():
    project = connection.identity.find_project
    for name in ('demo', 'other'):
        connection.set_compute_quotas(project(name).id, **COMPUTE)
        connection.set_volume_quotas(project(name).id, **STORAGE)
        connection.network.update_quota(project(name).id, **NETWORK)
    # Octavia's own ports and security groups are in the services' project.
    connection.network.update_quota(
        project('service').id, ports=-1, security_groups=-1,
        security_group_rules=-1)


zones()
wares()
networks()
quotas()
