/** Definitions of kinds that add-ons bring with them. */
import { manifest, type Manifest } from './manifest.ts';

export interface CustomResource {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced?: boolean;
  shortNames?: string[];
  status?: boolean;
  /** Of the object; anything goes when left out, as for kinds that only the add-on itself writes. */
  schema?: Record<string, unknown>;
  columns?: { name: string; type: string; jsonPath: string }[];
}

const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export function customResource({ group, version, kind, plural, ...input }: CustomResource): Manifest {
  return manifest(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      name: `${plural}.${group}`,
      // The API guards groups under k8s.io: who defines a kind there says by whose leave.
      ...(group.endsWith('.k8s.io') && {
        annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes/enhancements' },
      }),
    },
    {
      spec: {
        group,
        scope: input.namespaced ? 'Namespaced' : 'Cluster',
        names: {
          kind,
          listKind: `${kind}List`,
          plural,
          singular: kind.toLowerCase(),
          ...(input.shortNames && { shortNames: input.shortNames }),
        },
        versions: [
          {
            name: version,
            served: true,
            storage: true,
            schema: { openAPIV3Schema: input.schema ?? anything },
            ...(input.status && { subresources: { status: {} } }),
            ...(input.columns && { additionalPrinterColumns: input.columns }),
          },
        ],
      },
    },
  );
}
