/** The kinds of volume snapshots. Users write these objects, so their schemas are spelt out. */
import { customResource } from './custom-resource.ts';
import type { Manifest } from './manifest.ts';

const text = { type: 'string' };
const flag = { type: 'boolean' };
const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
});
const parameters = { type: 'object', additionalProperties: text };
const policy = { type: 'string', enum: ['Delete', 'Retain'] };
const error = object({ message: text, time: { type: 'string', format: 'date-time' } });
const quantity = { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] };

const kind = (
  name: string,
  plural: string,
  shortNames: string[],
  namespaced: boolean,
  properties: Record<string, unknown>,
  required: string[],
  status: boolean,
): Manifest =>
  customResource({
    group: 'snapshot.storage.k8s.io',
    version: 'v1',
    kind: name,
    plural,
    shortNames,
    namespaced,
    status,
    schema: object({ apiVersion: text, kind: text, metadata: { type: 'object' }, ...properties }, required),
  });

export const volumeSnapshotKinds = (): Manifest[] => [
  kind(
    'VolumeSnapshotClass',
    'volumesnapshotclasses',
    ['vsclass', 'vsclasses'],
    false,
    { driver: text, deletionPolicy: policy, parameters },
    ['driver', 'deletionPolicy'],
    false,
  ),
  kind(
    'VolumeSnapshot',
    'volumesnapshots',
    ['vs'],
    true,
    {
      spec: object(
        {
          source: object({ persistentVolumeClaimName: text, volumeSnapshotContentName: text }),
          volumeSnapshotClassName: text,
        },
        ['source'],
      ),
      status: object({
        boundVolumeSnapshotContentName: text,
        creationTime: { type: 'string', format: 'date-time' },
        error,
        readyToUse: flag,
        restoreSize: quantity,
        volumeGroupSnapshotName: text,
      }),
    },
    ['spec'],
    true,
  ),
  kind(
    'VolumeSnapshotContent',
    'volumesnapshotcontents',
    ['vsc', 'vscs'],
    false,
    {
      spec: object(
        {
          deletionPolicy: policy,
          driver: text,
          source: object({ snapshotHandle: text, volumeHandle: text }),
          sourceVolumeMode: text,
          volumeSnapshotClassName: text,
          volumeSnapshotRef: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
        ['deletionPolicy', 'driver', 'source', 'volumeSnapshotRef'],
      ),
      status: object({
        creationTime: { type: 'integer', format: 'int64' },
        error,
        readyToUse: flag,
        restoreSize: { type: 'integer', format: 'int64', minimum: 0 },
        snapshotHandle: text,
        volumeGroupSnapshotHandle: text,
      }),
    },
    ['spec'],
    true,
  ),
];
