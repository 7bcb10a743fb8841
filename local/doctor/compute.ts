/** Nova, Cinder and Glance: what machines are made of, and the quotas of service projects. */
import * as cinder from '../../layers/openstack/cinder.ts';
import * as glance from '../../layers/openstack/glance.ts';
import * as nova from '../../layers/openstack/nova.ts';
import { missing, note, ok, type Check } from './check.ts';
import { allow } from './remedies.ts';

/** As the admission of clusters has it. */
const masterRamMiB = 1_700;

const images: Check = {
  title: 'Images',
  async look({ project, settings: { imagePrefix } }) {
    const found = (await glance.listImages(project, { visibility: 'public', status: 'active' })).map(({ name }) => name).filter((name) => name.startsWith(imagePrefix));
    const versions = found.map((name) => name.slice(imagePrefix.length)).filter((version) => /^v\d+\.\d+\.\d+$/.test(version));
    if (versions.length > 0) return ok(`Kubernetes ${[...new Set(versions)].toSorted().join(', ')}`);
    return missing(`there is no public image called ${imagePrefix}vX.Y.Z`,
      '# build one with the image-builder (https://image-builder.sigs.k8s.io/capi/providers/openstack), then:',
      `openstack image create --public --disk-format qcow2 --file output/${imagePrefix}v1.34.2 --property os_distro=ubuntu --property kube_version=v1.34.2 ${imagePrefix}v1.34.2`);
  },
  type: () => ['openstack image list --public'],
};

const flavors: Check = {
  title: 'Flavors',
  async look({ project }) {
    const all = await nova.listFlavors(project);
    const enough = all.filter((flavor) => flavor.ram >= masterRamMiB && flavor['os-flavor-access:is_public'] && !flavor['OS-FLV-DISABLED:disabled']);
    if (enough.length > 0) return ok(`${enough.length} of ${all.length} are large enough for masters`);
    return missing(`no public one has ${masterRamMiB} MiB of memory`, 'openstack flavor create --public --vcpus 2 --ram 4096 --disk 0 moorage.small');
  },
  type: () => ['openstack flavor list'],
};

const zones: Check = {
  title: 'Availability zones',
  async look({ project }) {
    const names = (await nova.listAvailabilityZones(project)).filter(({ zoneState }) => zoneState.available).map(({ zoneName }) => zoneName);
    if (names.length >= 3) return ok(names.toSorted().join(', '));
    return note(`${names.join(', ') || 'none'}: regional clusters need three`, 'openstack aggregate create --zone ZONE ZONE', 'openstack aggregate add host ZONE HOST');
  },
  type: () => ['openstack availability zone list --compute'],
};

const volumeTypes: Check = {
  title: 'Volume types',
  async look({ project, settings: { volumeType } }) {
    const names = (await cinder.listVolumeTypes(project)).map(({ name }) => name);
    if (volumeType && !names.includes(volumeType)) return missing(`there is no ${volumeType} (VOLUME_TYPE)`, `openstack volume type create --public ${volumeType}`);
    if (names.length === 0) return missing('there is none', 'openstack volume type create --public standard');
    return ok(`${names.toSorted().join(', ')}; the installation's is ${volumeType || 'the cloud\'s default'}`);
  },
  type: () => ['openstack volume type list'],
};

const novaQuota: Check = {
  title: 'Quotas of Nova',
  async look({ project, projectId }) {
    await nova.updateQuotaSet(project, projectId, { instances: 3, cores: 6, ram: 12_288, server_groups: 2, force: true });
    const { instances } = await nova.getQuotaSet(project, projectId);
    if (instances.limit !== 3) return missing('are accepted, but do not count');
    await nova.deleteQuotaSet(project, projectId);
    return ok('can be set');
  },
  type: (patient) => allow(patient, 'nova'),
};

const cinderQuota: Check = {
  title: 'Quotas of Cinder',
  async look({ project, projectId }) {
    await cinder.updateQuotaSet(project, projectId, { volumes: 3, gigabytes: 60, snapshots: 3 });
    const { volumes } = await cinder.getQuotaSet(project, projectId);
    if (volumes !== 3) return missing('are accepted, but do not count');
    await cinder.deleteQuotaSet(project, projectId);
    return ok('can be set');
  },
  type: (patient) => allow(patient, 'cinder'),
};

const capacity: Check = {
  title: 'Room in the cloud',
  async look({ domain }) {
    const { vcpus, memory_mb, count } = await nova.getHypervisorStatistics(domain).catch(() => ({ vcpus: 0, memory_mb: 0, count: 0 }));
    if (count === 0) return note('Nova does not tell Moorage: clusters are accepted that the cloud has no room for');
    return ok(`${count} hypervisors, ${vcpus} cores, ${Math.round(memory_mb / 1_024)} GiB`);
  },
  type: (patient) => allow(patient, 'nova'),
};

export const computeChecks = [images, flavors, zones, volumeTypes, novaQuota, cinderQuota, capacity];
