/** What a check is, and what it finds. */
import type { Session } from '../../layers/openstack/session.ts';
import type { Settings } from '../../layers/platform/settings.ts';
import type { CloudAccess } from '../clouds.ts';

/** `type`: commands that an administrator of the cloud types to put it right. */
export type Finding =
  | { kind: 'ok'; detail: string }
  /** Moorage works, with something less. */
  | { kind: 'note'; detail: string; type: readonly string[] }
  | { kind: 'missing'; detail: string; type: readonly string[] };

export interface Patient {
  cloud: CloudAccess;
  settings: Settings;
  /** Moorage's user in the service domain. */
  domain: Session;
  /** Moorage's user in a project of the service domain that is there for the visit. */
  project: Session;
  projectId: string;
  /** A second one, in the part of a user's, whose network is made as they would make it. */
  other: Session;
  otherProjectId: string;
  /** Part of every name that the doctor gives. */
  mark: string;
}

export interface Check {
  title: string;
  /** What throws is missing, for the reason that it throws. */
  look(patient: Patient): Promise<Finding>;
  /** For what the cloud refuses. */
  type(patient: Patient): readonly string[];
}

export const ok = (detail: string): Finding => ({ kind: 'ok', detail });
export const note = (detail: string, ...type: string[]): Finding => ({ kind: 'note', detail, type });
export const missing = (detail: string, ...type: string[]): Finding => ({ kind: 'missing', detail, type });
